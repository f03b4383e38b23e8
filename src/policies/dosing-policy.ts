/** Doses in ICU-Sepsis by a known table of chances: for recording with exact propensities. */
import { type DosingStyle, dosing } from "../envs/care/policies.ts";
import type { SepsisEnvironment } from "../envs/care/sepsis.ts";
import { problem } from "../problems.ts";
import { describe } from "../spaces/contains.ts";
import type { Policy } from "./policy.ts";
import { scripted } from "./scripted.ts";

/**
 * Gives doses as clinicians did, as is best, as is admissible or at random; with chance 1 − skill uniformly at random
 * instead (see `dosing`). `probability` is exact. Its true worth: `valuesOf(env.model(), dosing(env.tables, style), 1)`.
 * @throws Problem "bad-option", "bad-value" where the tables lack what the style needs or the world shows no state
 */
export function dosingPolicy(
  env: Pick<SepsisEnvironment, "tables" | "observationSpace" | "actionSpace">,
  style: DosingStyle,
  { skill = 1 }: { readonly skill?: number } = {},
): Policy {
  const { tables, observationSpace, actionSpace } = env;
  if (observationSpace.kind !== "discrete") {
    const wanted = 'the world with observe: "state"';
    throw problem("bad-value", { where: "dosingPolicy", given: describe(observationSpace), wanted });
  }
  const chances = dosing(tables, style, { skill });
  const { actions } = tables;
  return scripted({
    name: `dosing-${style}-skill-${skill}`,
    observationSpace,
    actionSpace,
    decide(observation, random) {
      const first = (observation as number) * actions;
      const row = chances.subarray(first, first + actions);
      if (random === undefined) return { action: row.indexOf(Math.max(...row)) };
      const action = random.choice(row);
      return { action, probability: row[action] };
    },
  });
}
