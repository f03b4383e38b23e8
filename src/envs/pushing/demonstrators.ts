/** Demonstrators for the pushing worlds, by name. */
import { problem } from "../../problems.ts";
import type { Demonstrator } from "../demonstrator.ts";
import type { EnvironmentOptions } from "../registration.ts";
import { alignPlan } from "./align-plan.ts";
import { type Dials, type Plan, withDials } from "./dials.ts";
import { miniMetaTaskNames } from "./mini-meta.ts";
import { miniMetaPlan } from "./mini-meta-plan.ts";
import { pickPlacePlan, type Toss } from "./pick-place-plan.ts";
import { avoidPlan, pushPlan, sortPlan, stackPlan } from "./plans.ts";

export interface PushingDials extends Dials {
  /** Options of the environment, as given to `make`. */
  readonly options?: EnvironmentOptions;
  /** PickPlace: what to do with the object. Default "place", and in PickPlacePaired "good". */
  readonly toss?: Toss;
}

const plans: { readonly [name: string]: (options: EnvironmentOptions, toss: Toss | undefined) => Plan } = {
  ...Object.fromEntries(
    miniMetaTaskNames.map((task) => [
      `MiniMeta-${task}-v0`,
      (options: EnvironmentOptions) => miniMetaPlan(task, options),
    ]),
  ),
  "Push-v0": pushPlan,
  "PushBox-v0": (options) => pushPlan({ ...options, shape: "box", name: "PushBox-v0" }),
  "Avoid-v0": avoidPlan,
  "Align-v0": alignPlan,
  "Sort-v0": sortPlan,
  "PushTwo-v0": (options) => sortPlan({ ...options, assigned: false, name: "PushTwo-v0" }),
  "Stack-v0": stackPlan,
  "PickPlace-v0": (options, toss = "place") => pickPlacePlan(options, toss),
  "PickPlacePaired-v0": (options, toss = "good") => pickPlacePlan({ ...options, name: "PickPlacePaired-v0" }, toss),
};

/**
 * A demonstrator for a pushing world, with dials for skill, speed, style (see each world's `info.behaviour`), noise and a
 * person's ways. `src/policies` makes it a policy.
 * @example pushingDemonstrator("Avoid-v0", { style: "1-0-3", human: true })
 * @throws Problem "unknown-name"; "bad-option" for a dial out of its range
 */
export function pushingDemonstrator(name: string, given: PushingDials = {}): Demonstrator<Float32Array, Float32Array> {
  const plan = Object.hasOwn(plans, name) ? plans[name] : undefined;
  const where = "pushingDemonstrator";
  if (plan === undefined) throw problem("unknown-name", { where, what: "plan for", name, known: Object.keys(plans) });
  const { options = {}, toss, ...dials } = given;
  if (toss !== undefined && !["place", "good", "bad"].includes(toss)) {
    throw problem("bad-option", { where, name: "toss", given: toss, wanted: '"place", "good" or "bad"' });
  }
  const made = withDials(plan(options, toss), dials);
  return toss === undefined ? made : { ...made, name: `${made.name}-${toss}` };
}
