/** Which episodes did better than their start promised, and weights that let a learner see more of them. */
import { Matrix, SVD } from "ml-matrix";
import { problem } from "../../problems.ts";
import { episodeWeights } from "../samplers.ts";
import type { Trajectories } from "../trajectories.ts";
import { countOf, returns } from "../views.ts";
import { stateRows } from "./rows.ts";

/**
 * [episodes] the return of each episode less V(its first state), where V is the linear function nearest to the returns
 * (least squares; of many as near, the one with the least weights). Hong et al., arXiv:2306.13085. The cost grows with
 * episodes × numbers², or numbers × episodes² where there are more numbers than episodes.
 */
export function episodeAdvantages(t: Trajectories): Float64Array {
  const sums = returns(t);
  const n = countOf(t);
  if (n === 0) return sums;
  const starts = stateRows(t, t.offsets.subarray(0, n));
  const width = starts.shape[1];
  const mean = new Float64Array(width);
  for (let i = 0; i < starts.data.length; i++) mean[i % width] += Number(starts.data[i]) / n;
  const meanReturn = sums.reduce((a, b) => a + b, 0) / n;
  const centred = new Matrix(n, width);
  for (let e = 0; e < n; e++)
    for (let d = 0; d < width; d++) centred.set(e, d, Number(starts.data[e * width + d]) - mean[d]);
  const apart = Matrix.columnVector(Array.from(sums, (sum) => sum - meanReturn));
  // Starts that never differ promise nothing: V is the mean return.
  const spread = centred.norm();
  if (width === 0 || spread === 0) return sums.map((sum) => sum - meanReturn);
  const weights = new SVD(centred, { autoTranspose: true }).solve(apart);
  const promised = centred.mmul(weights);
  return sums.map((sum, e) => sum - meanReturn - promised.get(e, 0));
}

/**
 * RPSV, the positive-sided variance of returns: the mean over episodes of max(return − V(start), 0)². In squared units of
 * the return, at least 0; what weighting by advantage can gain grows with it. Hong et al., arXiv:2306.13085.
 * @throws Problem "no-observations" for no episodes
 */
export function positiveSidedVariance(t: Trajectories): number {
  const advantages = episodeAdvantages(t);
  if (advantages.length === 0) throw problem("no-observations", { where: "positiveSidedVariance" });
  return advantages.reduce((sum, a) => sum + Math.max(a, 0) ** 2, 0) / advantages.length;
}

export interface TrajectoryWeightOptions {
  /** "return" (RW): how good an episode was; "advantage" (AW): how much better than its start promised. */
  readonly by: "return" | "advantage";
  /** α in the paper: the lower, the more the best are seen. Default 0.1. */
  readonly temperature?: number;
}

/**
 * [steps] weights that sum to 1, for a sampler: every step of episode i has exp(gᵢ/α) over their sum, where g is the
 * return or advantage brought to [0, 1]. Draw by them; to multiply a loss by them instead is another method. Hong et al.,
 * "Harnessing Mixed Offline Reinforcement Learning Datasets via Trajectory Weighting", arXiv:2306.13085.
 * @example sampler({ count, batchSize: 256, key, weights: trajectoryWeights(t, { by: "advantage" }) })
 * @throws Problem "no-observations" for no episodes, "bad-option" for a temperature of 0 or below
 */
export function trajectoryWeights(t: Trajectories, options: TrajectoryWeightOptions): Float64Array {
  const { by, temperature = 0.1 } = options;
  const where = "trajectoryWeights";
  if (by !== "return" && by !== "advantage")
    throw problem("bad-option", { where, name: "by", given: by, wanted: '"return" or "advantage"' });
  if (!(temperature > 0))
    throw problem("bad-option", { where, name: "temperature", given: temperature, wanted: "a number above 0" });
  if (countOf(t) === 0) throw problem("no-observations", { where });
  const good = by === "return" ? returns(t) : episodeAdvantages(t);
  const low = good.reduce((a, b) => Math.min(a, b), Infinity);
  const high = good.reduce((a, b) => Math.max(a, b), -Infinity);
  // Counted from the best, so that nothing overflows at a low temperature.
  const weights = good.map((g) => Math.exp((high > low ? (g - high) / (high - low) : 0) / temperature));
  let total = 0;
  weights.forEach((w, e) => {
    total += w * (t.offsets[e + 1] - t.offsets[e]);
  });
  return episodeWeights(
    t,
    weights.map((w) => w / total),
  );
}
