/** Learning in a world: the method plays, and learns from what it sees. The loop is train's, and knows no method by name. */
import type { EnvironmentSpec, Trajectories } from "../../data/trajectories.ts";
import {
  type AnyVectorEnvironment,
  type Environment,
  factoryFrom,
  specOf,
  vectorise,
  vectoriseInWorkers,
} from "../../envs/index.ts";
import type { OnnxPolicy } from "../../policies/index.ts";
import { problem } from "../../problems.ts";
import { fold, leavesOf, mapTree, type NdArray, randomKey, type Spec } from "../../tensor/index.ts";
import { version } from "../../version.ts";
import { type AnyAlgorithm, learnsByPlay, type OnReplay, type OnRollouts, type Schedule } from "../define.ts";
import { follow } from "../follow.ts";
import { count, flag, type Options, resolveOptions, type ValuesOf } from "../options.ts";
import { digest, openRunFolder } from "../run-folder.ts";
import { shippedPolicy } from "../shipped.ts";
import type { TrainedPolicy, TrainOptions } from "../train.ts";
import { initialState, stateFrom } from "../training.ts";
import { player } from "./player.ts";
import type { MakeEnvironment, PracticeSetup, Saved, Values } from "./practice.ts";
import { recorder } from "./recorder.ts";
import { replaying } from "./replaying.ts";
import { onRollouts } from "./rollouts.ts";
import { shownFor } from "./shown.ts";

/** When methods that learn from transitions play and learn, unless they or the caller say otherwise. */
export const usualSchedule = {
  steps: count(100_000, "steps to play in all"),
  worlds: count(1, "environments played side by side"),
  capacity: count(1_000_000, "transitions kept; the oldest makes room"),
  warmup: count(1000, "steps of random actions before anything is learned"),
  every: count(1, "steps played between two rounds of updates"),
  updates: count(1, "updates in a round"),
  prioritised: flag(false, "draw surprising transitions more often (arXiv:1511.05952)"),
} satisfies Options;

export interface TrainOnlineOptions<A extends AnyAlgorithm = AnyAlgorithm>
  extends Omit<TrainOptions<A>, "shardRows" | "logEvery" | "checkpointEvery" | "evaluateEvery"> {
  /** For methods that learn from transitions; over the method's own. */
  readonly schedule?: Partial<Schedule>;
  /** Steps between two lines of the logs. Default: a hundredth of the run. */
  readonly logEvery?: number;
  /** Steps between checkpoints. Default: a twentieth of the run. */
  readonly checkpointEvery?: number;
  readonly evaluateEvery?: number;
  /**
   * Threads that step the environments beside the learner, for worlds that are slow; the environment must then be named.
   * The numbers stay the same. Default: none, they are stepped in place.
   */
  readonly workers?: number;
  /** What is to be imitated, for methods that learn from demonstrations while they play. */
  readonly demonstrations?: Trajectories;
  /** [steps of the demonstrations] non-negative: each is shown in proportion to it. Default: all alike. */
  readonly demonstrationWeights?: ArrayLike<number>;
  /** Keep all that is played, as a recording. Default false. */
  readonly record?: boolean;
}

export interface TrainedOnline extends TrainedPolicy {
  /** Steps played, of all worlds together. */
  readonly steps: number;
  /** Steps of the whole run. */
  readonly total: number;
  /** All that was played, where it was to be kept. */
  readonly played?: Trajectories;
}

/**
 * Learns a policy by playing. Everything follows from the seed; a run that was stopped goes on exactly where its last
 * checkpoint was, in environments that can save themselves (others begin anew).
 * @example const { policy } = await trainOnline(sac, () => make("Pendulum-v1"), { schedule: { steps: 10_000 } });
 * @throws Problem "learns-from-recordings" for a method that cannot play, "no-demonstrations" for one that imitates nobody or is shown something for nothing, "unknown-option", "bad-option", "wrong-actions",
 * "broken-world", "run-mismatch", "broken-file", "tree-mismatch" or "tree-leaf" for what another method or other networks learned
 */
export async function trainOnline<A extends AnyAlgorithm>(
  algorithm: A,
  environment: MakeEnvironment | string | EnvironmentSpec,
  given: TrainOnlineOptions<A> = {},
): Promise<TrainedOnline> {
  if (algorithm.online === undefined) throw problem("learns-from-recordings", { method: algorithm.name });
  const { seed = 0, folder } = given;
  const declared = algorithm.options as Options;
  const chosen = resolveOptions(algorithm.name, declared, given.options) as Values;
  const { options, schedule, play } = planned(algorithm, chosen, given);
  const { steps, worlds } = (schedule ?? play)!;
  const key = fold(randomKey(seed), algorithm.name);
  await using opened = await openWorlds(environment, worlds, given.workers);
  const { vector, made } = opened;
  const kept = given.record ? (played: AnyVectorEnvironment) => recorder(played, made) : undefined;
  const players = await player(algorithm, vector, { key, ...(kept ? { kept } : {}) });
  const { observationSpace, actionSpace, name } = vector;
  const logEvery = given.logEvery ?? Math.max(1, Math.floor(steps / 100));
  const described = {
    method: algorithm.name,
    options: { ...options, ...schedule },
    seed,
    ...(given.demonstrations ? { recording: given.demonstrations.provenance.fingerprint } : {}),
    ...(given.from === undefined ? {} : { from: digest(given.from) }),
    environment: name,
    version,
    logEvery,
  };
  const run = folder === undefined ? undefined : await openRunFolder(folder, described);
  const setup: PracticeSetup = {
    algorithm,
    options,
    sizes: players.sizes,
    key,
    player: players,
    steps,
    unroll: given.unroll ?? Math.min(8, schedule?.updates ?? 8),
    threads: given.threads ?? 1,
    open: { threads: given.threads ?? 1, ...(given.provider ? { provider: given.provider } : {}) },
    ...(given.provider ? { provider: given.provider } : {}),
  };
  const shown = shownFor(algorithm, observationSpace, given, key);
  const start = given.from === undefined ? await initialState(setup) : await stateFrom(setup, given.from);
  const before = await run?.resume();
  const from = before && resumed(before, start);
  await using practice = schedule
    ? await replaying({ ...setup, schedule, start }, from)
    : await onRollouts({ ...setup, play: play!, start, ...(shown ? { shown } : {}) }, from);

  const shipped = async (): Promise<OnnxPolicy> => {
    const surroundings = { observationSpace, actionSpace, examples: players.stored };
    const about = { recording: "", environment: name, ...(made ? { made } : {}), updates: practice.updates, seed };
    const { actionScale } = players;
    return await shippedPolicy(
      setup,
      { ...surroundings, ...(actionScale ? { actionScale } : {}) },
      practice.state(),
      about,
    );
  };
  const metrics = await follow(
    {
      label: algorithm.name,
      unit: "steps",
      total: steps,
      at: () => practice.steps,
      advance: (until) => practice.advance(until),
      async checkpoint() {
        const saved = await practice.save();
        if (saved === undefined) return;
        const { arrays, counts, worlds: inside } = saved;
        await run?.checkpoint(arrays, practice.steps, JSON.stringify({ counts, worlds: inside }));
      },
      shipped,
    },
    {
      ...given,
      logEvery,
      checkpointEvery: given.checkpointEvery ?? Math.max(1, Math.floor(steps / 20)),
      evaluateEvery: given.evaluateEvery ?? Number.POSITIVE_INFINITY,
    },
    run,
  );
  const policy = await shipped();
  const interrupted = practice.steps < steps;
  if (run && !interrupted) await policy.save(run.policy);
  const played = players.recorder?.recording(algorithm.name, players.stored);
  return {
    ...(played ? { played } : {}),
    policy,
    steps: practice.steps,
    total: steps,
    updates: practice.updates,
    interrupted,
    metrics,
    state: practice.state(),
  };
}

interface Worlds extends AsyncDisposable {
  readonly vector: AnyVectorEnvironment;
  readonly made?: EnvironmentSpec;
}

/** @throws Problem "bad-option" for workers without a name or spec to make environments from */
async function openWorlds(
  environment: MakeEnvironment | string | EnvironmentSpec,
  size: number,
  workers: number | undefined,
): Promise<Worlds> {
  if (typeof environment === "function") {
    if (workers !== undefined) {
      const wanted = "an environment by its name or spec: what makes one cannot cross to another thread";
      throw problem("bad-option", { where: "trainOnline", name: "workers", given: workers, wanted });
    }
    const worlds: Environment[] = [];
    for (let i = 0; i < size; i++) worlds.push(await environment());
    const made = specOf(worlds[0]);
    const vector = vectorise(worlds.map((world) => () => world));
    return { vector, ...(made ? { made } : {}), [Symbol.asyncDispose]: async () => vector[Symbol.dispose]() };
  }
  const spec = typeof environment === "string" ? { name: environment } : environment;
  if (workers === undefined) return await openWorlds(await factoryFrom(spec), size, workers);
  const vector = await vectoriseInWorkers(spec, { size, workers });
  return { vector, made: spec, [Symbol.asyncDispose]: () => vector[Symbol.asyncDispose]() };
}

/** Options with all that follows from the schedule, and the schedule or the plan of rollouts itself. */
function planned(algorithm: AnyAlgorithm, options: Values, given: TrainOnlineOptions) {
  const bad = (name: string, value: unknown, wanted: string): Error =>
    problem("bad-option", { where: algorithm.name, name, given: value, wanted });
  if (learnsByPlay(algorithm)) {
    const { play } = algorithm.online as OnRollouts<Options, unknown, unknown>;
    const ignored = Object.keys(given.schedule ?? {}).join(", ");
    if (ignored !== "") throw bad("schedule", ignored, "none: when it plays and learns is among its options");
    return { options, play: play(options as never) };
  }
  const asked = (given.options as Values | undefined)?.steps;
  if (asked !== undefined && given.schedule?.steps === undefined)
    throw bad("steps", asked, "it in the schedule: as an option it is a number of updates on a recording");
  const { schedule: own, prioritises = false } = algorithm.online as OnReplay<Options, unknown, unknown>;
  const schedule: ValuesOf<typeof usualSchedule> = resolveOptions(algorithm.name, usualSchedule, {
    ...own,
    ...given.schedule,
  });
  if (schedule.prioritised && !prioritises)
    throw bad("prioritised", true, "false: the method does not say how surprising a transition was");
  // What offline is the length of the run in updates, and what schedules of rates go by.
  const { steps, warmup, every, updates } = schedule;
  if (warmup >= steps)
    throw bad("warmup", warmup, `less than the ${steps} steps of the run, or nothing would be learned`);
  const inAll = Math.max(1, Math.floor((steps - warmup) / every) * updates);
  return { options: { ...options, steps: inAll }, schedule };
}

/** What a checkpoint holds, in the order in which this method holds it. */
function resumed(before: { readonly state: unknown; readonly notes: string }, start: unknown): Saved {
  const arrays = before.state as { readonly [part: string]: unknown };
  const saved = leavesOf<NdArray>(arrays.state);
  const state = mapTree(start, (_: Spec, path) => saved.get(path) as NdArray);
  return { ...(JSON.parse(before.notes) as Pick<Saved, "counts" | "worlds">), arrays: { ...arrays, state } };
}
