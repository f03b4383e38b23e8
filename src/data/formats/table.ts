/**
 * Decision logs from tables of one's own: a CSV file (also .gz, .zst), a JSON object a line (also .gz) or any Parquet
 * file, and a map that says which column is what.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { problem } from "../../problems.ts";
import type { NdArray } from "../../tensor/ndarray.ts";
import type { Source } from "../columns.ts";
import { type DecisionColumns, decisionLog } from "../decision-log.ts";
import type { ActionSet, DecisionLog } from "../trajectories.ts";
import { eachRow, identifier, reading } from "./duckdb.ts";
import { load, tableKind, tableSource } from "./table-load.ts";

/** Which column of a table is what. */
export interface ColumnMap {
  /** The columns that describe the situation, in the order the policy will see them. */
  readonly context: readonly string[];
  readonly action: string;
  readonly propensity: string;
  readonly reward: string;
  /** When it happened: ISO 8601 (UTC unless it says otherwise) or milliseconds since 1970; becomes extras.timestamp. */
  readonly timestamp?: string;
  /** Columns of numbers to keep beside. */
  readonly extras?: readonly string[];
  /** Columns of labels to keep beside. */
  readonly tags?: readonly string[];
}

export interface TableOptions {
  readonly columns: ColumnMap;
  /** Context columns that hold names; each becomes one number a name, 1 for the one that was seen (one-hot). */
  readonly categorical?: readonly string[];
  /**
   * How many actions there are, their names as the action column has them, or the whole set. Left out: as many as the
   * largest number seen, or the names seen, in order.
   */
  readonly actions?: number | readonly string[] | ActionSet;
  /**
   * Encode as this log was: the same features in the same places, the same actions. A name it has not seen is all zeros.
   * Give the training log here when reading the log to test on.
   */
  readonly like?: DecisionLog;
  readonly license?: string;
}

export type Cell = string | null;

/** The most names a categorical column may hold before it is taken for a mistake. */
const mostNames = 10_000;

/** A column's part of a row of numbers. */
export interface Feature {
  readonly column: string;
  /** The place of each name, for a categorical column. */
  readonly places?: ReadonlyMap<string, number>;
  readonly width: number;
}

/**
 * Reads a decision log from a CSV, JSON-lines or Parquet table.
 * @example readTable("may.csv", { columns: { context: ["age", "device"], action: "shown", propensity: "p", reward: "bought" }, categorical: ["device"] })
 * @throws Problem "missing-file", "broken-file", "bad-field" for a column that is not there, "bad-row" naming the line
 */
export async function readTable(path: string, options: TableOptions): Promise<DecisionLog> {
  return reading(path, tableKind(path), async (connection) => {
    await load(connection, path);
    return decisionsFrom(connection, path, options);
  });
}

const rowsOf = async (connection: DuckDBConnection, sql: string): Promise<Cell[][]> =>
  (await connection.runAndReadAll(sql)).getRows() as Cell[][];

/** The names in a column, in order; an empty cell is the name "". */
export async function namesIn(connection: DuckDBConnection, column: string, table = "given"): Promise<string[]> {
  const name = `coalesce(${identifier(column)}, '')`;
  const rows = await rowsOf(connection, `SELECT DISTINCT ${name} FROM ${table} LIMIT ${mostNames + 1}`);
  return rows.map(([value]) => String(value)).sort();
}

/** @throws Problem "bad-field" for a column that the table "given" lacks */
export async function checkNames(
  connection: DuckDBConnection,
  source: Source,
  wanted: readonly string[],
): Promise<void> {
  const found = new Set((await rowsOf(connection, "DESCRIBE given")).map(([name]) => String(name)));
  for (const field of wanted) {
    if (found.has(field)) continue;
    throw problem("bad-field", {
      source: source.name,
      field,
      given: "there is no such column",
      rule: `the columns are ${[...found].slice(0, 40).join(", ")}${found.size > 40 ? " …" : ""}`,
      next: "Correct the column map.",
    });
  }
}

/** What each of the columns becomes: a number, or one a name. */
export async function featuresOf(
  connection: DuckDBConnection,
  path: string,
  columns: readonly string[],
  options: Pick<TableOptions, "categorical" | "like">,
): Promise<Feature[]> {
  const { categorical = [], like } = options;
  const features: Feature[] = [];
  for (const column of columns) {
    if (!categorical.includes(column)) {
      features.push({ column, width: 1 });
      continue;
    }
    const prefix = `${column}=`;
    const known = like?.contextNames
      ?.filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length));
    const names = known ?? (await namesIn(connection, column));
    if (names.length > mostNames) {
      throw problem("bad-field", {
        source: path,
        field: column,
        given: `over ${mostNames} different names`,
        rule: "each name of a categorical column becomes a feature",
        next: "Leave the column out, or group its values first.",
      });
    }
    features.push({ column, places: new Map(names.map((name, i) => [name, i])), width: names.length });
  }
  const names = featureNames(features);
  if (like !== undefined && names.join("\n") !== like.contextNames?.join("\n")) {
    throw problem("bad-field", {
      source: path,
      field: "like",
      given: `its features are ${like.contextNames?.slice(0, 8).join(", ") ?? "not named"} …`,
      rule: `the column map makes ${names.slice(0, 8).join(", ")} …`,
      next: "Read both logs with the same column map.",
    });
  }
  return features;
}

const featureNames = (features: readonly Feature[]): string[] =>
  features.flatMap(({ column, places }) => (places ? [...places.keys()].map((name) => `${column}=${name}`) : [column]));

async function actionsOf(connection: DuckDBConnection, options: TableOptions): Promise<ActionSet> {
  if (options.like) return options.like.actions;
  const { actions } = options;
  const numbered = (count: number): ActionSet => ({ count, names: Array.from({ length: count }, (_, i) => String(i)) });
  if (typeof actions === "number") return numbered(actions);
  if (actions !== undefined) return "names" in actions ? actions : { count: actions.length, names: actions };
  const names = await namesIn(connection, options.columns.action);
  const numbers = names.map(Number);
  const whole = names.every((name) => /^\d+$/.test(name)) && Math.max(...numbers) < 1e6;
  return whole && names.length > 0 ? numbered(Math.max(...numbers) + 1) : { count: names.length, names };
}

/** The decision log in the table "given". */
export async function decisionsFrom(
  connection: DuckDBConnection,
  path: string,
  options: TableOptions,
): Promise<DecisionLog> {
  const source = tableSource(path);
  const { columns, like, license } = options;
  const { timestamp, extras = [], tags = [] } = columns;
  const beside = [
    columns.action,
    columns.propensity,
    columns.reward,
    ...(timestamp ? [timestamp] : []),
    ...extras,
    ...tags,
  ];
  await checkNames(connection, source, [...columns.context, ...beside]);
  const features = await featuresOf(connection, path, columns.context, options);
  const actions = await actionsOf(connection, options);
  const [[counted]] = await rowsOf(connection, "SELECT count(*)::VARCHAR FROM given");
  const rows = Number(counted);
  const width = features.reduce((sum, feature) => sum + feature.width, 0);
  const context = new Float32Array(rows * width);
  const action = new Int32Array(rows);
  const places = new Map(actions.names.map((name, i) => [name, i]));
  const numbers = new Map(
    [columns.propensity, columns.reward, ...extras].map((name) => [name, new Float64Array(rows)]),
  );
  const times = new Float64Array(timestamp ? rows : 0);
  const labels = Object.fromEntries(tags.map((name) => [name, new Array<Cell>(rows)]));
  const wanted = [...new Set([...columns.context, ...beside])];
  const at = new Map(wanted.map((name, i) => [name, i]));
  const result = await connection.stream(`SELECT ${wanted.map(identifier).join(", ")} FROM given`);
  let row = 0;
  await eachRow(result, (cells) => {
    const cell = (name: string): Cell => cells[at.get(name) as number] as Cell;
    const number = (name: string): number => numberIn(cell(name), row, name, source);
    encode(features, cell, context, row, source);
    const chosen = places.get(cell(columns.action) ?? "");
    if (chosen === undefined) unknownAction(cell(columns.action), row, columns.action, actions, source);
    else action[row] = chosen;
    for (const [name, values] of numbers) values[row] = number(name);
    if (timestamp) times[row] = timeIn(cell(timestamp), row, timestamp, source);
    for (const name of tags) labels[name][row] = cell(name);
    row++;
  });
  const given: DecisionColumns = {
    context: { shape: [rows, width], dtype: "float32", data: context } satisfies NdArray,
    contextNames: featureNames(features),
    ...(like ? { contextSpace: like.contextSpace } : {}),
    actions,
    action,
    propensity: numbers.get(columns.propensity) as Float64Array,
    reward: numbers.get(columns.reward) as Float64Array,
    extras: {
      ...Object.fromEntries(extras.map((name) => [name, numbers.get(name) as Float64Array])),
      ...(timestamp ? { timestamp: times } : {}),
    },
    tags: labels,
    lineage: [path],
    ...(license === undefined ? {} : { license }),
  };
  return decisionLog(given, source);
}

/** Writes a row's features into their places. */
export function encode(
  features: readonly Feature[],
  cell: (column: string) => Cell,
  into: Float32Array,
  row: number,
  source: Source,
): void {
  let place = row * features.reduce((sum, feature) => sum + feature.width, 0);
  for (const feature of features) {
    if (feature.places) {
      const seen = feature.places.get(cell(feature.column) ?? "");
      if (seen !== undefined) into[place + seen] = 1;
    } else into[place] = numberIn(cell(feature.column), row, feature.column, source);
    place += feature.width;
  }
}

function badCell(cell: Cell, row: number, field: string, rule: string, next: string, source: Source): never {
  const given = cell === null ? "an empty cell" : JSON.stringify(cell);
  throw problem("bad-row", { source: source.name, place: source.place(row), field, given, rule, next });
}

export function numberIn(cell: Cell, row: number, field: string, source: Source): number {
  const value = cell === null || cell.trim() === "" ? Number.NaN : Number(cell);
  if (Number.isFinite(value)) return value;
  return badCell(
    cell,
    row,
    field,
    "it must be a finite number",
    "Correct the cell, drop the row, or list the column as categorical when it holds names.",
    source,
  );
}

/** Milliseconds since 1970, microseconds kept; a time without a zone is UTC, on every machine. */
export function timeIn(cell: Cell, row: number, field: string, source: Source): number {
  const text = cell?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(\.\d+)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/.exec(text);
  if (parts) {
    const [, day, clock = "00:00:00", fraction = "0", zone = "Z"] = parts;
    const offset = zone === "Z" ? "Z" : `${zone.slice(0, 3)}:${zone.replace(":", "").slice(3) || "00"}`;
    const milliseconds = Date.parse(`${day}T${clock}${offset}`) + Number(fraction) * 1000;
    if (Number.isFinite(milliseconds)) return milliseconds;
  }
  return badCell(
    cell,
    row,
    field,
    "it must be a time",
    'Write times as "2026-05-01T12:30:00Z" or in milliseconds.',
    source,
  );
}

function unknownAction(cell: Cell, row: number, field: string, actions: ActionSet, source: Source): never {
  const shown = actions.names.slice(0, 12).join(", ");
  const rule = `the actions are ${shown}${actions.count > 12 ? ` … (${actions.count})` : ""}`;
  return badCell(cell, row, field, rule, "Correct the cell, or declare the actions.", source);
}
