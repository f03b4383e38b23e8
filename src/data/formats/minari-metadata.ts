/** What a Minari dataset says of itself, in data/metadata.json. */
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as z from "zod";
import { readText } from "../../files.ts";
import { problem } from "../../problems.ts";
import type { Space } from "../../spaces/space.ts";
import { parseHeader, type TrajectoriesHeader } from "./header.ts";
import { parseMinariSpace, parsePythonJson, partTexts } from "./minari-spaces.ts";
import { headerEntry } from "./own-header.ts";

const what = "Minari dataset";
export const metadataName = "metadata.json";
export const dataName = "main_data.hdf5";

const storages = ["hdf5", "arrow", "parquet"] as const;
export type MinariStorage = (typeof storages)[number];

const metadataSchema = z.object({
  data_format: z.string().default("hdf5"),
  total_episodes: z.int().min(0).optional(),
  observation_space: z.string(),
  action_space: z.string(),
  env_spec: z.string().optional(),
  dataset_id: z.string().optional(),
  [headerEntry]: z.string().optional(),
});

/** The folder that holds metadata.json: the path, its data folder, or what the data file stands in. */
export async function minariFolder(path: string): Promise<string | undefined> {
  const folder = basename(path) === dataName ? dirname(path) : path;
  for (const candidate of [folder, join(folder, "data")]) {
    const found = await stat(join(candidate, metadataName)).catch(() => undefined);
    if (found?.isFile()) return candidate;
  }
  return undefined;
}

export interface MinariMetadata {
  readonly storage: MinariStorage;
  /** How many episodes there should be, where it says. */
  readonly episodes: number;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** Paths of the texts among the observations. */
  readonly texts: readonly (readonly (string | number)[])[];
  readonly environment: string;
  /** Ours, where the dataset was written here. */
  readonly header?: TrajectoriesHeader;
}

/** @throws Problem "missing-file", "broken-file", "not-a-recording" for what is kept in no way known here, "bad-space" */
export async function readMetadata(path: string): Promise<MinariMetadata> {
  const refuse = (reason: string, next = "Take the dataset again from where it was made.") =>
    problem("not-a-recording", { source: path, reason, wanted: `the metadata of a ${what}`, next });
  let json: unknown;
  try {
    json = parsePythonJson(await readText(path, `metadata of a ${what}`));
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse("it is not JSON");
    throw error;
  }
  const parsed = metadataSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refuse(`its entry "${issue.path.join(".")}" is wrong (${issue.message})`);
  }
  const { data_format, total_episodes = 0, env_spec, [headerEntry]: own } = parsed.data;
  const storage = storages.find((name) => name === data_format);
  if (storage === undefined) {
    throw refuse(
      `its data are kept as ${data_format}`,
      `Make it anew in Python with data_format="hdf5", "arrow" or "parquet".`,
    );
  }
  const space = (name: "observation_space" | "action_space"): Space => {
    try {
      return parseMinariSpace(parsePythonJson(parsed.data[name]), `${path}, ${name}`);
    } catch (error) {
      if (error instanceof SyntaxError) throw refuse(`its ${name} is not JSON`);
      throw error;
    }
  };
  const seen = partTexts(space("observation_space"));
  const done = partTexts(space("action_space"));
  if (seen.space === undefined || done.space === undefined || done.texts.length > 0) {
    throw refuse(
      done.texts.length > 0 ? "its actions are texts" : "its observations are nothing but text",
      "Embed texts as numbers, or read conversations with readConversations.",
    );
  }
  const header = own === undefined ? undefined : parseHeader(own, path);
  return {
    storage,
    episodes: total_episodes,
    observationSpace: seen.space,
    actionSpace: done.space,
    texts: seen.texts,
    environment: environmentIn(env_spec),
    ...(header?.kind === "trajectories" ? { header, ...pick(header) } : {}),
  };
}

const pick = ({ observationSpace, actionSpace }: TrajectoriesHeader) => ({ observationSpace, actionSpace });

function environmentIn(spec: string | undefined): string {
  const id = /"id"\s*:\s*"([^"\\]*)"/.exec(spec ?? "");
  return id?.[1] ?? "";
}
