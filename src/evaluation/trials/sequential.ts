/**
 * Comparing two policies while the trials come in, with the right to stop at any time.
 *
 * The e-process of betting against "the first is not better": each trial multiplies what a gambler holds by
 * 1 + λ (x_first − x_second), λ chosen from the trials before it alone. Under that hypothesis the holding does not grow on
 * average, so it ever reaches 1/α with probability at most α (Ville 1939), whenever one looks and however one stops.
 * Waudby-Smith, Ramdas (2020), arXiv:2010.09686; for robot evaluations arXiv:2507.05331.
 */
import { problem } from "../../problems.ts";

export interface SequentialOptions {
  /** α: the chance of a wrong verdict that is accepted, both directions together, in (0, 1). Default 0.05. */
  readonly alpha?: number;
}

export interface SequentialTest {
  /** One paired trial: the two outcomes, each in [0, 1] (0 and 1 for failure and success), from the same start. */
  add(first: number, second: number): void;
  readonly trials: number;
  /** The largest holdings so far against "first is not better" and "second is not better". */
  readonly evidence: { readonly first: number; readonly second: number };
  /** Stays what it became. */
  readonly verdict: "first is better" | "second is better" | "undecided";
  /** Anytime-valid p-values: 1 over the evidence, at most 1. */
  readonly p: { readonly first: number; readonly second: number };
}

/** Bets are held below this, so that one loss never takes everything. */
const boldest = 0.95;

/** @throws Problem "bad-option" for α out of (0, 1); "bad-value" for an outcome out of [0, 1] */
export function sequentialTest({ alpha = 0.05 }: SequentialOptions = {}): SequentialTest {
  if (!(alpha > 0 && alpha < 1)) {
    throw problem("bad-option", { where: "sequentialTest", name: "alpha", given: alpha, wanted: "between 0 and 1" });
  }
  let [trials, gained, lost] = [0, 0, 0];
  const holding = { first: 1, second: 1 };
  const best = { first: 1, second: 1 };
  let verdict: SequentialTest["verdict"] = "undecided";
  return {
    add(first, second) {
      for (const given of [first, second]) {
        if (!(given >= 0 && given <= 1)) {
          throw problem("bad-value", { where: "sequentialTest", given, wanted: "an outcome from 0 to 1" });
        }
      }
      const difference = first - second;
      // Kelly's bet for what was seen so far, with half a win and half a loss before the first trial.
      const edge = (gained - lost) / (gained + lost + 1);
      holding.first *= 1 + Math.min(boldest, Math.max(0, edge)) * difference;
      holding.second *= 1 - Math.min(boldest, Math.max(0, -edge)) * difference;
      if (difference > 0) gained += difference;
      else lost -= difference;
      trials++;
      for (const side of ["first", "second"] as const) {
        best[side] = Math.max(best[side], holding[side]);
        if (verdict === "undecided" && best[side] >= 2 / alpha) verdict = `${side} is better`;
      }
    },
    get trials() {
      return trials;
    },
    get evidence() {
      return { ...best };
    },
    get verdict() {
      return verdict;
    },
    get p() {
      return { first: Math.min(1, 1 / best.first), second: Math.min(1, 1 / best.second) };
    },
  };
}

/**
 * Which of several hypotheses are rejected with the chance of any wrong rejection at most α: Holm (1979).
 * @param p one p-value a hypothesis; anytime-valid ones stay valid
 */
export function holm(p: readonly number[], alpha = 0.05): readonly boolean[] {
  const order = p.map((_, i) => i).sort((a, b) => p[a] - p[b]);
  const rejected = new Array<boolean>(p.length).fill(false);
  for (const [rank, i] of order.entries()) {
    if (!(p[i] <= alpha / (p.length - rank))) break;
    rejected[i] = true;
  }
  return rejected;
}
