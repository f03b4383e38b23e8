/** DuckDB as a reader and writer of files: opened for one piece of work, then closed. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { DuckDBConnection, DuckDBResult } from "@duckdb/node-api";
import { Problem, problem } from "../../problems.ts";

/** Runs `use` on a fresh in-memory database that never reaches the network. */
export async function withDuckDB<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  // One thread: rows and row groups then come out in one order, so equal recordings make equal files.
  const options = { threads: "1", autoinstall_known_extensions: "false", autoload_known_extensions: "false" };
  const instance = await DuckDBInstance.create(":memory:", options);
  try {
    const connection = await instance.connect();
    try {
      return await use(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** A text inside SQL. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A column's name inside SQL. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A path inside SQL that stands for one local file, whatever characters are in it. */
export const fileLiteral = (path: string): string => literal(resolve(path).replace(/[[*?]/g, "[$&]"));

/**
 * Runs work that reads a file through DuckDB; what DuckDB cannot make of it becomes a sentence.
 * @throws Problem "missing-file", "broken-file"
 */
export const reading = <T>(path: string, what: string, work: (c: DuckDBConnection) => Promise<T>): Promise<T> =>
  explained(path, what, () => withDuckDB(work));

/** The same for work on a database that is open already. */
export async function explained<T>(path: string, what: string, work: () => Promise<T>): Promise<T> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw problem("missing-file", { path, what });
  if (!found.isFile()) {
    throw problem("broken-file", { path, what, reason: "it is not a file", next: "Give the path of a file." });
  }
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw problem("broken-file", { path, what, reason: reasonOf((error as Error).message) });
  }
}

/** DuckDB's first line, and for a CSV file the one that says what is wrong; the rest is advice about its own options. */
function reasonOf(message: string): string {
  const [first, ...rest] = message.split("\n");
  const csv = /^(Expected Number of Columns|Value with unterminated quote)/;
  const detail = rest.find((line) => csv.test(line));
  const whole = first.replace(/^\w[\w ]*Error: /, "").replace("CSV Error on Line:", "line");
  return (detail ? `${whole}: ${detail}` : whole).replace(/[.\s]+$/, "");
}

/** Every row of a streamed result, column values beside each other, without holding more than a chunk of them. */
export async function eachRow(result: DuckDBResult, visit: (values: readonly unknown[]) => void): Promise<void> {
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const vectors = Array.from({ length: chunk.columnCount }, (_, c) => chunk.getColumnVector(c));
    for (let row = 0; row < chunk.rowCount; row++) {
      visit(
        vectors.map((vector) => {
          const value = vector.getItem(row);
          return typeof value === "object" && value !== null && "items" in value ? value.items : value;
        }),
      );
    }
  }
}
