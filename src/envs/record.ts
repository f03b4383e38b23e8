/** Episodes as they are played, kept in the form of recordings. */
import type { TrajectoryColumns } from "../data/build.ts";
import type { EnvironmentSpec, Tag, Tags } from "../data/trajectories.ts";
import { problem } from "../problems.ts";
import type { Space, Value } from "../spaces/space.ts";
import { allocateRows, writeRow } from "../spaces/stored.ts";
import type { Environment, Info, WrappedEnvironment } from "./environment.ts";
import { wrap } from "./wrap.ts";

/** One played episode, its arrays as the environment gave them. */
export interface Episode {
  /** What was seen before each action. */
  readonly observations: readonly Value[];
  readonly actions: readonly Value[];
  readonly rewards: readonly number[];
  /** The episode truly ended; otherwise it was cut off. */
  readonly terminated: boolean;
  readonly finalObservation: Value;
  /** What was said with the last observation. */
  readonly finalInfo: Info;
  /** How likely each action was to be chosen, or its density; undefined where whoever acted does not say. */
  readonly probabilities?: readonly (number | undefined)[];
  /** Further numbers of each step, by the names of their columns; the same names in every episode. */
  readonly extras?: { readonly [name: string]: readonly number[] };
}

/**
 * Calls `onEpisode` with every episode of at least one step, when it ends or when a reset cuts it off.
 * @example const played: Episode[] = []; const env = recordEpisodes(make("CartPole-v1"), (e) => played.push(e));
 */
export function recordEpisodes(env: Environment, onEpisode: (episode: Episode) => void): WrappedEnvironment {
  let observations: Value[] = [];
  let actions: Value[] = [];
  let rewards: number[] = [];
  let seen: Value | undefined;
  let said: Info = {};
  const finish = (terminated: boolean): void => {
    if (seen === undefined || actions.length === 0) return;
    onEpisode({ observations, actions, rewards, terminated, finalObservation: seen, finalInfo: said });
    [observations, actions, rewards, seen] = [[], [], [], undefined];
  };
  return wrap(env, {
    reset(options) {
      finish(false);
      const first = env.reset(options);
      seen = first.observation;
      return first;
    },
    step(action) {
      const step = env.step(action);
      // After a restore into the middle of an episode its first observation is unknown: rows start with the next step.
      if (seen !== undefined) {
        observations.push(seen);
        actions.push(action);
        rewards.push(step.reward);
      }
      seen = step.observation;
      said = step.info;
      if (step.terminated || step.truncated) finish(step.terminated);
      return step;
    },
    state: {
      save: () => null,
      restore() {
        finish(false);
        seen = undefined;
      },
    },
  });
}

/**
 * Episodes end to end as the columns that `trajectories` (data/build) takes; the extra column "propensity" holds the
 * probabilities, where all are known.
 * @throws Problem "bad-value" when there are none
 */
export function joinEpisodes(
  spaces: { readonly observationSpace: Space; readonly actionSpace: Space },
  episodes: readonly Episode[],
  about: {
    readonly environment?: string;
    readonly made?: EnvironmentSpec | undefined;
    readonly tags?: Tags;
    readonly lineage?: readonly string[];
  } = {},
): TrajectoryColumns {
  if (episodes.length === 0) {
    throw problem("bad-value", { where: "joinEpisodes", given: "no episodes", wanted: "at least one" });
  }
  const { observationSpace, actionSpace } = spaces;
  const offsets = new Int32Array(episodes.length + 1);
  episodes.forEach((episode, e) => {
    offsets[e + 1] = offsets[e] + episode.actions.length;
  });
  const steps = offsets[episodes.length];
  const observation = allocateRows(observationSpace, steps);
  const action = allocateRows(actionSpace, steps);
  const finalObservation = allocateRows(observationSpace, episodes.length);
  const reward = new Float64Array(steps);
  const terminated = new Uint8Array(steps);
  const truncated = new Uint8Array(steps);
  episodes.forEach((episode, e) => {
    for (let t = 0; t < episode.actions.length; t++) {
      const row = offsets[e] + t;
      writeRow(observationSpace, observation, row, episode.observations[t]);
      writeRow(actionSpace, action, row, episode.actions[t]);
      reward[row] = episode.rewards[t];
    }
    writeRow(observationSpace, finalObservation, e, episode.finalObservation);
    (episode.terminated ? terminated : truncated)[offsets[e + 1] - 1] = 1;
  });
  const columns = { observation, action, reward, terminated, truncated, offsets, finalObservation };
  const extras = extrasOf(episodes);
  return { observationSpace, actionSpace, ...columns, extras, ...about };
}

function extrasOf(episodes: readonly Episode[]): NonNullable<TrajectoryColumns["extras"]> {
  const chances = episodes.flatMap(({ probabilities }) => probabilities ?? [undefined]);
  const names = Object.keys(episodes[0].extras ?? {});
  const column = (name: string) => Float64Array.from(episodes.flatMap(({ extras }) => extras?.[name] ?? []));
  return {
    ...(chances.includes(undefined) ? {} : { propensity: Float64Array.from(chances as number[]) }),
    ...Object.fromEntries(names.map((name) => [name, column(name)])),
  };
}

/** Entries of an episode's last info that say how it came out: they become tags of a recording. */
export const outcomes = ["success", "behaviour", "score", "failed"] as const;

/** The outcomes that some episode's last info has, one value an episode; null where an episode does not say. */
export function outcomeTags(episodes: readonly Pick<Episode, "finalInfo">[]): Tags {
  const scalar = (value: unknown): Tag =>
    typeof value === "string" || typeof value === "boolean" || Number.isFinite(value) ? (value as Tag) : null;
  const said = outcomes.map((name) => [name, episodes.map(({ finalInfo }) => scalar(finalInfo[name]))] as const);
  return Object.fromEntries(said.filter(([, values]) => values.some((value) => value !== null)));
}
