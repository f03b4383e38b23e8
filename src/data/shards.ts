/** Recordings larger than memory: a Parquet file whose rows are read a shard at a time, while updates go on. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { problem } from "../problems.ts";
import { flatDim, flattenBatch } from "../spaces/flatten.ts";
import type { Space } from "../spaces/space.ts";
import { storedForm } from "../spaces/stored.ts";
import { allocate, type Dtype, type NdArray, sizeOf, sliceRows, zeros } from "../tensor/ndarray.ts";
import { fileLiteral, identifier, reading } from "./formats/duckdb.ts";
import { checkTrajectoryColumns, parquetHeader } from "./formats/parquet.ts";
import { actionsOf, type Transitions } from "./replay.ts";
import { defaultPiece, type ShardPlanOptions, shardPlan } from "./shard-plan.ts";

const what = "Parquet file of a recording";

/** A recording that stays on disk. */
export interface ShardedTrajectories {
  readonly kind: "sharded";
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** Steps. */
  readonly count: number;
  readonly provenance: { readonly environment: string; readonly fingerprint: string };
  /**
   * Shows every row of a column, in the recording's order and as it is stored, a piece at a time.
   * @param most rows to stop after; default all
   * @throws Problem "broken-file" and "bad-row" for what cannot be read
   */
  each(column: "observation" | "action", visit: (rows: NdArray) => void, most?: number): Promise<void>;
  /** One transition a step, as `transitions` makes them of a recording in memory. @throws Problem "bad-option" */
  transitions(options: TransitionShardsOptions): TransitionShards;
}

/**
 * What a Parquet file that `writeParquet` wrote says of itself. Its rows are not read, so its fingerprint is not checked
 * against them; each row is checked when it is read.
 * @throws Problem "missing-file", "broken-file", "not-a-recording" (decisions too: logs of them fit in memory), "bad-field"
 */
export const openSharded = (path: string): Promise<ShardedTrajectories> =>
  reading(path, what, async (connection) => {
    const header = await parquetHeader(connection, path);
    if (header.kind !== "trajectories") {
      throw problem("not-a-recording", {
        source: path,
        reason: "it holds decisions",
        wanted: "trajectories, to be read in shards",
        next: "Read it whole: readRecording(path).",
      });
    }
    await checkTrajectoryColumns(connection, path, header);
    const file = fileLiteral(path);
    const counted = await connection.runAndReadAll(`SELECT sum(num_rows)::INTEGER FROM parquet_file_metadata(${file})`);
    const count = Number(counted.getRows()[0][0]);
    const { environment, fingerprint = "" } = header.provenance;
    const { observationSpace, actionSpace } = header;
    const opened: File = { path, observationSpace, actionSpace, count };
    return {
      kind: "sharded",
      observationSpace,
      actionSpace,
      count,
      provenance: { environment, fingerprint },
      each: (column, visit, most) => eachPiece(opened, column, visit, most),
      transitions: (options) => transitionShards(opened, options),
    };
  });

interface File {
  readonly path: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly count: number;
}

async function eachPiece(
  { path, observationSpace, actionSpace, count }: File,
  column: "observation" | "action",
  visit: (rows: NdArray) => void,
  most = count,
): Promise<void> {
  const form = storedForm(column === "observation" ? observationSpace : actionSpace);
  const end = Math.min(most, count);
  await reading(path, what, async (connection) => {
    for (let from = 0; from < end; from += defaultPiece) {
      visit(await columnOf(connection, path, column, form, [from, Math.min(end, from + defaultPiece)], ""));
    }
  });
}

type TransitionColumns = Transitions["columns"];
type Buffers = { readonly [K in keyof TransitionColumns]: NdArray };

/** Room for rows in the form `transitions` gives them. */
function buffersFor({ observationSpace, actionSpace }: File, rows: number): Buffers {
  const seen = (): NdArray => zeros([rows, flatDim(observationSpace)]);
  const { shape, dtype } = storedForm(actionSpace);
  const action = actionsOf(actionSpace, zeros([rows, ...shape], dtype));
  const number = (): NdArray => zeros([rows]);
  return {
    observation: seen(),
    action,
    reward: number(),
    nextObservation: seen(),
    continues: number(),
    span: number(),
  };
}

export interface TransitionShards {
  /**
   * For `Updates`: what an update draws from. Each call may change the arrays that the call before it gave.
   * @throws Problem "missing-file", "broken-file" and "bad-row" for what cannot be read
   */
  columns(update: number): Promise<{ readonly columns: TransitionColumns; readonly until: number }>;
  /** int32 [batchSize] rows of an update. */
  rows(update: number): Int32Array;
}

export interface TransitionShardsOptions extends Omit<ShardPlanOptions, "count"> {
  /** Changes a shard's rows in place after they are read, e.g. to centre and scale them. */
  readonly prepare?: (columns: TransitionColumns) => void;
}

/** Holds one shard. */
function transitionShards(recording: File, { prepare, ...options }: TransitionShardsOptions): TransitionShards {
  const plan = shardPlan({ ...options, count: recording.count });
  let held: { readonly from: number; readonly columns: Promise<Buffers> } | undefined;
  let buffers: Buffers | undefined;
  return {
    rows: plan.rows,
    async columns(update) {
      const { from, until, ranges } = plan.shard(update);
      if (held?.from !== from) {
        buffers ??= buffersFor(recording, plan.capacity);
        held = { from, columns: filled(recording, ranges, buffers, prepare) };
      }
      return { columns: await held.columns, until };
    },
  };
}

/** Transitions of row ranges, end to end. */
async function filled(
  recording: File,
  ranges: readonly (readonly [number, number])[],
  buffers: Buffers,
  prepare: TransitionShardsOptions["prepare"],
): Promise<Buffers> {
  await reading(recording.path, what, async (connection) => {
    let at = 0;
    for (const [from, to] of ranges) {
      await fillTransitions(connection, recording, from, to, buffers, at);
      at += to - from;
    }
  });
  const size = ranges.reduce((sum, [from, to]) => sum + to - from, 0);
  prepare?.(mapOf(buffers, (array) => sliceRows(array, 0, size)));
  return buffers;
}

const mapOf = (buffers: Buffers, f: (array: NdArray) => NdArray): Buffers =>
  Object.fromEntries(Object.entries(buffers).map(([name, array]) => [name, f(array)])) as never;

async function fillTransitions(
  connection: DuckDBConnection,
  { path, observationSpace, actionSpace, count }: File,
  from: number,
  to: number,
  buffers: Buffers,
  at: number,
): Promise<void> {
  const read = (name: string, shape: readonly number[], dtype: Dtype, rows: readonly [number, number], where = "") =>
    columnOf(connection, path, name, { shape, dtype }, rows, where);
  const size = to - from;
  const seen = storedForm(observationSpace);
  const done = storedForm(actionSpace);
  // The row behind the last one holds what followed it, unless an episode ends there.
  const observations = await read("observation", seen.shape, seen.dtype, [from, Math.min(to + 1, count)]);
  const finals = await read("final_observation", seen.shape, seen.dtype, [from, to], "final_observation IS NOT NULL");
  const ends = await read("file_row_number", [], "int32", [from, to], "final_observation IS NOT NULL");
  const action = actionsOf(actionSpace, await read("action", done.shape, done.dtype, [from, to]));
  const reward = await read("reward", [], "float64", [from, to]);
  const terminated = await read("terminated", [], "bool", [from, to]);
  if (to === count && Number(ends.data[ends.data.length - 1]) !== count - 1) {
    throw problem("bad-row", {
      source: path,
      place: `row ${count}`,
      field: "final_observation",
      given: "null",
      rule: "the last row of a recording ends an episode",
      next: "Write the file again from its source.",
    });
  }

  const flat = flattenBatch(observationSpace, observations);
  const width = flat.shape[1];
  const into = (name: keyof Buffers, values: NdArray, scale: number): void =>
    (buffers[name].data as Float32Array).set(values.data as Float32Array, at * scale);
  into("observation", sliceRows(flat, 0, size), width);
  into("action", action, sizeOf(action.shape.slice(1)));
  into("reward", reward, 1);
  const next = buffers.nextObservation.data as Float32Array;
  next.set((flat.data as Float32Array).subarray(width), at * width);
  const last = flattenBatch(observationSpace, finals).data as Float32Array;
  ends.data.forEach((row, e) => {
    next.set(last.subarray(e * width, (e + 1) * width), (at + Number(row) - from) * width);
  });
  const continues = buffers.continues.data as Float32Array;
  for (let row = 0; row < size; row++) continues[at + row] = 1 - Number(terminated.data[row]);
  (buffers.span.data as Float32Array).fill(1, at, at + size);
}

/** Rows [from, to) of one column; lists come unnested, which DuckDB does faster than we could take them apart. */
async function columnOf(
  connection: DuckDBConnection,
  path: string,
  name: string,
  { shape, dtype }: { readonly shape: readonly number[]; readonly dtype: Dtype },
  [from, to]: readonly [number, number],
  where: string,
): Promise<NdArray> {
  const table = `read_parquet(${fileLiteral(path)}, file_row_number = true)`;
  const range = `file_row_number >= ${from} AND file_row_number < ${to}${where === "" ? "" : ` AND ${where}`}`;
  const width = sizeOf(shape);
  const column = shape.length === 0 ? identifier(name) : `unnest(${identifier(name)})`;
  const result = await connection.stream(`SELECT ${column} FROM ${table} WHERE ${range}`);
  const values = allocate([(to - from) * width], dtype) as Float64Array;
  let size = 0;
  const refuse = (given: string): never => {
    throw problem("bad-row", {
      source: path,
      place: `rows ${from + 1} to ${to}`,
      field: name,
      given,
      rule: shape.length === 0 ? "every row has a value" : `every row holds ${width} values`,
      next: "Write the file again from its source.",
    });
  };
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const vector = chunk.getColumnVector(0);
    for (let row = 0; row < chunk.rowCount; row++) {
      const value = vector.getItem(row);
      if (value === null) refuse("a value is missing");
      values[size++] = Number(value);
    }
  }
  if (size % width !== 0 || (where === "" && size !== values.length)) refuse(`${size} values in ${to - from} rows`);
  return { shape: [size / width, ...shape], dtype, data: values.subarray(0, size) as NdArray["data"] };
}
