/**
 * Datasets of Minari (Farama Foundation): a folder with data/metadata.json and the episodes, T + 1 observations for T actions,
 * kept as data/main_data.hdf5 (an episode a group) or as tables (an episode a folder, see minari-tables.ts).
 * https://minari.farama.org
 */
import { join } from "node:path";
import { problem } from "../../problems.ts";
import type { Space } from "../../spaces/space.ts";
import { type NdArray, sizeOf, sliceRows } from "../../tensor/ndarray.ts";
import type { Source } from "../columns.ts";
import { type Episode, fromEpisodes } from "../episodes.ts";
import type { Trajectories } from "../trajectories.ts";
import { type Hdf5Group, readingHdf5 } from "./hdf5.ts";
import { jpegPicture } from "./jpeg.ts";
import { fromLeaves, type Leaf } from "./leaves.ts";
import { dataName, type MinariMetadata, metadataName, minariFolder, readMetadata } from "./minari-metadata.ts";
import { minariName } from "./minari-spaces.ts";
import { tableEpisodes } from "./minari-tables.ts";
import { restored } from "./own-header.ts";

const what = "Minari dataset";

/**
 * Reads a dataset. Pictures kept as JPEG come out as libjpeg-turbo makes them, as in Python. Texts among the observations
 * (missions, instructions) become tags: the text itself where it stays the same through an episode, a JSON list of all of
 * them where it does not. What infos hold at a step becomes an extra; what they hold at reset is left out. Episode metadata
 * (seed, options) becomes tags.
 * @throws Problem "missing-file", "broken-file", "not-a-recording" for what is kept in no way known here, "bad-space",
 *   "bad-field" and "bad-row" naming the episode
 */
export async function readMinari(path: string): Promise<Trajectories> {
  const folder = await minariFolder(path);
  if (folder === undefined) {
    throw problem("missing-file", { path: join(path, "data", metadataName), what: `the description of a ${what}` });
  }
  const metadata = await readMetadata(join(folder, metadataName));
  if (metadata.storage !== "hdf5") {
    const groups = await tableEpisodes(folder, metadata.storage);
    return episodesOf(groups, metadata, path, (group) => join(folder, group.path));
  }
  const file = join(folder, dataName);
  return readingHdf5(file, `data file of a ${what}`, (root) => {
    const groups = episodesIn(root).map((name) => root.group(name));
    return episodesOf(groups, metadata, path, (group) => `${file}, ${group.path}`);
  });
}

/** @param placeOf what to call an episode in sentences */
function episodesOf(
  groups: readonly Hdf5Group[],
  metadata: MinariMetadata,
  path: string,
  placeOf: (group: Hdf5Group) => string,
): Trajectories {
  if (groups.length < metadata.episodes) {
    const reason = `it has ${groups.length} of the ${metadata.episodes} episodes that its metadata counts`;
    throw problem("broken-file", { path, what, reason, next: "Take the dataset again from where it was made." });
  }
  const kept = groups.filter((group) => group.numbers("rewards").shape[0] > 0);
  const { header, observationSpace, actionSpace, environment } = metadata;
  const infos = header ? Object.keys(header.extras) : sharedInfos(kept);
  const episodes = kept.map((group) => episodeIn(group, metadata, infos, placeOf(group)));
  if (header) return restored(episodes, header, path);
  const notes = kept.length < groups.length ? [`left out ${groups.length - kept.length} episodes without steps`] : [];
  const options = { observationSpace, actionSpace, environment, lineage: [path, ...notes] };
  return fromEpisodes(episodes, options, { name: path, place: (row) => `row ${row}` });
}

function episodesIn(root: Hdf5Group): readonly string[] {
  const number = (name: string): number => Number(name.slice("episode_".length));
  return root.names.filter((name) => /^episode_\d+$/.test(name)).sort((a, b) => number(a) - number(b));
}

/** Names of the infos that are numbers in every episode, nested ones with slashes between. */
function sharedInfos(episodes: readonly Hdf5Group[]): readonly string[] {
  const within = (group: Hdf5Group, prefix: string): string[] =>
    group.names.flatMap((name) => {
      const kind = group.kind(name);
      if (kind === "group") return within(group.group(name), `${prefix}${name}/`);
      return kind === "numbers" ? [prefix + name] : [];
    });
  const all = episodes.map((group) => new Set(group.kind("infos") === "group" ? within(group.group("infos"), "") : []));
  return [...(all[0] ?? [])].filter((name) => all.every((names) => names.has(name)));
}

const found = (group: Hdf5Group, path: readonly string[]): readonly [Hdf5Group, string] =>
  path.length === 1 ? [group, path[0]] : found(group.group(path[0]), path.slice(1));

function episodeIn(group: Hdf5Group, metadata: MinariMetadata, infos: readonly string[], name: string): Episode {
  const source: Source = { name, place: (row) => `row ${row}` };
  const rewards = group.numbers("rewards").data as Float64Array;
  const steps = rewards.length;
  const values = (field: "observations" | "actions", space: Space, rows: number): NdArray =>
    fromLeaves(space, rows, (leaf) => leafIn(group, field, leaf, source), source, field);
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
  const { header } = metadata;
  return {
    observations: values("observations", metadata.observationSpace, steps + 1),
    actions: values("actions", metadata.actionSpace, steps),
    rewards: Float64Array.from(rewards, Number),
    terminated,
    tags: header ? {} : { ...tags, ...textTags(group, metadata) },
    extras: Object.fromEntries(
      infos.map((info) => [info, infoIn(group, info, steps, header?.extras[info]?.shape, source)]),
    ),
  };
}

function leafIn(group: Hdf5Group, field: string, leaf: Leaf, source: Source): NdArray {
  const [within, name] = found(group, [field, ...leaf.path.map(minariName)]);
  const pictured = leaf.space.kind === "box" && leaf.space.shape.length >= 2;
  const files = pictured ? within.pieces(name) : undefined;
  // Rows of bytes may be the numbers themselves.
  const packed = files?.some((file) => file.length !== leaf.width);
  return files && packed && leaf.space.kind === "box"
    ? picturesIn(files, leaf.space.shape, source, [field, ...leaf.path].join("/"))
    : within.numbers(name);
}

/** Pictures kept as JPEG, [rows, height, width, …] as their space has them. */
function picturesIn(files: readonly Uint8Array[], shape: readonly number[], source: Source, field: string): NdArray {
  const [height, width, channels = 1] = shape;
  const size = sizeOf(shape);
  const data = new Float32Array(files.length * size);
  for (const [row, file] of files.entries()) {
    const made = jpegPicture(file, { height, width, channels });
    if (typeof made === "string") {
      throw problem("bad-row", {
        source: source.name,
        place: source.place(row),
        field,
        given: made,
        rule: `pictures are JPEG files of ${height} × ${width}`,
        next: "Take the dataset again from where it was made, or make it anew in Python with jpeg_encoding=False.",
      });
    }
    data.set(made.data, row * size);
  }
  return { shape: [files.length, ...shape], dtype: "float32", data };
}

/** @param shape of one row, where it is known better than the file says */
function infoIn(
  group: Hdf5Group,
  name: string,
  steps: number,
  shape: readonly number[] | undefined,
  source: Source,
): NdArray {
  const [within, last] = found(group, ["infos", ...(shape ? [minariName(name)] : name.split("/"))]);
  const read = within.numbers(last);
  const [rows] = read.shape;
  const fits = shape !== undefined && rows * sizeOf(shape) === read.data.length;
  const values = fits ? { ...read, shape: [rows, ...shape] } : read;
  if (rows === steps + 1) return sliceRows(values, 1, rows);
  if (rows !== steps) wrongLength(rows, steps, `infos/${name}`, source);
  return values;
}

function textTags(group: Hdf5Group, { texts }: MinariMetadata): { readonly [name: string]: string } {
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
