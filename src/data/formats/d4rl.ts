/**
 * HDF5 files of D4RL: flat columns, an episode ending where "terminals" or "timeouts" is set.
 * Fu, Kumar, Nachum, Tucker, Levine (2020), "D4RL: Datasets for Deep Data-Driven Reinforcement Learning",
 * arXiv:2004.07219.
 */

import { problem } from "../../problems.ts";
import type { Space } from "../../spaces/space.ts";
import { type NdArray, sizeOf, sliceRows } from "../../tensor/ndarray.ts";
import type { Source } from "../columns.ts";
import { fromEpisodes } from "../episodes.ts";
import type { Trajectories } from "../trajectories.ts";
import { actionSpaceOf, observationSpaceOf } from "./guessed-spaces.ts";
import { type Hdf5Group, readingHdf5 } from "./hdf5.ts";
import { finishedAll, type Rows } from "./unfinished.ts";

const what = "HDF5 file of D4RL";

export interface D4rlOptions {
  /** Left out, Discrete for whole numbers, else a Box: [−1, 1] when all actions lie in it, or without bounds. */
  readonly actionSpace?: Space;
  readonly environment?: string;
}

const required = ["observations", "actions", "rewards", "terminals"];

/** Whether a root group looks like D4RL's. */
export const isD4rl = (root: Hdf5Group): boolean => required.every((name) => root.names.includes(name));

/**
 * Reads a file as `d4rl.qlearning_dataset` does, but keeps episodes whole: a row is terminated where terminals is set,
 * truncated where only timeouts is, and where the file ends. What followed an episode's last action is next_observations
 * there, when the file has them; without, see `finished`. Without timeouts, an episode also ends where the next row's
 * observation is not the one that next_observations promised. Numeric infos become extras.
 * @throws Problem "missing-file", "broken-file", "not-a-recording", "bad-field", "bad-row"
 */
export async function readD4rl(path: string, options: D4rlOptions = {}): Promise<Trajectories> {
  return readingHdf5(path, what, (root) => d4rlIn(root, path, options));
}

export function d4rlIn(root: Hdf5Group, path: string, options: D4rlOptions = {}): Trajectories {
  const missing = required.find((name) => !root.names.includes(name));
  if (missing !== undefined) {
    throw problem("not-a-recording", {
      source: path,
      reason: `it has no "${missing}"`,
      wanted: `an ${what}: ${required.join(", ")}`,
      next: "Look at its groups with h5ls or h5dump.",
    });
  }
  const source: Source = { name: path, place: (row) => `row ${row}` };
  const observation = root.numbers("observations");
  const [rows] = observation.shape;
  const column = (name: string): NdArray => sameRows(root.numbers(name), rows, name, source);
  const reward = flat(column("rewards"), rows, "rewards", source);
  const action = narrowed(column("actions"));
  const terminals = marks(column("terminals"), "terminals", source);
  const timeouts = root.kind("timeouts") === "numbers" ? marks(column("timeouts"), "timeouts", source) : undefined;
  const next = root.kind("next_observations") === "numbers" ? column("next_observations") : undefined;
  const extras = root.kind("infos") === "group" ? infosIn(root.group("infos"), rows) : {};
  const ends = endsOf(rows, terminals, timeouts, observation, next);
  const parts = ends.map((to, e): Rows => {
    const from = e === 0 ? 0 : ends[e - 1];
    const cut = (array: NdArray): NdArray => sliceRows(array, from, to);
    return {
      observation: cut(observation),
      ...(next ? { after: sliceRows(next, to - 1, to) } : {}),
      action: cut(action),
      reward: cut(reward),
      terminated: terminals[to - 1] === 1,
      extras: Object.fromEntries(Object.entries(extras).map(([name, array]) => [name, cut(array)])),
    };
  });
  const { episodes, notes } = finishedAll(parts);
  return fromEpisodes(
    episodes,
    {
      observationSpace: observationSpaceOf(observation),
      actionSpace: options.actionSpace ?? actionSpaceOf(action),
      environment: options.environment ?? "",
      lineage: [path, ...notes],
    },
    source,
  );
}

function sameRows(array: NdArray, rows: number, field: string, source: Source): NdArray {
  if (array.shape[0] === rows) return array;
  throw problem("bad-field", {
    source: source.name,
    field,
    given: `${array.shape[0] ?? 0} rows`,
    rule: `the observations have ${rows}`,
    next: "Take the file again from where it was made.",
  });
}

/** Rewards and marks stand as [rows] or [rows, 1]. */
function flat(array: NdArray, rows: number, field: string, source: Source): NdArray {
  if (sizeOf(array.shape) === rows) return { ...array, shape: [rows] };
  throw problem("bad-field", {
    source: source.name,
    field,
    given: `an array of shape [${array.shape}]`,
    rule: "it has one number a row",
    next: "Take the file again from where it was made.",
  });
}

function marks(array: NdArray, field: string, source: Source): Uint8Array {
  const { data } = flat(array, array.shape[0], field, source);
  return Uint8Array.from({ length: data.length }, (_, row) => {
    const value = Number(data[row]);
    if (value === 0 || value === 1) return value;
    throw problem("bad-row", {
      source: source.name,
      place: source.place(row),
      field,
      given: String(value),
      rule: "it must be 0 or 1",
      next: "Check how this column was written.",
    });
  });
}

/** Choices come as int64 and are stored as int32; [rows, 1] of whole numbers is one choice a row. */
function narrowed(array: NdArray): NdArray {
  if (array.dtype.startsWith("float")) return array;
  const data = Int32Array.from({ length: array.data.length }, (_, i) => Number(array.data[i]));
  const shape = array.shape.length === 2 && array.shape[1] === 1 ? [array.shape[0]] : array.shape;
  return { shape, dtype: "int32", data };
}

function infosIn(group: Hdf5Group, rows: number): { readonly [name: string]: NdArray } {
  const columns = group.names.flatMap((name): [string, NdArray][] => {
    if (group.kind(name) !== "numbers") return [];
    const array = group.numbers(name);
    return array.shape[0] === rows ? [[name, array]] : [];
  });
  return Object.fromEntries(columns);
}

/** The row after each episode's last one. */
function endsOf(
  rows: number,
  terminals: Uint8Array,
  timeouts: Uint8Array | undefined,
  observation: NdArray,
  next: NdArray | undefined,
): readonly number[] {
  const width = sizeOf(observation.shape.slice(1));
  const jumps = (row: number): boolean => {
    if (timeouts !== undefined || next === undefined) return false;
    for (let i = 0; i < width; i++)
      if (next.data[row * width + i] !== observation.data[(row + 1) * width + i]) return true;
    return false;
  };
  const ends: number[] = [];
  for (let row = 0; row < rows; row++) {
    if (row + 1 === rows || terminals[row] || timeouts?.[row] || jumps(row)) ends.push(row + 1);
  }
  return ends;
}
