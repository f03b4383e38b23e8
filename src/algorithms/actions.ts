/** Actions as networks take and make them. */
import { categoricalPolicy, type Distribution, gaussianPolicy, type MlpOptions, type Net } from "../nn/index.ts";
import type { Tensor } from "../tensor/index.ts";
import type { Sizes } from "./define.ts";

/** [batch, size]: vectors as they are, choices one-hot. */
export const asVector = (action: Tensor, { action: { kind, size } }: Sizes): Tensor =>
  kind === "discrete" ? action.oneHot(size) : action;

/** A policy's parameters, which differ by the kind of action. */
export interface PolicyParams {
  readonly [part: string]: unknown;
}

/** A categorical where actions are choices, a Gaussian where they are vectors. */
export const stochasticPolicy = (
  { observation, action }: Sizes,
  options: Pick<MlpOptions, "hidden" | "activation">,
): Net<PolicyParams, [observation: Tensor], Distribution> =>
  (action.kind === "discrete"
    ? categoricalPolicy(observation, action.size, options)
    : gaussianPolicy(observation, action.size, options)) as unknown as Net<
    PolicyParams,
    [observation: Tensor],
    Distribution
  >;
