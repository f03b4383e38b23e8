/** Episodes with steps left out at their ends. */
import { problem } from "../../problems.ts";
import { type NdArray, sizeOf, takeRows } from "../../tensor/ndarray.ts";
import { recorded } from "../fingerprint.ts";
import type { Trajectories } from "../trajectories.ts";

export interface TrimOptions {
  /** First step kept; negative: counted from the end. Default 0. */
  readonly from?: number;
  /** First step no longer kept; negative: counted from the end. Default: the length. */
  readonly to?: number;
  /** Leading and trailing steps are left out whose action's largest number is no farther from 0 than this. */
  readonly idle?: number;
}

/**
 * Episodes without the steps outside [from, to), and without idle ends. An episode cut before its end is truncated there,
 * and what was seen next is its final observation. An episode of which nothing is left is left out.
 * @throws Problem "bad-value" for `idle` where actions are no numbers
 */
export function trimEpisodes(t: Trajectories, { from = 0, to, idle }: TrimOptions): Trajectories {
  if (idle !== undefined && t.actionSpace.kind !== "box") {
    const wanted = "actions that are numbers (a Box): among choices none is idle";
    throw problem("bad-value", { where: "trim", given: `idle: ${idle}`, wanted });
  }
  const width = sizeOf(t.action.shape.slice(1));
  // A float32 cannot hold 0.1: the bound is rounded as the actions were.
  const most = t.action.dtype === "float32" ? Math.fround(idle ?? 0) : (idle ?? 0);
  const still = (row: number): boolean => {
    if (idle === undefined) return false;
    for (let i = row * width; i < (row + 1) * width; i++) if (Math.abs(Number(t.action.data[i])) > most) return false;
    return true;
  };
  const kept: { readonly episode: number; readonly first: number; readonly end: number }[] = [];
  for (let e = 0; e + 1 < t.offsets.length; e++) {
    const [start, stop] = [t.offsets[e], t.offsets[e + 1]];
    const place = (step: number): number => Math.min(stop, Math.max(start, step < 0 ? stop + step : start + step));
    let first = place(from);
    let end = to === undefined ? stop : place(to);
    while (first < end && still(first)) first++;
    while (end > first && still(end - 1)) end--;
    if (first < end) kept.push({ episode: e, first, end });
  }
  return cut(t, kept);
}

function cut(
  t: Trajectories,
  kept: readonly { readonly episode: number; readonly first: number; readonly end: number }[],
) {
  const offsets = new Int32Array(kept.length + 1);
  kept.forEach(({ first, end }, i) => {
    offsets[i + 1] = offsets[i] + end - first;
  });
  const rows = new Int32Array(offsets[kept.length]);
  kept.forEach(({ first }, i) => {
    for (let at = offsets[i]; at < offsets[i + 1]; at++) rows[at] = first + at - offsets[i];
  });
  const pick = (column: NdArray): NdArray => takeRows(column, rows);
  const terminated = Uint8Array.from(rows, (row) => t.terminated[row]);
  const truncated = Uint8Array.from(rows, (row) => t.truncated[row]);
  const finalObservation = takeRows(
    t.finalObservation,
    kept.map(({ episode }) => episode),
  );
  const width = sizeOf(t.observation.shape.slice(1));
  kept.forEach(({ episode, end }, i) => {
    if (end === t.offsets[episode + 1]) return;
    truncated[offsets[i + 1] - 1] = 1;
    const seen = (t.observation.data as Float32Array).subarray(end * width, (end + 1) * width);
    (finalObservation.data as Float32Array).set(seen, i * width);
  });
  const { environment, made, lineage, license } = t.provenance;
  return recorded<Trajectories>(
    {
      ...t,
      observation: pick(t.observation),
      action: pick(t.action),
      reward: Float64Array.from(rows, (row) => t.reward[row]),
      terminated,
      truncated,
      offsets,
      finalObservation,
      extras: Object.fromEntries(Object.entries(t.extras).map(([name, column]) => [name, pick(column)])),
      tags: Object.fromEntries(
        Object.entries(t.tags).map(([name, values]) => [name, kept.map(({ episode }) => values[episode])]),
      ),
    },
    {
      environment,
      ...(made === undefined ? {} : { made }),
      lineage: [...lineage, `trim: ${rows.length} of ${t.reward.length} steps`],
      ...(license === undefined ? {} : { license }),
    },
  );
}
