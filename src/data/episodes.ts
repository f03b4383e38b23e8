/** Trajectories from episodes as a loop collects them. */
import { problem } from "../problems.ts";
import type { Space, Value } from "../spaces/space.ts";
import { stackValues, storedForm } from "../spaces/stored.ts";
import { allocate, concatRows, type NdArray, sliceRows } from "../tensor/ndarray.ts";
import { trajectories } from "./build.ts";
import { type Column, called, column, type Source } from "./columns.ts";
import { checkedExtras } from "./rules.ts";
import type { Labels, Tags, Trajectories } from "./trajectories.ts";

/** One episode, T steps long. */
export interface Episode {
  /** T + 1 observations: before each action, and after the last */
  readonly observations: readonly Value[] | NdArray;
  /** T actions */
  readonly actions: readonly Value[] | NdArray;
  readonly rewards: ArrayLike<number>;
  /** The world ended with the last step. */
  readonly terminated: boolean;
  /** The episode was cut off; ignored when it terminated too. Default: true unless it terminated. */
  readonly truncated?: boolean;
  readonly tags?: Labels;
  /** Further step columns, T rows each. */
  readonly extras?: { readonly [name: string]: Column };
}

export interface EpisodesOptions {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly environment?: string;
  readonly lineage?: readonly string[];
  readonly license?: string | undefined;
}

/**
 * Trajectories from episodes: values of the spaces, T + 1 observations for T actions. A tag that some episodes lack is
 * null there.
 * @example fromEpisodes([{ observations: [0, 1, 2], actions: [1, 1], rewards: [0, 1], terminated: true }], { observationSpace: discrete(3), actionSpace: discrete(2) })
 * @throws Problem "bad-field" or "bad-row" as `trajectories` does, naming the episode
 */
export function fromEpisodes(
  episodes: readonly Episode[],
  options: EpisodesOptions,
  source: Source = called("fromEpisodes()"),
): Trajectories {
  const lengths = episodes.map((e) => e.rewards.length);
  const offsets = new Int32Array(episodes.length + 1);
  lengths.forEach((n, e) => {
    if (n === 0) noSteps(e, source);
    offsets[e + 1] = offsets[e] + n;
  });
  const within = (e: number): Source => ({ name: `${source.name}, episode ${e}`, place: (row) => `step ${row}` });
  const observations = episodes.map((episode, e) =>
    valuesOf(episode.observations, lengths[e] + 1, options.observationSpace, within(e), "observations"),
  );
  const actions = episodes.map((episode, e) =>
    valuesOf(episode.actions, lengths[e], options.actionSpace, within(e), "actions"),
  );
  const steps = offsets[episodes.length];
  const reward = new Float64Array(steps);
  const terminated = new Uint8Array(steps);
  const truncated = new Uint8Array(steps);
  episodes.forEach((episode, e) => {
    reward.set(episode.rewards, offsets[e]);
    terminated[offsets[e + 1] - 1] = Number(episode.terminated);
    truncated[offsets[e + 1] - 1] = Number(!episode.terminated && (episode.truncated ?? true));
  });
  return trajectories(
    {
      ...options,
      observation: joined(
        observations.map((o, e) => sliceRows(o, 0, lengths[e])),
        options.observationSpace,
      ),
      finalObservation: joined(
        observations.map((o, e) => sliceRows(o, lengths[e], lengths[e] + 1)),
        options.observationSpace,
      ),
      action: joined(actions, options.actionSpace),
      reward,
      terminated,
      truncated,
      offsets,
      tags: tagsOf(episodes),
      extras: extrasOf(episodes, lengths, within),
      lineage: options.lineage ?? [source.name],
    },
    { name: source.name, place: (row) => placeIn(offsets, row) },
  );
}

function placeIn(offsets: Int32Array, row: number): string {
  let episode = 0;
  while (episode + 2 < offsets.length && offsets[episode + 1] <= row) episode++;
  return `episode ${episode}, step ${row - offsets[episode]}`;
}

function noSteps(episode: number, source: Source): never {
  throw problem("bad-field", {
    source: source.name,
    field: "rewards",
    given: `episode ${episode} has no steps`,
    rule: "an episode has at least one",
    next: "Leave the episode out.",
  });
}

function valuesOf(
  given: readonly Value[] | NdArray,
  rows: number,
  space: Space,
  source: Source,
  field: string,
): NdArray {
  const nested = space.kind === "dict" || space.kind === "tuple";
  const values = nested && !("dtype" in given) ? stackValues(space, given) : (given as Column);
  return column(values, rows, storedForm(space), source, field);
}

function joined(parts: readonly NdArray[], space: Space): NdArray {
  if (parts.length > 0) return concatRows(parts);
  const { shape, dtype } = storedForm(space);
  return { shape: [0, ...shape], dtype, data: allocate([0, ...shape], dtype) };
}

function tagsOf(episodes: readonly Episode[]): Tags {
  const names = new Set(episodes.flatMap((e) => Object.keys(e.tags ?? {})));
  return Object.fromEntries([...names].map((name) => [name, episodes.map((e) => e.tags?.[name] ?? null)]));
}

function extrasOf(episodes: readonly Episode[], lengths: readonly number[], within: (e: number) => Source) {
  const names = Object.keys(episodes[0]?.extras ?? {});
  const checked = episodes.map((episode, e) => {
    const extras = episode.extras ?? {};
    const given = Object.keys(extras);
    if (given.length !== names.length || !names.every((name) => Object.hasOwn(extras, name))) {
      throw problem("bad-field", {
        source: within(e).name,
        field: "extras",
        given: `the columns are ${given.join(", ") || "none"}`,
        rule: `every episode has those of the first: ${names.join(", ") || "none"}`,
        next: "Record the column in every episode, or in none.",
      });
    }
    return checkedExtras(extras, lengths[e], within(e));
  });
  return Object.fromEntries(names.map((name) => [name, concatRows(checked.map((extras) => extras[name]))]));
}
