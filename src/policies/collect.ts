/** Behaviour recorded: a policy played in copies of an environment, its episodes kept as trajectories. */
import { canonicalJson } from "../data/fingerprint.ts";
import type { Labels, Trajectories } from "../data/trajectories.ts";
import type { Environment, Info } from "../envs/environment.ts";
import type { Episode } from "../envs/record.ts";
import { seedFrom } from "../envs/seeds.ts";
import { specOf } from "../envs/spec.ts";
import { problem } from "../problems.ts";
import { describe, sameSpace } from "../spaces/contains.ts";
import type { Value } from "../spaces/space.ts";
import { allocateRows, readRow, writeRow } from "../spaces/stored.ts";
import { concatRows, takeRows } from "../tensor/ndarray.ts";
import { fold, type RandomKey, randomKey } from "../tensor/random.ts";
import type { Decisions, Memory, Policy } from "./policy.ts";
import { recordingOf } from "./recording.ts";

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
  readonly tags?: Labels;
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
  /** What was said with each observation, by name. */
  readonly extras: { readonly [name: string]: number[] };
  observation: Value;
  info: Info;
  memory: Memory | undefined;
}

type Played = Required<Episode>;

/**
 * Plays a policy and returns what happened. Episode e starts from a seed, and draws its actions from keys, that depend
 * on the seed and e alone; so the result is the same however many environments run side by side, for policies that
 * honour `keys` (see ActOptions). `extras.propensity` holds the policy's probability or density of each action, when it
 * gives one for all of them. The environments are closed at the end.
 * @example await collect(randomPolicy(make("CartPole-v1")), () => make("CartPole-v1"), { episodes: 10, seed: 1 })
 * @throws Problem "bad-option" unless exactly one of episodes and steps is given, and for an info that is no number;
 * "space-mismatch"
 */
export async function collect(
  policy: Policy,
  environment: () => Environment | Promise<Environment>,
  options: CollectOptions,
): Promise<Trajectories> {
  const count = checked(options);
  const environments: Environment[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const env = await environment();
      environments.push(env);
      checkSpaces(policy, env);
    }
    // Kept where every copy was made alike, and read before anything is played.
    const [made, ...others] = environments.map(specOf);
    const alike = others.every((other) => canonicalJson(other) === canonicalJson(made));
    const played = await play(policy, environments, options);
    const kept = options.steps === undefined ? played : cutTo(played, options.steps);
    return recordingOf(environments[0], kept, {
      policy: policy.name,
      labels: options.tags,
      made: alike ? made : undefined,
      lineage: `collect ${policy.name}`,
    });
  } finally {
    for (const env of environments) env.close?.();
  }
}

/** Plays side by side until there are enough. By the episodes' numbers; beyond those whose steps suffice, some may be missing. */
async function play(
  policy: Policy,
  environments: readonly Environment[],
  options: CollectOptions,
): Promise<readonly Played[]> {
  const { seed = 0, deterministic = false, info: asked = [], onEpisode } = options;
  const { actionSpace, name } = environments[0];
  const goal = options.episodes ?? options.steps!;
  const key = randomKey(seed);
  const finished: Played[] = [];
  let begun = 0;
  const begin = (env: Environment): Playing => {
    const number = begun++;
    const { observation, info } = env.reset({ seed: seedFrom(fold(key, "episode", number)) });
    const extras = Object.fromEntries(asked.map((what) => [what, []]));
    const rows = { observations: [], actions: [], rewards: [], probabilities: [], extras };
    return { env, number, key: fold(key, "actions", number), ...rows, observation, info, memory: undefined };
  };
  // Episodes 0 … gapless − 1 are finished and have `counted` steps: an early end must not depend on who finished first.
  let [gapless, counted] = [0, 0];
  const enough = (): boolean => {
    if (options.episodes !== undefined) return begun >= goal;
    for (; finished[gapless] !== undefined; gapless++) counted += finished[gapless].actions.length;
    return counted >= goal;
  };

  let playing = environments.map(begin);
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
      for (const [what, column] of Object.entries(one.extras)) column.push(numberIn(one.info, what, name));
      one.rewards.push(step.reward);
      one.observation = step.observation;
      one.info = step.info;
      // An episode longer than all steps wanted is long enough, whatever its number.
      const over = step.terminated || step.truncated || (options.steps !== undefined && one.rewards.length >= goal);
      if (!over) {
        next.push(one);
        continue;
      }
      const { observations, actions, rewards, probabilities, extras } = one;
      const end = { terminated: step.terminated, finalObservation: step.observation, finalInfo: step.info };
      finished[one.number] = { observations, actions, rewards, probabilities, extras, ...end };
      onEpisode?.(++count);
      if (!enough()) next.push(begin(one.env));
    }
    playing = options.steps !== undefined && enough() ? [] : next;
  }
  return finished;
}

/** How many environments to play in. */
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
  return Math.min(parallel, episodes ?? parallel);
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
      const { observations, actions, rewards, probabilities, extras } = episode;
      kept.push({
        observations: first(observations),
        actions: first(actions),
        rewards: first(rewards),
        probabilities: first(probabilities),
        extras: Object.fromEntries(Object.entries(extras).map(([name, column]) => [name, first(column)])),
        terminated: false,
        finalObservation: observations[left],
        finalInfo: {},
      });
    }
    left -= length;
  }
  return kept;
}

/** What the environment says, where that is a number. */
function numberIn(info: Info, what: string, world: string): number {
  const { [what]: said } = info;
  if (typeof said === "number" && Number.isFinite(said)) return said;
  const wanted = `names of numbers in what ${world} says: ${Object.keys(info).join(", ") || "nothing"}`;
  throw problem("bad-option", { where: "collect", name: "info", given: what, wanted });
}
