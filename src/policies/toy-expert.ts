/** Optimal behaviour in the toy worlds, with a dial for skill. */
import { checkDials } from "../envs/demonstrator.ts";
import type { EnvironmentOptions } from "../envs/registration.ts";
import { toy } from "../envs/toy/index.ts";
import { solve } from "../envs/toy/solve.ts";
import type { Policy } from "./policy.ts";
import { scripted } from "./scripted.ts";

export interface ToyExpertOptions {
  /** The chance that it acts as is best; else it acts uniformly at random. Default 1. */
  readonly skill?: number;
  /** What "best" discounts by. Default 0.99. */
  readonly discount?: number;
  /** The world's own options, as `make` takes them. */
  readonly options?: EnvironmentOptions;
}

/**
 * The policy that dynamic programming finds for a toy world (FrozenLake, CliffWalking, Taxi, DeepSea, Catch).
 * `probability` is exact.
 * @throws Problem "unknown-name", "unknown-option", "bad-option", "not-settled"
 */
export function toyExpert(name: string, { skill = 1, discount = 0.99, options = {} }: ToyExpertOptions = {}): Policy {
  checkDials("toyExpert", { skill });
  const world = toy(name, options);
  const model = world.model();
  const { policy } = solve(model, discount);
  const astray = (1 - skill) / model.actions;
  return scripted({
    name: `${name.replace(/-v\d+$/, "").toLowerCase()}-expert-skill-${skill}`,
    observationSpace: world.observationSpace,
    actionSpace: world.actionSpace,
    decide(observation, random) {
      const best = policy[world.stateOf(observation)];
      if (random === undefined) return { action: best };
      const action = random.uniform() < skill ? best : random.integer(model.actions);
      return { action, probability: astray + (action === best ? skill : 0) };
    },
  });
}
