/**
 * Datasets of Minari (Farama Foundation): a folder with data/metadata.json and data/main_data.hdf5, an episode a group,
 * T + 1 observations for T actions. https://minari.farama.org
 */
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as z from "zod";
import { readText } from "../../files.ts";
import { problem } from "../../problems.ts";
import type { Space } from "../../spaces/space.ts";
import { type NdArray, sliceRows } from "../../tensor/ndarray.ts";
import type { Source } from "../columns.ts";
import { type Episode, fromEpisodes } from "../episodes.ts";
import type { Trajectories } from "../trajectories.ts";
import { type Hdf5Group, readingHdf5 } from "./hdf5.ts";
import { parseHeader, type TrajectoriesHeader } from "./header.ts";
import { fromLeaves, type Leaf } from "./leaves.ts";
import { minariName, parseMinariSpace, parsePythonJson, partTexts } from "./minari-spaces.ts";
import { headerEntry, restored } from "./own-header.ts";

const what = "Minari dataset";
const metadataName = "metadata.json";
export const dataName = "main_data.hdf5";

const metadataSchema = z.object({
  data_format: z.string().default("hdf5"),
  jpeg_encoding: z.boolean().default(false),
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

interface Described {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** Paths of the texts among the observations. */
  readonly texts: readonly (readonly (string | number)[])[];
  readonly jpeg: boolean;
  readonly environment: string;
  readonly header?: TrajectoriesHeader;
}

/**
 * Reads a dataset. Texts among the observations (missions, instructions) become tags: the text itself where it stays the
 * same through an episode, a JSON list of all of them where it does not. What infos hold at a step becomes an extra;
 * what they hold at reset is left out. Episode metadata (seed, options) becomes tags.
 * @throws Problem "missing-file", "broken-file", "not-a-recording" for images kept as JPEG or data kept as Arrow,
 *   "bad-space", "bad-field" and "bad-row" naming the episode
 */
export async function readMinari(path: string): Promise<Trajectories> {
  const folder = await minariFolder(path);
  if (folder === undefined) {
    throw problem("missing-file", { path: join(path, "data", metadataName), what: `the description of a ${what}` });
  }
  const described = await describedIn(join(folder, metadataName));
  const file = join(folder, dataName);
  return readingHdf5(file, `data file of a ${what}`, (root) => {
    const groups = episodesIn(root);
    const kept = groups.filter((name) => root.group(name).numbers("rewards").shape[0] > 0);
    const { header } = described;
    const infos = header ? Object.keys(header.extras) : sharedInfos(root, kept);
    const episodes = kept.map((name) => episodeIn(root.group(name), described, infos, file));
    if (header) return restored(episodes, header, path);
    const notes = kept.length < groups.length ? [`left out ${groups.length - kept.length} episodes without steps`] : [];
    const { observationSpace, actionSpace, environment } = described;
    const options = { observationSpace, actionSpace, environment, lineage: [path, ...notes] };
    return fromEpisodes(episodes, options, { name: file, place: (row) => `row ${row}` });
  });
}

async function describedIn(path: string): Promise<Described> {
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
  const { data_format, jpeg_encoding, env_spec, [headerEntry]: own } = parsed.data;
  if (data_format !== "hdf5") {
    throw refuse(`its data are kept as ${data_format}`, 'Make it anew in Python with data_format="hdf5".');
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
    observationSpace: seen.space,
    actionSpace: done.space,
    texts: seen.texts,
    jpeg: jpeg_encoding,
    environment: environmentIn(env_spec),
    ...(header?.kind === "trajectories" ? { header, ...pick(header) } : {}),
  };
}

const pick = ({ observationSpace, actionSpace }: TrajectoriesHeader) => ({ observationSpace, actionSpace });

function environmentIn(spec: string | undefined): string {
  const id = /"id"\s*:\s*"([^"\\]*)"/.exec(spec ?? "");
  return id?.[1] ?? "";
}

function episodesIn(root: Hdf5Group): readonly string[] {
  const number = (name: string): number => Number(name.slice("episode_".length));
  return root.names.filter((name) => /^episode_\d+$/.test(name)).sort((a, b) => number(a) - number(b));
}

/** Names of the infos that are numbers in every episode, nested ones with slashes between. */
function sharedInfos(root: Hdf5Group, episodes: readonly string[]): readonly string[] {
  const within = (group: Hdf5Group, prefix: string): string[] =>
    group.names.flatMap((name) => {
      const kind = group.kind(name);
      if (kind === "group") return within(group.group(name), `${prefix}${name}/`);
      return kind === "numbers" ? [prefix + name] : [];
    });
  const all = episodes.map((name) => {
    const group = root.group(name);
    return new Set(group.kind("infos") === "group" ? within(group.group("infos"), "") : []);
  });
  return [...(all[0] ?? [])].filter((name) => all.every((names) => names.has(name)));
}

const found = (group: Hdf5Group, path: readonly string[]): readonly [Hdf5Group, string] =>
  path.length === 1 ? [group, path[0]] : found(group.group(path[0]), path.slice(1));

function episodeIn(group: Hdf5Group, described: Described, infos: readonly string[], file: string): Episode {
  const source: Source = { name: `${file}, ${group.path}`, place: (row) => `row ${row}` };
  const rewards = group.numbers("rewards").data as Float64Array;
  const steps = rewards.length;
  const values = (field: "observations" | "actions", space: Space, rows: number): NdArray =>
    fromLeaves(space, rows, (leaf) => leafIn(group, field, leaf, described.jpeg, source), source, field);
  const last = (name: string): boolean => {
    const { data } = group.numbers(name);
    if (data.length !== steps) wrongLength(data.length, steps, name, source);
    const early = Array.from(data, Number).indexOf(1);
    if (early >= 0 && early < steps - 1) endsEarly(early, name, source);
    return Number(data[steps - 1]) === 1;
  };
  const terminated = last("terminations");
  last("truncations");
  const { id: _, total_steps: __, ...tags } = group.attributes;
  return {
    observations: values("observations", described.observationSpace, steps + 1),
    actions: values("actions", described.actionSpace, steps),
    rewards: Float64Array.from(rewards, Number),
    terminated,
    tags: described.header ? {} : { ...tags, ...textTags(group, described) },
    extras: Object.fromEntries(infos.map((name) => [name, infoIn(group, name, steps, described, source)])),
  };
}

function leafIn(group: Hdf5Group, field: string, leaf: Leaf, jpeg: boolean, source: Source): NdArray {
  const [within, name] = found(group, [field, ...leaf.path.map(minariName)]);
  const values = within.numbers(name);
  const isImage = leaf.space.kind === "box" && leaf.space.shape.length >= 2;
  if (jpeg && isImage && values.bytes && values.shape.length === 2) {
    throw problem("not-a-recording", {
      source: source.name,
      reason: `${field} are pictures kept as JPEG`,
      wanted: "pictures kept as numbers",
      next: "Make the dataset anew in Python with jpeg_encoding=False.",
    });
  }
  return values;
}

function infoIn(group: Hdf5Group, name: string, steps: number, described: Described, source: Source): NdArray {
  const path = described.header ? [minariName(name)] : name.split("/");
  const [within, last] = found(group, ["infos", ...path]);
  const values = within.numbers(last);
  const [rows] = values.shape;
  if (rows === steps + 1) return sliceRows(values, 1, rows);
  if (rows !== steps) wrongLength(rows, steps, `infos/${name}`, source);
  return values;
}

function textTags(group: Hdf5Group, { texts }: Described): { readonly [name: string]: string } {
  const tags = texts.map((path) => {
    const [within, last] = found(group, ["observations", ...path.map(minariName)]);
    const all = within.texts(last);
    return [path.join("/") || "observation", new Set(all).size === 1 ? all[0] : JSON.stringify(all)] as const;
  });
  return Object.fromEntries(tags);
}

function wrongLength(given: number, steps: number, field: string, source: Source): never {
  throw problem("bad-field", {
    source: source.name,
    field,
    given: `${given} rows`,
    rule: `the episode has ${steps} steps`,
    next: "Take the dataset again from where it was made.",
  });
}

function endsEarly(row: number, field: string, source: Source): never {
  throw problem("bad-row", {
    source: source.name,
    place: source.place(row),
    field,
    given: "1 inside an episode",
    rule: "only an episode's last step may end it",
    next: "Split the episode there in Python, or mend the mark.",
  });
}
