/** Recordings from and to files, whatever their format. */
import { stat } from "node:fs/promises";
import { problem } from "../../problems.ts";
import { conversationTrajectories, pairConversations } from "../conversations.ts";
import type { DecisionLog, Recording, Trajectories } from "../trajectories.ts";
import { readConversations, readPreferences } from "./conversations-file.ts";
import { readD4rl } from "./d4rl.ts";
import { readDsjson } from "./dsjson.ts";
import { readJsonl, writeJsonl } from "./jsonl.ts";
import { readLeRobot } from "./lerobot.ts";
import { lerobotFolder } from "./lerobot-info.ts";
import { writeLeRobot } from "./lerobot-writer.ts";
import { readMinari } from "./minari.ts";
import { writeMinari } from "./minari-writer.ts";
import { readOpenBandit } from "./open-bandit.ts";
import { readOvercooked } from "./overcooked.ts";
import { readParquet } from "./parquet.ts";
import { writeParquet } from "./parquet-writer.ts";
import { readPedestrians } from "./pedestrians.ts";
import { readRllib } from "./rllib.ts";
import { readRobomimic } from "./robomimic.ts";
import { anyFormat, type Format, formatOf, formats, needsColumns } from "./sniff.ts";
import { type ColumnMap, readTable, type TableOptions } from "./table.ts";
import { readStepTable, type StepColumnMap } from "./table-steps.ts";
import { readVw } from "./vw-text.ts";
import { writeDsjson, writeVw } from "./vw-writer.ts";

export interface ReadOptions extends Partial<Omit<TableOptions, "columns">> {
  /** Left out, the format is found from the contents and the name. With `columns` the file is a table of one's own. */
  readonly format?: Format;
  /** Which column of a table is what: with `context` a table of decisions, with `observation` one of steps. */
  readonly columns?: ColumnMap | StepColumnMap;
}

const isSteps = (columns: ColumnMap | StepColumnMap): columns is StepColumnMap => "observation" in columns;

/**
 * Reads a recording and checks every rule of the data model. Conversations and preferences become steps of numbers, what
 * kind of thing the agent did at each (`conversationTrajectories`); `readConversations` and `readPreferences` keep the
 * texts. The readers of each format take further options.
 * @example const log = await readRecording("may.parquet");
 * @example const log = await readRecording("may.csv", { columns: { context: ["age"], action: "shown", propensity: "p", reward: "bought" } });
 * @throws Problem one sentence: the file, the row, the field, the rule
 */
export async function readRecording(path: string, options: ReadOptions = {}): Promise<Recording> {
  const { columns, like } = options;
  if (columns !== undefined && (await stat(path).catch(() => undefined)) === undefined) {
    throw problem("missing-file", { path, what: anyFormat });
  }
  const format = options.format ?? (columns === undefined ? await formatOf(path) : "table");
  const similar = like ? { like } : {};
  switch (format) {
    case "parquet":
      return readParquet(path);
    case "jsonl":
      return readJsonl(path);
    case "open-bandit":
      return readOpenBandit(path, similar);
    case "table":
      return readAnyTable(path, options);
    case "minari":
      return readMinari(path);
    case "lerobot":
      return readLeRobot(lerobotFolder(path));
    case "d4rl":
      return readD4rl(path);
    case "robomimic":
      return readRobomimic(path);
    case "rllib":
      return readRllib(path);
    case "vw":
      return readVw(path, similar);
    case "dsjson":
      return readDsjson(path, similar);
    case "overcooked":
      return readOvercooked(path);
    case "pedestrians":
      return readPedestrians(path);
    case "conversations":
      return conversationTrajectories(await readConversations(path));
    case "preferences":
      return conversationTrajectories(pairConversations(await readPreferences(path)));
    default:
      throw problem("unknown-name", {
        where: "readRecording",
        what: "format",
        name: String(format),
        known: formats,
      });
  }
}

function readAnyTable(path: string, options: ReadOptions): Promise<Recording> {
  const { columns, like, categorical, license } = options;
  if (columns === undefined) throw needsColumns(path);
  if (!isSteps(columns)) return readTable(path, { ...options, columns });
  if (like === undefined) {
    return readStepTable(path, {
      columns,
      ...(categorical ? { categorical } : {}),
      ...(license === undefined ? {} : { license }),
    });
  }
  throw problem("bad-option", {
    where: path,
    name: "like",
    given: "a decision log",
    wanted: "it left out: a table of steps is not read like a log of decisions",
  });
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

/** What `writeRecording` writes. */
export type WrittenFormat = "parquet" | "jsonl" | "minari" | "lerobot" | "vw" | "dsjson";

const endings: readonly (readonly [RegExp, WrittenFormat])[] = [
  [/\.(parquet|pq)$/i, "parquet"],
  [/\.(jsonl|ndjson)(\.gz)?$/i, "jsonl"],
  [/\.vw$/i, "vw"],
  [/\.dsjson$/i, "dsjson"],
];

/**
 * Writes a recording: .parquet for what programs read, .jsonl or .jsonl.gz for what people do, .vw and .dsjson for Vowpal
 * Wabbit; by its name a folder of "minari" or "lerobot". A file is written whole or not at all. Text (.vw) has no place for
 * extras and tags; from all others the same recording is read back.
 * @throws Problem "bad-value" for another ending, or a recording of a kind that the format does not hold
 */
export async function writeRecording(
  path: string,
  recording: Recording,
  options: { readonly format?: WrittenFormat } = {},
): Promise<void> {
  const format = options.format ?? endings.find(([ending]) => ending.test(path))?.[1];
  switch (format) {
    case "parquet":
      return writeParquet(path, recording);
    case "jsonl":
      return writeJsonl(path, recording);
    case "vw":
      return writeVw(path, recording);
    case "dsjson":
      return writeDsjson(path, recording);
    case "minari":
      return writeMinari(path, episodesOnly(path, recording));
    case "lerobot":
      return writeLeRobot(path, episodesOnly(path, recording));
    default:
      throw problem("bad-value", {
        where: "writeRecording",
        given: path,
        wanted: 'a path that ends in .parquet, .jsonl, .jsonl.gz, .vw or .dsjson, or a format ("minari", "lerobot")',
      });
  }
}

function episodesOnly(path: string, recording: Recording): Trajectories {
  if (recording.kind === "trajectories") return recording;
  throw problem("bad-value", {
    where: path,
    given: "a decision log",
    wanted: "trajectories",
    next: "Make one-step episodes of it with asTrajectories, or write .parquet, .vw or .dsjson.",
  });
}
