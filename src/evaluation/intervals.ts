/** Means, proportions and differences with the interval each deserves. */
import betaQuantile from "@stdlib/stats-base-dists-beta-quantile";
import tQuantile from "@stdlib/stats-base-dists-t-quantile";
import { problem } from "../problems.ts";
import type { Estimate } from "./estimate.ts";

export interface IntervalOptions {
  /** Confidence of the two-sided interval, in (0, 1). Default 0.95. */
  readonly level?: number;
}

/** The level asked for, or 0.95. @throws Problem "bad-option" when it is not between 0 and 1 */
export function levelOf(where: string, { level = 0.95 }: IntervalOptions): number {
  if (!(level > 0 && level < 1))
    throw problem("bad-option", {
      where,
      name: "level",
      given: level,
      wanted: "a number between 0 and 1, such as 0.95",
    });
  return level;
}

/** Sample mean and the unbiased sample variance (NaN for a single value), in two passes. */
export function moments(values: ArrayLike<number>): { readonly mean: number; readonly variance: number } {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  const mean = total / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2;
  return { mean, variance: squares / (values.length - 1) };
}

/** @throws Problem "no-observations" or "not-finite" */
export function checkValues(where: string, values: ArrayLike<number>): void {
  if (values.length === 0) throw problem("no-observations", { where });
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw problem("not-finite", { where, index: i, given: values[i] });
  }
}

/**
 * The mean of independent values with Student's t interval. A single value says nothing about its own spread: its
 * interval is (−∞, ∞).
 * @throws Problem "no-observations" or "not-finite"
 */
export function meanEstimate(values: ArrayLike<number>, options: IntervalOptions = {}): Estimate {
  const level = levelOf("meanEstimate", options);
  checkValues("meanEstimate", values);
  const { mean, variance } = moments(values);
  return around(mean, Math.sqrt(variance / values.length), values.length - 1, {
    level,
    n: values.length,
    method: "mean, Student t",
  });
}

/** value ± t × standardError. */
function around(
  value: number,
  standardError: number,
  freedom: number,
  rest: { readonly level: number; readonly n: number; readonly method: string },
): Estimate {
  if (!(freedom > 0)) return { value, interval: [-Infinity, Infinity], ...rest };
  const half = standardError === 0 ? 0 : tQuantile((1 + rest.level) / 2, freedom) * standardError;
  return { value, interval: [value - half, value + half], ...rest };
}

/**
 * A share of successes with the exact interval of Clopper and Pearson (1934): it covers at least as often as it says.
 * @throws Problem "bad-value" unless 0 ≤ successes ≤ n are whole numbers and n ≥ 1
 */
export function proportion(successes: number, n: number, options: IntervalOptions = {}): Estimate {
  const level = levelOf("proportion", options);
  if (!Number.isInteger(n) || n < 1)
    throw problem("bad-value", { where: "proportion: n", given: n, wanted: "a whole number of at least 1" });
  if (!Number.isInteger(successes) || successes < 0 || successes > n) {
    throw problem("bad-value", {
      where: "proportion: successes",
      given: successes,
      wanted: `a whole number from 0 to ${n}`,
    });
  }
  const tail = (1 - level) / 2;
  const low = successes === 0 ? 0 : betaQuantile(tail, successes, n - successes + 1);
  const high = successes === n ? 1 : betaQuantile(1 - tail, successes + 1, n - successes);
  return { value: successes / n, interval: [low, high], level, n, method: "proportion, Clopper–Pearson" };
}

/**
 * The mean of first[i] − second[i], where both were measured on the same thing (a row, a start, a seed).
 * @throws Problem "unpaired" when the lengths differ, "no-observations", "not-finite"
 */
export function pairedDifference(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  options: IntervalOptions = {},
): Estimate {
  if (first.length !== second.length)
    throw problem("unpaired", { where: "pairedDifference", first: first.length, second: second.length });
  const differences = Float64Array.from(first, (value, i) => value - second[i]);
  return { ...meanEstimate(differences, options), method: "paired difference of means, Student t" };
}

/**
 * mean(first) − mean(second) of two independent samples whose variances may differ: Welch (1947), with Satterthwaite's
 * degrees of freedom. `n` is the size of the smaller sample; with a single value in either the interval is (−∞, ∞).
 * @throws Problem "no-observations" or "not-finite"
 */
export function differenceOfMeans(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  options: IntervalOptions = {},
): Estimate {
  const level = levelOf("differenceOfMeans", options);
  checkValues("differenceOfMeans: first", first);
  checkValues("differenceOfMeans: second", second);
  const a = moments(first);
  const b = moments(second);
  const [na, nb] = [first.length, second.length];
  const rest = { level, n: Math.min(na, nb), method: "difference of means, Welch" };
  if (rest.n < 2) return { value: a.mean - b.mean, interval: [-Infinity, Infinity], ...rest };
  const [va, vb] = [a.variance / na, b.variance / nb];
  // Two samples without spread have no defined degrees of freedom, and need none.
  const freedom = va + vb === 0 ? na + nb - 2 : (va + vb) ** 2 / (va ** 2 / (na - 1) + vb ** 2 / (nb - 1));
  return around(a.mean - b.mean, Math.sqrt(va + vb), freedom, rest);
}
