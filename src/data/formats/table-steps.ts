/** Trajectories from tables of one's own: a step a row, and a map that says which column is what. */
import { problem } from "../../problems.ts";
import { box, discrete } from "../../spaces/make.ts";
import type { Space } from "../../spaces/space.ts";
import { type NdArray, ndarray, takeRows } from "../../tensor/ndarray.ts";
import type { Source } from "../columns.ts";
import { fromEpisodes } from "../episodes.ts";
import type { Trajectories } from "../trajectories.ts";
import { eachRow, identifier, reading } from "./duckdb.ts";
import { actionSpaceOf } from "./guessed-spaces.ts";
import { type Cell, checkNames, encode, featuresOf, namesIn, numberIn } from "./table.ts";
import { load, tableKind, tableSource } from "./table-load.ts";
import { finishedAll, type Rows } from "./unfinished.ts";

/** Which column of a table of steps is what. */
export interface StepColumnMap {
  /** The columns that were seen, in the order the policy will see them. */
  readonly observation: readonly string[];
  /** One column of names or whole numbers for a choice, or one or more columns of numbers. */
  readonly action: string | readonly string[];
  /** Left out, 0 everywhere. */
  readonly reward?: string;
  /** What is the same through an episode and differs between two. Left out, an episode ends at a mark. */
  readonly episode?: string;
  /** Orders the steps of an episode. Left out, the file's order does. */
  readonly step?: string;
  /** 1 or true where the world ended the episode. */
  readonly terminated?: string;
  /** 1 or true where it was cut off. An episode that ends without a mark is truncated. */
  readonly truncated?: string;
  /** The columns that were seen after the action, as many as `observation`; only those of an episode's last row matter. */
  readonly nextObservation?: readonly string[];
  /** Columns of numbers to keep beside. */
  readonly extras?: readonly string[];
  /** Columns of labels that hold for an episode; its first row's count. */
  readonly tags?: readonly string[];
}

export interface StepTableOptions {
  readonly columns: StepColumnMap;
  /** Observation columns that hold names; each becomes one number a name (one-hot). */
  readonly categorical?: readonly string[];
  /** Left out: Discrete for names and whole numbers, else a Box, [−1, 1] when all actions lie in it. */
  readonly actionSpace?: Space;
  readonly environment?: string;
  readonly license?: string;
}

/**
 * Reads trajectories from a CSV, JSON-lines or Parquet table. Where nextObservation is not given, what was seen after an
 * episode's last action is not known; see `finished` for what becomes of its last row.
 * @example readStepTable("runs.csv", { columns: { observation: ["x", "v"], action: "push", reward: "r", episode: "run", terminated: "fell" } })
 * @throws Problem "missing-file", "broken-file", "bad-field" for a column that is not there, "bad-row" naming the line
 */
export async function readStepTable(path: string, options: StepTableOptions): Promise<Trajectories> {
  return reading(path, tableKind(path), async (connection) => {
    await load(connection, path);
    const { columns, categorical = [] } = options;
    const {
      observation,
      reward,
      episode,
      step,
      terminated,
      truncated,
      nextObservation,
      extras = [],
      tags = [],
    } = columns;
    const acting = typeof columns.action === "string" ? [columns.action] : columns.action;
    const source = tableSource(path);
    const marks = [episode, step, terminated, truncated, reward].filter((name) => name !== undefined);
    const wanted = [...new Set([...observation, ...acting, ...marks, ...(nextObservation ?? []), ...extras, ...tags])];
    await checkNames(connection, source, wanted);
    const seen = await featuresOf(connection, path, observation, { categorical });
    // A feature keeps its places under the name of the column that shows it after the action.
    const after =
      nextObservation && seen.map((feature, i) => ({ ...feature, column: nextObservation[i] ?? feature.column }));
    if (nextObservation && nextObservation.length !== observation.length) {
      throw problem("bad-field", {
        source: path,
        field: "nextObservation",
        given: `${nextObservation.length} columns`,
        rule: `as many as in observation (${observation.length}), in the same order`,
        next: "Correct the column map.",
      });
    }
    const names = acting.length === 1 ? await choiceNames(connection, acting[0]) : undefined;
    const rows: { readonly [name: string]: Cell }[] = [];
    const result = await connection.stream(`SELECT ${wanted.map(identifier).join(", ")} FROM given`);
    await eachRow(result, (cells) => {
      rows.push(Object.fromEntries(wanted.map((name, i) => [name, cells[i] as Cell])));
    });
    const number = (row: number, name: string): number => numberIn(rows[row][name], row, name, source);
    const width = seen.reduce((sum, feature) => sum + feature.width, 0);
    const matrix = (features: typeof seen): NdArray => {
      const data = new Float32Array(rows.length * width);
      rows.forEach((cells, row) => {
        encode(features, (name) => cells[name], data, row, source);
      });
      return ndarray(data, { shape: [rows.length, width] });
    };
    const column = (name: string): NdArray => ndarray(Float64Array.from(rows, (_, row) => number(row, name)));
    const whole = {
      observation: matrix(seen),
      next: after && matrix(after),
      action: names
        ? ndarray(Int32Array.from(rows, (cells) => names.indexOf(cells[acting[0]] ?? "")))
        : actionMatrix(rows.length, acting, number),
      reward: reward === undefined ? ndarray(new Float64Array(rows.length)) : column(reward),
      extras: extras.map((name) => [name, column(name)] as const),
    };
    const ended = (row: number, name: string | undefined): boolean =>
      name !== undefined && markIn(rows[row][name], row, name, source);
    const parts = episodesIn(rows, columns, number, ended).map((of): Rows => {
      const last = of[of.length - 1];
      const early = of.slice(0, -1).find((row) => ended(row, terminated) || ended(row, truncated));
      if (early !== undefined) endsEarly(early, ended(early, terminated) ? terminated : truncated, source);
      const pick = (array: NdArray): NdArray => takeRows(array, of);
      return {
        observation: pick(whole.observation),
        ...(whole.next ? { after: takeRows(whole.next, [last]) } : {}),
        action: pick(whole.action),
        reward: pick(whole.reward),
        terminated: ended(last, terminated),
        extras: Object.fromEntries(whole.extras.map(([name, array]) => [name, pick(array)])),
        tags: Object.fromEntries(tags.map((name) => [name, rows[of[0]][name]])),
      };
    });
    const { episodes, notes } = finishedAll(parts);
    const choice = names && discrete(Math.max(1, names.length), { names: names.length > 0 ? names : ["0"] });
    return fromEpisodes(
      episodes,
      {
        observationSpace: box(-Infinity, Infinity, { shape: [width] }),
        actionSpace: options.actionSpace ?? choice ?? actionSpaceOf(whole.action),
        environment: options.environment ?? "",
        lineage: [path, ...notes],
        ...(options.license === undefined ? {} : { license: options.license }),
      },
      source,
    );
  });
}

/** The names of a column of choices; nothing when it holds numbers. */
async function choiceNames(
  connection: Parameters<typeof namesIn>[0],
  column: string,
): Promise<readonly string[] | undefined> {
  const names = await namesIn(connection, column);
  return names.every((name) => name.trim() !== "" && Number.isFinite(Number(name))) ? undefined : names;
}

/** Numbers: whole ones of a single column are choices, others a row of float32. */
function actionMatrix(rows: number, names: readonly string[], number: (row: number, name: string) => number): NdArray {
  const flat = Array.from({ length: rows }, (_, row) => names.map((name) => number(row, name))).flat();
  const whole = names.length === 1 && flat.every((value) => Number.isInteger(value) && value >= 0 && value < 1e6);
  if (whole) return ndarray(Int32Array.from(flat));
  return ndarray(Float32Array.from(flat), { shape: [rows, names.length] });
}

function markIn(cell: Cell, row: number, field: string, source: Source): boolean {
  const word = (cell ?? "").trim().toLowerCase();
  if (["1", "true", "1.0"].includes(word)) return true;
  if (["0", "false", "0.0", ""].includes(word)) return false;
  throw problem("bad-row", {
    source: source.name,
    place: source.place(row),
    field,
    given: JSON.stringify(cell),
    rule: "a mark is 1 or 0, true or false",
    next: "Correct the cell, or the column map.",
  });
}

function endsEarly(row: number, field: string | undefined, source: Source): never {
  throw problem("bad-row", {
    source: source.name,
    place: source.place(row),
    field: field ?? "terminated",
    given: "1 inside an episode",
    rule: "only an episode's last row may end it",
    next: "Check the episode column, or the order of rows (step).",
  });
}

/** The rows of each episode, in order. */
function episodesIn(
  rows: readonly { readonly [name: string]: Cell }[],
  { episode, step, terminated, truncated }: StepColumnMap,
  number: (row: number, name: string) => number,
  ended: (row: number, name: string | undefined) => boolean,
): readonly (readonly number[])[] {
  if (episode === undefined) {
    const parts: number[][] = [];
    let over = true;
    for (const row of rows.keys()) {
      if (over) parts.push([]);
      parts[parts.length - 1].push(row);
      over = ended(row, terminated) || ended(row, truncated);
    }
    return parts;
  }
  const parts = [...Map.groupBy(rows.keys(), (row) => rows[row][episode] ?? "").values()];
  return step === undefined ? parts : parts.map((of) => of.sort((a, b) => number(a, step) - number(b, step)));
}
