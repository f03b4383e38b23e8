/** Actions as networks take and make them. */
import {
  categoricalPolicy,
  type Distribution,
  gaussianPolicy,
  type MlpOptions,
  multiDiscretePolicy,
  type Net,
} from "../nn/index.ts";
import { concat, type Tensor } from "../tensor/index.ts";
import type { Sizes } from "./define.ts";

/** [batch, size]: vectors as they are, choices one-hot, several choices one after another. */
export function asVector(action: Tensor, { action: made }: Sizes): Tensor {
  if (made.kind === "discrete") return action.oneHot(made.size);
  if (made.kind === "multi-discrete") return concat(made.sizes.map((n, i) => action.at(1, i).oneHot(n)));
  return action;
}

/** A policy's parameters, which differ by the kind of action. */
export interface PolicyParams {
  readonly [part: string]: unknown;
}

/** A policy whose uncertainty has a closed form. */
export type Stochastic = Distribution & { entropy(): Tensor };

/** A categorical where actions are choices, several where they are vectors of choices, a Gaussian where they are vectors. */
export function stochasticPolicy(
  { observation, action }: Sizes,
  options: Pick<MlpOptions, "hidden" | "activation" | "weight" | "lastWeight" | "bias">,
): Net<PolicyParams, [observation: Tensor], Stochastic> {
  const made =
    action.kind === "discrete"
      ? categoricalPolicy(observation, action.size, options)
      : action.kind === "multi-discrete"
        ? multiDiscretePolicy(observation, action.sizes, options)
        : gaussianPolicy(observation, action.size, options);
  return made as unknown as Net<PolicyParams, [observation: Tensor], Stochastic>;
}
