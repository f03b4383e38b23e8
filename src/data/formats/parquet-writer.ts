/** Writes recordings as Parquet files; parquet.ts says what they look like and reads them. */
import { open } from "node:fs/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { replaceAtomically } from "../../files.ts";
import { problem } from "../../problems.ts";
import { type Dtype, type NdArray, ndarray, sizeOf } from "../../tensor/ndarray.ts";
import type { DecisionLog, Recording, Trajectories } from "../trajectories.ts";
import { identifier, literal, withDuckDB } from "./duckdb.ts";
import { headerOf } from "./header.ts";

/** The entry of the footer that holds the header. */
export const footerKey = "repertoire";

/** The file's type for each element type. */
export const types = {
  float32: "FLOAT",
  float64: "DOUBLE",
  int32: "INTEGER",
  int64: "BIGINT",
  bool: "BOOLEAN",
} as const;

type Scalar = number | bigint | boolean | string;

/** A column of a file: its name, type, and the value of each row. */
export interface Written {
  readonly name: string;
  readonly type: (typeof types)[Dtype] | "VARCHAR";
  readonly list: boolean;
  readonly value: (row: number) => Scalar | readonly Scalar[] | null;
}

/** Arrays become flat lists, row-major; their shape stands in the header. */
export function written(name: string, array: NdArray): Written {
  const { dtype, data } = array;
  const type = types[dtype];
  const read = dtype === "bool" ? (i: number) => data[i] === 1 : (i: number) => data[i];
  if (array.shape.length === 1) return { name, type, list: false, value: read };
  const width = sizeOf(array.shape.slice(1));
  return { name, type, list: true, value: (row) => Array.from({ length: width }, (_, i) => read(row * width + i)) };
}

/** Entries by name, so that equal recordings make equal files however their records were put together. */
const inOrder = <T>(record: { readonly [name: string]: T }): readonly (readonly [string, T])[] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

function trajectoryColumns(t: Trajectories): readonly Written[] {
  const episode = new Int32Array(t.reward.length);
  for (let e = 0; e + 1 < t.offsets.length; e++) episode.fill(e, t.offsets[e], t.offsets[e + 1]);
  const final = written("final_observation", t.finalObservation);
  const ends = (row: number): boolean => row + 1 === t.offsets[episode[row] + 1];
  return [
    written("episode", ndarray(episode)),
    { name: "step", type: "INTEGER", list: false, value: (row) => row - t.offsets[episode[row]] },
    written("observation", t.observation),
    written("action", t.action),
    written("reward", ndarray(t.reward)),
    written("terminated", ndarray(t.terminated)),
    written("truncated", ndarray(t.truncated)),
    { ...final, value: (row) => (ends(row) ? final.value(episode[row]) : null) },
    ...inOrder(t.extras).map(([name, array]) => written(`extras.${name}`, array)),
  ];
}

function decisionColumns(log: DecisionLog): readonly Written[] {
  return [
    written("context", log.context),
    written("action", ndarray(log.action)),
    written("propensity", ndarray(log.propensity)),
    written("reward", ndarray(log.reward)),
    ...(log.available ? [written("available", log.available)] : []),
    ...(log.loggingPolicy ? [written("logging_policy", log.loggingPolicy)] : []),
    ...inOrder(log.extras).map(([name, array]) => written(`extras.${name}`, array)),
    ...inOrder(log.tags).map(
      ([name, values]): Written => ({
        name: `tags.${name}`,
        type: "VARCHAR",
        list: false,
        value: (row) => JSON.stringify(values[row]),
      }),
    ),
  ];
}

const chunkRows = 2048;

async function fill(connection: DuckDBConnection, columns: readonly Written[], rows: number): Promise<void> {
  const duckdb = await import("@duckdb/node-api");
  const declared = columns.map(({ name, type, list }) => `${identifier(name)} ${type}${list ? "[]" : ""}`);
  await connection.run(`CREATE TABLE recording (${declared.join(", ")})`);
  const appender = await connection.createAppender("recording");
  const chunkTypes = columns.map(({ type, list }) => (list ? duckdb.LIST(duckdb[type]) : duckdb[type]));
  for (let start = 0; start < rows; start += chunkRows) {
    const count = Math.min(chunkRows, rows - start);
    const chunk = duckdb.DuckDBDataChunk.create(chunkTypes, count);
    columns.forEach((column, c) => {
      const vector = chunk.getColumnVector(c);
      for (let i = 0; i < count; i++) {
        const value = column.value(start + i);
        vector.setItem(i, Array.isArray(value) ? duckdb.listValue(value) : (value as Scalar | null));
      }
      vector.flush();
    });
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

/**
 * Writes a recording whole or not at all. Equal recordings make equal files, byte for byte.
 * @throws Problem "bad-field" when two extras or tags have names that differ in case alone, which Parquet readers confuse
 */
export async function writeParquet(path: string, recording: Recording): Promise<void> {
  const columns = recording.kind === "trajectories" ? trajectoryColumns(recording) : decisionColumns(recording);
  await writeColumns(path, columns, recording.reward.length, { [footerKey]: headerOf(recording) });
}

/**
 * Writes columns to a Parquet file, with entries in its footer; whole or not at all.
 * @throws Problem "bad-field" when two columns have names that differ in case alone
 */
export async function writeColumns(
  path: string,
  columns: readonly Written[],
  rows: number,
  footer: { readonly [entry: string]: string } = {},
): Promise<void> {
  const seen = new Set<string>();
  for (const { name } of columns) {
    const folded = name.toLowerCase();
    if (seen.has(folded)) {
      throw problem("bad-field", {
        source: path,
        field: name,
        given: "two columns differ in case alone",
        rule: "names in a Parquet file differ in more",
        next: "Rename one of them.",
      });
    }
    seen.add(folded);
  }
  // A dictionary takes 0 and −0 for one value.
  const exact = "DICTIONARY_SIZE_LIMIT 0";
  const entries = Object.entries(footer).map(([name, value]) => `${identifier(name)}: ${literal(value)}`);
  const options = [
    "FORMAT parquet",
    "COMPRESSION zstd",
    exact,
    ...(entries.length > 0 ? [`KV_METADATA {${entries}}`] : []),
  ];
  await replaceAtomically(path, async (temporary) => {
    await withDuckDB(async (connection) => {
      await fill(connection, columns, rows);
      await connection.run(`COPY recording TO ${literal(temporary)} (${options.join(", ")})`);
    });
    const file = await open(temporary, "r+");
    await file.sync();
    await file.close();
  });
}
