import type { DecisionLog } from "../../data/trajectories.ts";
import type { NdArray } from "../../tensor/ndarray.ts";
import type { Estimate, Refusal } from "../estimate.ts";
import { meanEstimate } from "../intervals.ts";
import {
  defaultThresholds,
  diagnosticsOf,
  type EstimatorOptions,
  flatDiagnostics,
  meanDiffersFrom,
  refuseWeights,
} from "./diagnostics.ts";
import { checkPredictions, expectedReward, importanceWeights, residuals } from "./weights.ts";

/**
 * The direct method: the mean over contexts of the reward a model expects of the target, Σₐ π(a|x) q(x, a).
 * Small variance; its bias is the model's. The interval is Student's over contexts and holds nothing of the model's own
 * error.
 *
 * Assumes: the model is unbiased where the target acts, and was not fitted to these very rows (use cross-fitting). The
 * importance-weighted residual, E[w (r − q)], measures exactly that bias, so it refuses when the residual differs from 0
 * beyond chance, and where overlap is too poor (see `ips`) for the residual to show anything.
 *
 * @param target [rows, actions] the evaluated policy's probabilities at the logged contexts
 * @param predictions [rows, actions] the model's expected reward of each action at the logged contexts
 * @throws Problem "shape", "not-finite", "bad-target", "bad-log"
 */
export function directMethod(
  log: DecisionLog,
  target: NdArray,
  predictions: NdArray,
  options: EstimatorOptions = {},
): Estimate | Refusal {
  const method = "direct method, Student t over contexts";
  const weighted = importanceWeights(log, target, "directMethod");
  checkPredictions(log, predictions, "directMethod");
  const refusal = refuseWeights(method, log, target, weighted, options);
  if (refusal !== undefined) return refusal;
  const missed = residuals(log, predictions).map((residual, i) => residual * weighted.weight[i]);
  const limits = { ...defaultThresholds, ...options.thresholds };
  if (meanDiffersFrom(missed, 0, limits.testLevel)) {
    const bias = meanEstimate(missed).value;
    return {
      refused: true,
      method,
      reason: `the model misjudges the target policy's reward by about ${Number((-bias).toPrecision(3))} on the logged actions, which chance does not explain: use the doubly robust estimator, which corrects for it, or a better model.`,
      diagnostics: { ...flatDiagnostics(diagnosticsOf(log, target, weighted)), modelBias: -bias },
    };
  }
  return { ...meanEstimate(expectedReward(target, predictions), options), method };
}
