import type { DecisionLog } from "../../data/trajectories.ts";
import type { NdArray } from "../../tensor/ndarray.ts";
import type { Estimate, Refusal } from "../estimate.ts";
import { type EstimatorOptions, refuseWeights } from "./diagnostics.ts";
import { type RatioOptions, ratioEstimate } from "./ratio.ts";
import { checkPredictions, expectedReward, importanceWeights, residuals } from "./weights.ts";

/**
 * Self-normalised doubly robust: the direct method plus Σ w (r − q) / Σ w. Steadier than doubly robust where weights are
 * large, at a bias of order 1/rows. Thomas and Brunskill (2016), arXiv:1604.00923. Bootstrap interval.
 *
 * Assumes what `doublyRobust` assumes, and refuses where the log shows otherwise.
 *
 * @param target [rows, actions] the evaluated policy's probabilities at the logged contexts
 * @param predictions [rows, actions] the model's expected reward of each action at the logged contexts
 * @throws Problem "shape", "not-finite", "bad-target", "bad-log"
 */
export function sndr(
  log: DecisionLog,
  target: NdArray,
  predictions: NdArray,
  options: EstimatorOptions & RatioOptions = {},
): Estimate | Refusal {
  const weighted = importanceWeights(log, target, "sndr");
  checkPredictions(log, predictions, "sndr");
  const refusal = refuseWeights("SNDR", log, target, weighted, options);
  if (refusal !== undefined) return refusal;
  const missed = residuals(log, predictions);
  const ratio = {
    top: weighted.weight.map((w, i) => w * missed[i]),
    bottom: weighted.weight,
    offset: expectedReward(target, predictions),
  };
  const estimate = ratioEstimate([ratio], ([v]) => v, options);
  return { ...estimate, method: `SNDR, ${estimate.method}` };
}
