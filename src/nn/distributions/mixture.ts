import type { Tensor } from "../../tensor/index.ts";
import { type Distribution, normalLike } from "./distribution.ts";
import { gaussian } from "./gaussian.ts";

export interface MixtureParts {
  /** [… parts] unnormalised log-weights */
  readonly weights: Tensor;
  /** [… parts, size] */
  readonly mean: Tensor;
  /** [… parts, size], or broadcasting against it */
  readonly logSpread: Tensor;
}

export interface Mixture extends Distribution {
  mean(): Tensor;
}

/** A weighted sum of Gaussians. Its mode is the mean of its heaviest part. */
export function mixture({ weights, mean, logSpread }: MixtureParts): Mixture {
  const logWeights = weights.logSoftmax();
  const parts = weights.shape[weights.rank - 1];
  const picked = (chosen: Tensor): Tensor => mean.mul(chosen.oneHot(parts, mean.dtype).unsqueeze(-1)).sum(-2);
  return {
    kind: "density",
    mode: () => picked(weights.argmax()),
    mean: () => mean.mul(weights.softmax().unsqueeze(-1)).sum(-2),
    sample(key) {
      const draw = key.split("part", "value");
      const gumbel = draw.part.gumbel(...logWeights.shape).cast(logWeights.dtype);
      const chosen = logWeights.add(gumbel).argmax();
      const spread = logSpread.exp().broadcastLike(mean).mul(chosen.oneHot(parts, mean.dtype).unsqueeze(-1)).sum(-2);
      const centre = picked(chosen);
      return centre.add(normalLike(centre, draw.value).mul(spread)).stopGradient();
    },
    logProb: (value) => gaussian(mean, logSpread).logProb(value.unsqueeze(-2)).add(logWeights).logsumexp(-1),
  };
}
