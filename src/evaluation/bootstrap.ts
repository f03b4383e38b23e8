/**
 * The bootstrap (Efron 1979): the interval of any statistic, from resampling what was observed.
 * Percentile and bias-corrected accelerated (BCa, Efron 1987) intervals.
 */
import normalCdf from "@stdlib/stats-base-dists-normal-cdf";
import normalQuantile from "@stdlib/stats-base-dists-normal-quantile";
import { quantile } from "../data/summaries.ts";
import { problem } from "../problems.ts";
import { fillUniform, fold, type RandomKey } from "../tensor/random.ts";
import type { Estimate } from "./estimate.ts";
import { type IntervalOptions, levelOf } from "./intervals.ts";

export interface BootstrapOptions extends IntervalOptions {
  /** Where the resamples come from; the same key gives the same interval. */
  readonly key: RandomKey;
  /** How many resamples, at least 100. Default 2,000. */
  readonly resamples?: number;
  /**
   * "percentile" (default): quantiles of the resampled statistic. "bca": corrected for bias and skew; it needs the
   * statistic of every leave-one-out sample, so `n` further evaluations.
   */
  readonly method?: "percentile" | "bca";
}

/**
 * A statistic of independent rows (numbers, or records) with its bootstrap interval.
 * @example bootstrap(returns, (sample) => median(sample), { key: randomKey(0), method: "bca" })
 * @throws Problem "no-observations" when there are no rows, "not-finite" when the statistic is not a number
 */
export function bootstrap<Row>(
  rows: ArrayLike<Row>,
  statistic: (sample: readonly Row[]) => number,
  options: BootstrapOptions,
): Estimate {
  return bootstrapRows(rows.length, (indices) => statistic(Array.from(indices, (i) => rows[i])), options);
}

/**
 * The same for a statistic that reads its data by row number: `indices` says which rows are in the sample, with
 * repeats. It is one array, refilled for every sample.
 */
export function bootstrapRows(
  n: number,
  statistic: (indices: Int32Array) => number,
  options: BootstrapOptions,
): Estimate {
  const { key, method = "percentile" } = options;
  const resamples = resamplesOf("bootstrap", options);
  const level = levelOf("bootstrap", options);
  if (n === 0) throw problem("no-observations", { where: "bootstrap" });
  const evaluate = (indices: Int32Array): number => {
    const value = statistic(indices);
    if (!Number.isFinite(value))
      throw problem("not-finite", { where: "bootstrap: the statistic of a resample", given: value });
    return value;
  };
  const all = Int32Array.from({ length: n }, (_, i) => i);
  const value = evaluate(all);
  const sample = new Int32Array(n);
  // 32 random bits a draw: half the cost of exact integers, for a bias below n / 2³².
  const uniform = new Float64Array(n);
  const distribution = Float64Array.from({ length: resamples }, (_, b) => {
    fillUniform(uniform, fold(key, b));
    for (let i = 0; i < n; i++) sample[i] = uniform[i] * n;
    return evaluate(sample);
  });
  const rest = {
    value,
    level,
    n,
    method: `bootstrap, ${method === "bca" ? "BCa" : "percentile"}, ${resamples} resamples`,
  };
  if (method === "percentile" || n === 1) return { ...rest, interval: percentileInterval(distribution, level) };
  const jackknife = Float64Array.from(all, (_, left) => evaluate(all.filter((i) => i !== left)));
  return { ...rest, interval: bcaInterval(distribution, value, jackknife, level) };
}

/** How many resamples were asked for, or 2,000. @throws Problem "bad-option" for fewer than 100 */
export function resamplesOf(where: string, { resamples = 2000 }: { readonly resamples?: number }): number {
  if (Number.isInteger(resamples) && resamples >= 100) return resamples;
  const wanted = "a whole number of at least 100";
  throw problem("bad-option", { where, name: "resamples", given: resamples, wanted });
}

/** The central part of a resampled statistic. */
export function percentileInterval(distribution: Float64Array, level: number): readonly [number, number] {
  const sorted = distribution.toSorted();
  return [quantile(sorted, (1 - level) / 2), quantile(sorted, (1 + level) / 2)];
}

/**
 * Efron (1987), "Better bootstrap confidence intervals": the percentiles moved for the statistic's bias (how often a
 * resample falls below the value) and for the way its spread grows with it (the skew of the leave-one-out values).
 */
export function bcaInterval(
  distribution: Float64Array,
  value: number,
  jackknife: Float64Array,
  level: number,
): readonly [number, number] {
  const sorted = distribution.toSorted();
  if (sorted[0] === sorted[sorted.length - 1]) return [sorted[0], sorted[0]];
  let below = 0;
  for (const draw of sorted) below += draw < value ? 1 : draw === value ? 0.5 : 0;
  const share = below / sorted.length;
  // Every resample on one side leaves the bias without a finite estimate: the plain percentiles are what is left.
  if (share === 0 || share === 1) return percentileInterval(distribution, level);
  const bias = normalQuantile(share, 0, 1);
  const centre = jackknife.reduce((sum, v) => sum + v, 0) / jackknife.length;
  let cubes = 0;
  let squares = 0;
  for (const v of jackknife) {
    cubes += (centre - v) ** 3;
    squares += (centre - v) ** 2;
  }
  const acceleration = squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
  const corrected = (tail: number): number => {
    const z = bias + normalQuantile(tail, 0, 1);
    return normalCdf(bias + z / (1 - acceleration * z), 0, 1);
  };
  return [quantile(sorted, corrected((1 - level) / 2)), quantile(sorted, corrected((1 + level) / 2))];
}
