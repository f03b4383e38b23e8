import { problem } from "../../problems.ts";
import { concat, stack, type Tensor } from "../../tensor/index.ts";
import { type Categorical, type CategoricalOptions, categorical } from "./categorical.ts";
import type { Distribution } from "./distribution.ts";

export interface MultiDiscrete extends Distribution {
  readonly choices: readonly Categorical[];
  /** [… Σ sizes], those of each choice one after another */
  probabilities(): Tensor;
  entropy(): Tensor;
  /** KL(this ‖ other): [batch] */
  kl(other: MultiDiscrete): Tensor;
}

/**
 * Independent choices: over int32 [… choices], element i in 0 … sizes[i] − 1.
 * @param scores [… Σ sizes] unnormalised log-probabilities, those of each choice one after another
 * @param options `available`: bool [… Σ sizes]
 * @throws Problem "shape" when there are not as many scores as choices in all
 */
export function multiDiscrete(
  scores: Tensor,
  sizes: readonly number[],
  { available }: CategoricalOptions = {},
): MultiDiscrete {
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((a, b) => a + b));
  const total = ends[ends.length - 1];
  if (scores.shape[scores.rank - 1] !== total) {
    const wanted = `${total} scores, one for each of ${sizes.join(" + ")} choices`;
    throw problem("shape", { where: "multiDiscrete", wanted, got: [scores.shape] });
  }
  const part = (x: Tensor, i: number): Tensor => x.slice(-1, ends[i] - sizes[i], ends[i]);
  const choices = sizes.map((_, i) => categorical(part(scores, i), available ? { available: part(available, i) } : {}));
  const summed = (parts: readonly Tensor[]): Tensor => parts.reduce((a, b) => a.add(b));
  return {
    kind: "masses",
    choices,
    mode: () =>
      stack(
        choices.map((choice) => choice.mode()),
        -1,
      ),
    sample: (key) =>
      stack(
        choices.map((choice, i) => choice.sample(key.at(i))),
        -1,
      ),
    logProb: (value) => summed(choices.map((choice, i) => choice.logProb(value.at(-1, i)))),
    probabilities: () => concat(choices.map((choice) => choice.probabilities())),
    entropy: () => summed(choices.map((choice) => choice.entropy())),
    kl: (other) => summed(choices.map((choice, i) => choice.kl(other.choices[i]))),
  };
}
