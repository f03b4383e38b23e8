/** The recordings, environments and policies that flags name. */
import type { Command } from "commander";
import {
  type ColumnMap,
  type Format,
  type Recording,
  readDecisionLog,
  readRecording,
  recordingFormats,
  type StepColumnMap,
} from "../data/index.ts";
import {
  type EnvironmentSpec,
  environmentNames,
  factoryFrom,
  make,
  prepare,
  type WrappedEnvironment,
} from "../envs/index.ts";
import { readText } from "../files.ts";
import { problem } from "../problems.ts";
import { type Assignments, assignment, oneOf } from "./flags.ts";

export interface RecordingFlags {
  readonly format?: Format;
  readonly columns?: string;
  readonly categorical?: string;
  readonly like?: string;
}

/** What it takes to read any recording. */
export const recordingFlags = (command: Command): Command =>
  command
    .optionsGroup("The recording:")
    .option(
      "--format <name>",
      `read the recording as ${recordingFormats.join(", ")} (default: found out)`,
      oneOf("--format", recordingFormats),
    )
    .option(
      "--columns <map>",
      'read a table of your own: a JSON file, or JSON like {"context":["age"],"action":"shown","propensity":"p","reward":"bought"}, for steps {"observation":["x"],"action":"push","reward":"r","episode":"run"}',
    )
    .option("--categorical <names>", "context or observation columns of a table that hold names, with commas between")
    .option("--like <file>", "encode a table as this decision log was")
    .optionsGroup("Options:");

/** A recording in any format. @throws Problem one sentence about what is wrong with it */
export const openRecording = async (path: string, flags: RecordingFlags): Promise<Recording> =>
  readRecording(path, await readOptions(flags));

/** The flags as the readers take them. */
async function readOptions({ format, columns, categorical, like }: RecordingFlags) {
  return {
    ...(format === undefined ? {} : { format }),
    ...(columns === undefined ? {} : { columns: await columnMap(columns) }),
    ...(categorical === undefined ? {} : { categorical: categorical.split(",") }),
    ...(like === undefined ? {} : { like: await readDecisionLog(like) }),
  };
}

async function columnMap(given: string): Promise<ColumnMap | StepColumnMap> {
  const text = given.trimStart().startsWith("{") ? given : await readText(given, "a column map (JSON)");
  const refuse = (reason: string) =>
    problem("bad-option", {
      where: "repertoire",
      name: "--columns",
      given,
      wanted: `JSON with context (a list), action, propensity and reward, or with observation (a list) and action; ${reason}`,
    });
  let map: { readonly [name: string]: unknown };
  try {
    map = JSON.parse(text) as { readonly [name: string]: unknown };
  } catch (error) {
    throw refuse((error as Error).message);
  }
  const isText = (value: unknown): boolean => typeof value === "string";
  const isList = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
  const lists = new Set(["context", "observation", "nextObservation", "extras", "tags"]);
  const steps = "observation" in map;
  const wanted = steps ? ["observation", "action"] : ["context", "action", "propensity", "reward"];
  for (const name of new Set([...wanted, ...Object.keys(map)])) {
    const value = map[name];
    const fine = lists.has(name) ? isList(value) : isText(value) || (steps && name === "action" && isList(value));
    if (!fine) throw refuse(`"${name}" is missing or of another kind`);
  }
  return map as unknown as ColumnMap | StepColumnMap;
}

export interface WorldFlags {
  readonly env?: string;
  readonly envSet?: Assignments;
}

export const worldFlags = (command: Command): Command =>
  command
    .option("--env <name>", "the environment to play in (default: the one the policy learned in)")
    .option("--env-set <key=value>", "an option of the environment; may be repeated", assignment("--env-set"));

/** What makes copies of an environment; the first is made now, so that a wrong name or option is said at once. */
export async function worldOf(
  world: string | EnvironmentSpec,
  given: Assignments = {},
): Promise<() => WrappedEnvironment> {
  if (typeof world === "string") {
    await prepare(world);
    make(world, given).close();
    return () => make(world, given);
  }
  const { maxSteps = world.maxSteps, ...options } = given as Assignments & Pick<EnvironmentSpec, "maxSteps">;
  const limit = maxSteps === undefined ? {} : { maxSteps };
  const again = await factoryFrom({ ...world, options: { ...world.options, ...options }, ...limit });
  again().close();
  return again;
}

/**
 * The environment of a recording or a policy as it was made, or by its name alone. One that came from a module is what is
 * registered under its name: a file of data may not run a program.
 */
export const asMade = ({
  environment,
  made,
}: {
  readonly environment: string;
  readonly made?: EnvironmentSpec;
}): string | EnvironmentSpec => (made?.name === environment && made.module === undefined ? made : environment);

/** @throws Problem "bad-usage" when there is no name: neither a flag nor the policy gave one */
export function worldNamed(name: string, where: string): string {
  if (name !== "") return name;
  throw problem("bad-usage", {
    where,
    reason: "the policy does not say where it learned, so there is no world to play it in",
    next: "Name one with --env, or a decision log with --log.",
  });
}

export const isRegistered = (name: string): boolean => environmentNames().includes(name);
