/** Two sides measured in turn, so that whatever slows the machine for a while slows both. */
import { setTimeout } from "node:timers/promises";

export interface Side extends AsyncDisposable {
  /** Works for about this long. @returns how much it did a second */
  run(seconds: number): Promise<number>;
}

export interface Alternation {
  /** Medians over the rounds. */
  readonly ours: number;
  readonly peer: number;
  /** Median of the rounds' ratios, ours over the peer's: above 1, ours is the faster. */
  readonly ratio: number;
  /** Half the range of the middle half of the rounds' ratios. */
  readonly spread: number;
}

/** Threads that a library keeps spinning after its last call would work against the other side. */
const rest = 200;

/** Ours, the peer, ours, the peer, … @param onRound called after each round with its two speeds */
export async function alternate(
  ours: Side,
  peer: Side,
  { rounds, seconds, onRound }: { rounds: number; seconds: number; onRound?: (ours: number, peer: number) => void },
): Promise<Alternation> {
  const measured: { ours: number; peer: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const mine = await ours.run(seconds);
    await setTimeout(rest);
    const theirs = await peer.run(seconds);
    await setTimeout(rest);
    measured.push({ ours: mine, peer: theirs });
    onRound?.(mine, theirs);
  }
  const ratios = measured.map((it) => it.ours / it.peer);
  return {
    ours: quantile(
      measured.map((it) => it.ours),
      0.5,
    ),
    peer: quantile(
      measured.map((it) => it.peer),
      0.5,
    ),
    ratio: quantile(ratios, 0.5),
    spread: (quantile(ratios, 0.75) - quantile(ratios, 0.25)) / 2,
  };
}

/** Linear between the order statistics, as in NumPy. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  return sorted[below] + (at - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
}
