/** Estimators that learn by telling the true partner from others. */
import { constant, ndarray, type Operand, type Tensor } from "../tensor/index.ts";
import { batchMean } from "./losses.ts";

/**
 * InfoNCE: −log of the softmax at the true partner (van den Oord, Li, Vinyals 2018, arXiv:1807.03748, equation 4).
 * log n less the loss is at most the mutual information.
 * @param scores [batch, n]
 * @param positive int32 [batch] column of each row's partner. Default: the diagonal, of a square matrix
 */
export function infoNce(scores: Tensor, positive?: Tensor): Tensor {
  const chances = scores.logSoftmax();
  const diagonal = (): Tensor => constant(ndarray(Int32Array.from({ length: scores.shape[0] }, (_, i) => i)));
  return batchMean(chances.choose(positive ?? diagonal()).neg());
}

/**
 * Noise-contrastive estimation: logistic regression of data against k noise samples each, in which the model's score is a
 * normalised log-density at the optimum (Gutmann, Hyvärinen 2010; Mnih, Teh 2012, arXiv:1206.6426, equation 8).
 * @param data [batch] the model's log-density of data, less the noise's log-density there
 * @param noise [batch, k] the same at k samples of the noise
 */
export function nceLoss(data: Tensor, noise: Tensor): Tensor {
  const k = noise.shape[noise.rank - 1];
  const positive = data.sub(Math.log(k)).neg().softplus();
  const negative = noise.sub(Math.log(k)).softplus().sum(-1);
  return batchMean(positive.add(negative));
}

/**
 * max(0, |a − p|² − |a − n|² + margin) (Schroff, Kalenichenko, Philbin 2015, arXiv:1503.03832, equation 1).
 * @param anchor [… n], as are the others; distances are over the last axis
 */
export const tripletLoss = (anchor: Tensor, positive: Tensor, negative: Tensor, margin: Operand): Tensor =>
  batchMean(anchor.sub(positive).square().sum(-1).sub(anchor.sub(negative).square().sum(-1)).add(margin).relu());
