/** Environments by name. */
import { problem } from "../problems.ts";
import { control } from "./control/index.ts";
import type { Environment } from "./environment.ts";
import { mazes } from "./maze/index.ts";
import type { EnvironmentOptions, Registration } from "./registration.ts";
import { timeLimit } from "./wrappers.ts";

/** Worlds whose simulator is large: fetched when one of them is first wanted. */
interface OnDemand {
  readonly names: readonly string[];
  load(): Promise<readonly Registration[]>;
}
const onDemand: readonly OnDemand[] = [];

const known = new Map<string, Registration>([...control, ...mazes].map((entry) => [entry.name, entry]));

/**
 * Adds an environment of one's own to those that `make` knows.
 * @throws Problem "bad-value" when the name is empty or taken
 */
export function register(entry: Registration): void {
  if (entry.name === "" || known.has(entry.name)) {
    throw problem("bad-value", { where: "register", given: entry.name, wanted: "a name that no environment has yet" });
  }
  known.set(entry.name, entry);
}

/** Every environment that `make` knows, in order of registration. */
export const registered = (): readonly Registration[] => [...known.values()];

/**
 * Fetches the simulator of an environment that has a large one, so that `make` can make it; nothing for any other.
 * @example await prepare("Hopper-v5"); const hopper = make("Hopper-v5");
 */
export async function prepare(name: string): Promise<void> {
  const family = onDemand.find(({ names }) => names.includes(name));
  if (family === undefined || known.has(name)) return;
  for (const entry of await family.load()) if (!known.has(entry.name)) register(entry);
}

/**
 * A registered environment with its time limit; `maxSteps` sets another (Infinity: none).
 * @example make("PointMaze-medium-v0", { noise: 0.1 })
 * @throws Problem "unknown-name" with the nearest names first, "not-prepared", "unknown-option" for an option it does not have
 */
export function make(name: string, options: EnvironmentOptions & { readonly maxSteps?: number } = {}): Environment {
  const entry = known.get(name);
  if (entry === undefined) {
    const later = onDemand.flatMap(({ names }) => names);
    if (later.includes(name)) throw problem("not-prepared", { name });
    throw problem("unknown-name", { where: "make", what: "environment", name, known: [...known.keys(), ...later] });
  }
  const { maxSteps = entry.maxSteps ?? Number.POSITIVE_INFINITY, ...own } = options;
  const has = entry.options ?? [];
  for (const option of Object.keys(own)) {
    if (!has.includes(option)) {
      throw problem("unknown-option", { where: name, name: option, known: [...has, "maxSteps"] });
    }
  }
  const environment = entry.create(own);
  return maxSteps === Number.POSITIVE_INFINITY ? environment : timeLimit(environment, maxSteps);
}
