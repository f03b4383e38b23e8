import { type Key, type Operand, Tensor } from "../../tensor/index.ts";
import type { Distribution } from "./distribution.ts";

export interface Categorical extends Distribution {
  /** [… n], normalised; −10⁹ where unavailable */
  readonly logits: Tensor;
  probabilities(): Tensor;
  entropy(): Tensor;
  /** KL(this ‖ other): [batch] */
  kl(other: Categorical): Tensor;
  /** (1 − share) of this, share of the other, as one distribution. */
  mixedWith(other: Categorical, share: Operand): Categorical;
}

export interface CategoricalOptions {
  /** bool [… n]: what may be chosen. The rest has probability exactly 0 and slope 0. A row with nothing available is uniform. */
  readonly available?: Tensor;
}

/** Far enough below any score that its exponential is 0, and finite, so that 0 · log 0 is 0 and slopes are numbers. */
const never = -1e9;

/** Over 0 … n − 1, from unnormalised log-probabilities [… n]. */
export function categorical(given: Tensor, { available }: CategoricalOptions = {}): Categorical {
  const scores = available ? available.where(given, never) : given;
  const normal = scores.logSoftmax();
  const logits = available ? available.where(normal, never) : normal;
  const self: Categorical = {
    kind: "mass",
    logits,
    mode: () => scores.argmax(),
    sample: (key: Key) => logits.add(key.gumbel(...logits.shape).cast(logits.dtype)).argmax(),
    logProb: (value) => logits.choose(value),
    probabilities: () => logits.exp(),
    entropy: () => logits.exp().mul(logits).sum(-1).neg(),
    kl: (other) => logits.exp().mul(logits.sub(other.logits)).sum(-1),
    mixedWith(other, share) {
      const rest = share instanceof Tensor ? share.from(1) : 1 - share;
      const mixed = logits.exp().mul(rest).add(other.logits.exp().mul(share));
      const possible = mixed.greater(0);
      return categorical(possible.where(mixed, 1).log(), { available: possible });
    },
  };
  return self;
}
