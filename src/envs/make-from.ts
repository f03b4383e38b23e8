import type { EnvironmentSpec } from "../data/trajectories.ts";
import { problem } from "../problems.ts";
import type { Environment } from "./environment.ts";
import { make, prepare } from "./registry.ts";
import { remember } from "./spec.ts";
import { timeLimit } from "./wrappers.ts";

/**
 * Makes the environment that a spec names: fetches its simulator or imports its module first, and changes the
 * parameters that the spec changes.
 * @example const env = await makeFrom(recording.provenance.made ?? { name: "CartPole-v1" });
 * @example await makeFrom({ name: "Mine-v0", module: import.meta.resolve("./mine.ts"), export: "mine" })
 * @throws Problem as `make`; "bad-option" when the module has no such export or the environment cannot be perturbed
 */
export async function makeFrom(spec: EnvironmentSpec): Promise<Environment> {
  const { name, options = {}, parameters, maxSteps } = spec;
  const limit = maxSteps === null ? Number.POSITIVE_INFINITY : maxSteps;
  const imported = spec.module === undefined ? undefined : ((await import(spec.module)) as Record<string, unknown>);
  let env: Environment;
  if (spec.export === undefined) {
    await prepare(name);
    env = make(name, { ...options, ...(limit === undefined ? {} : { maxSteps: limit }) });
  } else {
    const create = imported?.[spec.export];
    if (typeof create !== "function") {
      const wanted = `a function that ${spec.module ?? "its module (none was given)"} exports`;
      throw problem("bad-option", { where: `makeFrom(${name})`, name: "export", given: spec.export, wanted });
    }
    env = (await create(options)) as Environment;
    if (limit !== undefined && limit !== Number.POSITIVE_INFINITY) env = timeLimit(env, limit);
  }
  if (parameters !== undefined) {
    if (env.perturb === undefined) {
      const wanted = "none, as this environment has no parameters";
      throw problem("bad-option", { where: `makeFrom(${name})`, name: "parameters", given: parameters, wanted });
    }
    env.perturb(parameters);
  }
  return remember(env, spec);
}
