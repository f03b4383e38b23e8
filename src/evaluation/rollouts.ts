/** Episodes of a policy in an environment, from a fixed set of starts. */
import type { Environment, Info } from "../envs/environment.ts";
import { seedFrom } from "../envs/seeds.ts";
import type { Memory, Policy } from "../policies/policy.ts";
import { problem } from "../problems.ts";
import { describe, sameSpace } from "../spaces/contains.ts";
import type { Space, Value } from "../spaces/space.ts";
import { allocateRows, readRow, stackValues, storedForm, writeRow } from "../spaces/stored.ts";
import { type NdArray, takeRows } from "../tensor/ndarray.ts";
import { fold, type RandomKey, randomKey } from "../tensor/random.ts";
import type { Estimate } from "./estimate.ts";
import { type IntervalOptions, meanEstimate, proportion } from "./intervals.ts";

export interface RolloutOptions {
  /** The seeds with which each episode's environment is reset; or say how many `episodes`. */
  readonly starts?: readonly number[];
  /** How many episodes, with starts derived from `seed`. Default 20. */
  readonly episodes?: number;
  /** Of the derived starts and of the policy's draws. Default 0. */
  readonly seed?: number;
  /** The policy's best action at every step, without chance. Default true. */
  readonly deterministic?: boolean;
  /** Environments stepped side by side, their observations in one batch; the result does not depend on it. Default 32. */
  readonly parallel?: number;
  /** Cuts off (truncates) episodes of environments that never do. Default 100,000 steps. */
  readonly maxSteps?: number;
  /** γ of `discountedReturn`, in [0, 1]. Default 1. */
  readonly discount?: number;
  /** Keep what was seen: `observations` of each episode. Default false. */
  readonly observations?: boolean;
  /** Called after each episode ends, for progress. */
  readonly onEpisode?: (done: number, total: number) => void;
}

export interface EpisodeResult {
  /** The seed it was reset with. */
  readonly start: number;
  /** Sum of rewards. */
  readonly return: number;
  /** Σ γᵗ rₜ; equal to `return` unless a discount was given. */
  readonly discountedReturn: number;
  /** Steps. */
  readonly length: number;
  readonly terminated: boolean;
  readonly truncated: boolean;
  /** Whether any step's info.success was true; absent where no step spoke of success. */
  readonly success?: boolean;
  /** [length + 1, …observation] what was seen, first to last; present when asked for. */
  readonly observations?: NdArray;
}

export interface Rollouts {
  readonly policy: string;
  readonly environment: string;
  readonly deterministic: boolean;
  /** In the order of the starts. */
  readonly episodes: readonly EpisodeResult[];
}

/**
 * Plays one episode from each start. A start fixes the environment's chance, and each episode's policy draws from a stream
 * of its own, so two policies can be compared start by start and `parallel` changes nothing but the speed. The environments
 * that it made are closed at the end.
 * @throws Problem "space-mismatch" when the policy's spaces are not the environment's; "bad-option"
 */
export async function rollouts(
  policy: Policy,
  makeEnvironment: () => Environment | Promise<Environment>,
  options: RolloutOptions = {},
): Promise<Rollouts> {
  const { parallel = 32, deterministic = true } = options;
  const starts = startsOf(options);
  atLeastOne("parallel", parallel);
  atLeastOne("maxSteps", options.maxSteps ?? 1);
  const environments: Environment[] = [];
  const episodes: EpisodeResult[] = [];
  try {
    for (let from = 0; from < starts.length; from += parallel) {
      const wave = starts.slice(from, from + parallel);
      while (environments.length < wave.length) {
        const environment = await makeEnvironment();
        environments.push(environment);
        checkSpaces(policy, environment);
      }
      episodes.push(...(await playWave(policy, environments, wave, from, starts.length, options)));
    }
  } finally {
    for (const environment of environments) environment.close?.();
  }
  return { policy: policy.name, environment: environments[0].name, deterministic, episodes };
}

/** An episode under way. */
interface Playing {
  readonly start: number;
  /** Its place among all the starts, which is the stream its policy draws from. */
  readonly number: number;
  readonly environment: Environment;
  readonly seen: Value[];
  observation: Value;
  return: number;
  discountedReturn: number;
  /** γᵗ */
  weight: number;
  length: number;
  terminated: boolean;
  truncated: boolean;
  success: boolean | undefined;
}

/** Plays episodes side by side until the last has ended; `first` is the number of the wave's first episode. */
async function playWave(
  policy: Policy,
  environments: readonly Environment[],
  starts: readonly number[],
  first: number,
  total: number,
  options: RolloutOptions,
): Promise<readonly EpisodeResult[]> {
  const { deterministic = true, discount = 1, maxSteps = 100_000 } = options;
  const key = fold(randomKey(options.seed ?? 0), "rollouts");
  const { observationSpace, actionSpace } = environments[0];
  const played = starts.map((start, i): Playing => {
    const environment = environments[i];
    const { observation } = environment.reset({ seed: start });
    const none = { return: 0, discountedReturn: 0, weight: 1, length: 0, terminated: false, truncated: false };
    return { ...none, start, number: first + i, environment, observation, seen: [observation], success: undefined };
  });
  let live = played;
  let memory: Memory | undefined;
  let ended = first;
  while (live.length > 0) {
    const observations = batchOf(
      observationSpace,
      live.map((episode) => episode.observation),
    );
    const decisions = await policy.actBatch(observations, {
      deterministic,
      ...(deterministic ? {} : drawing(live.map((episode) => fold(key, episode.number, episode.length)))),
      ...(memory === undefined ? {} : { memory }),
    });
    const staying: number[] = [];
    for (const [row, episode] of live.entries()) {
      const next = episode.environment.step(readRow(actionSpace, decisions.action, row));
      episode.observation = next.observation;
      if (options.observations) episode.seen.push(next.observation);
      episode.return += next.reward;
      episode.discountedReturn += episode.weight * next.reward;
      episode.weight *= discount;
      episode.length++;
      episode.terminated = next.terminated;
      episode.truncated = next.truncated || (!next.terminated && episode.length >= maxSteps);
      episode.success = successOf(next.info, episode.success);
      if (episode.terminated || episode.truncated) options.onEpisode?.(++ended, total);
      else staying.push(row);
    }
    memory = decisions.memory;
    if (staying.length < live.length) {
      memory =
        memory && Object.fromEntries(Object.entries(memory).map(([name, rows]) => [name, takeRows(rows, staying)]));
      live = staying.map((row) => live[row]);
    }
  }
  return played.map((episode) => ({
    start: episode.start,
    return: episode.return,
    discountedReturn: episode.discountedReturn,
    length: episode.length,
    terminated: episode.terminated,
    truncated: episode.truncated,
    ...(episode.success === undefined ? {} : { success: episode.success }),
    ...(options.observations ? { observations: stackValues(observationSpace, episode.seen) } : {}),
  }));
}

const drawing = (keys: readonly RandomKey[]) => ({ key: keys[0], keys });

function batchOf(space: Space, values: readonly Value[]): NdArray {
  const rows = allocateRows(space, values.length);
  for (const [row, value] of values.entries()) writeRow(space, rows, row, value);
  return rows;
}

function successOf(info: Info, before: boolean | undefined): boolean | undefined {
  const now = info.success;
  return typeof now === "boolean" || typeof now === "number" ? Boolean(now) || before === true : before;
}

function startsOf({ starts, episodes = 20, seed = 0 }: RolloutOptions): readonly number[] {
  if (starts !== undefined) {
    if (starts.length === 0) throw problem("no-observations", { where: "rollouts: starts" });
    return starts;
  }
  atLeastOne("episodes", episodes);
  return Array.from({ length: episodes }, (_, i) => seedFrom(fold(randomKey(seed), "start", i)));
}

function atLeastOne(name: string, given: number): void {
  if (!(Number.isInteger(given) && given >= 1)) {
    throw problem("bad-option", { where: "rollouts", name, given, wanted: "a whole number of at least 1" });
  }
}

/** Bounds may differ (a policy learned from a recording knows those of the recording); what is stored must not. */
function checkSpaces(policy: Policy, environment: Environment): void {
  const fits = (mine: Space, world: Space): boolean =>
    mine.kind === "box" && world.kind === "box"
      ? storedForm(mine).shape.join() === storedForm(world).shape.join()
      : sameSpace(mine, world);
  for (const what of ["observation", "action"] as const) {
    if (fits(policy[`${what}Space`], environment[`${what}Space`])) continue;
    throw problem("space-mismatch", {
      where: `rollouts: ${policy.name} in ${environment.name}`,
      what,
      policy: describe(policy[`${what}Space`]),
      environment: describe(environment[`${what}Space`]),
    });
  }
}

/** How a policy does in an environment. */
export interface Evaluation {
  readonly return: Estimate;
  readonly length: Estimate;
  /** Share of episodes that succeeded; absent where no episode spoke of success, else silence counts as failure. */
  readonly success?: Estimate;
  /** With a discount below 1. */
  readonly discountedReturn?: Estimate;
  readonly rollouts: Rollouts;
}

/**
 * The mean return and length (Student's t) and the share of successes (Clopper–Pearson) over the starts.
 * @throws Problem as `rollouts`
 */
export async function evaluate(
  policy: Policy,
  makeEnvironment: () => Environment | Promise<Environment>,
  options: RolloutOptions & IntervalOptions = {},
): Promise<Evaluation> {
  return summarise(await rollouts(policy, makeEnvironment, options), options);
}

/** The same for episodes already played. */
export function summarise(
  played: Rollouts,
  options: IntervalOptions & { readonly discount?: number } = {},
): Evaluation {
  const { episodes } = played;
  return {
    return: meanEstimate(
      episodes.map((episode) => episode.return),
      options,
    ),
    length: meanEstimate(
      episodes.map((episode) => episode.length),
      options,
    ),
    ...(episodes.every((episode) => episode.success === undefined)
      ? {}
      : {
          success: proportion(episodes.filter((episode) => episode.success === true).length, episodes.length, options),
        }),
    ...((options.discount ?? 1) === 1
      ? {}
      : {
          discountedReturn: meanEstimate(
            episodes.map((episode) => episode.discountedReturn),
            options,
          ),
        }),
    rollouts: played,
  };
}
