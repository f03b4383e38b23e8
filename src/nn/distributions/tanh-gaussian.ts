import type { Key, Tensor } from "../../tensor/index.ts";
import { belowOne, type Distribution, normalLike } from "./distribution.ts";
import { type Gaussian, gaussian, halfLogTwoPi } from "./gaussian.ts";

export interface TanhGaussian extends Distribution {
  /** What is squashed. */
  readonly base: Gaussian;
  /** A draw that is differentiable in mean and spread (reparametrised). */
  rsample(key: Key): Tensor;
  /** A draw and its log-density, exact however close to ±1 it lies, both differentiable. */
  rsampleWithLogProb(key: Key): { readonly value: Tensor; readonly logProb: Tensor };
  /** −log p of `draws` (default 1) draws, averaged: the entropy has no closed form. */
  entropy(key: Key, draws?: number): Tensor;
  /** KL(this ‖ other), which squashing leaves as it was. */
  kl(other: TanhGaussian): Tensor;
}

/** log dtanh(u)/du = 2 (log 2 − u − softplus(−2u)), which stays finite where 1 − tanh² is 0. */
const logSlope = (u: Tensor): Tensor => u.from(Math.LN2).sub(u.mul(-2).softplus()).mul(2);

/**
 * tanh of independent normals: over (−1, 1)ⁿ, as in soft actor-critic (Haarnoja and others 2018, arXiv:1801.01290,
 * appendix C). Its mode is tanh of the mean: the median of each number, which need not be the density's peak. A value at ±1
 * is read as the nearest number inside.
 */
export function tanhGaussian(mean: Tensor, logSpread: Tensor): TanhGaussian {
  const base = gaussian(mean, logSpread);
  const rsampleWithLogProb = (key: Key): { value: Tensor; logProb: Tensor } => {
    const noise = normalLike(mean, key);
    const u = mean.add(noise.mul(base.spread));
    // From the noise itself: (u − mean) / spread would lose its digits where the spread is small.
    const each = noise.square().mul(-0.5).sub(logSpread).sub(logSlope(u)).sub(halfLogTwoPi);
    return { value: u.tanh(), logProb: each.sum(-1) };
  };
  return {
    kind: "density",
    base,
    mode: () => mean.tanh(),
    sample: (key) => base.sample(key).tanh(),
    rsample: (key) => base.rsample(key).tanh(),
    rsampleWithLogProb,
    logProb(value) {
      const inside = value.clip(-belowOne(value), belowOne(value));
      const u = inside.log1p().sub(inside.neg().log1p()).mul(0.5);
      return base.logProb(u).sub(logSlope(u).sum(-1));
    },
    entropy(key, draws = 1) {
      const each = Array.from({ length: draws }, (_, i) => rsampleWithLogProb(key.at(i)).logProb);
      return each.reduce((a, b) => a.add(b)).div(-draws);
    },
    kl: (other) => base.kl(other.base),
  };
}
