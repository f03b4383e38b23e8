import type { Key, Tensor } from "../../tensor/index.ts";
import { type Distribution, normalLike } from "./distribution.ts";

export const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI);

export interface Gaussian extends Distribution {
  readonly mean: Tensor;
  readonly spread: Tensor;
  readonly logSpread: Tensor;
  entropy(): Tensor;
  /** KL(this ‖ other): [batch] */
  kl(other: Gaussian): Tensor;
  /** A draw that is differentiable in mean and spread (reparametrised). */
  rsample(key: Key): Tensor;
}

/** Independent normals over the last axis. @param logSpread log standard deviation; broadcasts against the mean */
export function gaussian(mean: Tensor, logSpread: Tensor): Gaussian {
  const spread = logSpread.exp();
  const width = mean.shape[mean.rank - 1];
  const rsample = (key: Key): Tensor => mean.add(normalLike(mean, key).mul(spread));
  return {
    kind: "density",
    mean,
    spread,
    logSpread,
    mode: () => mean,
    sample: (key) => rsample(key).stopGradient(),
    rsample,
    logProb: (value) => {
      const z = value.sub(mean).div(spread);
      return z
        .square()
        .mul(-0.5)
        .sub(logSpread)
        .sum(-1)
        .sub(width * halfLogTwoPi);
    },
    entropy: () =>
      logSpread
        .add(0.5 + halfLogTwoPi)
        .broadcastLike(mean)
        .sum(-1),
    kl(other) {
      const ratio = logSpread.sub(other.logSpread);
      const apart = mean.sub(other.mean).div(other.spread).square();
      return ratio.mul(2).exp().add(apart).sub(1).mul(0.5).sub(ratio).sum(-1);
    },
  };
}
