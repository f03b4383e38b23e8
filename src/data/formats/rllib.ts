/**
 * JSON files of RLlib: a SampleBatch a line, columns as lists or packed (a pickle in an LZ4 frame in base64, which is how
 * its JsonWriter keeps "obs" and "new_obs" unless told otherwise).
 * https://docs.ray.io/en/latest/rllib/rllib-offline.html
 */
import { readText } from "../../files.ts";
import { problem } from "../../problems.ts";
import type { Space } from "../../spaces/space.ts";
import { asType, concatRows, type NdArray, ndarray, sliceRows } from "../../tensor/ndarray.ts";
import type { Source } from "../columns.ts";
import { fromEpisodes } from "../episodes.ts";
import type { Trajectories } from "../trajectories.ts";
import { actionSpaceOf, observationSpaceOf } from "./guessed-spaces.ts";
import { unpackedLz4 } from "./lz4.ts";
import { pickledArray } from "./pickled.ts";
import { finishedAll, type Rows } from "./unfinished.ts";

const what = "JSON file of RLlib";

export interface RllibOptions {
  /** Left out, Discrete for whole numbers, else a Box: [−1, 1] when all actions lie in it, or without bounds. */
  readonly actionSpace?: Space;
  readonly environment?: string;
}

/** A line's columns. */
type Batch = { readonly [name: string]: NdArray };

/**
 * Reads the file. Rows of one eps_id (and agent_index) make an episode, also across lines; the last row says by terminateds
 * (in older files dones) and truncateds how it ended, and new_obs what was seen then; without, see `finished`. A batch
 * that stops in the middle of an episode that no later line goes on with is truncated there. action_prob becomes the extra
 * "propensity"; other numbers become extras of their names; the ids become tags.
 * @throws Problem "missing-file", "not-a-recording" (batches of several agents), "bad-row" naming line and column
 */
export async function readRllib(path: string, options: RllibOptions = {}): Promise<Trajectories> {
  const text = await readText(path, what);
  const batches: (readonly [number, Batch])[] = [];
  for (const [i, line] of text.split("\n").entries())
    if (line.trim() !== "") batches.push([i + 1, batchIn(line, i + 1, path)]);
  if (batches.length === 0) {
    throw problem("not-a-recording", {
      source: path,
      reason: "the file is empty",
      wanted: `a ${what}: a SampleBatch a line`,
      next: "Check that the worker which wrote it got as far as a batch.",
    });
  }
  const pieces = alike(batches, path).flatMap(([line, batch]) => piecesOf(batch, line, path));
  const { episodes, notes } = finishedAll(joined(pieces));
  const source: Source = { name: path, place: (row) => `row ${row}` };
  const shared = episodes.map(({ extras = {} }) => Object.keys(extras));
  const everywhere = (shared[0] ?? []).filter((name) => shared.every((names) => names.includes(name)));
  const actions = concatRows(pieces.map(({ rows }) => rows.action));
  return fromEpisodes(
    episodes.map(({ extras = {}, ...episode }) => ({
      ...episode,
      extras: Object.fromEntries(everywhere.map((name) => [name, extras[name]])),
    })),
    {
      observationSpace: observationSpaceOf(pieces[0].rows.observation),
      actionSpace: options.actionSpace ?? actionSpaceOf(actions),
      environment: options.environment ?? "",
      lineage: [path, ...notes],
    },
    source,
  );
}

type Batches = readonly (readonly [line: number, batch: Batch])[];

/** The batches with columns of one shape and type: numbers that happen to be whole on one line may not be on the next. */
function alike(batches: Batches, path: string): Batches {
  const forms = new Map<string, { readonly shape: string; readonly dtype: NdArray["dtype"] }>();
  for (const [line, batch] of batches) {
    for (const [name, { shape, dtype }] of Object.entries(batch)) {
      const item = shape.slice(1).join();
      const known = forms.get(name);
      if (known !== undefined && known.shape !== item) {
        refuse(path, line, name, `rows of shape [${item}]`, `on the lines before they have shape [${known.shape}]`);
      }
      forms.set(name, { shape: item, dtype: known === undefined || known.dtype === dtype ? dtype : "float64" });
    }
  }
  const cast = (name: string, array: NdArray): NdArray => asType(array, forms.get(name)?.dtype ?? array.dtype);
  return batches.map(([line, batch]) => [
    line,
    Object.fromEntries(Object.entries(batch).map(([name, array]) => [name, cast(name, array)])),
  ]);
}

function refuse(path: string, line: number, field: string, given: string, rule: string, next?: string): never {
  throw problem("bad-row", {
    source: path,
    place: `line ${line}`,
    field,
    given,
    rule,
    next: next ?? "Write the file again from its source.",
  });
}

function batchIn(line: string, number: number, path: string): Batch {
  let json: { readonly [name: string]: unknown } | undefined;
  try {
    json = JSON.parse(line);
  } catch {
    refuse(path, number, "the whole line", "it is not JSON", "each line is one SampleBatch");
  }
  if (json?.type === "MultiAgentBatch") {
    throw problem("not-a-recording", {
      source: path,
      reason: "it holds batches of several agents",
      wanted: `a ${what} with one policy`,
      next: "Write each policy's batches to a file of their own.",
    });
  }
  if (json?.type !== "SampleBatch")
    refuse(path, number, "type", JSON.stringify(json?.type) ?? "missing", 'it is "SampleBatch"');
  const columns = Object.entries(json as object).flatMap(([name, value]): [string, NdArray][] => {
    if (name === "type" || name === "infos") return [];
    const array = typeof value === "string" ? packed(value, name, number, path) : listed(value);
    if (array === undefined && wanted.has(name)) {
      refuse(path, number, name, "it is not an array of numbers", "rows of one shape, all numbers");
    }
    return array === undefined ? [] : [[name, array]];
  });
  const batch = Object.fromEntries(columns);
  for (const name of ["obs", "actions", "rewards"]) {
    if (batch[name] === undefined) refuse(path, number, name, "missing", "a batch has obs, actions and rewards");
  }
  const rows = batch.rewards.shape[0];
  for (const [name, array] of Object.entries(batch)) {
    if (array.shape[0] === rows) continue;
    if (wanted.has(name)) refuse(path, number, name, `${array.shape[0] ?? 0} rows`, `the rewards have ${rows}`);
    delete (batch as { [name: string]: NdArray })[name];
  }
  return batch;
}

const wanted = new Set([
  "obs",
  "new_obs",
  "actions",
  "rewards",
  "terminateds",
  "truncateds",
  "dones",
  "eps_id",
  "agent_index",
]);

/** Lists of lists of numbers or truths; nothing when they are of another kind or ragged. */
function listed(value: unknown): NdArray | undefined {
  if (!Array.isArray(value)) return undefined;
  const shape: number[] = [];
  for (let level: unknown = value; Array.isArray(level); level = level[0]) shape.push(level.length);
  const flat: number[] = [];
  let whole = true;
  const walk = (level: unknown, depth: number): boolean => {
    if (Array.isArray(level)) {
      return depth < shape.length && level.length === shape[depth] && level.every((item) => walk(item, depth + 1));
    }
    if (depth !== shape.length || (typeof level !== "number" && typeof level !== "boolean")) return false;
    whole &&= Number.isInteger(Number(level));
    flat.push(Number(level));
    return true;
  };
  if (shape.length > 32 || !walk(value, 0)) return undefined;
  const data = Float64Array.from(flat);
  const fits = whole && flat.every((n) => Math.abs(n) < 2 ** 31);
  return ndarray(fits ? Int32Array.from(flat) : data, { shape });
}

function packed(value: string, name: string, line: number, path: string): NdArray | undefined {
  const unpacked = unpackedLz4(Buffer.from(value, "base64"));
  const array = typeof unpacked === "string" ? unpacked : pickledArray(unpacked);
  if (typeof array !== "string") return array;
  if (!wanted.has(name)) return undefined;
  const next = 'Write the batches with compress_columns=[] ("output_compress_columns": []), which keeps plain lists.';
  return refuse(
    path,
    line,
    name,
    `a packed column: ${array}`,
    "a pickled numpy array in an LZ4 frame, in base64",
    next,
  );
}

interface Piece {
  readonly id: string;
  readonly rows: Rows;
  /** The rows' last one says that the episode is over. */
  readonly over: boolean;
}

/** A batch's rows, cut where the episode changes or ends. */
function piecesOf(batch: Batch, line: number, path: string): readonly Piece[] {
  const rows = batch.rewards.shape[0];
  const at = (name: string, row: number): number => Number(batch[name]?.data[row] ?? 0);
  const ended = (row: number): boolean => at("terminateds", row) === 1 || at("dones", row) === 1;
  const over = (row: number): boolean => ended(row) || at("truncateds", row) === 1;
  const id = (row: number): string => `${at("eps_id", row)} ${at("agent_index", row)}`;
  const observation = asFloat(batch.obs);
  const next = batch.new_obs && asFloat(batch.new_obs);
  if (next && next.shape.join() !== observation.shape.join()) {
    refuse(path, line, "new_obs", `an array of shape [${next.shape}]`, `obs has shape [${observation.shape}]`);
  }
  const extras = Object.entries(batch).filter(([name]) => !wanted.has(name));
  const pieces: Piece[] = [];
  for (let from = 0; from < rows; ) {
    let to = from + 1;
    while (to < rows && !over(to - 1) && id(to) === id(from)) to++;
    const [first, last] = [from, to - 1];
    const cut = (array: NdArray): NdArray => sliceRows(array, first, last + 1);
    pieces.push({
      id: batch.eps_id ? id(from) : `line ${line}`,
      over: over(last),
      rows: {
        observation: cut(observation),
        ...(next ? { after: sliceRows(next, last, last + 1) } : {}),
        action: cut(batch.actions.dtype === "float64" ? asType(batch.actions, "float32") : batch.actions),
        reward: cut(batch.rewards),
        terminated: ended(last),
        tags: {
          ...(batch.eps_id ? { eps_id: at("eps_id", from) } : {}),
          ...(batch.agent_index ? { agent_index: at("agent_index", from) } : {}),
        },
        extras: Object.fromEntries(
          extras.map(([name, array]) => [name === "action_prob" ? "propensity" : name, cut(array)]),
        ),
      },
    });
    from = to;
  }
  return pieces;
}

/** RLlib sees and acts in float32; observations of whole numbers are measurements too. */
const asFloat = (array: NdArray): NdArray => asType(array, "float32");

/** Pieces of one episode end to end: a worker writes a long one in several batches. */
function joined(pieces: readonly Piece[]): readonly Rows[] {
  const all: Rows[] = [];
  const open = new Map<string, number>();
  for (const { id, rows, over } of pieces) {
    const before = open.get(id);
    if (before === undefined) all.push(rows);
    else all[before] = appended(all[before], rows);
    if (over) open.delete(id);
    else open.set(id, before ?? all.length - 1);
  }
  return all;
}

function appended(a: Rows, b: Rows): Rows {
  const { after: _, extras: before = {}, ...start } = a;
  const { extras: behind = {} } = b;
  const names = Object.keys(before).filter((name) => behind[name] !== undefined);
  const both = (name: string): NdArray => concatRows([before[name], behind[name]]);
  return {
    ...start,
    observation: concatRows([a.observation, b.observation]),
    ...(b.after ? { after: b.after } : {}),
    action: concatRows([a.action, b.action]),
    reward: concatRows([a.reward, b.reward]),
    terminated: b.terminated,
    extras: Object.fromEntries(names.map((name) => [name, both(name)])),
  };
}
