import type { DecisionLog } from "../../data/trajectories.ts";
import type { NdArray } from "../../tensor/ndarray.ts";
import type { Estimate, Refusal } from "../estimate.ts";
import { meanEstimate } from "../intervals.ts";
import { type EstimatorOptions, refuseWeights } from "./diagnostics.ts";
import { checkPredictions, expectedReward, importanceWeights, residuals } from "./weights.ts";

/**
 * Doubly robust: the direct method plus the importance-weighted mean of what its model missed,
 * Σₐ π(a|x) q(x, a) + w (r − q(x, a)). Unbiased when the propensities are right, whatever the model; with a good model its
 * variance is far below that of IPS. Dudík, Langford and Li (2011), arXiv:1103.4601.
 *
 * Assumes what `ips` assumes, and that the model was not fitted to these very rows (use cross-fitting: a model that has
 * seen a row hides its residual). Refuses where the log shows otherwise.
 *
 * @param target [rows, actions] the evaluated policy's probabilities at the logged contexts
 * @param predictions [rows, actions] the model's expected reward of each action at the logged contexts
 * @throws Problem "shape", "not-finite", "bad-target", "bad-log"
 */
export function doublyRobust(
  log: DecisionLog,
  target: NdArray,
  predictions: NdArray,
  options: EstimatorOptions = {},
): Estimate | Refusal {
  const method = "doubly robust, Student t";
  const weighted = importanceWeights(log, target, "doublyRobust");
  checkPredictions(log, predictions, "doublyRobust");
  const refusal = refuseWeights(method, log, target, weighted, options);
  return refusal ?? { ...meanEstimate(doublyRobustTerms(log, target, predictions, weighted.weight), options), method };
}

/** [rows] the terms whose mean is the estimate. */
export function doublyRobustTerms(
  log: DecisionLog,
  target: NdArray,
  predictions: NdArray,
  weight: Float64Array,
): Float64Array {
  const missed = residuals(log, predictions);
  return expectedReward(target, predictions).map((expected, i) => expected + weight[i] * missed[i]);
}
