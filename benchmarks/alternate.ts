/** Sides measured in turn, so that whatever slows the machine for a while slows all of them. */
import { setTimeout } from "node:timers/promises";

export interface Side extends AsyncDisposable {
  /** Works for about this long. @returns how much it did a second, or how long one thing took it */
  run(seconds: number): Promise<number>;
}

export interface Comparison {
  /** Median over the rounds. */
  readonly peer: number;
  /** Median of the rounds' ratios: how many times as good ours is. */
  readonly ratio: number;
  /** Half the range of the middle half of the rounds' ratios. */
  readonly spread: number;
}

export interface Alternation {
  /** Median over the rounds. */
  readonly ours: number;
  /** In the order of the peers. */
  readonly peers: readonly Comparison[];
}

export interface AlternateOptions {
  readonly rounds: number;
  readonly seconds: number;
  /** Whether a small number is the better one. Default false. */
  readonly lessIsBetter?: boolean;
  /** Called after each round with its numbers, ours first. */
  readonly onRound?: (numbers: readonly number[]) => void;
}

/** Threads that a library keeps spinning after its last call would work against the next side. */
const rest = 200;

/** Ours, each peer, ours, each peer, … */
export async function alternate(
  ours: Side,
  peers: readonly Side[],
  { rounds, seconds, lessIsBetter = false, onRound }: AlternateOptions,
): Promise<Alternation> {
  const measured: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    const numbers: number[] = [];
    for (const side of [ours, ...peers]) {
      numbers.push(await side.run(seconds));
      await setTimeout(rest);
    }
    measured.push(numbers);
    onRound?.(numbers);
  }
  const column = (at: number): number[] => measured.map((numbers) => numbers[at]);
  return {
    ours: quantile(column(0), 0.5),
    peers: peers.map((_, i) => {
      const ratios = measured.map((it) => (lessIsBetter ? it[i + 1] / it[0] : it[0] / it[i + 1]));
      return {
        peer: quantile(column(i + 1), 0.5),
        ratio: quantile(ratios, 0.5),
        spread: (quantile(ratios, 0.75) - quantile(ratios, 0.25)) / 2,
      };
    }),
  };
}

/** Linear between the order statistics, as in NumPy. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  return sorted[below] + (at - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
}
