/** Who demonstrates well: tiers of operators, as Mandlekar et al. sort theirs by hand (robomimic, arXiv:2108.03298). */
import { moments } from "../replay.ts";
import type { Trajectories } from "../trajectories.ts";
import { episodeLengths, returns, takeEpisodes } from "../views.ts";
import { actionVariance, type LocalOptions } from "./local.ts";
import { evenly, standardised, stateRows } from "./rows.ts";
import { episodesBy, successes } from "./tags.ts";

export interface Operator {
  readonly operator: string;
  readonly episodes: number;
  /** Share of their episodes that succeeded; null where the recording does not say. */
  readonly success: number | null;
  readonly meanReturn: number;
  /** Mean steps of an episode; where success is known, of the successful ones, and null when there are none. */
  readonly length: number | null;
  /** Of their own behaviour alone: see actionVariance. */
  readonly actionVariance: number;
  /** In [−1, 1]: see pathRegularity. */
  readonly regularity: number;
  /** In [0, 1]: the share of the other operators they do better than (half for a draw), mean over what is compared. */
  readonly score: number;
  readonly tier: "better" | "okay" | "worse";
}

export interface OperatorOptions extends Omit<LocalOptions, "scale"> {
  /** The tag that names who acted. */
  readonly operator: string;
  /** The tag that says whether an episode succeeded. Default "success" where there is one. */
  readonly success?: string;
}

/**
 * The operators of a recording, best first, with the numbers behind their tier. Compared are the success (where it is
 * unknown, the mean return), the length of successful episodes (the shorter the better; left out where success is
 * unknown), the variance of their actions near a state (the lower the better) and the regularity of their paths (the
 * higher the better). A score above ⅔ is "better", one below ⅓ "worse". The paper's tiers were given by people; this
 * rule is ours. Cost: `actionVariance` for each.
 * @throws Problem "unknown-name" for a tag that is not there
 */
export function operatorTiers(t: Trajectories, options: OperatorOptions): readonly Operator[] {
  const { operator, success = Object.hasOwn(t.tags, "success") ? "success" : undefined, ...local } = options;
  const groups = [...episodesBy("operatorTiers", t, operator)];
  const succeeded = success === undefined ? undefined : successes("operatorTiers", t, success);
  const [sums, lengths] = [returns(t), episodeLengths(t)];
  const measured = groups.map(([name, episodes]) => {
    const mine = takeEpisodes(t, episodes);
    const done = succeeded ? episodes.filter((e) => succeeded[e]) : episodes;
    return {
      operator: String(name),
      episodes: episodes.length,
      success: succeeded ? done.length / episodes.length : null,
      meanReturn: meanOf(episodes.map((e) => sums[e])),
      length: done.length === 0 ? null : meanOf(done.map((e) => lengths[e])),
      actionVariance: actionVariance(mine, { ...local, scale: t }).value,
      regularity: pathRegularity(mine, t),
    };
  });
  const better: ((o: (typeof measured)[number]) => number)[] = [
    (o) => o.success ?? o.meanReturn,
    (o) => -o.actionVariance,
    (o) => o.regularity,
    ...(succeeded ? [(o: (typeof measured)[number]) => (o.length === null ? -Infinity : -o.length)] : []),
  ];
  return measured
    .map((mine, i) => {
      const shares = better.map((by) => {
        const others = measured
          .filter((_, j) => j !== i)
          .map((o) => Number(by(mine) > by(o)) + Number(by(mine) === by(o)) / 2);
        return others.length === 0 ? 0.5 : meanOf(others);
      });
      const score = meanOf(shares);
      const tier = score > 2 / 3 ? ("better" as const) : score < 1 / 3 ? ("worse" as const) : ("okay" as const);
      return { ...mine, score, tier };
    })
    .sort((a, b) => b.score - a.score);
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Steps beyond which paths are judged by part of the episodes. */
const enough = 20_000;

/**
 * How straight paths through the standardised states are: the mean cosine between one step's change and the next's, in
 * [−1, 1]. 1 on a straight line, about 0 for wandering, below for going to and fro. Steps without a change are passed
 * over; where there are no two changes the path is regular, 1. One pass over the states of about 20,000 steps at most, in
 * whole episodes evenly spaced. Of choices all changes are equally far, and it says nothing.
 * @param scale the recording whose spread is one unit. Default: the recording itself
 */
export function pathRegularity(t: Trajectories, scale: Trajectories = t): number {
  const unit = moments(stateRows(scale, evenly(scale.reward.length, enough)));
  const episodes = t.offsets.length - 1;
  const share = Math.min(1, enough / Math.max(1, t.reward.length));
  let sum = 0;
  let n = 0;
  for (const e of evenly(episodes, Math.ceil(episodes * share))) {
    const rows = Int32Array.from({ length: t.offsets[e + 1] - t.offsets[e] }, (_, i) => t.offsets[e] + i);
    const { data, shape } = standardised(stateRows(t, rows), unit);
    const width = shape[1];
    let before: Float64Array | undefined;
    for (let i = 1; i < rows.length; i++) {
      const change = new Float64Array(width);
      for (let d = 0; d < width; d++) change[d] = Number(data[i * width + d]) - Number(data[(i - 1) * width + d]);
      const size = Math.sqrt(change.reduce((squares, v) => squares + v * v, 0));
      if (size === 0) continue;
      if (before !== undefined) {
        for (let d = 0; d < width; d++) sum += (change[d] / size) * before[d];
        n++;
      }
      before = change.map((v) => v / size);
    }
  }
  return n === 0 ? 1 : Math.min(1, Math.max(-1, sum / n));
}
