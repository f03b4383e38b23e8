/** Losses of a batch. */
import type { Operand, Tensor } from "../tensor/index.ts";

/** Mean over everything but an ensemble's members, which are summed, so that each learns as it would alone. */
export const batchMean = (loss: Tensor): Tensor =>
  loss.axes.includes("member") ? loss.mean().mul(loss.shape[loss.axes.indexOf("member")]) : loss.mean();

/** (prediction − target)². */
export const squaredError = (prediction: Tensor, target: Operand): Tensor => batchMean(prediction.sub(target).square());

/**
 * Asymmetric squared error whose minimiser is the τ-expectile: |τ − 1[u < 0]| u² (Newey, Powell 1987; as in
 * Kostrikov, Nair, Levine 2021, arXiv:2110.06169, equation 5).
 * @param error what the prediction falls short by: target − prediction
 * @param expectile τ in (0, 1); 0.5 is half of the squared error
 */
export function expectileLoss(error: Tensor, expectile: Operand): Tensor {
  const below = typeof expectile === "number" ? 1 - expectile : expectile.from(1);
  return batchMean(error.less(0).where(below, expectile).mul(error.square()));
}

/** Huber's function of each number: quadratic within ±bound, linear outside. */
export const huber = (error: Tensor, bound: Operand = 1): Tensor => {
  const size = error.abs();
  const inside = size.minimum(bound);
  return inside.mul(size.sub(inside.mul(0.5)));
};

/** Huber's loss: quadratic within ±bound, linear outside. */
export const huberLoss = (error: Tensor, bound: Operand = 1): Tensor => batchMean(huber(error, bound));
