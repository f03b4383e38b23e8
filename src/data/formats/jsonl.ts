/**
 * JSON-lines files of recordings: a header, then one object a step or decision. Plain to write by hand or from any
 * program; docs/recordings.md shows both kinds. A path that ends in .gz is compressed.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { replaceAtomically } from "../../files.ts";
import { Problem, problem } from "../../problems.ts";
import { storedForm } from "../../spaces/stored.ts";
import { type NdArray, sizeOf } from "../../tensor/ndarray.ts";
import { trajectories } from "../build.ts";
import { type Growing, growing, type Source, type Stored } from "../columns.ts";
import { decisionLog } from "../decision-log.ts";
import type { DecisionLog, Recording, Tags, Trajectories } from "../trajectories.ts";
import { type DecisionsHeader, extrasOf, headerOf, originOf, parseHeader, type TrajectoriesHeader } from "./header.ts";

const what = "JSON-lines file of a recording";

// ---------------------------------------------------------------------------------------------------- writing

/** JSON keeps every double except the sign of a zero that was written as 0. */
const numberText = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

/** The value of a row: a number, or a flat list, row-major. Integers beyond 2⁵³ are texts, which no reader rounds. */
export function valueText(array: NdArray, row: number): string {
  const { data, dtype } = array;
  const item = (i: number): string => {
    const value = data[i];
    if (dtype === "bool") return value ? "true" : "false";
    if (typeof value === "number") return numberText(value);
    return Number.isSafeInteger(Number(value)) ? String(value) : `"${value}"`;
  };
  if (array.shape.length === 1) return item(row);
  const width = sizeOf(array.shape.slice(1));
  return `[${Array.from({ length: width }, (_, i) => item(row * width + i)).join(",")}]`;
}

const inOrder = <T>(record: { readonly [name: string]: T }): readonly (readonly [string, T])[] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

function extrasText(recording: Recording, row: number): string {
  const entries = inOrder(recording.extras).map(([name, array]) => `${JSON.stringify(name)}:${valueText(array, row)}`);
  return entries.length > 0 ? `,"extras":{${entries.join(",")}}` : "";
}

function* stepLines(t: Trajectories): Generator<string> {
  for (let e = 0; e + 1 < t.offsets.length; e++) {
    for (let row = t.offsets[e]; row < t.offsets[e + 1]; row++) {
      const last = row + 1 === t.offsets[e + 1];
      yield `{"episode":${e},"step":${row - t.offsets[e]},"observation":${valueText(t.observation, row)}` +
        `,"action":${valueText(t.action, row)},"reward":${numberText(t.reward[row])}` +
        `,"terminated":${t.terminated[row] === 1},"truncated":${t.truncated[row] === 1}${extrasText(t, row)}` +
        `${last ? `,"finalObservation":${valueText(t.finalObservation, e)}` : ""}}\n`;
    }
  }
}

function* decisionLines(log: DecisionLog): Generator<string> {
  const tags = inOrder(log.tags);
  for (let row = 0; row < log.reward.length; row++) {
    const tagged = tags.map(([name, values]) => `${JSON.stringify(name)}:${JSON.stringify(values[row])}`);
    yield `{"context":${valueText(log.context, row)},"action":${log.action[row]}` +
      `,"propensity":${numberText(log.propensity[row])},"reward":${numberText(log.reward[row])}` +
      `${log.available ? `,"available":${valueText(log.available, row)}` : ""}` +
      `${log.loggingPolicy ? `,"loggingPolicy":${valueText(log.loggingPolicy, row)}` : ""}${extrasText(log, row)}` +
      `${tagged.length > 0 ? `,"tags":{${tagged.join(",")}}` : ""}}\n`;
  }
}

/** Writes a recording whole or not at all. Equal recordings make equal files. */
export async function writeJsonl(path: string, recording: Recording): Promise<void> {
  const lines = recording.kind === "trajectories" ? stepLines(recording) : decisionLines(recording);
  function* blocks(): Generator<string> {
    let block = `${headerOf(recording, { fingerprint: false })}\n`;
    for (const line of lines) {
      block += line;
      if (block.length < 1 << 16) continue;
      yield block;
      block = "";
    }
    yield block;
  }
  await replaceAtomically(path, async (temporary) => {
    const out = createWriteStream(temporary, { flags: "wx" });
    if (path.endsWith(".gz")) await pipeline(Readable.from(blocks()), createGzip(), out);
    else await pipeline(Readable.from(blocks()), out);
    const file = await open(temporary, "r+");
    await file.sync();
    await file.close();
  });
}

// ---------------------------------------------------------------------------------------------------- reading

type Row = { readonly [name: string]: unknown };

interface Filling<R extends Recording> {
  readonly fields: ReadonlySet<string>;
  readonly push: (row: Row, index: number) => void;
  readonly done: () => R;
}

/** A source whose rows are found by the lines they stand on; a reader notes each as it comes. */
interface Lines extends Source {
  readonly numbers: number[];
}

function linesOf(path: string): Lines {
  const numbers: number[] = [];
  return { name: path, numbers, place: (row) => `line ${numbers[row]}` };
}

const scalar = (dtype: Stored["dtype"]): Stored => ({ shape: [], dtype });

function fillingExtras(header: TrajectoriesHeader | DecisionsHeader, source: Source) {
  const columns = extrasOf(header).map(([name, stored]) => [name, growing(stored, source, `extras.${name}`)] as const);
  return {
    push(row: Row, index: number) {
      const given = (row.extras ?? {}) as Row;
      onlyKnown(given, new Set(columns.map(([name]) => name)), source.place(index), source, "extras.");
      for (const [name, column] of columns) column.push(given[name]);
    },
    done: () => Object.fromEntries(columns.map(([name, column]) => [name, column.done()])),
  };
}

function onlyKnown(row: unknown, known: ReadonlySet<string>, place: string, source: Source, prefix = ""): void {
  const refuse = (field: string, given: string): never => {
    const rule = `the fields are ${[...known].join(", ") || "none"}`;
    const next = "Correct the name, or declare the column under extras in the header.";
    throw problem("bad-row", { source: source.name, place, field, given, rule, next });
  };
  if (typeof row !== "object" || row === null || Array.isArray(row)) refuse(prefix, "not an object");
  for (const name of Object.keys(row as object)) if (!known.has(name)) refuse(prefix + name, "an unknown field");
}

function fillingTrajectories(header: TrajectoriesHeader, source: Lines): Filling<Trajectories> {
  const { observationSpace, actionSpace } = header;
  const columns: { readonly [name: string]: Growing } = {
    observation: growing(storedForm(observationSpace), source, "observation"),
    action: growing(storedForm(actionSpace), source, "action"),
    reward: growing(scalar("float64"), source, "reward"),
    terminated: growing(scalar("bool"), source, "terminated"),
    truncated: growing(scalar("bool"), source, "truncated"),
  };
  const last = { name: source.name, place: () => source.place(source.numbers.length - 1) };
  const finals = growing(storedForm(observationSpace), last, "finalObservation");
  const extras = fillingExtras(header, source);
  return {
    fields: new Set(["episode", "step", ...Object.keys(columns), "finalObservation", "extras"]),
    push(row, index) {
      const { terminated = false, truncated = false } = row;
      const whole: Row = { ...row, terminated, truncated };
      for (const name in columns) columns[name].push(whole[name]);
      if (terminated || truncated) finals.push(row.finalObservation);
      else if (row.finalObservation !== undefined) {
        throw problem("bad-row", {
          source: source.name,
          place: source.place(index),
          field: "finalObservation",
          given: "given inside an episode",
          rule: "it is what was seen after an episode's last action",
          next: "Mark the row terminated or truncated, or leave the field out.",
        });
      }
      extras.push(row, index);
    },
    done: () => {
      const filled = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.done()]));
      const { observation, action, reward, terminated, truncated } = filled;
      return trajectories(
        {
          observationSpace,
          actionSpace,
          observation,
          action,
          reward,
          terminated,
          truncated,
          finalObservation: finals.done(),
          extras: extras.done(),
          tags: Array.isArray(header.tags) ? {} : (header.tags as Tags),
          ...originOf(header, source.name),
        },
        source,
      );
    },
  };
}

function fillingDecisions(header: DecisionsHeader, source: Lines): Filling<DecisionLog> {
  const count = typeof header.actions === "number" ? header.actions : header.actions.count;
  const perAction = (name: string, dtype: Stored["dtype"]): readonly (readonly [string, Growing])[] => [
    [name, growing({ shape: [count], dtype }, source, name)],
  ];
  const context = header.contextSpace && growing(storedForm(header.contextSpace), source, "context");
  const loose: number[][] = [];
  const columns = new Map<string, Growing>([
    ["action", growing(scalar("int32"), source, "action")],
    ["propensity", growing(scalar("float64"), source, "propensity")],
    ["reward", growing(scalar("float64"), source, "reward")],
    ...(header.available ? perAction("available", "bool") : []),
    ...(header.loggingPolicy ? perAction("loggingPolicy", "float64") : []),
  ]);
  const extras = fillingExtras(header, source);
  const names = Array.isArray(header.tags) ? header.tags : [];
  const tags = Object.fromEntries(names.map((name) => [name, [] as (string | number | boolean | null)[]]));
  const wanted = new Set(names);
  return {
    fields: new Set(["context", ...columns.keys(), "extras", "tags"]),
    push(row, index) {
      if (context) context.push(row.context);
      else loose.push(row.context as number[]);
      for (const [name, column] of columns) column.push(row[name]);
      extras.push(row, index);
      const given = (row.tags ?? {}) as Row;
      onlyKnown(given, wanted, source.place(index), source, "tags.");
      for (const name of names) tags[name].push((given[name] ?? null) as string);
    },
    done: () => {
      const filled = Object.fromEntries([...columns].map(([name, column]) => [name, column.done()]));
      const { action, propensity, reward, available, loggingPolicy } = filled;
      return decisionLog(
        {
          ...(header.contextSpace ? { contextSpace: header.contextSpace } : {}),
          context: context?.done() ?? loose,
          ...(header.contextNames ? { contextNames: header.contextNames } : {}),
          actions: header.actions,
          action,
          propensity,
          reward,
          ...(available ? { available } : {}),
          ...(loggingPolicy ? { loggingPolicy } : {}),
          extras: extras.done(),
          tags,
          ...originOf(header, source.name),
        },
        source,
      );
    },
  };
}

function parsed(line: string, number: number, path: string): Row {
  try {
    return JSON.parse(line) as Row;
  } catch (error) {
    throw problem("bad-row", {
      source: path,
      place: `line ${number}`,
      field: "the whole line",
      given: `${line.length > 60 ? `${line.slice(0, 57)}…` : line} (${(error as Error).message.replace(/,? *"?\.\.\..*$|in JSON.*$/s, "").trim()})`,
      rule: "each line is one JSON object",
      next: "If a program was stopped while it wrote, delete the last line.",
    });
  }
}

/**
 * Reads a recording from JSON lines, written by `writeJsonl` or by anything else.
 * @throws Problem "missing-file", "broken-file", "not-a-recording" (no header), "bad-row" naming the line and field
 */
export async function readJsonl(path: string): Promise<Recording> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw problem("missing-file", { path, what });
  const raw = createReadStream(path);
  const text = path.endsWith(".gz") ? raw.pipe(createGunzip()) : raw;
  raw.on("error", (error) => text.destroy(error));
  const failed = new Promise<never>((_, reject) => {
    text.on("error", (error: Error) => reject(problem("broken-file", { path, what, reason: error.message })));
  });
  failed.catch(() => {}); // it is awaited below, unless the reading ended first
  try {
    return await Promise.race([readLines(text, path), failed]);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw problem("broken-file", { path, what, reason: (error as Error).message });
  } finally {
    raw.destroy();
    text.destroy();
  }
}

async function readLines(text: Readable, path: string): Promise<Recording> {
  const source = linesOf(path);
  let filling: Filling<Recording> | undefined;
  let number = 0;
  for await (const line of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (filling === undefined) {
      const header = parseHeader(line.replace(/^\ufeff/, ""), path);
      filling = header.kind === "trajectories" ? fillingTrajectories(header, source) : fillingDecisions(header, source);
    } else if (line.trim() !== "") {
      const row = parsed(line, number, path);
      source.numbers.push(number);
      onlyKnown(row, filling.fields, `line ${number}`, source);
      filling.push(row, source.numbers.length - 1);
    }
  }
  if (filling !== undefined) return filling.done();
  throw problem("not-a-recording", {
    source: path,
    reason: "the file is empty",
    wanted: "a header, then one JSON object a line",
    next: "See docs/recordings.md for a complete example.",
  });
}
