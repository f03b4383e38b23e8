/** Actions as networks take and make them. */
import {
  categorical,
  categoricalPolicy,
  type Distribution,
  type GaussianStart,
  gaussian,
  gaussianPolicy,
  type MlpOptions,
  multiDiscrete,
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
  {
    bounded,
    spread,
    ...options
  }: Pick<MlpOptions, "hidden" | "activation" | "weight" | "lastWeight" | "bias"> & GaussianStart,
): Net<PolicyParams, [observation: Tensor], Stochastic> {
  const made =
    action.kind === "discrete"
      ? categoricalPolicy(observation, action.size, options)
      : action.kind === "multi-discrete"
        ? multiDiscretePolicy(observation, action.sizes, options)
        : gaussianPolicy(observation, action.size, {
            ...options,
            ...(bounded === undefined ? {} : { bounded }),
            ...(spread === undefined ? {} : { spread }),
          });
  return made as unknown as Net<PolicyParams, [observation: Tensor], Stochastic>;
}

/** How many numbers a policy over these actions is read from, and how: for networks of another kind than a perceptron. */
export function outcomeOf(action: Sizes["action"]): {
  readonly outputs: number;
  readonly decide: (out: Tensor) => Stochastic;
} {
  switch (action.kind) {
    case "discrete":
      return { outputs: action.size, decide: (out) => categorical(out) };
    case "multi-discrete":
      return { outputs: action.size, decide: (out) => multiDiscrete(out, action.sizes) };
    case "continuous":
      return {
        outputs: 2 * action.size,
        decide: (out) => gaussian(out.slice(-1, 0, action.size), out.slice(-1, action.size).clip(-5, 2)),
      };
  }
}
