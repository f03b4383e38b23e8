/** Simple controllers that solve the classic control tasks: baselines, and demonstrators of known quality. */

import { control } from "../envs/control/index.ts";
import { checkDials } from "../envs/demonstrator.ts";
import { problem } from "../problems.ts";
import { sample } from "../spaces/sample.ts";
import type { Space, Value } from "../spaces/space.ts";
import type { Policy } from "./policy.ts";
import { scripted } from "./scripted.ts";

type Controller = (observation: Float32Array) => Value;

/** Mean returns are over 50 episodes; scripted.test.ts holds them loosely. */
const controllers: { readonly [name: string]: Controller } = {
  // Pushes the cart under the falling pole, with a little of place and speed to stay on the track: 500.
  "CartPole-v1": ([x, speed, angle, turning]) => (angle + 0.5 * turning + 0.05 * x + 0.1 * speed > 0 ? 1 : 0),

  // Pumps energy until it is that of rest upright, then holds by angle and speed: −156.
  "Pendulum-v1": ([cos, sin, turning]) => {
    const energy = 0.5 * turning * turning + 15 * cos;
    const push = cos > 0.9 ? -10 * Math.atan2(sin, cos) - 2 * turning : (15 - energy) * (turning < 0 ? -1 : 1);
    return Float32Array.of(Math.max(-2, Math.min(2, push)));
  },

  // Pushes the way it rolls: −119, and 97 where pushing costs.
  "MountainCar-v0": ([, velocity]) => (velocity >= 0 ? 2 : 0),
  "MountainCarContinuous-v0": ([, velocity]) => Float32Array.of(velocity >= 0 ? 0.4 : -0.4),

  // Torque against the first link's turning and with the second's feeds both swings: −80.
  "Acrobot-v1": ([, , , , turning1, turning2]) => (turning1 - 0.5 * turning2 > 0 ? 0 : 2),
};

/**
 * The controller for a classic control task. With chance 1 − skill it acts uniformly at random instead; `probability`
 * is exact for discrete actions, and absent for Pendulum and MountainCarContinuous (a plan without spread has no
 * density).
 * @throws Problem "unknown-name" for a task without a controller, "bad-option" for a skill outside [0, 1]
 */
export function controlExpert(name: string, { skill = 1 }: { readonly skill?: number } = {}): Policy {
  const controller = Object.hasOwn(controllers, name) ? controllers[name] : undefined;
  const entry = control.find((known) => known.name === name);
  if (controller === undefined || entry === undefined) {
    throw problem("unknown-name", {
      where: "controlExpert",
      what: "controller for",
      name,
      known: Object.keys(controllers),
    });
  }
  checkDials("controlExpert", { skill });
  const { observationSpace, actionSpace } = entry.create({});
  return scripted({
    name: `${name.replace(/-v\d+$/, "").toLowerCase()}-expert-skill-${skill}`,
    observationSpace,
    actionSpace,
    decide(observation, random) {
      const best = controller(observation as Float32Array);
      const action = random === undefined || random.uniform() < skill ? best : sample(actionSpace, random);
      return random === undefined || actionSpace.kind !== "discrete"
        ? { action }
        : { action, probability: chance(actionSpace, action === best, skill) };
    },
  });
}

const chance = (space: Extract<Space, { kind: "discrete" }>, isBest: boolean, skill: number): number =>
  (1 - skill) / space.n + (isBest ? skill : 0);
