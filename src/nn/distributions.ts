/** Distributions as values. The event is the last axis for densities; everything before it is a batch. */
import { unreachable } from "../problems.ts";
import { type Key, type Operand, Tensor } from "../tensor/index.ts";

export interface Distribution {
  /** A density over vectors, a mass over numbers 0 … n − 1, or a single point. */
  readonly kind: "density" | "mass" | "point";
  /** The most likely value (of a mixture: the mean of its heaviest part). */
  mode(): Tensor;
  /** A draw, of slope 0. */
  sample(key: Key): Tensor;
  /** log p(value): [batch]. A point has none and refuses. */
  logProb(value: Tensor): Tensor;
}

const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI);

/** Noise for each row of a batch whose size may be open. */
const rowsOf = (x: Tensor): readonly number[] => x.shape;

export interface Gaussian extends Distribution {
  readonly mean: Tensor;
  readonly spread: Tensor;
  entropy(): Tensor;
  /** A draw that is differentiable in mean and spread (reparametrised). */
  rsample(key: Key): Tensor;
}

/** Independent normals over the last axis. @param logSpread log standard deviation; broadcasts against the mean */
export function gaussian(mean: Tensor, logSpread: Tensor): Gaussian {
  const spread = logSpread.exp();
  const width = mean.shape[mean.rank - 1];
  const rsample = (key: Key): Tensor => mean.add(key.normal(...rowsOf(mean)).mul(spread));
  return {
    kind: "density",
    mean,
    spread,
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
  };
}

/** A vector without chance. */
export const point = (value: Tensor): Distribution => ({
  kind: "point",
  mode: () => value,
  sample: () => value,
  logProb: () => unreachable("a point has no density: ask for its distance to the value instead"),
});

export interface Categorical extends Distribution {
  /** [… n], normalised */
  readonly logits: Tensor;
  probabilities(): Tensor;
  entropy(): Tensor;
  /** (1 − share) of this, share of the other, as one distribution. */
  mixedWith(other: Categorical, share: Operand): Categorical;
}

/** Over 0 … n − 1, from unnormalised log-probabilities [… n]. */
export function categorical(scores: Tensor): Categorical {
  const logits = scores.logSoftmax();
  const self: Categorical = {
    kind: "mass",
    logits,
    mode: () => scores.argmax(),
    sample: (key) => logits.add(key.gumbel(...rowsOf(logits))).argmax(),
    logProb: (value) => logits.choose(value),
    probabilities: () => logits.exp(),
    entropy: () => logits.exp().mul(logits).sum(-1).neg(),
    mixedWith(other, share) {
      const rest = share instanceof Tensor ? share.from(1) : 1 - share;
      return categorical(logits.exp().mul(rest).add(other.logits.exp().mul(share)).log());
    },
  };
  return self;
}

export interface MixtureParts {
  /** [… parts] unnormalised log-weights */
  readonly weights: Tensor;
  /** [… parts, size] */
  readonly mean: Tensor;
  /** [… parts, size], or broadcasting against it */
  readonly logSpread: Tensor;
}

/** A weighted sum of Gaussians. */
export function mixture({ weights, mean, logSpread }: MixtureParts): Distribution {
  const logWeights = weights.logSoftmax();
  const parts = weights.shape[weights.rank - 1];
  const picked = (chosen: Tensor): Tensor => mean.mul(chosen.oneHot(parts).unsqueeze(-1)).sum(-2);
  return {
    kind: "density",
    mode: () => picked(weights.argmax()),
    sample(key) {
      const draw = key.split("part", "value");
      const chosen = logWeights.add(draw.part.gumbel(...rowsOf(logWeights))).argmax();
      const spread = logSpread.exp().broadcastLike(mean).mul(chosen.oneHot(parts).unsqueeze(-1)).sum(-2);
      const centre = picked(chosen);
      return centre.add(draw.value.normal(...rowsOf(centre)).mul(spread)).stopGradient();
    },
    logProb: (value) => gaussian(mean, logSpread).logProb(value.unsqueeze(-2)).add(logWeights).logsumexp(-1),
  };
}
