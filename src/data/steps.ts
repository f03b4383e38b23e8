/** Some steps of trajectories, and no others. */
import { problem } from "../problems.ts";
import { type NdArray, ndarray, sizeOf, takeRows } from "../tensor/ndarray.ts";
import { derived } from "./fingerprint.ts";
import type { Trajectories } from "./trajectories.ts";
import { takeTags } from "./views.ts";

/**
 * The steps that are kept. Each run of them becomes an episode, for what followed its last step is still known: the
 * observation that was seen then is its final one, and it counts as cut off unless the episode truly ended there. Tags go
 * with every run of their episode.
 * @param keep [steps] truthy for what is kept
 * @example takeSteps(recording, Uint8Array.from(recording.reward, (r) => (r > 0 ? 1 : 0)))
 * @throws Problem "bad-value" when there are more or fewer values than steps, or nothing is kept
 */
export function takeSteps(recording: Trajectories, keep: ArrayLike<number | boolean>): Trajectories {
  const { offsets } = recording;
  const steps = recording.reward.length;
  if (keep.length !== steps) {
    throw problem("bad-value", { where: "takeSteps", given: `${keep.length} values`, wanted: `${steps}, one a step` });
  }
  const runs: Run[] = [];
  for (let episode = 0; episode + 1 < offsets.length; episode++) {
    for (let row = offsets[episode]; row < offsets[episode + 1]; row++) {
      if (!keep[row]) continue;
      const first = row;
      while (row + 1 < offsets[episode + 1] && keep[row + 1]) row++;
      runs.push({ episode, first, end: row + 1 });
    }
  }
  if (runs.length === 0) {
    throw problem("bad-value", { where: "takeSteps", given: "nothing that is kept", wanted: "at least one step" });
  }
  return takeRuns(recording, runs, (kept) => `steps: kept ${kept} of ${steps}`);
}

/** Rows [first, end) of an episode. */
export interface Run {
  readonly episode: number;
  readonly first: number;
  readonly end: number;
}

/**
 * Each run as an episode, cut off where it stops short of its episode's end.
 * @param operation the line in the lineage, from the number of steps kept
 */
export function takeRuns(t: Trajectories, runs: readonly Run[], operation: (kept: number) => string): Trajectories {
  const offsets = new Int32Array(runs.length + 1);
  runs.forEach(({ first, end }, i) => {
    offsets[i + 1] = offsets[i] + end - first;
  });
  const rows = new Int32Array(offsets[runs.length]);
  runs.forEach(({ first }, i) => {
    for (let at = offsets[i]; at < offsets[i + 1]; at++) rows[at] = first + at - offsets[i];
  });
  const pick = (column: NdArray): NdArray => takeRows(column, rows);
  const flat = <T extends Float64Array | Uint8Array>(column: T): T => pick(ndarray(column)).data as T;
  const episodes = runs.map(({ episode }) => episode);
  const finalObservation = takeRows(t.finalObservation, episodes);
  const truncated = flat(t.truncated);
  const width = sizeOf(t.observation.shape.slice(1));
  runs.forEach(({ episode, end }, i) => {
    if (end === t.offsets[episode + 1]) return;
    truncated[offsets[i + 1] - 1] = 1;
    const next = (t.observation.data as Float32Array).subarray(end * width, (end + 1) * width);
    (finalObservation.data as Float32Array).set(next, i * width);
  });
  const contents = {
    ...t,
    observation: pick(t.observation),
    action: pick(t.action),
    reward: flat(t.reward),
    terminated: flat(t.terminated),
    truncated,
    offsets,
    finalObservation,
    extras: Object.fromEntries(Object.entries(t.extras).map(([name, column]) => [name, pick(column)])),
    tags: takeTags(t.tags, episodes),
  };
  return derived<Trajectories>(t, contents, operation(rows.length));
}
