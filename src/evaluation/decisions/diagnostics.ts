/** How well a log can answer for a target policy, and where an estimator must not answer at all. */
import type { DecisionLog } from "../../data/trajectories.ts";
import type { NdArray } from "../../tensor/ndarray.ts";
import type { Estimate, Refusal } from "../estimate.ts";
import { meanEstimate } from "../intervals.ts";
import { importanceWeights, type Weighted } from "./weights.ts";

export interface Diagnostics {
  readonly rows: number;
  /** (Σw)² / Σw² (Kish 1965): how many rows drawn by the target itself would say as much. At most `rows`. */
  readonly effectiveSampleSize: number;
  readonly maximumWeight: number;
  /** 1 in expectation when the propensities are right and the log could take all the target takes. */
  readonly meanWeight: Estimate;
  /** Share of the target's probability on actions the log never takes: where their probability is recorded as 0, or that occur in no row. */
  readonly unsupportedMass: number;
}

/**
 * Overlap between a log and a target policy [rows, actions].
 * @throws Problem as `importanceWeights`
 */
export const diagnostics = (log: DecisionLog, target: NdArray): Diagnostics =>
  diagnosticsOf(log, target, importanceWeights(log, target, "diagnostics"));

export function diagnosticsOf(log: DecisionLog, target: NdArray, { rows, actions, weight }: Weighted): Diagnostics {
  let sum = 0;
  let squares = 0;
  let maximumWeight = 0;
  for (const w of weight) {
    sum += w;
    squares += w * w;
    if (w > maximumWeight) maximumWeight = w;
  }
  const taken = new Uint8Array(actions);
  for (const action of log.action) taken[action] = 1;
  let unsupported = 0;
  for (let row = 0, i = 0; row < rows; row++) {
    for (let a = 0; a < actions; a++, i++) {
      const never = log.loggingPolicy === undefined ? !taken[a] : Number(log.loggingPolicy.data[i]) <= 0;
      if (never) unsupported += Number(target.data[i]);
    }
  }
  return {
    rows,
    effectiveSampleSize: squares === 0 ? 0 : sum ** 2 / squares,
    maximumWeight,
    meanWeight: meanEstimate(weight, { level: 0.999 }),
    unsupportedMass: unsupported / rows,
  };
}

/** When an estimator declines. */
export interface Thresholds {
  /** Fewest effective rows. Default 100: with fewer, a handful of rows decides and Student's interval is too short. */
  readonly effectiveSampleSize: number;
  /** Largest share of the target's probability where the log never goes. Default 0.01. */
  readonly unsupportedMass: number;
  /** Confidence at which a mean weight other than 1 (or a biased model) counts as shown. Default 0.999. */
  readonly testLevel: number;
}

export const defaultThresholds: Thresholds = { effectiveSampleSize: 100, unsupportedMass: 0.01, testLevel: 0.999 };

/** Never refuse: for studying an estimator, not for deciding. */
export const noThresholds: Thresholds = { effectiveSampleSize: 0, unsupportedMass: 1, testLevel: 1 };

/** What every estimator takes beside its data. */
export interface EstimatorOptions {
  /** Confidence of the interval. Default 0.95. */
  readonly level?: number;
  readonly thresholds?: Partial<Thresholds>;
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}%`;
const short = (value: number): string => String(Number(value.toPrecision(3)));

/** A confidence interval of the mean excludes the given value. At level 1 nothing is ever shown. */
export function meanDiffersFrom(values: ArrayLike<number>, value: number, level: number): boolean {
  if (level >= 1) return false;
  const { interval } = meanEstimate(values, { level });
  // Rounding must not make a constant that equals the value differ from it.
  const slack = 1e-9 * Math.max(1, Math.abs(value));
  return interval[0] > value + slack || interval[1] < value - slack;
}

/** The numbers behind a refusal, flat. */
export const flatDiagnostics = (d: Diagnostics): Refusal["diagnostics"] => ({
  rows: d.rows,
  effectiveSampleSize: d.effectiveSampleSize,
  maximumWeight: d.maximumWeight,
  meanWeight: d.meanWeight.value,
  unsupportedMass: d.unsupportedMass,
});

/**
 * The checks shared by the estimators that trust importance weights: support, overlap, and weights that average 1.
 * Undefined when all pass.
 */
export function refuseWeights(
  method: string,
  log: DecisionLog,
  target: NdArray,
  weighted: Weighted,
  options: EstimatorOptions,
): Refusal | undefined {
  const limits = { ...defaultThresholds, ...options.thresholds };
  const measured = diagnosticsOf(log, target, weighted);
  const refuse = (reason: string): Refusal => ({
    refused: true,
    method,
    reason,
    diagnostics: flatDiagnostics(measured),
  });
  if (measured.unsupportedMass > limits.unsupportedMass) {
    return refuse(
      `${percent(measured.unsupportedMass)} of the target policy's probability lies on actions the log never takes (at most ${percent(limits.unsupportedMass)} is allowed): log with some exploration of them, or evaluate a target that stays with the logged actions.`,
    );
  }
  if (measured.effectiveSampleSize < limits.effectiveSampleSize) {
    return refuse(
      `the ${measured.rows} rows weigh as much as ${short(measured.effectiveSampleSize)} under the target policy, and at least ${limits.effectiveSampleSize} are needed: log more rows, or evaluate a target closer to the logging policy.`,
    );
  }
  if (meanDiffersFrom(weighted.weight, 1, limits.testLevel)) {
    return refuse(
      `the importance weights average ${short(measured.meanWeight.value)} where 1 is expected, which chance does not explain: the recorded propensities are wrong, or the log could not take all the target takes.`,
    );
  }
  return undefined;
}
