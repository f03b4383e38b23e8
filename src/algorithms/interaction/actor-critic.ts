/** A policy and a value function apart, moved by one optimiser and held by one bound on the norm of their slope. */
import { type Mlp, net, orthogonal, valueFunction } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import { type PolicyParams, type Stochastic, stochasticPolicy } from "../actions.ts";
import type { Sizes } from "../define.ts";

export interface ActorCritic {
  readonly policy: PolicyParams;
  readonly value: Mlp;
}

/**
 * Starts as Stable-Baselines3's: orthogonal weights, of gain √2 within, 0.01 at the policy's end and 1 at the value's; biases
 * of 0; tanh between layers. A Gaussian's mean is free, and an action beyond the bounds is played at the bound.
 * @param options `spread`: a Gaussian's standard deviation at the start. Default 1.
 */
export function actorCritic(
  sizes: Sizes,
  { hidden, spread = 1 }: { readonly hidden: readonly number[]; readonly spread?: number },
) {
  const shape = { hidden, activation: "tanh", weight: orthogonal(Math.SQRT2), bias: "zero" } as const;
  const policy = stochasticPolicy(sizes, { ...shape, lastWeight: orthogonal(0.01), bounded: false, spread });
  const value = valueFunction(sizes.observation, { ...shape, lastWeight: orthogonal(1) });
  const both = net<ActorCritic, [], undefined>(
    (key) => ({ policy: policy.init(key.at("policy")), value: value.init(key.at("value")) }),
    () => undefined,
  );
  return Object.assign(both, {
    policy: (params: ActorCritic, observation: Tensor): Stochastic => policy(params.policy, observation),
    /** [batch, observation] → [batch] */
    value: (params: ActorCritic, observation: Tensor): Tensor => value(params.value, observation),
  });
}
