/** The Parquet files within a LeRobot dataset: frames, episodes, tasks. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { problem } from "../../problems.ts";
import type { NdArray } from "../../tensor/ndarray.ts";
import { growing, type Source, type Stored } from "../columns.ts";
import { eachRow, fileLiteral, identifier, reading } from "./duckdb.ts";
import { picture } from "./png.ts";

/** The files under a folder's chunk-NNN/file-NNN.parquet, in order. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  const inside = (await readdir(folder, { recursive: true }).catch(() => [])).map(String);
  return inside
    .filter((name) => name.endsWith(".parquet"))
    .sort()
    .map((name) => join(folder, name));
}

const fileList = (files: readonly string[]): string => `[${files.map(fileLiteral).join(", ")}]`;

/**
 * Named columns out of files that follow each other.
 * @throws Problem "broken-file", "bad-field" for a column that is not there, "bad-row" for a value of another form
 */
export const readColumns = (
  files: readonly string[],
  what: string,
  forms: readonly (readonly [string, Stored])[],
  source: Source,
): Promise<{ readonly [feature: string]: NdArray }> =>
  reading(files[0], what, (connection) => columnsIn(connection, fileList(files), forms, source));

/** The names of the columns of files that follow each other. */
export const columnNames = (files: readonly string[], what: string): Promise<ReadonlySet<string>> =>
  reading(files[0], what, (connection) => namesIn(connection, fileList(files)));

async function namesIn(connection: DuckDBConnection, files: string): Promise<ReadonlySet<string>> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${files})`);
  return new Set(described.getRows().map(([name]) => String(name)));
}

async function columnsIn(
  connection: DuckDBConnection,
  files: string,
  forms: readonly (readonly [string, Stored])[],
  source: Source,
): Promise<{ readonly [feature: string]: NdArray }> {
  const found = await namesIn(connection, files);
  for (const [field] of forms) {
    if (found.has(field)) continue;
    throw problem("bad-field", {
      source: source.name,
      field,
      given: "there is no such column",
      rule: `the columns are ${[...found].join(", ")}`,
      next: "meta/info.json promises it; take the dataset again from where it was made.",
    });
  }
  const filled = forms.map(([name, stored]) => growing(stored, source, name));
  const names = forms.map(([name]) => identifier(name)).join(", ");
  const result = await connection.stream(`SELECT ${names} FROM read_parquet(${files})`);
  await eachRow(result, (values) => {
    filled.forEach((column, c) => {
      column.push(unwrapped(values[c]));
    });
  });
  return Object.fromEntries(forms.map(([name], i) => [name, filled[i].done()]));
}

/** DuckDB's lists within lists as arrays. */
function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value === "object" && value !== null && "items" in value) return unwrapped(value.items);
  return value;
}

/** What each task is called; nothing where the dataset does not say. */
export async function tasksIn(path: string): Promise<ReadonlyMap<number, string>> {
  const file = join(path, "meta", "tasks.parquet");
  if ((await stat(file).catch(() => undefined)) === undefined) return new Map();
  return reading(file, "tasks of a LeRobot dataset", async (connection) => {
    const result = await connection.runAndReadAll(`SELECT * FROM read_parquet(${fileLiteral(file)})`);
    const names = result.columnNames();
    const index = names.indexOf("task_index");
    const words = names.findIndex((name) => name !== "task_index");
    return new Map(result.getRows().map((row) => [Number(row[index]), String(row[words])]));
  });
}

/**
 * The pictures of a feature, kept as PNG files within the table.
 * @returns float32 [rows, height, width, channels], 0 … 255
 * @throws Problem "bad-row" for one that is missing, is no such file, or has another size
 */
export const readPictures = (
  files: readonly string[],
  what: string,
  name: string,
  rows: number,
  source: Source,
): Promise<NdArray> =>
  reading(files[0], what, async (connection) => {
    const query = `SELECT ${identifier(name)}.bytes FROM read_parquet(${fileList(files)})`;
    const result = await connection.stream(query);
    let all: { readonly shape: readonly number[]; readonly data: Float32Array } | undefined;
    let row = 0;
    await eachRow(result, ([value]) => {
      const bytes = typeof value === "object" && value !== null && "bytes" in value ? value.bytes : undefined;
      const made = bytes instanceof Uint8Array ? picture(bytes) : "there is none";
      if (typeof made === "string") throw badPicture(source, row, name, made);
      const shape = [made.height, made.width, made.channels];
      all ??= { shape, data: new Float32Array(rows * made.data.length) };
      if (shape.join() !== all.shape.join())
        throw badPicture(source, row, name, `it is ${shape}, not ${all.shape} large`);
      all.data.set(made.data, row * made.data.length);
      row++;
    });
    return { shape: [rows, ...(all?.shape ?? [0, 0, 0])], dtype: "float32", data: all?.data ?? new Float32Array() };
  });

const badPicture = (source: Source, row: number, field: string, given: string) =>
  problem("bad-row", {
    source: source.name,
    place: source.place(row),
    field,
    given,
    rule: "pictures are PNG files of one size, 8 bits a channel",
    next: 'Write them so, or leave pictures out with { frames: "skip" }.',
  });
