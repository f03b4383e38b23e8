import { concat, stack, type Tensor } from "../../tensor/index.ts";
import { type Distribution, uniformLike } from "./distribution.ts";

export interface Bernoulli extends Distribution {
  /** [… n] log-odds of 1 */
  readonly logits: Tensor;
  /** [… n], of 1 */
  mean(): Tensor;
  /** [… 2n]: of 0 and of 1, for each switch in turn, as of a MultiDiscrete of twos */
  probabilities(): Tensor;
  entropy(): Tensor;
  /** KL(this ‖ other): [batch] */
  kl(other: Bernoulli): Tensor;
}

/** Independent switches: over int32 [… n] of 0 and 1. @param logits [… n] log-odds of 1 */
export function bernoulli(logits: Tensor): Bernoulli {
  const logOne = logits.neg().softplus().neg();
  const logZero = logits.softplus().neg();
  const one = logits.sigmoid();
  const zero = logits.neg().sigmoid();
  return {
    kind: "masses",
    logits,
    mode: () => logits.greater(0).cast("int32"),
    sample: (key) => uniformLike(logits, key).less(one).cast("int32"),
    // The log-odds where the switch is on, less log(1 + e^logit) in both cases.
    logProb: (value) => value.cast(logits.dtype).mul(logits).add(logZero).sum(-1),
    mean: () => one,
    probabilities: () => {
      const pairs = stack([zero, one], -1);
      const n = logits.shape[logits.rank - 1];
      return concat(Array.from({ length: n }, (_, i) => pairs.at(-2, i)));
    },
    entropy: () => one.mul(logOne).add(zero.mul(logZero)).sum(-1).neg(),
    kl: (other) =>
      one
        .mul(logOne.add(other.logits.neg().softplus()))
        .add(zero.mul(logZero.add(other.logits.softplus())))
        .sum(-1),
  };
}
