/** Ratios of sums (self-normalised estimators) with a bootstrap interval. */
import { type RandomKey, randomKey } from "../../tensor/random.ts";
import { bootstrapRows } from "../bootstrap.ts";
import type { Estimate } from "../estimate.ts";

export interface RatioOptions {
  /** Confidence of the interval. Default 0.95. */
  readonly level?: number;
  /** Where the resamples come from. Default randomKey(0): the same data give the same interval. */
  readonly key?: RandomKey;
  /** Default 1,000. */
  readonly resamples?: number;
}

/** Σ top / Σ bottom over rows; plus `offset` averaged over rows when given. */
export interface Ratio {
  readonly top: Float64Array;
  readonly bottom: Float64Array;
  readonly offset?: Float64Array;
}

/** Sums over many rows are resampled in this many groups, so that a long log costs no more than a short one. */
const mostGroups = 2000;

/**
 * A function of ratios over the same rows, and its percentile bootstrap interval. The rows are independent, so sums over
 * fixed groups of them are too, and resampling 2,000 groups is as good as resampling the rows.
 */
export function ratioEstimate(
  ratios: readonly Ratio[],
  combine: (values: readonly number[]) => number,
  { level = 0.95, key = randomKey(0), resamples = 1000 }: RatioOptions,
): Estimate {
  const rows = ratios[0].top.length;
  const groups = Math.min(rows, mostGroups);
  const summed = (values: Float64Array | undefined): Float64Array => {
    const sums = new Float64Array(groups);
    if (values !== undefined) for (let row = 0; row < rows; row++) sums[row % groups] += values[row];
    return sums;
  };
  const sizes = summed(new Float64Array(rows).fill(1));
  const parts = ratios.map(({ top, bottom, offset }) => ({
    top: summed(top),
    bottom: summed(bottom),
    offset: summed(offset),
  }));
  const statistic = (indices: Int32Array): number =>
    combine(
      parts.map(({ top, bottom, offset }) => {
        let [t, b, o, n] = [0, 0, 0, 0];
        for (const i of indices) {
          t += top[i];
          b += bottom[i];
          o += offset[i];
          n += sizes[i];
        }
        // A resample can miss every row the target agrees with; it then says nothing, which 0 weight expresses.
        return o / n + (b === 0 ? 0 : t / b);
      }),
    );
  return { ...bootstrapRows(groups, statistic, { level, key, resamples }), n: rows };
}
