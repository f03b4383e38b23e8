/**
 * The videos of a LeRobot dataset: their frames are not read, and what says where each is found goes along. Of every
 * episode and camera that is a tag, "video:observation.images.top", in JSON: the file within the dataset, from when to when
 * the episode is in it (seconds), and the feature as the dataset describes it. The frame of a step is at `from` plus the
 * step's extra "timestamp", which stays right however episodes are filtered, trimmed and merged.
 */
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import { exists } from "../../files.ts";
import { problem } from "../../problems.ts";
import type { NdArray } from "../../tensor/ndarray.ts";
import { canonicalJson } from "../fingerprint.ts";
import type { Trajectories } from "../trajectories.ts";
import { columnNames, filesIn, readColumns } from "./lerobot-tables.ts";
import type { Written } from "./parquet-writer.ts";

const prefix = "video:";

/** A file below the dataset's folder: a recording may not name any other. */
const below = /^(?!.*(?:^|[\\/])\.\.(?:[\\/]|$))(?![\\/]|\w:).+$/;
const cameraName = /^[\w-]+(?:\.[\w-]+)*$/;

const placeSchema = z.strictObject({
  path: z.string().regex(below),
  from: z.number(),
  to: z.number(),
  feature: z.record(z.string(), z.unknown()),
});
type VideoPlace = z.output<typeof placeSchema>;

/** Where a dataset keeps the file of a camera, by its numbers. */
export const videoPath = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4";

const filled = (template: string, key: string, chunk: number, file: number): string => {
  const number = (value: number) => (_: string, digits: string | undefined) =>
    String(value).padStart(Number(digits ?? 0), "0");
  return template
    .replaceAll("{video_key}", key)
    .replaceAll(/\{(?:episode_)?chunk_index(?::0?(\d+)d)?\}/g, number(chunk))
    .replaceAll(/\{file_index(?::0?(\d+)d)?\}/g, number(file));
};

/**
 * For each episode by its number in the dataset, its tags: one for every camera whose videos the dataset says how to find.
 * @throws Problem "broken-file", "bad-row" for numbers that are none
 */
export async function videoTags(
  path: string,
  features: ReadonlyMap<string, { readonly [entry: string]: unknown }>,
  template: string,
): Promise<ReadonlyMap<number, { readonly [tag: string]: string }>> {
  const files = await filesIn(join(path, "meta", "episodes"));
  const found = new Map<number, { [tag: string]: string }>();
  if (features.size === 0 || files.length === 0) return found;
  const there = await columnNames(files, "episodes of a LeRobot dataset");
  const parts = ["chunk_index", "file_index", "from_timestamp", "to_timestamp"] as const;
  const column = (key: string, part: string): string => `videos/${key}/${part}`;
  const keys = [...features.keys()].filter((key) => parts.every((part) => there.has(column(key, part))));
  const source = {
    name: files.length === 1 ? files[0] : join(path, "meta", "episodes"),
    place: (row: number) => `episode ${row}`,
  };
  const forms = keys.flatMap((key) =>
    parts.map(
      (part) => [column(key, part), { shape: [], dtype: part.endsWith("index") ? "int64" : "float64" }] as const,
    ),
  );
  const index = ["episode_index", { shape: [], dtype: "int64" }] as const;
  const columns = await readColumns(files, "episodes of a LeRobot dataset", [index, ...forms], source);
  columns.episode_index.data.forEach((episode, row) => {
    const tags = keys.map((key) => {
      const [chunk, file, from, to] = parts.map((part) => Number(columns[column(key, part)].data[row]));
      const place: VideoPlace = {
        path: filled(template, key, chunk, file),
        from,
        to,
        feature: features.get(key) ?? {},
      };
      return [`${prefix}${key}`, canonicalJson(place)] as const;
    });
    found.set(Number(episode), Object.fromEntries(tags));
  });
  return found;
}

export interface WrittenVideos {
  /** By camera: the feature as it was described. */
  readonly features: { readonly [key: string]: unknown };
  /** Columns of meta/episodes that say where each episode is. */
  readonly columns: readonly Written[];
}

/**
 * Copies the video files that the episodes name out of the dataset they come from, and says what the new one has to.
 * @throws Problem "bad-field" for an episode without its video, or that says of it what cannot be read; "missing-file"
 */
export async function copyVideos(path: string, t: Trajectories, from: string, fps: number): Promise<WrittenVideos> {
  const keys = Object.keys(t.tags).filter((name) => name.startsWith(prefix));
  const features: { [key: string]: unknown } = {};
  const columns: Written[] = [];
  for (const name of keys) {
    const key = name.slice(prefix.length);
    const places = t.tags[name].map((value, e) => placeOf(cameraName.test(key) ? value : undefined, name, e));
    const files = [...new Set(places.map((place) => place.path))];
    for (const [number, file] of files.entries()) {
      const [source, target] = [join(from, file), join(path, filled(videoPath, key, 0, number))];
      if (!(await exists(source))) {
        const next = "Give the folder of the dataset that the recording was read from.";
        throw problem("missing-file", { path: source, what: `the video "${name}" names`, next });
      }
      await mkdir(dirname(target), { recursive: true });
      await copyFile(source, target);
    }
    const starts = places.map((place, e) => place.from + firstTime(t, e));
    const steps = (e: number): number => t.offsets[e + 1] - t.offsets[e];
    features[key] = places[0]?.feature ?? {};
    const whole = (part: string, value: (e: number) => number): Written => ({
      name: `videos/${key}/${part}`,
      type: "BIGINT",
      list: false,
      value: (e) => BigInt(value(e)),
    });
    const seconds = (part: string, value: (e: number) => number): Written => ({
      name: `videos/${key}/${part}`,
      type: "DOUBLE",
      list: false,
      value,
    });
    columns.push(
      whole("chunk_index", () => 0),
      whole("file_index", (e) => files.indexOf(places[e].path)),
      seconds("from_timestamp", (e) => starts[e]),
      seconds("to_timestamp", (e) => starts[e] + steps(e) / fps),
    );
  }
  return { features, columns };
}

/** When an episode's first step was, seconds after the episode began as it was recorded. */
function firstTime(t: Trajectories, e: number): number {
  const timestamp: NdArray | undefined = t.extras.timestamp;
  return timestamp === undefined ? 0 : Number(timestamp.data[t.offsets[e]]);
}

function placeOf(value: unknown, field: string, episode: number): VideoPlace {
  const parsed = placeSchema.safeParse(typeof value === "string" ? parsedOf(value) : value);
  if (parsed.success) return parsed.data;
  throw problem("bad-field", {
    source: "the recording",
    field: `tag "${field}" of episode ${episode}`,
    given: value === null || value === undefined ? "nothing of use" : String(value).slice(0, 60),
    rule: "it says where the episode's video is, as readLeRobot wrote it",
    next: 'Leave out episodes without a video, or the option "videos".',
  });
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
