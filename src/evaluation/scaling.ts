/**
 * How error falls with the amount of data: Lin et al., "Data Scaling Laws in Imitation Learning for Robotic
 * Manipulation", arXiv:2410.18647. error = b · amount^−α is a line in log-log.
 */
import { problem } from "../problems.ts";
import { fillUniform, fold, type RandomKey } from "../tensor/random.ts";
import { percentileInterval, resamplesOf } from "./bootstrap.ts";
import type { Estimate } from "./estimate.ts";
import { type IntervalOptions, levelOf } from "./intervals.ts";

export interface ScalingFit {
  /** α: how many times smaller log error gets per log amount; its interval is over seeds. */
  readonly exponent: Estimate;
  /** b: the error at an amount of 1. */
  readonly factor: number;
  /** Pearson's r of log amount and log error, in [−1, 1]; near −1 for a law. Of the errors' means over seeds. */
  readonly r: number;
  /** error = floor + factor · amount^−exponent, the check: what is left however much data there is. */
  readonly saturating: {
    readonly floor: number;
    readonly exponent: number;
    readonly factor: number;
    /**
     * Akaike's criterion with its small-sample correction, plain less saturating, of the residuals in log error: above 0
     * the floor is worth its parameter. Null below five amounts, too few to ask.
     */
    readonly gain: number | null;
  };
}

export interface ScalingOptions extends IntervalOptions {
  readonly key: RandomKey;
  /** How many resamples of the seeds. Default 2,000. */
  readonly resamples?: number;
}

/**
 * Fits a power law to the mean error over seeds at each amount, by least squares in log-log. Seeds are resampled whole,
 * the same for every amount; with one seed the interval is (−∞, ∞). Amounts weigh alike.
 * @param amounts at least three different ones above 0: environments, objects, demonstrations
 * @param errors for each amount the error of each seed, at least 0 with a mean above 0 (1 − score, or a validation loss)
 * @example scalingFit([1, 2, 4, 8], [[0.8, 0.7], [0.5, 0.4], [0.2, 0.3], [0.1, 0.2]], { key: randomKey(0) })
 * @throws Problem "bad-value" for amounts or errors that are not so, "ragged-scores" when seeds are missing
 */
export function scalingFit(
  amounts: readonly number[],
  errors: readonly (readonly number[])[],
  options: ScalingOptions,
): ScalingFit {
  const level = levelOf("scalingFit", options);
  const { key } = options;
  const resamples = resamplesOf("scalingFit", options);
  check(amounts, errors);
  const seeds = errors[0].length;
  const x = amounts.map(Math.log);
  const means = errors.map((of) => of.reduce((a, b) => a + b, 0) / seeds);
  const plain = line(x, means.map(Math.log));
  const uniform = new Float64Array(seeds);
  const exponents = Float64Array.from({ length: resamples }, (_, b) => {
    fillUniform(uniform, fold(key, b));
    const drawn = errors.map((of) => uniform.reduce((sum, u) => sum + of[Math.floor(u * seeds)], 0) / seeds);
    // A resample without any error at some amount has no logarithm: the slope is of the amounts that are left.
    const kept = drawn.flatMap((mean, i) => (mean > 0 ? [i] : []));
    if (kept.length < 2) return Number.NaN;
    return -line(
      kept.map((i) => x[i]),
      kept.map((i) => Math.log(drawn[i])),
    ).slope;
  }).filter(Number.isFinite);
  return {
    exponent: {
      value: -plain.slope,
      interval: seeds === 1 ? [-Infinity, Infinity] : percentileInterval(exponents, level),
      level,
      n: seeds,
      method: `least squares in log-log, percentile bootstrap over seeds, ${exponents.length} resamples`,
    },
    factor: Math.exp(plain.intercept),
    r: plain.r,
    saturating: saturating(x, means, plain.squares),
  };
}

function line(x: readonly number[], y: readonly number[]) {
  const [mx, my] = [x, y].map((v) => v.reduce((a, b) => a + b, 0) / v.length);
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xx += (x[i] - mx) ** 2;
    xy += (x[i] - mx) * (y[i] - my);
    yy += (y[i] - my) ** 2;
  }
  const slope = xy / xx;
  const r = yy === 0 ? 0 : Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
  return { slope, intercept: my - slope * mx, r, squares: Math.max(0, yy - slope * xy) };
}

/** For each floor the rest is a line; the floor with the least squares in log error is looked for on ever finer grids. */
function saturating(x: readonly number[], means: readonly number[], plain: number): ScalingFit["saturating"] {
  const least = Math.min(...means);
  const squaresAt = (floor: number) => {
    const { slope, intercept } = line(
      x,
      means.map((e) => Math.log(e - floor)),
    );
    const squares = x.reduce((sum, v, i) => {
      return sum + (Math.log(means[i]) - Math.log(floor + Math.exp(intercept + slope * v))) ** 2;
    }, 0);
    return { floor, exponent: -slope, factor: Math.exp(intercept), squares };
  };
  let best = squaresAt(0);
  let [low, high] = [0, least];
  for (let round = 0; round < 6; round++) {
    const width = high - low;
    for (let i = 0; i < 40; i++) {
      const tried = squaresAt(low + (width * i) / 40);
      if (tried.floor < least && tried.squares < best.squares) best = tried;
    }
    low = Math.max(0, best.floor - width / 40);
    high = Math.min(least, best.floor + width / 40);
  }
  const { squares, ...fit } = best;
  const n = x.length;
  const criterion = (residual: number, parameters: number): number =>
    n * Math.log(Math.max(residual, Number.MIN_VALUE) / n) +
    2 * parameters +
    (2 * parameters * (parameters + 1)) / (n - parameters - 1);
  return { ...fit, gain: n < 5 ? null : criterion(plain, 2) - criterion(squares, 3) };
}

function check(amounts: readonly number[], errors: readonly (readonly number[])[]): void {
  const where = "scalingFit";
  if (new Set(amounts).size < 3 || amounts.some((m) => !(m > 0 && m < Infinity))) {
    const wanted = "at least three different amounts above 0";
    throw problem("bad-value", { where: `${where}: amounts`, given: amounts.join(", "), wanted });
  }
  if (errors.length !== amounts.length) {
    throw problem("unpaired", { where, first: amounts.length, second: errors.length });
  }
  errors.forEach((of, i) => {
    if (of.length !== errors[0].length) {
      throw problem("ragged-scores", { task: i, seeds: of.length, first: errors[0].length });
    }
    if (of.every((e) => e >= 0 && e < Infinity) && of.some((e) => e > 0)) return;
    throw problem("bad-value", {
      where: `${where}: the errors at ${amounts[i]}`,
      given: of.join(", ") || "none",
      wanted: "numbers of at least 0, with a mean above 0",
      next: "Where nothing failed, try more episodes, or leave that amount out.",
    });
  });
}
