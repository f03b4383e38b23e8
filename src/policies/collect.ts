/** Behaviour recorded: a policy played in copies of an environment, its episodes kept as trajectories. */
import { trajectories } from "../data/build.ts";
import { canonicalJson } from "../data/fingerprint.ts";
import type { EnvironmentSpec, Tags, Trajectories } from "../data/trajectories.ts";
import type { Environment, Info } from "../envs/environment.ts";
import { type Episode, joinEpisodes, outcomeTags } from "../envs/record.ts";
import { seedFrom } from "../envs/seeds.ts";
import { specOf } from "../envs/spec.ts";
import { problem } from "../problems.ts";
import { describe, sameSpace } from "../spaces/contains.ts";
import type { Value } from "../spaces/space.ts";
import { allocateRows, readRow, writeRow } from "../spaces/stored.ts";
import { concatRows, ndarray, takeRows } from "../tensor/ndarray.ts";
import { fold, type RandomKey, randomKey } from "../tensor/random.ts";
import type { Decisions, Memory, Policy } from "./policy.ts";

export interface CollectOptions {
  /** Episodes to play. Give this or `steps`. */
  readonly episodes?: number;
  /** Steps to record; the last episode is cut off (truncated) to meet the number exactly. */
  readonly steps?: number;
  /** Everything follows from it: environments, actions. Default 0. */
  readonly seed?: number;
  /** Environments played side by side; changes speed only. Default 16. */
  readonly parallel?: number;
  /** The policy's best action instead of one by chance. Default false. */
  readonly deterministic?: boolean;
  /** Labels for every episode, beside "policy" (its name) and how it came out, where the environment says (see `outcomes`). */
  readonly tags?: { readonly [name: string]: string | number | boolean | null };
  /** Numbers that the environment says beside each observation (in `info`), kept as step columns of these names. */
  readonly info?: readonly string[];
  /** Called after each finished episode with the number finished so far. */
  readonly onEpisode?: (finished: number) => void;
}

/** An episode while it is played. */
interface Playing {
  readonly env: Environment;
  readonly number: number;
  readonly key: RandomKey;
  readonly observations: Value[];
  readonly actions: Value[];
  readonly rewards: number[];
  readonly probabilities: (number | undefined)[];
  /** A row a step: what was said with its observation. */
  readonly said: (readonly number[])[];
  observation: Value;
  info: Info;
  memory: Memory | undefined;
}

interface Played extends Episode {
  readonly probabilities: readonly (number | undefined)[];
  readonly said: readonly (readonly number[])[];
}

/**
 * Plays a policy and returns what happened. Episode e starts from a seed, and draws its actions from keys, that depend
 * on the seed and e alone; so the result is the same however many environments run side by side, for policies that
 * honour `keys` (see ActOptions). `extras.propensity` holds the policy's probability or density of each action, when it
 * gives one for all of them.
 * @example await collect(randomPolicy(make("CartPole-v1")), () => make("CartPole-v1"), { episodes: 10, seed: 1 })
 * @throws Problem "bad-option" unless exactly one of episodes and steps is given, and for an info that is no number;
 * "space-mismatch"
 */
export async function collect(
  policy: Policy,
  environment: () => Environment | Promise<Environment>,
  options: CollectOptions,
): Promise<Trajectories> {
  const { seed = 0, deterministic = false, info: asked = [], onEpisode } = options;
  const parallel = checked(options);
  const goal = options.episodes ?? options.steps!;
  const key = randomKey(seed);
  const finished: Played[] = [];
  let begun = 0;
  let spaces: Environment | undefined;
  // Kept where every copy was made alike, and read before anything is played.
  let made: EnvironmentSpec | undefined;

  const begin = (env: Environment): Playing => {
    const number = begun++;
    const { observation, info } = env.reset({ seed: seedFrom(fold(key, "episode", number)) });
    const rows = { observations: [], actions: [], rewards: [], probabilities: [], said: [] };
    return { env, number, key: fold(key, "actions", number), ...rows, observation, info, memory: undefined };
  };
  // Episodes 0 … gapless − 1 are finished and have `counted` steps: an early end must not depend on who finished first.
  let [gapless, counted] = [0, 0];
  const enough = (): boolean => {
    if (options.episodes !== undefined) return begun >= goal;
    for (; finished[gapless] !== undefined; gapless++) counted += finished[gapless].actions.length;
    return counted >= goal;
  };

  let playing: Playing[] = [];
  for (let i = 0; i < Math.min(parallel, options.episodes ?? parallel); i++) {
    const env = await environment();
    checkSpaces(policy, env);
    const spec = specOf(env);
    made = i === 0 || canonicalJson(spec) === canonicalJson(made) ? spec : undefined;
    spaces ??= env;
    playing.push(begin(env));
  }
  const { observationSpace, actionSpace, name } = spaces!;
  let count = 0;
  while (playing.length > 0) {
    for (const group of groups(playing)) {
      const decisions = await decide(policy, group, deterministic);
      group.forEach((one, row) => {
        one.probabilities.push(decisions.probability?.[row]);
        one.actions.push(readRow(actionSpace, decisions.action, row));
        one.memory = decisions.memory && rowOf(decisions.memory, row);
      });
    }
    const next: Playing[] = [];
    for (const one of playing) {
      const step = one.env.step(one.actions[one.actions.length - 1]);
      one.observations.push(one.observation);
      one.said.push(asked.map((what) => numberIn(one.info, what, name)));
      one.rewards.push(step.reward);
      one.observation = step.observation;
      one.info = step.info;
      // An episode longer than all steps wanted is long enough, whatever its number.
      const over = step.terminated || step.truncated || (options.steps !== undefined && one.rewards.length >= goal);
      if (!over) {
        next.push(one);
        continue;
      }
      const { observations, actions, rewards, probabilities, said } = one;
      const end = { terminated: step.terminated, finalObservation: step.observation, finalInfo: step.info };
      finished[one.number] = { observations, actions, rewards, probabilities, said, ...end };
      onEpisode?.(++count);
      if (!enough()) next.push(begin(one.env));
    }
    playing = options.steps !== undefined && enough() ? [] : next;
  }
  const kept = options.steps === undefined ? finished : cutTo(finished, goal);
  return build(kept, { observationSpace, actionSpace, name, made }, policy.name, options);
}

function checked(options: CollectOptions): number {
  const { episodes, steps, parallel = 16 } = options;
  const refuse = (name: string, given: unknown, wanted: string) =>
    problem("bad-option", { where: "collect", name, given: given ?? null, wanted });
  if ((episodes === undefined) === (steps === undefined)) {
    throw refuse("episodes", episodes, "a number of episodes, or steps, one of the two");
  }
  for (const [name, given] of Object.entries({ episodes, steps, parallel })) {
    if (given !== undefined && (!Number.isSafeInteger(given) || given < 1)) {
      throw refuse(name, given, "a whole number of at least 1");
    }
  }
  return parallel;
}

function checkSpaces(policy: Policy, env: Environment): void {
  for (const what of ["observation", "action"] as const) {
    const [own, its] = [policy[`${what}Space`], env[`${what}Space`]];
    if (!sameSpace(own, its)) {
      const where = `collect: ${policy.name} in ${env.name}`;
      throw problem("space-mismatch", { where, what, policy: describe(own), environment: describe(its) });
    }
  }
}

/** A policy with memory is called apart for episodes that begin, which have none yet. */
function groups(playing: readonly Playing[]): readonly (readonly Playing[])[] {
  const fresh = playing.filter((one) => one.memory === undefined);
  const going = playing.filter((one) => one.memory !== undefined);
  return [fresh, going].filter((group) => group.length > 0);
}

function decide(policy: Policy, group: readonly Playing[], deterministic: boolean): Promise<Decisions> {
  const rows = allocateRows(policy.observationSpace, group.length);
  group.forEach((one, row) => {
    writeRow(policy.observationSpace, rows, row, one.observation);
  });
  const [{ memory }] = group;
  const names = Object.keys(memory ?? {});
  const joined: Memory = Object.fromEntries(
    names.map((name) => [name, concatRows(group.map((one) => one.memory![name]))]),
  );
  const carried = memory === undefined ? {} : { memory: joined };
  if (deterministic) return policy.actBatch(rows, { deterministic, ...carried });
  const keys = group.map((one) => fold(one.key, one.actions.length));
  return policy.actBatch(rows, { key: keys[0], keys, ...carried });
}

const rowOf = (memory: Memory, row: number): Memory =>
  Object.fromEntries(Object.entries(memory).map(([name, array]) => [name, takeRows(array, [row])]));

/** The first episodes, the last of them cut off so that there are exactly `steps`. */
function cutTo(episodes: readonly Played[], steps: number): readonly Played[] {
  const kept: Played[] = [];
  let left = steps;
  for (const episode of episodes) {
    if (left <= 0) break;
    const length = episode.actions.length;
    if (length <= left) kept.push(episode);
    else {
      const first = <T>(items: readonly T[]): readonly T[] => items.slice(0, left);
      const { observations, actions, rewards, probabilities, said } = episode;
      kept.push({
        observations: first(observations),
        actions: first(actions),
        rewards: first(rewards),
        probabilities: first(probabilities),
        said: first(said),
        terminated: false,
        finalObservation: observations[left],
        finalInfo: {},
      });
    }
    left -= length;
  }
  return kept;
}

function build(
  episodes: readonly Played[],
  env: Pick<Environment, "observationSpace" | "actionSpace" | "name"> & { readonly made: EnvironmentSpec | undefined },
  policy: string,
  { tags: labels = {}, info: asked = [] }: CollectOptions,
): Trajectories {
  const tags: Tags = Object.fromEntries(
    Object.entries({ policy, ...labels }).map(([name, value]) => [name, episodes.map(() => value)]),
  );
  const columns = joinEpisodes(env, episodes, {
    environment: env.name,
    made: env.made,
    tags: { ...outcomeTags(episodes), ...tags },
    lineage: [`collect ${policy}`],
  });
  const chances = episodes.flatMap((episode) => episode.probabilities);
  const known = chances.every((chance) => chance !== undefined);
  const said = episodes.flatMap((episode) => episode.said);
  const extras = {
    ...(known ? { propensity: ndarray(Float64Array.from(chances as number[])) } : {}),
    ...Object.fromEntries(asked.map((name, i) => [name, ndarray(Float64Array.from(said, (row) => row[i]))])),
  };
  return trajectories({ ...columns, extras });
}

/** What the environment says, where that is a number. */
function numberIn(info: Info, what: string, world: string): number {
  const { [what]: said } = info;
  if (typeof said === "number" && Number.isFinite(said)) return said;
  const wanted = `names of numbers in what ${world} says: ${Object.keys(info).join(", ") || "nothing"}`;
  throw problem("bad-option", { where: "collect", name: "info", given: what, wanted });
}
