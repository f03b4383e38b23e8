/**
 * Datasets of LeRobot, format v3.0: a folder with meta/info.json (features, rate), data/chunk-000/file-000.parquet … (a frame a
 * row), meta/episodes (an episode a row) and meta/tasks.parquet (what each task is called).
 * https://huggingface.co/docs/lerobot/lerobot-dataset-v3
 */
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import { readJson } from "../../files.ts";
import { problem } from "../../problems.ts";
import { dict } from "../../spaces/make.ts";
import type { Space } from "../../spaces/space.ts";
import { storedForm } from "../../spaces/stored.ts";
import { type Dtype, type NdArray, sliceRows } from "../../tensor/ndarray.ts";
import type { Source, Stored } from "../columns.ts";
import { type Episode, fromEpisodes } from "../episodes.ts";
import type { Trajectories } from "../trajectories.ts";
import { actionSpaceOf, observationSpaceOf } from "./guessed-spaces.ts";
import { parseHeader, type TrajectoriesHeader } from "./header.ts";
import { fromLeaves } from "./leaves.ts";
import { filesIn, readColumns, tasksIn } from "./lerobot-tables.ts";
import { headerEntry, restored } from "./own-header.ts";
import { finished, type Rows } from "./unfinished.ts";

const what = "LeRobot dataset";
export const lerobotVersion = "v3.0";
/** Our column of meta/episodes: LeRobot itself keeps nothing of what was seen after the last action. */
export const finalColumn = "repertoire/final_observation";
/** Our column of frames: where next.done is the world's doing. */
export const terminatedColumn = "next.terminated";

const infoSchema = z.object({
  codebase_version: z.string(),
  fps: z.number(),
  robot_type: z.string().nullish(),
  features: z.record(z.string(), z.object({ dtype: z.string(), shape: z.array(z.int().min(0)) })),
  [headerEntry]: z.string().optional(),
});
type Info = z.output<typeof infoSchema>;

/** Whether a folder holds meta/info.json. */
export const isLeRobot = async (path: string): Promise<boolean> =>
  (await stat(join(path, "meta", "info.json")).catch(() => undefined))?.isFile() ?? false;

const numeric: { readonly [dtype: string]: Dtype } = {
  float32: "float32",
  float64: "float64",
  float16: "float32",
  bool: "bool",
  int8: "int32",
  uint8: "int32",
  int16: "int32",
  uint16: "int32",
  int32: "int32",
  uint32: "int64",
  int64: "int64",
};
const bookkeeping = new Set(["timestamp", "frame_index", "episode_index", "index", "task_index"]);
const ends = new Set(["next.reward", "next.done", terminatedColumn]);

/**
 * Reads a dataset. One observation.* feature is a Box; several make a Dict of what follows the dot. Pictures, videos and
 * texts are left out, and the lineage says so. An episode is terminated where its last next.done is true, else truncated;
 * what was seen after its last action is not in the format, see `finished`. The reward is next.reward, or 0 without it;
 * the task's words become the tag "task"; other numbers become extras.
 * @throws Problem "missing-file", "broken-file", "not-a-recording" for another version, "bad-field", "bad-row"
 */
export async function readLeRobot(path: string): Promise<Trajectories> {
  const info = await infoIn(path);
  const own = info[headerEntry] === undefined ? undefined : parseHeader(info[headerEntry], path);
  const header = own?.kind === "trajectories" ? own : undefined;
  const frames = await framesIn(path, info, header);
  const tasks = await tasksIn(path);
  const finals = header ? await finalsIn(path, header) : undefined;
  const bounds = episodesIn(frames.columns.episode_index, frames.columns.frame_index, frames.source);
  const parts = bounds.map(([from, to], e) =>
    rowsOf(frames, info, tasks, from, to, finals && sliceRows(finals, e, e + 1)),
  );
  const episodes = parts.flatMap((rows) => finished(rows) ?? []);
  if (header) return restored(episodes.map(withoutTags), header, path);
  const shortened = parts.filter(({ terminated }) => !terminated).length;
  return fromEpisodes(
    episodes,
    {
      observationSpace: frames.observationSpace,
      actionSpace: frames.actionSpace,
      lineage: [
        path,
        ...(frames.leftOut.length > 0 ? [`left out ${frames.leftOut.join(", ")}`] : []),
        ...(shortened > 0 ? [`took the last row of ${shortened} cut-off episodes as their final observation`] : []),
      ],
    },
    frames.source,
  );
}

const withoutTags = ({ tags: _, ...episode }: Episode): Episode => episode;

async function infoIn(path: string): Promise<Info> {
  const file = join(path, "meta", "info.json");
  const refuse = (reason: string, next: string) =>
    problem("not-a-recording", { source: file, reason, wanted: `the description of a ${what}`, next });
  const parsed = infoSchema.safeParse(await readJson(file, `description of a ${what}`));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const reason = `its entry "${issue.path.join(".")}" is wrong (${issue.message})`;
    throw refuse(reason, "Take the dataset again from where it was made.");
  }
  const { codebase_version } = parsed.data;
  if (!codebase_version.startsWith("v3.")) {
    throw refuse(
      `it is of version ${codebase_version}, not ${lerobotVersion}`,
      "Convert it in Python: python -m lerobot.datasets.v30.convert_dataset_v21_to_v30 --repo-id=…",
    );
  }
  return parsed.data;
}

interface Frames {
  readonly source: Source;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly observation: NdArray;
  /** The other columns, by feature. */
  readonly columns: { readonly [feature: string]: NdArray };
  readonly extras: readonly string[];
  readonly leftOut: readonly string[];
}

async function framesIn(path: string, info: Info, header: TrajectoriesHeader | undefined): Promise<Frames> {
  const files = await filesIn(join(path, "data"));
  if (files.length === 0) throw problem("missing-file", { path: join(path, "data"), what: `the frames of a ${what}` });
  const source: Source = { name: files.length === 1 ? files[0] : join(path, "data"), place: (row) => `row ${row}` };
  const features = new Map(Object.entries(info.features));
  const names = [...features.keys()];
  const readable = names.filter((name) => (features.get(name)?.dtype.toLowerCase() as string) in numeric);
  const seen = readable.filter((name) => name.startsWith("observation."));
  for (const name of ["action", "episode_index", "frame_index"]) {
    if (!readable.includes(name)) throw lacks(path, name, readable);
  }
  if (seen.length === 0) throw lacks(path, "observation.state", readable);
  const forms = readable.map((name): readonly [string, Stored] => {
    if (header && name === "observation.state") return [name, storedForm(header.observationSpace)];
    if (header && name === "action") return [name, storedForm(header.actionSpace)];
    const { dtype, shape } = features.get(name) as { dtype: string; shape: number[] };
    // One number a frame stands without its axis, but for what is seen and done.
    const bare = shape.join() === "1" && !name.startsWith("observation.") && name !== "action";
    return [name, { shape: bare ? [] : shape, dtype: numeric[dtype.toLowerCase()] }];
  });
  const columns = await readColumns(files, `frames of a ${what}`, forms, source);
  const action = columns.action;
  const rows = action.shape[0];
  const spaces = new Map(seen.map((name) => [name.slice("observation.".length), observationSpaceOf(columns[name])]));
  const [[only, alone]] = spaces;
  const observationSpace = header?.observationSpace ?? (spaces.size === 1 ? alone : dict(Object.fromEntries(spaces)));
  const observation = header
    ? columns["observation.state"]
    : fromLeaves(
        observationSpace,
        rows,
        (leaf) => columns[`observation.${leaf.path[0] ?? only}`],
        source,
        "observation",
      );
  const extras = readable.filter(
    (name) => !seen.includes(name) && name !== "action" && !bookkeeping.has(name) && !ends.has(name),
  );
  return {
    source,
    observationSpace,
    actionSpace: header?.actionSpace ?? actionSpaceOf(action),
    observation,
    columns,
    extras,
    leftOut: names.filter((name) => !readable.includes(name)),
  };
}

const lacks = (path: string, feature: string, known: readonly string[]) =>
  problem("bad-field", {
    source: join(path, "meta", "info.json"),
    field: feature,
    given: "there is no such feature of numbers",
    rule: `the features of numbers are ${known.join(", ") || "none"}`,
    next: "A policy needs observations and actions as numbers; pictures are not read.",
  });

async function finalsIn(path: string, { observationSpace }: TrajectoriesHeader): Promise<NdArray> {
  const files = await filesIn(join(path, "meta", "episodes"));
  const file = files[0] ?? join(path, "meta", "episodes");
  const source: Source = { name: file, place: (row) => `episode ${row}` };
  const form = [finalColumn, storedForm(observationSpace)] as const;
  const columns = await readColumns(files.length > 0 ? files : [file], `episodes of a ${what}`, [form], source);
  return columns[finalColumn];
}

/** [from, to) of each episode. */
function episodesIn(episode: NdArray, frame: NdArray, source: Source): readonly (readonly [number, number])[] {
  const bounds: [number, number][] = [];
  const rows = episode.data.length;
  for (let row = 0; row < rows; row++) {
    const starts = row === 0 || episode.data[row] !== episode.data[row - 1];
    if (starts) bounds.push([row, row]);
    const current = bounds[bounds.length - 1];
    current[1] = row + 1;
    if (Number(frame.data[row]) === row - current[0]) continue;
    throw problem("bad-row", {
      source: source.name,
      place: source.place(row),
      field: "frame_index",
      given: String(frame.data[row]),
      rule: `it is frame ${row - current[0]} of its episode`,
      next: "Frames of an episode stand together and in order; take the dataset again from where it was made.",
    });
  }
  return bounds;
}

function rowsOf(
  frames: Frames,
  info: Info,
  tasks: ReadonlyMap<number, string>,
  from: number,
  to: number,
  after: NdArray | undefined,
): Rows {
  const { columns, observation } = frames;
  const cut = (array: NdArray): NdArray => sliceRows(array, from, to);
  const ended = columns[terminatedColumn] ?? columns["next.done"];
  const reward = columns["next.reward"];
  const { task_index } = columns;
  const indices = task_index ? [...new Set([...(cut(task_index).data as BigInt64Array)].map(Number))] : [];
  const words = indices.map((index) => tasks.get(index) ?? String(index));
  const names = frames.extras.map((name) => [extraName(name), columns[name]] as const);
  return {
    observation: cut(observation),
    ...(after ? { after } : {}),
    action: cut(columns.action),
    reward: reward ? cut(reward) : { shape: [to - from], dtype: "float64", data: new Float64Array(to - from) },
    terminated: ended !== undefined && Number(ended.data[to - 1]) === 1,
    tags: {
      fps: info.fps,
      ...(words.length > 0 ? { task: words.length === 1 ? words[0] : JSON.stringify(words) } : {}),
      ...(info.robot_type ? { robot: info.robot_type } : {}),
    },
    extras: {
      ...Object.fromEntries(names.map(([name, array]) => [name, cut(array)])),
      ...(words.length > 1 ? { task_index: cut(task_index) } : {}),
    },
  };
}

const extraPrefix = "extras.";

/** The feature that holds an extra: LeRobot forbids slashes in names. */
export const extraFeature = (name: string): string => `${extraPrefix}${encodeURIComponent(name)}`;

const extraName = (feature: string): string =>
  feature.startsWith(extraPrefix) ? decoded(feature.slice(extraPrefix.length)) : feature;

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** The folder of a dataset, given it or a file within it. */
export const lerobotFolder = (path: string): string =>
  /[\\/]meta[\\/]info\.json$/.test(path) ? dirname(dirname(path)) : path;
