/** What every estimator on decision logs reads: the target policy's probabilities, checked, and the importance weights. */
import type { DecisionLog } from "../../data/trajectories.ts";
import { problem } from "../../problems.ts";
import type { NdArray } from "../../tensor/ndarray.ts";

/** How far a row of probabilities may be from 1: float32 softmax outputs over thousands of actions stay within it. */
const tolerance = 1e-4;

/**
 * The probabilities [rows, actions] with which a policy would choose each action at each logged context.
 * @throws Problem "shape", or "bad-target" for a negative or non-finite probability, a row that does not sum to 1, or mass
 *   on an action that was not available
 */
export function checkTarget(log: DecisionLog, target: NdArray, where: string): void {
  const [rows, actions] = [log.action.length, log.actions.count];
  if (rows === 0) throw problem("no-observations", { where });
  checkShape(target, rows, actions, `${where}: target probabilities`);
  for (let row = 0; row < rows; row++) {
    let total = 0;
    for (let a = 0; a < actions; a++) {
      const p = Number(target.data[row * actions + a]);
      if (!(p >= 0))
        throw problem("bad-target", {
          where,
          row,
          given: `gives action ${a} the probability ${p}`,
          wanted: "a number of at least 0",
        });
      if (p > tolerance && log.available !== undefined && !log.available.data[row * actions + a]) {
        throw problem("bad-target", {
          where,
          row,
          given: `gives action ${a} the probability ${p}, though it was not available`,
          wanted: "0 for actions that could not be chosen",
        });
      }
      total += p;
    }
    if (!(Math.abs(total - 1) <= tolerance))
      throw problem("bad-target", { where, row, given: `sums to ${total}`, wanted: "probabilities that sum to 1" });
  }
}

/** @throws Problem "shape" or "not-finite" */
export function checkPredictions(log: DecisionLog, predictions: NdArray, where: string): void {
  checkShape(predictions, log.action.length, log.actions.count, `${where}: reward predictions`);
  for (let i = 0; i < predictions.data.length; i++) {
    const value = Number(predictions.data[i]);
    if (!Number.isFinite(value))
      throw problem("not-finite", { where: `${where}: reward predictions`, index: i, given: value });
  }
}

function checkShape(array: NdArray, rows: number, actions: number, where: string): void {
  if (array.shape.join() !== [rows, actions].join()) {
    throw problem("shape", { where, wanted: `[rows, actions] = [${rows}, ${actions}]`, got: [array.shape] });
  }
}

/** What all estimators start from. */
export interface Weighted {
  readonly rows: number;
  readonly actions: number;
  /** [rows] π(aᵢ|xᵢ) / pᵢ: how much more often the target takes the logged action than the log did */
  readonly weight: Float64Array;
  readonly reward: Float64Array;
}

/**
 * The importance weights of a target policy on a log, both checked.
 * @throws Problem "shape", "bad-target", or "bad-log" for a propensity outside (0, 1], an action outside the action set or a
 *   reward that is not finite
 */
export function importanceWeights(log: DecisionLog, target: NdArray, where: string): Weighted {
  checkTarget(log, target, where);
  const [rows, actions] = [log.action.length, log.actions.count];
  const weight = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const [action, propensity, reward] = [log.action[row], log.propensity[row], log.reward[row]];
    if (!(action >= 0 && action < actions))
      throw problem("bad-log", {
        where,
        row,
        field: "action",
        given: action,
        wanted: `a whole number from 0 to ${actions - 1}`,
      });
    if (!(propensity > 0 && propensity <= 1))
      throw problem("bad-log", {
        where,
        row,
        field: "propensity",
        given: propensity,
        wanted: "a probability above 0 and at most 1",
      });
    if (!Number.isFinite(reward))
      throw problem("bad-log", { where, row, field: "reward", given: reward, wanted: "a finite number" });
    weight[row] = Number(target.data[row * actions + action]) / propensity;
  }
  return { rows, actions, weight, reward: log.reward };
}

/** [rows] Σₐ π(a|xᵢ) q(xᵢ, a): the reward a model expects of the target at each context. */
export function expectedReward(target: NdArray, predictions: NdArray): Float64Array {
  const [rows, actions] = target.shape;
  const out = new Float64Array(rows);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let a = 0; a < actions; a++, i++) out[row] += Number(target.data[i]) * Number(predictions.data[i]);
  }
  return out;
}

/** [rows] rᵢ − q(xᵢ, aᵢ): what the model missed on the logged actions. */
export function residuals(log: DecisionLog, predictions: NdArray): Float64Array {
  const actions = log.actions.count;
  return Float64Array.from(
    log.reward,
    (reward, row) => reward - Number(predictions.data[row * actions + log.action[row]]),
  );
}
