/** Temporal cycle consistency: two recordings of one task are alike where each leads back to where one came from. */
import type { Operand, Tensor } from "../tensor/index.ts";

/** [… n, d] and [… m, d] → [… n, m]: squared Euclidean distances. */
const squaredDistances = (a: Tensor, b: Tensor): Tensor => a.unsqueeze(-2).sub(b.unsqueeze(-3)).square().sum(-1);

/**
 * (tᵢ − Σₖ βₖ tₖ)², where ṽ = Σⱼ softmaxⱼ(−|uᵢ − vⱼ|² / τ) vⱼ is the soft nearest neighbour of a moment uᵢ and
 * β = softmaxₖ(−|ṽ − uₖ|² / τ) is where ṽ leads back to: each moment should come back to its own time, whatever the pace
 * of the other recording. Dwibedi, Aytar, Tompson, Sermanet, Zisserman (2019), arXiv:1904.07846, cycle-back regression by
 * its mean squared error.
 * @param from [… n, d] moments of one recording, embedded
 * @param through [… m, d] moments of another
 * @param times [… n] when the first recording's moments were, in any unit: the loss is in its square
 * @param temperature τ
 */
export function cycleConsistencyLoss(from: Tensor, through: Tensor, times: Tensor, temperature: Operand = 1): Tensor {
  const there = squaredDistances(from, through).neg().div(temperature).softmax();
  const neighbour = there.matmul(through);
  const back = squaredDistances(neighbour, from).neg().div(temperature).softmax();
  const returned = back.mul(times.unsqueeze(-2)).sum(-1);
  return returned.sub(times).square().mean();
}
