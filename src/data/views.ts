/** Immutable operations on recordings; each is noted in the lineage, and memory is shared where rows stay in a run. */
import { problem } from "../problems.ts";
import { type NdArray, ndarray, sliceRows, takeRows } from "../tensor/ndarray.ts";
import { type Contents, derived } from "./fingerprint.ts";
import type { DecisionLog, Labels, Recording, Tag, Tags, Trajectories } from "./trajectories.ts";

/** Episodes of trajectories, rows of a decision log: what is kept or left out as one. */
export const countOf = (recording: Recording): number =>
  recording.kind === "trajectories" ? recording.offsets.length - 1 : recording.reward.length;

const mapValues = <A, B>(record: { readonly [name: string]: A }, f: (value: A) => B): { readonly [name: string]: B } =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));

/** [from, to) when the indices are one increasing run. */
function runOf(indices: ArrayLike<number>): readonly [number, number] | undefined {
  for (let i = 1; i < indices.length; i++) if (indices[i] !== indices[i - 1] + 1) return undefined;
  return indices.length === 0 ? [0, 0] : [indices[0], indices[indices.length - 1] + 1];
}

type Pick = (column: NdArray) => NdArray;

/** A function that takes these rows from any column: a view where they are one run, a copy elsewhere. */
function picker(rows: ArrayLike<number>): Pick {
  const run = runOf(rows);
  return run ? (column) => sliceRows(column, run[0], run[1]) : (column) => takeRows(column, rows);
}

const flat = <T extends Float64Array | Uint8Array | Int32Array>(pick: Pick, data: T): T =>
  pick(ndarray(data)).data as T;

/** Of each tag, the values of these episodes (rows). */
export const takeTags = (tags: Tags, indices: ArrayLike<number>): Tags =>
  mapValues(tags, (values) => Array.from(indices, (i) => values[i]));

function episodesOf(t: Trajectories, indices: ArrayLike<number>): Contents<Trajectories> {
  const offsets = new Int32Array(indices.length + 1);
  for (let e = 0; e < indices.length; e++) {
    offsets[e + 1] = offsets[e] + t.offsets[indices[e] + 1] - t.offsets[indices[e]];
  }
  const rows = new Int32Array(offsets[indices.length]);
  for (let e = 0; e < indices.length; e++) {
    for (let i = offsets[e]; i < offsets[e + 1]; i++) rows[i] = t.offsets[indices[e]] + i - offsets[e];
  }
  const pick = picker(rows);
  return {
    ...t,
    observation: pick(t.observation),
    action: pick(t.action),
    reward: flat(pick, t.reward),
    terminated: flat(pick, t.terminated),
    truncated: flat(pick, t.truncated),
    offsets,
    finalObservation: picker(indices)(t.finalObservation),
    extras: mapValues(t.extras, pick),
    tags: takeTags(t.tags, indices),
  };
}

function decisionsOf(log: DecisionLog, rows: ArrayLike<number>): Contents<DecisionLog> {
  const pick = picker(rows);
  return {
    ...log,
    context: pick(log.context),
    action: flat(pick, log.action),
    propensity: flat(pick, log.propensity),
    reward: flat(pick, log.reward),
    ...(log.available ? { available: pick(log.available) } : {}),
    ...(log.loggingPolicy ? { loggingPolicy: pick(log.loggingPolicy) } : {}),
    extras: mapValues(log.extras, pick),
    tags: takeTags(log.tags, rows),
  };
}

/** These episodes or rows, which the caller knows to exist, under the name of the operation that chose them. */
export function taken<R extends Recording>(recording: R, indices: ArrayLike<number>, operation: string): R {
  const contents = recording.kind === "trajectories" ? episodesOf(recording, indices) : decisionsOf(recording, indices);
  return derived(recording, contents as Contents<R>, operation);
}

/**
 * The episodes (of a decision log: rows) with these indices, in this order; one may come more than once.
 * @throws Problem "bad-value" for an index that is not there
 */
export function takeEpisodes<R extends Recording>(recording: R, indices: ArrayLike<number>): R {
  const count = countOf(recording);
  for (let i = 0; i < indices.length; i++) {
    if (!(Number.isInteger(indices[i]) && indices[i] >= 0 && indices[i] < count)) {
      throw problem("bad-value", {
        where: `takeEpisodes index ${i}`,
        given: indices[i],
        wanted: `a whole number in 0 … ${count - 1}`,
      });
    }
  }
  return taken(recording, indices, `take ${indices.length} of ${count}`);
}

/** One episode (of a decision log: one row), as a predicate sees it. */
export interface EpisodeFacts {
  readonly index: number;
  /** Undiscounted sum of rewards. */
  readonly return: number;
  readonly length: number;
  readonly terminated: boolean;
  readonly tags: Labels;
}

/** The episodes (rows) for which the predicate holds. @example filterEpisodes(t, (e) => e.tags.player === "expert") */
export function filterEpisodes<R extends Recording>(recording: R, predicate: (episode: EpisodeFacts) => boolean): R {
  const count = countOf(recording);
  const sums = returns(recording);
  const lengths = episodeLengths(recording);
  const kept: number[] = [];
  for (let index = 0; index < count; index++) {
    const facts = {
      index,
      return: sums[index],
      length: lengths[index],
      terminated: recording.kind === "decisions" || recording.terminated[recording.offsets[index + 1] - 1] === 1,
      tags: mapValues(recording.tags, (values) => values[index]),
    };
    if (predicate(facts)) kept.push(index);
  }
  return taken(recording, kept, `filter: kept ${kept.length} of ${count}`);
}

/**
 * The recording with a tag set: one value for all, or one an episode (row).
 * @throws Problem "bad-value" when a list has another length
 */
export function tag<R extends Recording>(recording: R, name: string, value: Tag | readonly Tag[]): R {
  const n = countOf(recording);
  const values = Array.isArray(value) ? (value as readonly Tag[]) : new Array<Tag>(n).fill(value as Tag);
  if (values.length !== n) {
    throw problem("bad-value", {
      where: `tag "${name}"`,
      given: `${values.length} values`,
      wanted: `one value, or ${n}`,
    });
  }
  return derived(recording, { ...recording, tags: { ...recording.tags, [name]: values } }, `tag ${name}`);
}

/**
 * The recording with other rewards: from a column [rows], or from each row's present reward and index.
 * @throws Problem "bad-value" for a wrong length or a reward that is not finite
 */
export function relabelReward<R extends Recording>(
  recording: R,
  reward: ArrayLike<number> | ((row: number, reward: number) => number),
  reason = "relabelled reward",
): R {
  const n = recording.reward.length;
  const relabelled =
    typeof reward === "function" ? recording.reward.map((r, row) => reward(row, r)) : Float64Array.from(reward);
  if (relabelled.length !== n) {
    throw problem("bad-value", { where: "relabelReward", given: `${relabelled.length} rewards`, wanted: `${n}` });
  }
  const bad = relabelled.findIndex((r) => !Number.isFinite(r));
  if (bad >= 0) {
    throw problem("bad-value", {
      where: `relabelReward row ${bad}`,
      given: relabelled[bad],
      wanted: "a finite number",
    });
  }
  return derived(recording, { ...recording, reward: relabelled }, reason);
}

/** Sum of discounted rewards of each episode, from its first step; of a decision log, the rewards. */
export function returns(recording: Recording, discount = 1): Float64Array {
  if (recording.kind === "decisions") return recording.reward.slice();
  const { offsets, reward } = recording;
  const sums = new Float64Array(offsets.length - 1);
  for (let e = 0; e < sums.length; e++) {
    let sum = 0;
    for (let row = offsets[e + 1] - 1; row >= offsets[e]; row--) sum = reward[row] + discount * sum;
    sums[e] = sum;
  }
  return sums;
}

/** Steps of each episode; of a decision log, ones. */
export function episodeLengths(recording: Recording): Int32Array {
  if (recording.kind === "decisions") return new Int32Array(recording.reward.length).fill(1);
  return Int32Array.from({ length: countOf(recording) }, (_, e) => recording.offsets[e + 1] - recording.offsets[e]);
}

/**
 * A decision log as trajectories of length one that all terminate. The final observation is the context itself: nothing
 * was seen after, and nothing bootstraps from it. Propensities become an extra; masks and distributions too.
 */
export function asTrajectories(log: DecisionLog): Trajectories {
  const n = countOf(log);
  const { count, names } = log.actions;
  return derived<Trajectories>(
    log,
    {
      kind: "trajectories",
      observationSpace: log.contextSpace,
      actionSpace: { kind: "discrete", n: count, start: 0, names },
      observation: log.context,
      action: ndarray(log.action),
      reward: log.reward,
      terminated: new Uint8Array(n).fill(1),
      truncated: new Uint8Array(n),
      offsets: Int32Array.from({ length: n + 1 }, (_, i) => i),
      finalObservation: log.context,
      extras: {
        ...log.extras,
        propensity: ndarray(log.propensity),
        ...(log.available ? { available: log.available } : {}),
        ...(log.loggingPolicy ? { loggingPolicy: log.loggingPolicy } : {}),
      },
      tags: log.tags,
    },
    "as trajectories",
  );
}
