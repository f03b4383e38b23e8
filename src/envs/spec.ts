/** How an environment was made, as data, so that it can be made again from a recording or in a worker. */
import type { EnvironmentSpec } from "../data/trajectories.ts";
import type { Environment } from "./environment.ts";

const made = new WeakMap<Environment, EnvironmentSpec>();

/** Options that JSON would not bring back (functions, typed arrays) leave an environment without a spec. */
function plain(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value !== "object") return false;
  const form = Object.getPrototypeOf(value);
  return (Array.isArray(value) || form === Object.prototype || form === null) && Object.values(value).every(plain);
}

export function remember<E extends Environment>(env: E, spec: EnvironmentSpec): E {
  if (plain(spec)) made.set(env, spec);
  else made.delete(env);
  return env;
}

/**
 * How an environment came from `make` or `makeFrom`, with its parameters as they are now; undefined for one made in
 * another way, or changed by a wrapper since.
 * @example specOf(make("PointMaze-medium-v0", { noise: 0.1 })) // { name: "PointMaze-medium-v0", options: { noise: 0.1 }, maxSteps: 250 }
 */
export function specOf(env: Environment): EnvironmentSpec | undefined {
  const spec = made.get(env);
  if (spec === undefined || env.parameters === undefined || env.parameterValues === undefined) return spec;
  const own = env.parameters;
  const changed = Object.entries(env.parameterValues()).filter(([name, value]) => value !== own[name].value);
  const { parameters: _, ...rest } = spec;
  return changed.length === 0 ? rest : { ...rest, parameters: Object.fromEntries(changed) };
}
