import type { DecisionLog } from "../../data/trajectories.ts";
import { problem } from "../../problems.ts";
import type { NdArray } from "../../tensor/ndarray.ts";
import type { Estimate, Refusal } from "../estimate.ts";
import { levelOf, meanEstimate } from "../intervals.ts";
import { defaultThresholds, diagnosticsOf, type EstimatorOptions, flatDiagnostics } from "./diagnostics.ts";
import { importanceWeights } from "./weights.ts";

export interface ClippingOptions extends EstimatorOptions {
  /** Largest weight, above 0. Default √rows: its bias vanishes and its variance stays bounded (Ionides 2008). */
  readonly clip?: number;
  /** The least and greatest reward that can occur. Default: the least and greatest in the log. */
  readonly rewardRange?: readonly [number, number];
}

/**
 * Clipped (truncated) inverse propensity scoring: the mean of min(w, clip) r. Ionides (2008), "Truncated importance
 * sampling"; Bottou and others (2013), arXiv:1209.2355.
 *
 * The value is biased by what was clipped, and the interval says so: the clipped (or unsupported) share of the target's
 * probability, 1 − E[min(w, clip)], is given the worst and the best reward that can occur. The interval therefore holds
 * for the target's true value however poor the overlap, and is wide where overlap is poor. The value is moved to the
 * nearest bound where it lies outside.
 *
 * Assumes: rows are independent, the propensities are right, and no reward lies outside `rewardRange`. Refuses when the
 * weights average more than 1 beyond chance (which wrong propensities do and poor overlap does not), or with fewer than
 * 100 rows of any weight.
 *
 * @param target [rows, actions] the evaluated policy's probabilities at the logged contexts
 * @throws Problem "shape", "bad-target", "bad-log", "bad-option"
 */
export function clippedIps(log: DecisionLog, target: NdArray, options: ClippingOptions = {}): Estimate | Refusal {
  const weighted = importanceWeights(log, target, "clippedIps");
  const { rows, weight, reward } = weighted;
  const level = levelOf("clippedIps", options);
  const clip = options.clip ?? Math.sqrt(rows);
  if (!(clip > 0))
    throw problem("bad-option", { where: "clippedIps", name: "clip", given: clip, wanted: "a number above 0" });
  const [least, greatest] = options.rewardRange ?? rangeOf(reward);
  if (!(rangeOf(reward)[0] >= least && rangeOf(reward)[1] <= greatest)) {
    throw problem("bad-option", {
      where: "clippedIps",
      name: "rewardRange",
      given: [least, greatest],
      wanted: `bounds that hold the log's rewards, ${rangeOf(reward).join(" to ")}`,
    });
  }
  const method = `clipped IPS at ${Number(clip.toPrecision(4))}, Student t with bounds for what was clipped`;
  const limits = { ...defaultThresholds, ...options.thresholds };
  const clipped = weight.map((w) => Math.min(w, clip));
  const refuse = (reason: string): Refusal => ({
    refused: true,
    method,
    reason,
    diagnostics: flatDiagnostics(diagnosticsOf(log, target, weighted)),
  });
  const used = clipped.reduce((n, w) => n + (w > 0 ? 1 : 0), 0);
  if (used < limits.effectiveSampleSize) {
    return refuse(
      `the target policy could have chosen the logged action in ${used} of ${rows} rows, and at least ${limits.effectiveSampleSize} are needed: log more rows, or explore more.`,
    );
  }
  const mean = limits.testLevel < 1 ? meanEstimate(clipped, { level: limits.testLevel }) : undefined;
  if (mean !== undefined && mean.interval[0] > 1 + 1e-9) {
    return refuse(
      `the clipped weights average ${Number(mean.value.toPrecision(3))} where at most 1 is expected, which chance does not explain: the recorded propensities are too small.`,
    );
  }
  // Each bound is the mean of its own terms, so the sampling error of the clipped share is in the interval too.
  const bound = (extreme: number): Estimate =>
    meanEstimate(
      clipped.map((w, i) => w * reward[i] + (1 - w) * extreme),
      { level },
    );
  const low = bound(least).interval[0];
  const high = bound(greatest).interval[1];
  const value = meanEstimate(
    clipped.map((w, i) => w * reward[i]),
    { level },
  ).value;
  return { value: Math.min(Math.max(value, low), high), interval: [low, high], level, n: rows, method };
}

const rangeOf = (values: Float64Array): readonly [number, number] => [
  values.reduce((a, b) => Math.min(a, b), Infinity),
  values.reduce((a, b) => Math.max(a, b), -Infinity),
];
