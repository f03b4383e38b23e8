/** Importance weights: what a step of another policy says of this one. */
import type { Operand, Tensor } from "../tensor/index.ts";
import { earlier, forwardProduct, goesOn, type TimeOptions, timeAxisOf } from "./time.ts";

/** π(a|s) / μ(a|s) from log-probabilities; the exponent is held below 20, e²⁰ ≈ 5·10⁸, so that none is infinite. */
export const importanceRatio = (logTarget: Tensor, logBehaviour: Tensor): Tensor =>
  logTarget.sub(logBehaviour).atMost(20).exp();

/**
 * Per-decision weights: Π of the ratios from an episode's first step up to each (Precup, Sutton, Singh 2000).
 * @param ratio [time, …]
 * @param ends 1 where an episode ended (or was cut) with that step: the next row begins a new one
 */
export function perDecisionWeights(ratio: Tensor, ends?: Tensor, options: TimeOptions = {}): Tensor {
  const axis = timeAxisOf(ratio, options);
  const goes = goesOn({ reward: ratio, ...(ends ? { truncated: ends } : {}) }, axis);
  return forwardProduct(ratio, earlier(goes, axis), axis);
}

/** min(w, most): Ionides (2008). */
export const truncatedWeights = (weight: Tensor, most: Operand): Tensor => weight.minimum(most);

/** w held in [1 − ε, 1 + ε]. */
export const clippedWeights = (weight: Tensor, epsilon: number): Tensor => weight.clip(1 - epsilon, 1 + epsilon);

/** PPO's clipped objective, to be maximised: min(w A, clip(w) A) (Schulman and others 2017, arXiv:1707.06347, equation 7). */
export const clippedSurrogate = (weight: Tensor, advantage: Tensor, epsilon: number): Tensor =>
  weight.mul(advantage).minimum(clippedWeights(weight, epsilon).mul(advantage));

/** w / mean w over an axis (default: all), which bounds every weighted mean by the values it averages. */
export const selfNormalised = (weight: Tensor, axis?: number): Tensor => weight.div(weight.mean(axis, { keep: true }));

/** (Σw)² / Σw² over an axis (default: all): Kish (1965). */
export const effectiveSize = (weight: Tensor, axis?: number): Tensor =>
  weight.sum(axis).square().div(weight.square().sum(axis));
