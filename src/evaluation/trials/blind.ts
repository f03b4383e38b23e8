/** Trials whose scorer does not know which policy acts: the order is random, the names are codes until the end. */
import { problem } from "../../problems.ts";
import { fold, permutation, randomKey } from "../../tensor/random.ts";

export interface BlindTrial {
  readonly number: number;
  /** What the scorer sees in place of the policy's name; another for each trial. */
  readonly code: string;
  /** The initial condition, the same list for every policy. */
  readonly start: number;
}

export interface Outcome {
  readonly success: boolean;
  /** How far it came, 0 … 1, by a rubric of milestones. */
  readonly progress?: number;
}

export interface BlindComparison {
  /** In the order in which they are to be made. */
  readonly trials: readonly BlindTrial[];
  /** For what runs the trial, not for who scores it. */
  policyOf(trial: BlindTrial): string;
  /** @throws Problem "bad-value" for a code that is none, or was scored before, or progress outside 0 … 1 */
  score(code: string, outcome: Outcome): void;
  readonly left: number;
  /** Who was who. @throws Problem "bad-value" while trials are left: knowing early is not blind. */
  unblind(): readonly {
    readonly policy: string;
    readonly outcomes: readonly (Outcome & { readonly start: number })[];
  }[];
}

/**
 * Every policy from every start once, in an order that interleaves them: within a start policies come in random order, and
 * starts do, too. Everything follows from the seed, so a plan can be made again after a break.
 * @throws Problem "bad-option" with fewer than two policies, a name twice, or no start
 */
export function blindComparison(
  policies: readonly string[],
  starts: readonly number[],
  { seed = 0 }: { readonly seed?: number } = {},
): BlindComparison {
  const refuse = (name: string, given: unknown, wanted: string) =>
    problem("bad-option", { where: "blindComparison", name, given, wanted });
  if (policies.length < 2 || new Set(policies).size < policies.length) {
    throw refuse("policies", policies, "two policies at least, each with a name of its own");
  }
  if (starts.length === 0) throw refuse("starts", starts, "at least one initial condition");
  const key = fold(randomKey(seed), "blind");
  const trials: BlindTrial[] = [];
  const secret = new Map<string, { readonly policy: string; readonly start: number }>();
  const codes = permutation(starts.length * policies.length, fold(key, "codes"));
  for (const at of permutation(starts.length, fold(key, "starts"))) {
    for (const p of permutation(policies.length, fold(key, "policies", at))) {
      const number = trials.length;
      const code = `T${String(codes[number] + 1).padStart(String(codes.length).length, "0")}`;
      trials.push({ number, code, start: starts[at] });
      secret.set(code, { policy: policies[p], start: starts[at] });
    }
  }
  const scored = new Map<string, Outcome>();
  return {
    trials,
    policyOf: ({ code }) => secret.get(code)!.policy,
    score(code, outcome) {
      const { progress = 0 } = outcome;
      const wanted = !secret.has(code)
        ? "a code of this comparison"
        : scored.has(code)
          ? "a trial that has no score yet"
          : progress >= 0 && progress <= 1
            ? undefined
            : "progress from 0 to 1";
      if (wanted !== undefined) throw problem("bad-value", { where: `score of ${code}`, given: outcome, wanted });
      scored.set(code, outcome);
    },
    get left() {
      return trials.length - scored.size;
    },
    unblind() {
      const left = trials.length - scored.size;
      if (left > 0) {
        throw problem("bad-value", { where: "unblind", given: `${left} trials without a score`, wanted: "all scored" });
      }
      return policies.map((policy) => ({
        policy,
        outcomes: trials
          .filter(({ code }) => secret.get(code)!.policy === policy)
          .map(({ code, start }) => ({ ...scored.get(code)!, start })),
      }));
    },
  };
}
