/** Some steps of trajectories, and no others. */
import { problem } from "../problems.ts";
import { concatRows, ndarray, sliceRows, takeRows } from "../tensor/ndarray.ts";
import { recorded } from "./fingerprint.ts";
import type { Trajectories } from "./trajectories.ts";

/**
 * The steps that are kept. Each run of them becomes an episode, for what followed its last step is still known: the
 * observation that was seen then is its final one, and it counts as cut off unless the episode truly ended there. Tags go
 * with every run of their episode.
 * @param keep [steps] truthy for what is kept
 * @example takeSteps(recording, Uint8Array.from(recording.reward, (r) => (r > 0 ? 1 : 0)))
 * @throws Problem "bad-value" when there are more or fewer values than steps, or nothing is kept
 */
export function takeSteps(recording: Trajectories, keep: ArrayLike<number | boolean>): Trajectories {
  const { offsets, observation, finalObservation } = recording;
  const { environment, made, lineage, license } = recording.provenance;
  const steps = recording.reward.length;
  if (keep.length !== steps) {
    throw problem("bad-value", { where: "takeSteps", given: `${keep.length} values`, wanted: `${steps}, one a step` });
  }
  const rows: number[] = [];
  const starts: number[] = [0];
  const episodes: number[] = [];
  const cut: number[] = [];
  for (let e = 0; e + 1 < offsets.length; e++) {
    for (let row = offsets[e]; row < offsets[e + 1]; row++) {
      if (!keep[row]) continue;
      rows.push(row);
      if (row + 1 < offsets[e + 1] && keep[row + 1]) continue;
      starts.push(rows.length);
      episodes.push(e);
      if (row + 1 < offsets[e + 1]) cut.push(rows.length - 1);
    }
  }
  if (rows.length === 0) {
    throw problem("bad-value", { where: "takeSteps", given: "nothing that is kept", wanted: "at least one step" });
  }
  const finals = episodes.map((e, run) => {
    const next = rows[starts[run + 1] - 1] + 1;
    return next < offsets[e + 1] ? sliceRows(observation, next, next + 1) : sliceRows(finalObservation, e, e + 1);
  });
  const truncated = takeRows(ndarray(recording.truncated), rows).data as Uint8Array;
  for (const row of cut) truncated[row] = 1;
  return recorded<Trajectories>(
    {
      ...recording,
      observation: takeRows(observation, rows),
      action: takeRows(recording.action, rows),
      reward: takeRows(ndarray(recording.reward), rows).data as Float64Array,
      terminated: takeRows(ndarray(recording.terminated), rows).data as Uint8Array,
      truncated,
      offsets: Int32Array.from(starts),
      finalObservation: concatRows(finals),
      extras: Object.fromEntries(Object.entries(recording.extras).map(([name, x]) => [name, takeRows(x, rows)])),
      tags: Object.fromEntries(
        Object.entries(recording.tags).map(([name, values]) => [name, episodes.map((e) => values[e])]),
      ),
    },
    {
      environment,
      ...(made === undefined ? {} : { made }),
      lineage: [...lineage, `steps: kept ${rows.length} of ${steps}`],
      ...(license === undefined ? {} : { license }),
    },
  );
}
