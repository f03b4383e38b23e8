/** All that was played while a method learned, as a recording: the replay of a training run. */
import { trajectories } from "../../data/build.ts";
import type { EnvironmentSpec, Trajectories } from "../../data/trajectories.ts";
import type { AnyVectorEnvironment } from "../../envs/index.ts";
import { allocateRows } from "../../spaces/index.ts";
import { concatRows, type NdArray, ndarray, sliceRows, takeRows } from "../../tensor/index.ts";

/** One step of every world, in the form recordings hold it. */
export interface RecordedStep {
  /** [worlds, …] */
  readonly observation: NdArray;
  readonly action: NdArray;
  readonly reward: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  /** [worlds, …] of the episodes that ended, in their rows. */
  readonly finalObservation?: NdArray;
}

export interface Recorder {
  add(step: RecordedStep): void;
  /** The worlds begin anew without an end: episodes under way are cut off. @param now [worlds, …] what was seen last */
  cut(now: NdArray): void;
  save(): { readonly [column: string]: NdArray };
  restore(saved: { readonly [column: string]: NdArray }): void;
  /**
   * Episode by episode, in the order in which they began; those under way are cut off where they are. Tags: "policy", and
   * "step", the number of steps (of all worlds) that were played before an episode began.
   * @param now [worlds, …] what is seen now
   */
  recording(policy: string, now: NdArray): Trajectories;
}

/** @param made how one of the worlds was made, where that is known */
export function recorder(
  { observationSpace, actionSpace, name, size: worlds }: AnyVectorEnvironment,
  made?: EnvironmentSpec,
): Recorder {
  const empty = () => ({
    observation: [allocateRows(observationSpace, 0)],
    action: [allocateRows(actionSpace, 0)],
    reward: [ndarray(new Float64Array(0))],
    terminated: [bools(new Uint8Array(0))],
    truncated: [bools(new Uint8Array(0))],
    /** What was seen last, of each episode that ended, and the row at which it did. */
    final: [allocateRows(observationSpace, 0)],
    finalRow: [ndarray(new Float64Array(0))],
  });
  let rows = 0;
  const end = (row: number, seen: NdArray, world: number): void => {
    parts.final.push(sliceRows(seen, world, world + 1));
    parts.finalRow.push(ndarray(Float64Array.of(row)));
  };
  let parts: { [column in keyof ReturnType<typeof empty>]: NdArray[] } = empty();
  const joined = (): { [column in keyof typeof parts]: NdArray } => {
    for (const column of Object.keys(parts) as (keyof typeof parts)[]) parts[column] = [concatRows(parts[column])];
    return Object.fromEntries(Object.entries(parts).map(([column, [all]]) => [column, all])) as never;
  };
  return {
    add({ observation, action, reward, terminated, truncated, finalObservation }) {
      parts.observation.push(observation);
      parts.action.push(action);
      parts.reward.push(ndarray(reward));
      parts.terminated.push(bools(terminated));
      parts.truncated.push(bools(truncated));
      for (let w = 0; w < worlds; w++) {
        if (terminated[w] || truncated[w]) end(rows + w, finalObservation!, w);
      }
      rows += worlds;
    },
    cut(now) {
      if (rows === 0) return;
      const [ended, cutOff] = [parts.terminated, parts.truncated].map((column) => column.at(-1)!.data as Uint8Array);
      const marked = Uint8Array.from({ length: worlds }, (_, w) => 1 - ended.at(w - worlds)!);
      for (let w = 0; w < worlds; w++) if (marked[w] && !cutOff.at(w - worlds)) end(rows - worlds + w, now, w);
      const before = parts.truncated.pop()!;
      parts.truncated.push(sliceRows(before, 0, before.shape[0] - worlds), bools(marked));
    },
    save: joined,
    restore(saved) {
      parts = empty();
      for (const column of Object.keys(parts) as (keyof typeof parts)[]) parts[column].push(saved[column]);
      rows = saved.reward.shape[0];
    },
    recording(policy, now) {
      const all = joined();
      const over = (row: number): boolean => Number(all.terminated.data[row]) + Number(all.truncated.data[row]) > 0;
      const finalOf = new Map(Array.from(all.finalRow.data as Float64Array, (row, i) => [row, i] as const));
      const episodes: { readonly start: number; readonly rows: number[] }[] = [];
      for (let w = 0; w < worlds; w++) {
        let open: { readonly start: number; readonly rows: number[] } | undefined;
        for (let row = w; row < rows; row += worlds) {
          open ??= { start: row - w, rows: [] };
          open.rows.push(row);
          if (!over(row) && row + worlds < rows) continue;
          episodes.push(open);
          open = undefined;
        }
      }
      episodes.sort((a, b) => a.start - b.start || a.rows[0] - b.rows[0]);
      const order = Int32Array.from(episodes.flatMap((episode) => episode.rows));
      const lasts = episodes.map((episode) => episode.rows.at(-1)!);
      const truncated = takeRows(all.truncated, order);
      let at = -1;
      const finals = episodes.map((episode, i) => {
        at += episode.rows.length;
        const final = finalOf.get(lasts[i]);
        if (final !== undefined) return sliceRows(all.final, final, final + 1);
        truncated.data[at] = 1;
        const world = lasts[i] % worlds;
        return sliceRows(now, world, world + 1);
      });
      return trajectories({
        observationSpace,
        actionSpace,
        observation: takeRows(all.observation, order),
        action: takeRows(all.action, order),
        reward: takeRows(all.reward, order),
        terminated: takeRows(all.terminated, order),
        truncated,
        finalObservation: concatRows(finals),
        environment: name,
        ...(made === undefined ? {} : { made }),
        tags: { policy: episodes.map(() => policy), step: episodes.map((episode) => episode.start) },
        lineage: [`play of ${policy} while it learned`],
      });
    },
  };
}

const bools = (data: Uint8Array): NdArray => ({ shape: [data.length], dtype: "bool", data });
