import type { DecisionLog } from "../../data/trajectories.ts";
import type { NdArray } from "../../tensor/ndarray.ts";
import type { Estimate, Refusal } from "../estimate.ts";
import { type EstimatorOptions, refuseWeights } from "./diagnostics.ts";
import { type RatioOptions, ratioEstimate } from "./ratio.ts";
import { importanceWeights } from "./weights.ts";

/**
 * Self-normalised inverse propensity scoring: Σ w r / Σ w. A bias of order 1/rows buys a smaller variance, values that
 * stay within the range of the rewards, and indifference to adding a constant to every reward.
 * Swaminathan and Joachims (2015), "The self-normalized estimator for counterfactual learning". Bootstrap interval.
 *
 * Assumes what `ips` assumes, and refuses where the log shows otherwise.
 *
 * @param target [rows, actions] the evaluated policy's probabilities at the logged contexts
 * @throws Problem "shape", "bad-target", "bad-log"
 */
export function snips(
  log: DecisionLog,
  target: NdArray,
  options: EstimatorOptions & RatioOptions = {},
): Estimate | Refusal {
  const weighted = importanceWeights(log, target, "snips");
  const refusal = refuseWeights("SNIPS", log, target, weighted, options);
  if (refusal !== undefined) return refusal;
  const estimate = ratioEstimate(
    [{ top: weighted.weight.map((w, i) => w * weighted.reward[i]), bottom: weighted.weight }],
    ([v]) => v,
    options,
  );
  return { ...estimate, method: `SNIPS, ${estimate.method}` };
}
