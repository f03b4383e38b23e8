import type { DecisionLog } from "../../data/trajectories.ts";
import type { NdArray } from "../../tensor/ndarray.ts";
import type { Estimate, Refusal } from "../estimate.ts";
import { meanEstimate } from "../intervals.ts";
import { type EstimatorOptions, refuseWeights } from "./diagnostics.ts";
import { importanceWeights } from "./weights.ts";

/**
 * Inverse propensity scoring: the mean of w r, where w = π(a|x) / p. Unbiased, with a variance that grows with the
 * weights. Horvitz and Thompson (1952); for policies Precup, Sutton and Singh (2000).
 *
 * Assumes: rows are independent; the recorded propensity is the probability with which the action was chosen; the log
 * could take every action the target takes (its mean weight is then 1); enough effective rows for Student's interval.
 * Refuses where the log shows otherwise.
 *
 * @param target [rows, actions] the evaluated policy's probabilities at the logged contexts
 * @throws Problem "shape", "bad-target", "bad-log"
 */
export function ips(log: DecisionLog, target: NdArray, options: EstimatorOptions = {}): Estimate | Refusal {
  const method = "IPS, Student t";
  const weighted = importanceWeights(log, target, "ips");
  const refusal = refuseWeights(method, log, target, weighted, options);
  return (
    refusal ?? {
      ...meanEstimate(
        weighted.weight.map((w, i) => w * weighted.reward[i]),
        options,
      ),
      method,
    }
  );
}
