/**
 * The Open Bandit Dataset: impressions of a fashion site under a random policy and under Bernoulli Thompson sampling.
 * Saito, Aihara, Matsutani, Narita (2021), "Open Bandit Dataset and Pipeline", arXiv:2008.07146; data CC BY 4.0.
 */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { problem } from "../../problems.ts";
import { type NdArray, ndarray } from "../../tensor/ndarray.ts";
import type { Source } from "../columns.ts";
import type { ActionSet, DecisionLog } from "../trajectories.ts";
import { reading } from "./duckdb.ts";
import { decisionsFrom, namesIn, numberIn } from "./table.ts";
import { load } from "./table-load.ts";

const items = "item_context.csv";

export interface OpenBanditOptions {
  /** Encode as this log was; give the training log when reading the one to test on. */
  readonly like?: DecisionLog;
}

const userFeatures = [0, 1, 2, 3].map((i) => `user_feature_${i}`);

/** What the files look like from the outside: a folder with item_context.csv, or a log beside one. */
export async function isOpenBandit(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false;
  if (!found.isDirectory() && !/\.csv(\.gz)?$/.test(path)) return false;
  if (basename(path) === items) return false;
  const beside = await stat(join(found.isDirectory() ? path : dirname(path), items)).catch(() => undefined);
  return beside?.isFile() ?? false;
}

/**
 * Reads one campaign of one policy, e.g. the folder "bts" with men.csv (or .gz) and item_context.csv.
 *
 * The context is the hashed user features and the position, one-hot, then the user-item affinities. The propensity is
 * the file's: the probability that the policy shows the item *at its position*, so that rows of one position make one
 * logging policy. Item features describe the actions; their hashes differ between the two policies' files, so a log read
 * `like` another takes that log's actions.
 * @throws Problem "missing-file", "broken-file", "bad-field", "bad-row"
 */
export async function readOpenBandit(path: string, options: OpenBanditOptions = {}): Promise<DecisionLog> {
  const log = await logIn(path);
  const itemPath = join(dirname(log), items);
  const actions = options.like?.actions ?? (await reading(itemPath, "CSV file of items", (c) => itemsIn(c, itemPath)));
  return reading(log, "CSV file of the Open Bandit Dataset", async (connection) => {
    await load(connection, log);
    const described = await connection.runAndReadAll("DESCRIBE given");
    const affinities = described
      .getRows()
      .map(([name]) => String(name))
      .filter((name) => /^user-item_affinity_\d+$/.test(name))
      .sort((a, b) => Number(a.split("_")[2]) - Number(b.split("_")[2]));
    return decisionsFrom(connection, log, {
      columns: {
        context: [...userFeatures, "position", ...affinities],
        action: "item_id",
        propensity: "propensity_score",
        reward: "click",
        timestamp: "timestamp",
        extras: ["position"],
      },
      categorical: [...userFeatures, "position"],
      actions,
      license: "CC BY 4.0",
      ...(options.like ? { like: options.like } : {}),
    });
  });
}

async function logIn(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw problem("missing-file", { path, what: `a folder of the Open Bandit Dataset, or a log beside its ${items}` });
  }
  if (!found.isDirectory()) return path;
  const logs = (await readdir(path)).filter((name) => /\.csv(\.gz)?$/.test(name) && name !== items).sort();
  if (logs.length === 1) return join(path, logs[0]);
  throw problem("not-a-recording", {
    source: path,
    reason: logs.length === 0 ? "the folder has no log" : `the folder has several logs: ${logs.join(", ")}`,
    wanted: `one of all, men or women (.csv or .csv.gz) beside ${items}`,
    next: logs.length === 0 ? "Give the folder of one campaign." : "Give the path of one of them.",
  });
}

/** One row an item: numbers as they are, hashes one-hot. */
async function itemsIn(connection: DuckDBConnection, path: string): Promise<ActionSet> {
  const source: Source = { name: path, place: (row) => `line ${row + 2}` };
  await load(connection, path);
  const described = await connection.runAndReadAll("DESCRIBE given");
  const columns = described.getRows().map(([name]) => String(name));
  const features = columns.filter((name) => /^item_feature_\d+$/.test(name)).sort();
  const rows = (await connection.runAndReadAll("SELECT * FROM given")).getRows() as (string | null)[][];
  const id = columns.indexOf("item_id");
  if (id < 0) {
    throw problem("bad-field", {
      source: path,
      field: "item_id",
      given: "there is no such column",
      rule: `the columns are ${columns.join(", ")}`,
      next: "Take the file from the Open Bandit Dataset.",
    });
  }
  const parts: ((row: (string | null)[], at: number) => number[])[] = [];
  for (const name of features) {
    const column = columns.indexOf(name);
    if (rows.every((row) => Number.isFinite(Number(row[column] ?? "x")))) {
      parts.push((row, at) => [numberIn(row[column], at, name, source)]);
    } else {
      const names = await namesIn(connection, name);
      parts.push((row) => names.map((known) => Number((row[column] ?? "") === known)));
    }
  }
  const byItem = new Array<number[]>(rows.length);
  rows.forEach((row, at) => {
    const item = numberIn(row[id], at, "item_id", source);
    if (!(Number.isInteger(item) && item >= 0 && item < rows.length) || byItem[item] !== undefined) {
      throw problem("bad-row", {
        source: path,
        place: source.place(at),
        field: "item_id",
        given: String(row[id]),
        rule: `items are numbered 0 … ${rows.length - 1}, each once`,
        next: "Take the file from the Open Bandit Dataset.",
      });
    }
    byItem[item] = parts.flatMap((part) => part(row, at));
  });
  const values: NdArray = ndarray(byItem);
  return { count: rows.length, names: rows.map((_, i) => String(i)), features: values };
}
