/** Environments by name. */
import { arenaGames, arenaTasks } from "./arena/index.ts";
import { armNames } from "./arm/names.ts";
import { care } from "./care/index.ts";
import { catalogue, type OnDemand } from "./catalogue.ts";
import { control } from "./control/index.ts";
import { crowds } from "./crowd/index.ts";
import { economy } from "./economy/index.ts";
import type { WrappedEnvironment } from "./environment.ts";
import { grids } from "./grid/index.ts";
import { kitchenGames, kitchenTasks } from "./kitchen/index.ts";
import { mazes } from "./maze/index.ts";
import { mujocoNames } from "./mujoco/names.ts";
import type { ParallelEnvironment } from "./parallel.ts";
import { timeLimitParallel } from "./parallel-wrappers.ts";
import { pushing } from "./pushing/index.ts";
import { recommenders } from "./recommender/index.ts";
import type { EnvironmentOptions, ParallelRegistration, Registration } from "./registration.ts";
import { remember } from "./spec.ts";
import { tabletops } from "./tabletop/index.ts";
import { timeLimit } from "./time-limit.ts";
import { toys } from "./toy/index.ts";
import { tracks } from "./track/index.ts";
import { wrap } from "./wrap.ts";

const known: readonly Registration[] = [
  ...control,
  ...mazes,
  ...toys,
  ...grids,
  ...care,
  ...kitchenTasks,
  ...economy,
  ...recommenders,
  ...crowds,
  ...pushing,
  ...tabletops,
  ...arenaTasks,
  ...tracks,
];
const onDemand: readonly OnDemand<Registration>[] = [
  { names: mujocoNames, load: async () => (await import("./mujoco/index.ts")).mujoco() },
  { names: armNames, load: async () => (await import("./arm/index.ts")).arms() },
  {
    names: [
      "LunarLander-v3",
      "LunarLanderContinuous-v3",
      "BipedalWalker-v3",
      "BipedalWalkerHardcore-v3",
      "ParametricWalker-v0",
    ],
    load: async () => (await import("./physics/index.ts")).physics,
  },
];
const environments = catalogue({ make: "make", register: "register" }, known, onDemand);

/** Those with many agents. */
const knownParallel: readonly ParallelRegistration[] = [...kitchenGames, ...arenaGames];
const onDemandParallel: readonly OnDemand<ParallelRegistration>[] = [];
const parallels = catalogue({ make: "makeParallel", register: "registerParallel" }, knownParallel, onDemandParallel);

type Options = EnvironmentOptions & { readonly maxSteps?: number };

/**
 * Adds an environment of one's own to those that `make` knows.
 * @throws Problem "bad-value" when the name is empty or taken
 */
export const register = (entry: Registration): void => environments.register(entry);

/** Every environment that `make` knows, in order of registration. */
export const registered = (): readonly Registration[] => environments.registered();

/** The names of all of them, and of those that are fetched on demand. */
export const environmentNames = (): readonly string[] => environments.names();

/** `register` for an environment of many agents. */
export const registerParallel = (entry: ParallelRegistration): void => parallels.register(entry);

/** Every environment that `makeParallel` knows. */
export const registeredParallel = (): readonly ParallelRegistration[] => parallels.registered();

/**
 * Fetches the simulator of an environment that has a large one, so that `make` or `makeParallel` can make it; nothing
 * for any other.
 * @example await prepare("Hopper-v5"); const hopper = make("Hopper-v5");
 */
export async function prepare(name: string): Promise<void> {
  await environments.prepare(name);
  await parallels.prepare(name);
}

/**
 * A registered environment with its time limit; `maxSteps` sets another (Infinity: none). What only this environment has is
 * on `unwrapped`. One with an engine (MuJoCo) holds memory until it is closed: `using env = make("Hopper-v5")`.
 * @example make("PointMaze-medium-v0", { noise: 0.1 })
 * @throws Problem "unknown-name" with the nearest names first, "not-prepared", "unknown-option" for an option it does not have
 */
export function make(name: string, given: Options = {}): WrappedEnvironment {
  const { entry, options, maxSteps } = environments.chosen(name, given);
  const limited = maxSteps !== Number.POSITIVE_INFINITY;
  const bare = entry.create(options);
  const env = limited ? timeLimit(bare, maxSteps) : wrap(bare, {});
  const own = Object.keys(options).length === 0 ? {} : { options };
  return remember(env, { name, ...own, maxSteps: limited ? maxSteps : null });
}

/** `make` for an environment of many agents. @throws Problem as `make` */
export function makeParallel(name: string, given: Options = {}): ParallelEnvironment {
  const { entry, options, maxSteps } = parallels.chosen(name, given);
  const bare = entry.create(options);
  return maxSteps === Number.POSITIVE_INFINITY ? bare : timeLimitParallel(bare, maxSteps);
}
