import type { EnvironmentSpec } from "../data/trajectories.ts";
import { problem } from "../problems.ts";
import type { Environment, WrappedEnvironment } from "./environment.ts";
import { make, prepare } from "./registry.ts";
import { remember } from "./spec.ts";
import { timeLimit } from "./time-limit.ts";
import { wrap } from "./wrap.ts";

/**
 * What makes copies of the environment that a spec names, its simulator fetched or its module imported: a spec with a
 * module runs that module's program, so take such a one only from where you would take a program.
 * @example vectorise(new Array(8).fill(await factoryFrom({ name: "Hopper-v5" })))
 * @throws Problem "bad-option" when the module has no such export; from each call, as `make`, and "bad-option" when the
 *   environment cannot be perturbed
 */
export async function factoryFrom(spec: EnvironmentSpec): Promise<() => WrappedEnvironment> {
  const { name, options = {}, parameters, maxSteps } = spec;
  const refuse = (option: string, given: unknown, wanted: string) =>
    problem("bad-option", { where: `makeFrom(${name})`, name: option, given, wanted });
  const limit = maxSteps === null ? Number.POSITIVE_INFINITY : maxSteps;
  const imported = spec.module === undefined ? undefined : ((await import(spec.module)) as Record<string, unknown>);
  const create = spec.export === undefined ? undefined : imported?.[spec.export];
  if (spec.export === undefined) await prepare(name);
  else if (typeof create !== "function") {
    throw refuse("export", spec.export, `a function that ${spec.module ?? "its module (none was given)"} exports`);
  }
  const bare = (): WrappedEnvironment => {
    if (typeof create !== "function")
      return make(name, { ...options, ...(limit === undefined ? {} : { maxSteps: limit }) });
    const env = create(options) as Environment;
    return limit === undefined || limit === Number.POSITIVE_INFINITY ? wrap(env, {}) : timeLimit(env, limit);
  };
  return () => {
    const env = bare();
    if (parameters !== undefined) {
      if (env.perturb === undefined)
        throw refuse("parameters", parameters, "none, as this environment has no parameters");
      env.perturb(parameters);
    }
    return remember(env, spec);
  };
}

/**
 * The environment that a spec names.
 * @example const env = await makeFrom(recording.provenance.made ?? { name: "CartPole-v1" });
 * @example await makeFrom({ name: "Mine-v0", module: import.meta.resolve("./mine.ts"), export: "mine" })
 * @throws Problem as `factoryFrom`
 */
export const makeFrom = async (spec: EnvironmentSpec): Promise<WrappedEnvironment> => (await factoryFrom(spec))();
