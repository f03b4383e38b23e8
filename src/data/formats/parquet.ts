/**
 * Parquet files of recordings: a step or decision a row, arrays as lists, and in the footer, under the key "repertoire",
 * the header that says what the columns mean. docs/recordings.md shows one.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { problem } from "../../problems.ts";
import { box } from "../../spaces/make.ts";
import { storedForm } from "../../spaces/stored.ts";
import type { Dtype, NdArray } from "../../tensor/ndarray.ts";
import { trajectories } from "../build.ts";
import { called, type Growing, growing, type Source, type Stored } from "../columns.ts";
import { decisionLog } from "../decision-log.ts";
import type { DecisionLog, Recording, Tags, Trajectories } from "../trajectories.ts";
import { eachRow, fileLiteral, identifier, literal, reading } from "./duckdb.ts";
import {
  checkFingerprint,
  type DecisionsHeader,
  extrasOf,
  originOf,
  parseHeader,
  type TrajectoriesHeader,
} from "./header.ts";
import { footerKey, types } from "./parquet-writer.ts";

const what = "Parquet file of a recording";

/** A column as the header promises it. */
interface Promised {
  readonly name: string;
  readonly stored: Stored;
}

const typeName = ({ dtype, shape }: Stored): string => `${types[dtype]}${shape.length > 0 ? "[]" : ""}`;

/** Refuses a file whose columns are not those its header promises. */
async function checkColumns(
  connection: DuckDBConnection,
  file: string,
  path: string,
  wanted: ReadonlyMap<string, string>,
) {
  const result = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${file})`);
  const found = new Map(result.getRows().map(([name, type]) => [String(name), String(type)]));
  const refuse = (field: string, given: string, rule: string): never => {
    throw problem("bad-field", { source: path, field, given, rule, next: "Write the file again from its source." });
  };
  for (const [name, type] of wanted) {
    const got = found.get(name);
    if (got === undefined) refuse(name, "missing", `the header promises a column of type ${type}`);
    if (got !== type) refuse(name, `its type is ${got}`, `the header promises ${type}`);
  }
  for (const name of found.keys()) {
    if (!wanted.has(name))
      refuse(name, "a column the header does not name", `the columns are ${[...wanted.keys()].join(", ")}`);
  }
}

/** Reads promised columns into arrays; `others` are named columns that the visitor handles itself. */
async function readColumns(
  connection: DuckDBConnection,
  path: string,
  source: Source,
  promised: readonly Promised[],
  others: readonly {
    readonly name: string;
    readonly type: string;
    readonly push: (value: unknown, row: number) => void;
  }[],
): Promise<readonly NdArray[]> {
  const file = fileLiteral(path);
  const wanted = [
    ...promised.map(({ name, stored }) => [name, typeName(stored)] as const),
    ...others.map(({ name, type }) => [name, type] as const),
  ];
  await checkColumns(connection, file, path, new Map(wanted));
  const names = wanted.map(([name]) => identifier(name)).join(", ");
  const result = await connection.stream(`SELECT ${names} FROM read_parquet(${file})`);
  const filled: readonly Growing[] = promised.map(({ name, stored }) => growing(stored, source, name));
  let row = 0;
  await eachRow(result, (values) => {
    filled.forEach((column, c) => {
      column.push(values[c]);
    });
    others.forEach(({ push }, o) => {
      push(values[promised.length + o], row);
    });
    row++;
  });
  return filled.map((column) => column.done());
}

const scalar = (dtype: Dtype): Stored => ({ shape: [], dtype });
const named = (names: readonly string[], arrays: readonly NdArray[]) =>
  Object.fromEntries(names.map((name, i) => [name, arrays[i]]));

/** The columns that a header of trajectories promises, but for the final observations, which most rows lack. */
const promisedBy = (header: TrajectoriesHeader): readonly Promised[] => [
  { name: "episode", stored: scalar("int32") },
  { name: "step", stored: scalar("int32") },
  { name: "observation", stored: storedForm(header.observationSpace) },
  { name: "action", stored: storedForm(header.actionSpace) },
  { name: "reward", stored: scalar("float64") },
  { name: "terminated", stored: scalar("bool") },
  { name: "truncated", stored: scalar("bool") },
  ...extrasOf(header).map(([name, stored]) => ({ name: `extras.${name}`, stored })),
];

/** Refuses a file whose columns are not those its header promises. @throws Problem "bad-field" */
export const checkTrajectoryColumns = (
  connection: DuckDBConnection,
  path: string,
  header: TrajectoriesHeader,
): Promise<void> => {
  const columns = promisedBy(header).map(({ name, stored }) => [name, typeName(stored)] as const);
  const final = ["final_observation", typeName(storedForm(header.observationSpace))] as const;
  return checkColumns(connection, fileLiteral(path), path, new Map([...columns, final]));
};

async function readTrajectories(
  connection: DuckDBConnection,
  path: string,
  header: TrajectoriesHeader,
): Promise<Trajectories> {
  const source = called(path);
  const { observationSpace, actionSpace } = header;
  const seen = storedForm(observationSpace);
  const extras = extrasOf(header);
  const final = growing(seen, source, "final_observation");
  const [episode, step, observation, action, reward, terminated, truncated, ...rest] = await readColumns(
    connection,
    path,
    source,
    promisedBy(header),
    [
      {
        name: "final_observation",
        type: typeName(seen),
        push: (value) => {
          if (value !== null) final.push(value);
        },
      },
    ],
  );
  const made = trajectories(
    {
      observationSpace,
      actionSpace,
      observation,
      action,
      reward,
      terminated,
      truncated,
      finalObservation: final.done(),
      extras: named(
        extras.map(([name]) => name),
        rest,
      ),
      tags: Array.isArray(header.tags) ? {} : (header.tags as Tags),
      ...originOf(header, path),
    },
    source,
  );
  checkNumbering(made, episode, step, source);
  return made;
}

/** Rows that were shuffled or cut would join steps of different episodes without a sound. */
function checkNumbering(t: Trajectories, episode: NdArray, step: NdArray, source: Source): void {
  for (let e = 0; e + 1 < t.offsets.length; e++) {
    for (let row = t.offsets[e]; row < t.offsets[e + 1]; row++) {
      if (episode.data[row] === e && step.data[row] === row - t.offsets[e]) continue;
      throw problem("bad-row", {
        source: source.name,
        place: source.place(row),
        field: "episode",
        given: `episode ${episode.data[row]}, step ${step.data[row]}`,
        rule: `by the ends before it this is episode ${e}, step ${row - t.offsets[e]}`,
        next: "Rows must stand in the order of episode and step, none left out.",
      });
    }
  }
}

async function readDecisions(
  connection: DuckDBConnection,
  path: string,
  header: DecisionsHeader,
): Promise<DecisionLog> {
  const source = called(path);
  const actions = typeof header.actions === "number" ? { count: header.actions } : header.actions;
  const contextSpace = header.contextSpace ?? box(-Infinity, Infinity, { shape: [0] });
  const perAction = (dtype: Dtype): Stored => ({ shape: [actions.count], dtype });
  const extras = extrasOf(header);
  const tags: { readonly [name: string]: (string | number | boolean | null)[] } = Object.fromEntries(
    (Array.isArray(header.tags) ? header.tags : []).map((name) => [name, []]),
  );
  const masks = [
    ...(header.available ? [{ name: "available", stored: perAction("bool") }] : []),
    ...(header.loggingPolicy ? [{ name: "logging_policy", stored: perAction("float64") }] : []),
  ];
  const [context, action, propensity, reward, ...rest] = await readColumns(
    connection,
    path,
    source,
    [
      { name: "context", stored: storedForm(contextSpace) },
      { name: "action", stored: scalar("int32") },
      { name: "propensity", stored: scalar("float64") },
      { name: "reward", stored: scalar("float64") },
      ...masks,
      ...extras.map(([name, stored]) => ({ name: `extras.${name}`, stored })),
    ],
    Object.entries(tags).map(([name, values]) => ({
      name: `tags.${name}`,
      type: "VARCHAR",
      push: (value: unknown, row: number) => values.push(tagFrom(value, row, name, source)),
    })),
  );
  const whole = named([...masks.map(({ name }) => name), ...extras.map(([name]) => `extras.${name}`)], rest);
  return decisionLog(
    {
      contextSpace,
      ...(header.contextNames ? { contextNames: header.contextNames } : {}),
      actions,
      context,
      action,
      propensity,
      reward,
      ...(header.available ? { available: whole.available } : {}),
      ...(header.loggingPolicy ? { loggingPolicy: whole.logging_policy } : {}),
      extras: Object.fromEntries(extras.map(([name]) => [name, whole[`extras.${name}`]])),
      tags,
      ...originOf(header, path),
    },
    source,
  );
}

function tagFrom(value: unknown, row: number, name: string, source: Source): string | number | boolean | null {
  try {
    return JSON.parse(String(value));
  } catch {
    throw problem("bad-row", {
      source: source.name,
      place: source.place(row),
      field: `tags.${name}`,
      given: String(value),
      rule: "a tag is JSON: a text in quotes, a number, true, false or null",
      next: "Write the file again from its source.",
    });
  }
}

/** What the file says of itself. @throws Problem "not-a-recording" */
export async function parquetHeader(
  connection: DuckDBConnection,
  path: string,
): Promise<TrajectoriesHeader | DecisionsHeader> {
  const entries = await connection.runAndReadAll(
    `SELECT decode(value) FROM parquet_kv_metadata(${fileLiteral(path)}) WHERE decode(key) = ${literal(footerKey)}`,
  );
  const [found] = entries.getRows();
  if (found === undefined) {
    throw problem("not-a-recording", {
      source: path,
      reason: `the Parquet file has no "${footerKey}" entry in its footer`,
      wanted: "a file written by Repertoire",
      next: "To read decisions from a table of your own, give a column map: readRecording(path, { columns: … }).",
    });
  }
  return parseHeader(String(found[0]), path);
}

/**
 * Reads a recording that `writeParquet` wrote, and checks it as the builders do.
 * @throws Problem "missing-file", "broken-file" (damaged, or not what was written), "not-a-recording" (another Parquet
 *   file), "bad-field" and "bad-row" as the builders
 */
export async function readParquet(path: string): Promise<Recording> {
  return reading(path, what, async (connection) => {
    const header = await parquetHeader(connection, path);
    const recording =
      header.kind === "trajectories"
        ? await readTrajectories(connection, path, header)
        : await readDecisions(connection, path, header);
    return checkFingerprint(recording, header.provenance.fingerprint, path);
  });
}
