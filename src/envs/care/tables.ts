/**
 * The tables of ICU-Sepsis v2 (Choudhary, Gupta, Thomas 2024, arXiv 2406.05646; MIT): not part of this package, read
 * from where the user keeps them.
 */
import { builtin } from "../../files.ts";
import { problem } from "../../problems.ts";

/** What is known of the task. Doses are numbered 5 × (level of the first drug) + (level of the second). */
export interface SepsisTables {
  readonly states: number;
  readonly actions: number;
  /** [states] chance that an episode starts there */
  readonly start: Float64Array;
  /** [states · actions + 1] where each pair's outcomes begin in `next` and `probability` */
  readonly offsets: Int32Array;
  readonly next: Int32Array;
  readonly probability: Float64Array;
  /** [states] reward for entering each */
  readonly reward: Float64Array;
  /** [states × actions] how often clinicians gave each dose */
  readonly clinicians?: Float64Array;
  /** [states × actions] 1 where a dose was given often enough to be known; 0 where its outcomes are a mean of those */
  readonly admissible?: Uint8Array;
  /** [states] mean SOFA score, 0 (well) to 24 */
  readonly sofa?: Float64Array;
  /** [states × features] what patients of a state have in common, normalised */
  readonly centres?: Float64Array;
}

/** The files as bytes: CSV without a header, as in the ICU-Sepsis repository. */
export interface SepsisFiles {
  readonly transitionFunction: Uint8Array;
  readonly rewardFunction: Uint8Array;
  readonly initialStateDistribution: Uint8Array;
  readonly expertPolicy?: Uint8Array;
  readonly admissibleActions?: Uint8Array;
  readonly sofaScores?: Uint8Array;
  readonly stateClusterCenters?: Uint8Array;
}

const files = {
  transitionFunction: "transitionFunction.csv",
  rewardFunction: "rewardFunction.csv",
  initialStateDistribution: "initialStateDistribution.csv",
  expertPolicy: "expertPolicy.csv",
  admissibleActions: "extras/admissibleActions.txt",
  sofaScores: "extras/sofaScores.csv",
  stateClusterCenters: "extras/stateClusterCenters.csv",
} as const;
const needed = ["transitionFunction", "rewardFunction", "initialStateDistribution"] as const;
const isNeeded = (name: string): boolean => (needed as readonly string[]).includes(name);

const read = new Map<string, SepsisTables>();

/**
 * The tables in a folder, each file plain or with ".gz"; read once a folder. Needs Node.
 * @throws Problem "missing-file" when one of the first three is not there, "broken-file"
 */
export function readSepsis(folder: string): SepsisTables {
  const { existsSync, readFileSync } = builtin.fs();
  const { join, resolve } = builtin.path();
  const known = read.get(resolve(folder));
  if (known !== undefined) return known;
  const found: { [name: string]: Uint8Array } = {};
  for (const [name, file] of Object.entries(files)) {
    const path = join(folder, file);
    if (existsSync(path)) found[name] = readFileSync(path);
    else if (existsSync(`${path}.gz`)) found[name] = unzipped(`${path}.gz`, readFileSync(`${path}.gz`));
    else if (isNeeded(name)) {
      const next = "Get the tables of ICU-Sepsis v2 from github.com/icu-sepsis/icu-sepsis and give their folder.";
      throw problem("missing-file", { path: `${path}.gz`, what: "a table of ICU-Sepsis", next });
    }
  }
  const tables = sepsisTables(found as unknown as SepsisFiles, folder);
  read.set(resolve(folder), tables);
  return tables;
}

function unzipped(path: string, bytes: Uint8Array): Uint8Array {
  try {
    return process.getBuiltinModule("node:zlib").gunzipSync(bytes);
  } catch (error) {
    throw problem("broken-file", { path, what: "table of ICU-Sepsis", reason: (error as Error).message });
  }
}

/**
 * The same from bytes, for a page.
 * @param where what to call the place in errors
 * @throws Problem "broken-file" when the tables do not fit each other, or a row of chances does not sum to 1
 */
export function sepsisTables(given: SepsisFiles, where = "sepsisTables"): SepsisTables {
  const refuse = (file: keyof SepsisFiles, reason: string) =>
    problem("broken-file", { path: `${where}/${files[file]}`, what: "table of ICU-Sepsis", reason });
  const dense = (file: keyof SepsisFiles, wanted?: number): Float64Array => {
    const { values, columns } = sparseRows(given[file]!, (reason) => refuse(file, reason), true);
    if (wanted !== undefined && values.length !== wanted) {
      throw refuse(file, `${values.length} numbers (${columns} a row) where the other tables want ${wanted}`);
    }
    return values;
  };
  const start = dense("initialStateDistribution");
  const states = start.length;
  const chances = sparseRows(given.transitionFunction, (reason) => refuse("transitionFunction", reason), false);
  const { offsets, columns: next, values: probability, width } = chances;
  const actions = (offsets.length - 1) / states;
  if (width !== states || !Number.isInteger(actions)) {
    throw refuse(
      "transitionFunction",
      `${offsets.length - 1} rows of ${width} where ${states} states want actions × ${states} of ${states}`,
    );
  }
  checkRows(offsets, probability, (row, sum) => refuse("transitionFunction", `row ${row + 1} sums to ${sum}, not 1`));
  checkRows(Int32Array.of(0, states), start, (_, sum) =>
    refuse("initialStateDistribution", `it sums to ${sum}, not 1`),
  );
  const optional = <K extends "clinicians" | "sofa">(name: K, file: keyof SepsisFiles, size: number) =>
    given[file] === undefined ? {} : { [name]: dense(file, size) };
  return {
    states,
    actions,
    start,
    offsets,
    next,
    probability,
    reward: dense("rewardFunction", states),
    ...optional("clinicians", "expertPolicy", states * actions),
    ...optional("sofa", "sofaScores", states),
    ...(given.stateClusterCenters === undefined ? {} : { centres: dense("stateClusterCenters") }),
    ...(given.admissibleActions === undefined
      ? {}
      : { admissible: admissibleOf(given.admissibleActions, states, actions, (r) => refuse("admissibleActions", r)) }),
  };
}

function checkRows(offsets: Int32Array, values: Float64Array, refuse: (row: number, sum: number) => Error): void {
  for (let row = 0; row + 1 < offsets.length; row++) {
    let sum = 0;
    for (let i = offsets[row]; i < offsets[row + 1]; i++) sum += values[i] >= 0 ? values[i] : Number.NaN;
    if (!(Math.abs(sum - 1) < 1e-6)) throw refuse(row, sum);
  }
}

/** The first line says how many each state has; a line a state then says which. */
function admissibleOf(
  bytes: Uint8Array,
  states: number,
  actions: number,
  refuse: (reason: string) => Error,
): Uint8Array {
  const lines = new TextDecoder().decode(bytes).split("\n");
  const numbers = (line = ""): number[] => line.trim().split(/\s+/).filter(Boolean).map(Number);
  const counts = numbers(lines[0]);
  if (counts.length !== states) throw refuse(`the first line has ${counts.length} counts for ${states} states`);
  const mask = new Uint8Array(states * actions);
  for (const [state, count] of counts.entries()) {
    const listed = numbers(lines[state + 1]);
    if (listed.length !== count || listed.some((a) => !(Number.isInteger(a) && a >= 0 && a < actions))) {
      throw refuse(`line ${state + 2} does not list ${count} actions from 0 to ${actions - 1}`);
    }
    for (const action of listed) mask[state * actions + action] = 1;
  }
  return mask;
}

interface Rows {
  readonly offsets: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
  /** Numbers a row. */
  readonly width: number;
}

const comma = 44;
const newline = 10;
const zero = 48;
const point = 46;

/**
 * Rows of numbers as a sparse matrix, or all of them where `whole`. Straight from bytes: the transitions are 77 MB of
 * text, nearly all of it "0.0".
 */
function sparseRows(bytes: Uint8Array, refuse: (reason: string) => Error, whole: boolean): Rows {
  const decoder = new TextDecoder();
  const offsets: number[] = [0];
  const columns: number[] = [];
  const values: number[] = [];
  let width = -1;
  let column = 0;
  let from = 0;
  for (let i = 0; i <= bytes.length; i++) {
    const end = i === bytes.length || bytes[i] === newline;
    if (!end && bytes[i] !== comma) continue;
    if (end && column === 0 && i - from <= (bytes[from] === 13 ? 1 : 0)) {
      from = i + 1;
      continue;
    }
    const isZero = i - from === 3 && bytes[from] === zero && bytes[from + 1] === point && bytes[from + 2] === zero;
    if (whole || !isZero) {
      const text = isZero ? "0" : decoder.decode(bytes.subarray(from, i)).trim();
      const value = text === "" ? Number.NaN : Number(text);
      if (!Number.isFinite(value)) throw refuse(`row ${offsets.length}, column ${column + 1}: "${text}" is no number`);
      if (whole || value !== 0) {
        columns.push(column);
        values.push(value);
      }
    }
    column++;
    from = i + 1;
    if (!end) continue;
    if (width < 0) width = column;
    else if (column !== width) throw refuse(`row ${offsets.length} has ${column} numbers, the first ${width}`);
    column = 0;
    offsets.push(values.length);
  }
  return {
    offsets: Int32Array.from(offsets),
    columns: Int32Array.from(columns),
    values: Float64Array.from(values),
    width: Math.max(0, width),
  };
}
