/** Experts for the arm's tasks, with the dials of the hand over a table. */
import { problem } from "../../problems.ts";
import type { Demonstrator } from "../demonstrator.ts";
import { type Dials, withDials } from "../pushing/dials.ts";
import type { EnvironmentOptions } from "../registration.ts";
import { seen } from "./hand.ts";
import { armTasks } from "./names.ts";
import { type ArmOptions, armActionSpace, armObservationSpace, taskIds } from "./options.ts";
import { plans } from "./plans.ts";

export interface ArmDials extends Dials {
  /** Options of the environment, as given to `make`. */
  readonly options?: EnvironmentOptions;
}

const styles = ["low", "high"] as const;
/** How high above the thing it passes, m, in each style. */
const hover = [0.08, 0.14] as const;

/** Mixtures that say which task it is. */
const told: { readonly [name: string]: readonly string[] } = {
  "Arm-MT10-v0": armTasks.MT10,
  "Arm-MT15-v0": armTasks.MT15,
};

/**
 * A demonstrator for a task of the arm or for a mixture that says which task it is, with dials for skill, speed, style ("low" or "high":
 * how high it passes), noise and a person's ways. With all dials at their own values it succeeds in every task (docs).
 * @example armExpert("Arm-PickPlace-v0", { skill: 0.9, style: "low" })
 * @throws Problem "unknown-name"; "bad-option" for a dial out of its range, and where the goal is hidden
 */
export function armExpert(name: string, given: ArmDials = {}): Demonstrator<Float32Array, Float32Array> {
  const where = "armExpert";
  const { options = {}, ...dials } = given;
  const { taskId = "none", goalHidden = false } = options as ArmOptions;
  const listed = Object.hasOwn(told, name) ? told[name] : taskIds(taskId);
  if (!Object.hasOwn(told, name) && !Object.hasOwn(plans, name)) {
    const known = [...armTasks.all, ...Object.keys(told)];
    throw problem("unknown-name", { where, what: "plan for", name, known });
  }
  if (goalHidden)
    throw problem("bad-option", { where, name: "goalHidden", given: true, wanted: "a goal that it can see" });
  return withDials(
    {
      name: name.replace(/-v\d+$/, ""),
      observationSpace: armObservationSpace(listed.length),
      actionSpace: armActionSpace,
      styles,
      memorySize: 2,
      motions: 3,
      act(observation, style, memory) {
        const task = Object.hasOwn(plans, name) ? name : listed[observation.indexOf(1, seen.size) - seen.size];
        return plans[task](observation, hover[style], memory);
      },
    },
    dials,
  );
}
