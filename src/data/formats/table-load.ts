/** Files of rows and named columns, put into DuckDB as text: CSV, JSON lines, Parquet. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { problem } from "../../problems.ts";
import type { Source } from "../columns.ts";
import { fileLiteral, literal } from "./duckdb.ts";
import { firstBytes, unpacked } from "./peek.ts";

const isParquet = (path: string): boolean => /\.(parquet|pq)$/i.test(path);
const isJsonLines = (path: string): boolean => /\.(jsonl|ndjson)(\.gz)?$/i.test(path);

/** How a reader finds row i of a table. */
export const tableSource = (path: string): Source => ({
  name: path,
  place: (row) => (isParquet(path) ? `row ${row}` : `line ${row + (isJsonLines(path) ? 1 : 2)}`),
});

/** What a table's file is called in sentences. */
export const tableKind = (path: string): string =>
  isParquet(path) ? "Parquet file" : isJsonLines(path) ? "JSON-lines file" : "CSV file";

/** The names in the first objects of a JSON-lines file; a row that lacks one has an empty cell there. */
async function jsonOptions(path: string): Promise<string> {
  const lines = unpacked(await firstBytes(path, 1 << 16))
    .toString("utf8")
    .split("\n");
  const names = new Set<string>();
  for (const line of lines) {
    try {
      for (const name of Object.keys(JSON.parse(line) as object)) names.add(name);
    } catch {
      // The last line is cut where the first bytes end; DuckDB says what is wrong with any other.
    }
  }
  if (names.size === 0)
    throw problem("broken-file", { path, what: "JSON-lines file", reason: "its first line is not one JSON object" });
  return `format = 'newline_delimited', columns = {${[...names].map((name) => `${literal(name)}: 'VARCHAR'`)}}`;
}

/** Nothing is guessed but the delimiter, from the first line: other guesses turn a damaged line into data. */
async function csvOptions(path: string): Promise<string> {
  const start = unpacked(await firstBytes(path, 1 << 16)).toString("utf8");
  const [first] = start.replace(/^\ufeff/, "").split(/\r?\n/);
  const cells = (delimiter: string): string[] =>
    first.match(new RegExp(`("(?:[^"]|"")*"|[^${delimiter}]*)(?:[${delimiter}]|$)`, "g")) ?? [];
  const delimiter = [",", ";", "\t", "|"].reduce((best, other) =>
    cells(other).length > cells(best).length ? other : best,
  );
  const names = cells(delimiter).slice(0, -1);
  names.forEach((cell, i) => {
    const bare = cell.endsWith(delimiter) ? cell.slice(0, -1) : cell;
    const name = bare.startsWith('"') ? bare.slice(1, -1).replaceAll('""', '"') : bare.trim();
    names[i] = `${literal(name || `column${i}`)}: 'VARCHAR'`;
  });
  if (names.length === 0)
    throw problem("broken-file", { path, what: "CSV file", reason: "its first line names no columns" });
  const types = `auto_detect = false, columns = {${names.join(", ")}}`;
  return `header = true, ${types}, delim = '${delimiter}', quote = '"', escape = '"'`;
}

/** Puts the file into the table "given", every cell as text. */
export async function load(connection: DuckDBConnection, path: string, table = "given"): Promise<void> {
  const file = fileLiteral(path);
  const relation = isParquet(path)
    ? `(SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet(${file}))`
    : isJsonLines(path)
      ? `read_json(${file}, ${await jsonOptions(path)})`
      : `read_csv(${file}, ${await csvOptions(path)})`;
  await connection.run(`CREATE TABLE ${table} AS SELECT * FROM ${relation}`);
}
