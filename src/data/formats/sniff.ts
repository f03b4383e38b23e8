/** Which format a file or folder has, from what is in it; its name decides only where contents do not. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { problem } from "../../problems.ts";
import { isD4rl } from "./d4rl.ts";
import { readingHdf5 } from "./hdf5.ts";
import { isLeRobot, lerobotFolder } from "./lerobot-info.ts";
import { dataName, minariFolder } from "./minari-metadata.ts";
import { isOpenBandit } from "./open-bandit.ts";
import { isOvercooked } from "./overcooked.ts";
import { isTracks } from "./pedestrians.ts";
import { firstBytes, unpacked } from "./peek.ts";
import { isRobomimic } from "./robomimic.ts";

/** Everything that `readRecording` reads. */
export const formats = [
  "parquet",
  "jsonl",
  "table",
  "open-bandit",
  "minari",
  "lerobot",
  "d4rl",
  "robomimic",
  "rllib",
  "vw",
  "dsjson",
  "overcooked",
  "pedestrians",
  "conversations",
  "preferences",
] as const;
export type Format = (typeof formats)[number];

export const anyFormat =
  "a .parquet or .jsonl(.gz) recording, a folder of the Open Bandit Dataset, Minari or LeRobot, a file of one of the formats in docs/recordings.md, or a .csv(.gz), .jsonl or .parquet table with a column map";

export const needsColumns = (path: string) =>
  problem("not-a-recording", {
    source: path,
    reason: "a table does not say which of its columns is what",
    wanted: "a column map",
    next: 'Give one: { columns: { context: ["age"], action: "shown", propensity: "p", reward: "bought" } }, or for steps { columns: { observation: ["x"], action: "push", reward: "r", episode: "run" } }.',
  });

/** The most of a file that is looked at. */
const look = 1 << 16;

/** @throws Problem "missing-file", or "not-a-recording" when nothing says what it is */
export async function formatOf(path: string): Promise<Format> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw problem("missing-file", { path, what: anyFormat });
  if (await isOpenBandit(path)) return "open-bandit";
  if (found.isDirectory()) return folderFormat(path);
  if (lerobotFolder(path) !== path && (await isLeRobot(lerobotFolder(path)))) return "lerobot";
  const start = await firstBytes(path, look);
  if (start.subarray(0, 4).toString("latin1") === "PAR1" || /\.(parquet|pq)$/i.test(path)) return "parquet";
  if (start.subarray(1, 4).toString("latin1") === "HDF" || /\.(hdf5|h5)$/i.test(path)) return hdf5Format(path);
  const text = unpacked(start)
    .subarray(0, 4 * look)
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .trimStart();
  const known = textFormat(text, path);
  if (known !== undefined) return known;
  if (/\.(csv|tsv)(\.gz|\.zst)?$/i.test(path)) throw needsColumns(path);
  throw problem("not-a-recording", {
    source: path,
    reason: found.size === 0 ? "the file is empty" : "neither its name nor its contents say what it is",
    wanted: anyFormat,
    next: "Give the file its usual ending, or name the format.",
  });
}

async function folderFormat(path: string): Promise<Format> {
  if ((await minariFolder(path)) !== undefined) return "minari";
  if (await isLeRobot(path)) return "lerobot";
  throw problem("not-a-recording", {
    source: path,
    reason: "it is a folder",
    wanted: anyFormat,
    next: "Give one file.",
  });
}

async function hdf5Format(path: string): Promise<Format> {
  if (basename(path) === dataName && (await minariFolder(path)) !== undefined) return "minari";
  return readingHdf5(path, "HDF5 file", (root): Format => {
    if (isRobomimic(root)) return "robomimic";
    if (isD4rl(root)) return "d4rl";
    throw problem("not-a-recording", {
      source: path,
      reason: `it holds ${root.names.slice(0, 8).join(", ") || "nothing"}`,
      wanted: "an HDF5 file of D4RL or robomimic, or the main_data.hdf5 of a Minari dataset beside its metadata.json",
      next: "Look at its groups with h5ls or h5dump.",
    });
  });
}

const names = (text: string, ...all: readonly string[]): boolean =>
  all.every((name) => new RegExp(`"${name}"\\s*:`).test(text));

function textFormat(text: string, path: string): Format | undefined {
  const [first = ""] = text.split("\n", 1);
  if (text.startsWith("{") || text.startsWith("[")) return jsonFormat(first, text, path);
  if (/\.(jsonl|ndjson)(\.gz)?$/i.test(path)) return "jsonl";
  if (isOvercooked(first)) return "overcooked";
  if (!/\.(csv|tsv)(\.gz|\.zst)?$/i.test(path) && isVw(first)) return "vw";
  return isTracks(text) ? "pedestrians" : undefined;
}

/** A label or a role before the first bar, or the bar at once. */
const isVw = (line: string): boolean =>
  /^(shared\s*\||ccb\s+(shared|action|slot)\b|(\d+(:-?[\d.]+(e[+-]?\d+)?){0,2}\s+)+('\S*\s*)?\||\|\S*\s)/i.test(line);

function jsonFormat(first: string, text: string, path: string): Format {
  if (/"kind"\s*:\s*"(trajectories|decisions)"/.test(first)) return "jsonl";
  if (/"kind"\s*:\s*"feedback"/.test(first)) {
    throw problem("not-a-recording", {
      source: path,
      reason: "it holds feedback",
      wanted: anyFormat,
      next: "Give it beside the recording that it judges: repertoire feedback RECORDING FILE, or readFeedback.",
    });
  }
  // A list may begin on a line of its own.
  const row = text.startsWith("[") ? text : first;
  if (/"type"\s*:\s*"(SampleBatch|MultiAgentBatch)"/.test(row)) return "rllib";
  if (names(row, "chosen", "rejected")) return "preferences";
  const spoken = names(row, "messages") || names(row, "messages_display") || names(row, "prompt", "completion");
  if (spoken || names(row, "conversations") || names(row, "task_id", "traj")) return "conversations";
  if (names(row, "_multi") || names(row, "_label_cost") || names(row, "_label_Cost") || names(row, "c", "a", "p"))
    return "dsjson";
  return /^\[/.test(text) && names(row, "role", "content") ? "conversations" : "jsonl";
}
