import type { DecisionLog } from "../../data/trajectories.ts";
import { type NdArray, zeros } from "../../tensor/ndarray.ts";
import { type CrossFitOptions, crossFit } from "./cross-fit.ts";

/**
 * The simplest model of the reward: each action's mean where it was logged, whatever the context, cross-fitted so that
 * no row is predicted by its own reward. An action that the other folds never took is given the mean of all. Enough for
 * the doubly robust estimator to take out what actions differ in everywhere.
 * @returns [rows, actions]
 * @throws Problem "bad-option" when there are fewer rows than folds
 */
export function meanRewards(log: DecisionLog, options: CrossFitOptions): Promise<NdArray> {
  const actions = log.actions.count;
  return crossFit(
    log.reward.length,
    (train, test) => {
      const sums = new Float64Array(actions);
      const counts = new Float64Array(actions);
      let total = 0;
      for (const row of train) {
        sums[log.action[row]] += log.reward[row];
        counts[log.action[row]]++;
        total += log.reward[row];
      }
      const means = sums.map((sum, a) => (counts[a] > 0 ? sum / counts[a] : total / train.length));
      const out = zeros([test.length, actions], "float64");
      for (let i = 0; i < test.length; i++) (out.data as Float64Array).set(means, i * actions);
      return out;
    },
    options,
  );
}
