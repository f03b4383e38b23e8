/** How far people agree who judge the same things. */
import type { RandomKey } from "../tensor/random.ts";
import { bootstrapRows } from "./bootstrap.ts";
import type { Estimate, Refusal } from "./estimate.ts";
import { type IntervalOptions, levelOf } from "./intervals.ts";

/** How far apart two judgements are. */
export type Difference = (a: number, b: number) => number;

/** Of categories: 1 unless they are the same. */
export const nominalDifference: Difference = (a, b) => Number(a !== b);
/** Of values on a scale: the square of their difference. */
export const intervalDifference: Difference = (a, b) => (a - b) ** 2;

export interface AgreementOptions extends IntervalOptions {
  /** Where the resamples of the interval come from. */
  readonly key: RandomKey;
  /** Default `intervalDifference`. */
  readonly difference?: Difference;
  /** How many things must have two judgements or more. Default 10. */
  readonly least?: number;
}

/**
 * Krippendorff's α: 1 − observed disagreement / the disagreement of chance. 1: they always agree; 0: as often as values
 * dealt out at random would; below 0: less often. Any number of people, not all of whom need judge everything
 * (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"). The interval resamples the things judged, with the
 * disagreement of chance held (Hayes and Krippendorff 2007).
 * @param judged for each thing, what each of those who judged it said
 * @returns a refusal where too few things have two judgements, or all judgements are the same
 */
export function agreement(judged: readonly (readonly number[])[], options: AgreementOptions): Estimate | Refusal {
  const { difference = intervalDifference, least = 10, key } = options;
  const level = levelOf("agreement", options);
  const shared = judged.filter((values) => values.length > 1);
  const refusal = (reason: string): Refusal => ({
    refused: true,
    method: "Krippendorff's alpha",
    reason,
    diagnostics: { judged: judged.length, shared: shared.length },
  });
  if (shared.length < least) {
    return refusal(
      `${shared.length} of ${judged.length} were judged by more than one person; wanted at least ${least}.`,
    );
  }
  const values = shared.flat();
  const chance = pairs(values, difference) / (values.length * (values.length - 1));
  if (chance === 0) return refusal("All judgements are the same, so agreement cannot be told from indifference.");
  const disagreement = shared.map((own) => pairs(own, difference) / (own.length - 1));
  const alpha = (indices: Int32Array): number => {
    let [sum, count] = [0, 0];
    for (const i of indices) {
      sum += disagreement[i];
      count += shared[i].length;
    }
    return 1 - sum / count / chance;
  };
  const estimate = bootstrapRows(shared.length, alpha, { key, level });
  return { ...estimate, method: `Krippendorff's alpha, ${estimate.method}` };
}

/** The sum of differences over ordered pairs. */
function pairs(values: readonly number[], difference: Difference): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    for (let j = 0; j < i; j++) sum += 2 * difference(values[i], values[j]);
  }
  return sum;
}
