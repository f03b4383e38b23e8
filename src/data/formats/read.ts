/** Recordings from and to files, whatever their format. */
import { stat } from "node:fs/promises";
import { problem } from "../../problems.ts";
import type { DecisionLog, Recording } from "../trajectories.ts";
import { readJsonl, writeJsonl } from "./jsonl.ts";
import { isOpenBandit, readOpenBandit } from "./open-bandit.ts";
import { readParquet } from "./parquet.ts";
import { writeParquet } from "./parquet-writer.ts";
import { firstBytes, unpacked } from "./peek.ts";
import { readTable, type TableOptions } from "./table.ts";

export type Format = "parquet" | "jsonl" | "open-bandit" | "table";

export interface ReadOptions extends Partial<TableOptions> {
  /** Left out, the format is found from the contents and the name. With `columns` the file is a table of one's own. */
  readonly format?: Format;
}

const formats =
  "a .parquet or .jsonl(.gz) recording, a folder of the Open Bandit Dataset, or a .csv(.gz) or .parquet table with a column map";

/**
 * Reads a recording and checks every rule of the data model.
 * @example const log = await readRecording("may.parquet");
 * @example const log = await readRecording("may.csv", { columns: { context: ["age"], action: "shown", propensity: "p", reward: "bought" } });
 * @throws Problem one sentence: the file, the row, the field, the rule
 */
export async function readRecording(path: string, options: ReadOptions = {}): Promise<Recording> {
  const { format = await formatOf(path, options), columns, like } = options;
  switch (format) {
    case "parquet":
      return readParquet(path);
    case "jsonl":
      return readJsonl(path);
    case "open-bandit":
      return readOpenBandit(path, like ? { like } : {});
    case "table":
      if (columns === undefined) throw needsColumns(path);
      return readTable(path, { ...options, columns });
    default:
      throw problem("unknown-name", {
        where: "readRecording",
        what: "format",
        name: String(format),
        known: ["parquet", "jsonl", "open-bandit", "table"],
      });
  }
}

/** A recording that must be a decision log. @throws Problem "not-a-recording" when it is trajectories */
export async function readDecisionLog(path: string, options: ReadOptions = {}): Promise<DecisionLog> {
  const recording = await readRecording(path, options);
  if (recording.kind === "decisions") return recording;
  throw problem("not-a-recording", {
    source: path,
    reason: "it holds trajectories",
    wanted: "a decision log: contexts, actions, propensities, rewards",
    next: "Use a command for trajectories, or another file.",
  });
}

const needsColumns = (path: string) =>
  problem("not-a-recording", {
    source: path,
    reason: "a table does not say which of its columns is what",
    wanted: "a column map",
    next: 'Give one: { columns: { context: ["age"], action: "shown", propensity: "p", reward: "bought" } }.',
  });

async function formatOf(path: string, options: ReadOptions): Promise<Format> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw problem("missing-file", { path, what: formats });
  if (options.columns !== undefined) return "table";
  if (await isOpenBandit(path)) return "open-bandit";
  if (found.isDirectory()) {
    throw problem("not-a-recording", {
      source: path,
      reason: "it is a folder",
      wanted: formats,
      next: "Give one file.",
    });
  }
  const start = await firstBytes(path, 256);
  if (start.subarray(0, 4).toString("latin1") === "PAR1" || /\.(parquet|pq)$/i.test(path)) return "parquet";
  const text = unpacked(start)
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .trimStart();
  if (text.startsWith("{") || /\.(jsonl|ndjson)(\.gz)?$/i.test(path)) return "jsonl";
  if (/\.(csv|tsv)(\.gz|\.zst)?$/i.test(path)) throw needsColumns(path);
  throw problem("not-a-recording", {
    source: path,
    reason: found.size === 0 ? "the file is empty" : "neither its name nor its contents say what it is",
    wanted: formats,
    next: "Give the file its usual ending, or name the format.",
  });
}

/**
 * Writes a recording, whole or not at all: .parquet for what programs read, .jsonl or .jsonl.gz for what people do.
 * @throws Problem "bad-value" for another ending
 */
export async function writeRecording(path: string, recording: Recording): Promise<void> {
  if (/\.(parquet|pq)$/i.test(path)) return writeParquet(path, recording);
  if (/\.(jsonl|ndjson)(\.gz)?$/i.test(path)) return writeJsonl(path, recording);
  throw problem("bad-value", {
    where: "writeRecording",
    given: path,
    wanted: "a path that ends in .parquet, .jsonl or .jsonl.gz",
  });
}
