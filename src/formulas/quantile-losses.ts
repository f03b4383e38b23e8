/** Losses that lean to one side, and so learn quantiles, expectiles and soft maxima. */
import { constant, lift, ndarray, type Operand, type Tensor } from "../tensor/index.ts";
import { batchMean, huber } from "./losses.ts";

const leaning = (error: Tensor, level: Operand): Tensor => {
  const above = lift(level, error);
  return error.less(0).where(above.from(1), above);
};

/**
 * |τ − 1[u < 0]| |u|^p: the L_p-quantile loss (Chen 1996). p = 1 is the quantile (pinball) loss, p = 2 the expectile's.
 * @param error what the prediction falls short by: target − prediction
 * @param level τ in (0, 1)
 * @param power p, at least 1
 */
export const asymmetricLoss = (error: Tensor, level: Operand, power: number): Tensor =>
  batchMean(
    leaning(error, level).mul(power === 1 ? error.abs() : power === 2 ? error.square() : powered(error, power)),
  );

/** |u|^p with slope 0 at 0, where |u|^(p−1) log |u| would not be a number. */
const powered = (error: Tensor, power: number): Tensor => error.abs().atLeast(1e-30).pow(power);

/** The pinball loss, whose minimiser is the τ-quantile: Koenker, Bassett (1978). */
export const quantileLoss = (error: Tensor, level: Operand): Tensor => asymmetricLoss(error, level, 1);

/**
 * Quantile Huber loss of QR-DQN for each row (Dabney and others 2018, arXiv:1710.10044, equations 9 and 10): the mean over
 * target samples of |τ_i − 1[u < 0]| L_κ(u) / κ, summed over quantiles. κ → 0 is the quantile loss.
 * @param quantiles [batch, n] predictions at levels τ_i = (i + ½) / n
 * @param targets [batch, m] samples of the target
 * @param kappa κ > 0, the width within which the loss is quadratic
 * @returns [batch]
 */
export function quantileHuber(quantiles: Tensor, targets: Tensor, kappa = 1): Tensor {
  const n = quantiles.shape[quantiles.rank - 1];
  const error = targets.unsqueeze(-2).sub(quantiles.unsqueeze(-1));
  const midpoints = Array.from({ length: n }, (_, i) => [(i + 0.5) / n]);
  const levels = constant(ndarray(midpoints, { dtype: quantiles.dtype }));
  const weight = error.less(0).where(levels.from(1), levels);
  return weight.mul(huber(error, kappa).div(kappa)).mean(-1).sum(-1);
}

/** The mean over the batch of `quantileHuber`. */
export const quantileHuberLoss = (quantiles: Tensor, targets: Tensor, kappa = 1): Tensor =>
  batchMean(quantileHuber(quantiles, targets, kappa));

/**
 * Gumbel regression of XQL (Garg and others 2023, arXiv:2301.02328, equation 11): e^z − z − 1, z = u / β, whose minimiser
 * is β log E e^(target/β), a soft maximum.
 * @param error target − prediction
 * @param temperature β > 0
 * @param options `bound`: z is held at most here, so that one outlier does not overflow (the authors' code: 5 to 7). Default 7.
 */
export function gumbelLoss(
  error: Tensor,
  temperature: Operand,
  { bound = 7 }: { readonly bound?: number } = {},
): Tensor {
  const z = error.div(temperature).atMost(bound);
  return batchMean(z.exp().sub(z).sub(1));
}
