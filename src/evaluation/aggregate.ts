/**
 * One method over several tasks and seeds, reported as Agarwal, Schwarzer, Castro, Courville and Bellemare (2021) advise:
 * "Deep reinforcement learning at the edge of the statistical precipice", arXiv:2108.13264 (the rliable set).
 */
import { quantile } from "../data/summaries.ts";
import { problem } from "../problems.ts";
import { fold, generator, type RandomKey } from "../tensor/random.ts";
import { percentileInterval, resamplesOf } from "./bootstrap.ts";
import type { Estimate } from "./estimate.ts";
import { checkValues, type IntervalOptions, levelOf, moments } from "./intervals.ts";

/** Normalised scores [tasks][seeds], 1 being the reference (an expert, a human); as many seeds for every task. */
export type Scores = readonly ArrayLike<number>[];

export interface AggregateOptions extends IntervalOptions {
  /** Where the resamples come from; the same key gives the same interval. */
  readonly key: RandomKey;
  /** Default 2,000. */
  readonly resamples?: number;
}

const meanOf = (values: ArrayLike<number>): number => moments(values).mean;
const pooled = (scores: Scores): number[] => scores.flatMap((task) => Array.from(task));

/** The mean of the middle half of all runs: a quarter, rounded down, is left out at each end. */
export function interquartileMean(scores: Scores): number {
  const sorted = Float64Array.from(pooled(scores)).sort();
  const cut = Math.floor(sorted.length / 4);
  return meanOf(sorted.subarray(cut, sorted.length - cut));
}

/** The median over tasks of the mean over seeds. */
export const medianScore = (scores: Scores): number => quantile(Float64Array.from(scores, meanOf).sort(), 0.5);

/** The mean over tasks and seeds. */
export const meanScore = (scores: Scores): number => meanOf(pooled(scores));

/** How far runs fall short of `target` (γ in the paper) on average; what is above it counts as reaching it. Lower is better. */
export const optimalityGap = (scores: Scores, target = 1): number =>
  target - meanOf(pooled(scores).map((score) => Math.min(score, target)));

/** The four aggregates, each with the percentile interval of a bootstrap over seeds within tasks. */
export function aggregate(
  scores: Scores,
  options: AggregateOptions & {
    /** Of the optimality gap. Default 1. */
    readonly target?: number;
  },
): { readonly iqm: Estimate; readonly median: Estimate; readonly mean: Estimate; readonly optimalityGap: Estimate } {
  const [iqm, median, mean, gap] = stratifiedBootstrap(
    [scores],
    ([s]) => [interquartileMean(s), medianScore(s), meanScore(s), optimalityGap(s, options.target)],
    options,
  );
  const named = (estimate: Estimate, name: string): Estimate => ({
    ...estimate,
    method: `${name}, ${estimate.method}`,
  });
  return {
    iqm: named(iqm, "interquartile mean"),
    median: named(median, "median of task means"),
    mean: named(mean, "mean"),
    optimalityGap: named(gap, "optimality gap"),
  };
}

/**
 * The probability that a run of the first method scores higher than a run of the second on the same task, averaged over
 * tasks; ties count half (Mann and Whitney's U). The methods may have different numbers of seeds.
 * @throws Problem "unpaired" when they were not run on as many tasks
 */
export function probabilityOfImprovement(first: Scores, second: Scores, options: AggregateOptions): Estimate {
  if (first.length !== second.length) {
    throw problem("unpaired", { where: "probabilityOfImprovement: tasks", first: first.length, second: second.length });
  }
  const [estimate] = stratifiedBootstrap(
    [first, second],
    ([a, b]) => [meanOf(a.map((task, i) => chanceAbove(task, b[i])))],
    options,
  );
  return { ...estimate, method: `probability of improvement, ${estimate.method}` };
}

function chanceAbove(first: ArrayLike<number>, second: ArrayLike<number>): number {
  let wins = 0;
  for (let i = 0; i < first.length; i++) {
    for (let j = 0; j < second.length; j++) wins += first[i] > second[j] ? 1 : first[i] === second[j] ? 0.5 : 0;
  }
  return wins / (first.length * second.length);
}

/**
 * The share of runs that score above each threshold (the run-score distribution), with pointwise bands.
 * @param thresholds τ in the paper, in any order
 */
export function performanceProfile(
  scores: Scores,
  thresholds: readonly number[],
  options: AggregateOptions,
): readonly { readonly threshold: number; readonly share: Estimate }[] {
  const shares = stratifiedBootstrap(
    [scores],
    ([s]) => {
      const all = pooled(s);
      return thresholds.map((threshold) => all.filter((score) => score > threshold).length / all.length);
    },
    options,
  );
  return thresholds.map((threshold, i) => ({
    threshold,
    share: { ...shares[i], method: `share of runs above, ${shares[i].method}` },
  }));
}

/**
 * Statistics of methods' scores, each with a percentile interval from resampling the seeds within every task: the tasks
 * are those that were chosen, the seeds are a sample. `n` is the number of runs of all methods.
 * @throws Problem "no-observations", "not-finite", "ragged-scores"
 */
export function stratifiedBootstrap(
  methods: readonly Scores[],
  statistics: (samples: readonly Scores[]) => readonly number[],
  options: AggregateOptions,
): readonly Estimate[] {
  const { key } = options;
  const level = levelOf("stratifiedBootstrap", options);
  const resamples = resamplesOf("stratifiedBootstrap", options);
  for (const scores of methods) checkScores(scores);
  const values = statistics(methods);
  const distributions = values.map(() => new Float64Array(resamples));
  for (let b = 0; b < resamples; b++) {
    const random = generator(fold(key, b));
    const sample = methods.map((scores) =>
      scores.map((task) => Float64Array.from(task, () => task[random.integer(task.length)])),
    );
    for (const [i, value] of statistics(sample).entries()) distributions[i][b] = value;
  }
  const n = methods.reduce((total, scores) => total + scores.length * scores[0].length, 0);
  return values.map((value, i) => ({
    value,
    interval: percentileInterval(distributions[i], level),
    level,
    n,
    method: `bootstrap over seeds within tasks, ${resamples} resamples`,
  }));
}

function checkScores(scores: Scores): void {
  if (scores.length === 0) throw problem("no-observations", { where: "scores" });
  for (const [task, seeds] of scores.entries()) {
    checkValues(`scores of task ${task}`, seeds);
    if (seeds.length !== scores[0].length) {
      throw problem("ragged-scores", { task, seeds: seeds.length, first: scores[0].length });
    }
  }
}
