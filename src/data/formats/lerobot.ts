/**
 * Datasets of LeRobot, format v3.0: a folder with meta/info.json (features, rate), data/chunk-000/file-000.parquet … (a frame a
 * row), meta/episodes (an episode a row), meta/tasks.parquet (what each task is called) and, of cameras, videos.
 * https://huggingface.co/docs/lerobot/lerobot-dataset-v3
 */
import { join } from "node:path";
import { problem } from "../../problems.ts";
import { storedForm } from "../../spaces/stored.ts";
import { type NdArray, sliceRows } from "../../tensor/ndarray.ts";
import type { Source } from "../columns.ts";
import { type Episode, fromEpisodes } from "../episodes.ts";
import type { Trajectories } from "../trajectories.ts";
import { parseHeader, type TrajectoriesHeader } from "./header.ts";
import { type Frames, framesIn } from "./lerobot-frames.ts";
import { featuresOf, finalColumn, type LeRobotInfo, readInfo, terminatedColumn } from "./lerobot-info.ts";
import { filesIn, readColumns, tasksIn } from "./lerobot-tables.ts";
import { videoPath, videoTags } from "./lerobot-videos.ts";
import { headerEntry, restored } from "./own-header.ts";
import { finished, type Rows } from "./unfinished.ts";

export interface LeRobotReadOptions {
  /**
   * "skip": pictures and videos are left out; where the frames of a video are found goes along as tags and the extra
   * "timestamp", see lerobot-videos.ts. "read": features kept as pictures are observations, [height, width, channels] of 0 …
   * 255; a dataset with videos is refused, as those are not decoded here. Default "skip".
   */
  readonly frames?: "skip" | "read";
}

/**
 * Reads a dataset. One observation.* feature is a Box; several make a Dict of what follows the dot. Texts are left out, and
 * pictures and videos unless `frames` says otherwise; the lineage says which. An episode is terminated where its last
 * next.done is true, else truncated; what was seen after its last action is not in the format, see `finished`. The reward
 * is next.reward, or 0 without it; the task's words become the tag "task"; other numbers become extras.
 * @throws Problem "missing-file", "broken-file", "not-a-recording" for another version, or for videos where frames are to be
 *   read, "bad-field", "bad-row"
 */
export async function readLeRobot(path: string, options: LeRobotReadOptions = {}): Promise<Trajectories> {
  const info = await readInfo(path);
  const videos = featuresOf(info, "video");
  if (options.frames === "read" && videos.size > 0) throw videosRefused(path, [...videos.keys()]);
  const own = info[headerEntry] === undefined ? undefined : parseHeader(info[headerEntry], path);
  const header = own?.kind === "trajectories" ? own : undefined;
  const frames = await framesIn(path, info, header, options.frames === "read");
  const tasks = await tasksIn(path);
  const places = header ? new Map() : await videoTags(path, videos, info.video_path ?? videoPath);
  const finals = header ? await finalsIn(path, header) : undefined;
  const bounds = episodesIn(frames.columns.episode_index, frames.columns.frame_index, frames.source);
  const parts = bounds.map(([from, to], e) => {
    const after = finals && sliceRows(finals, e, e + 1);
    const where = places.get(Number(frames.columns.episode_index.data[from])) ?? {};
    return rowsOf(frames, info, tasks, where, from, to, after);
  });
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

const videosRefused = (path: string, videos: readonly string[]) =>
  problem("not-a-recording", {
    source: path,
    reason: `${videos.join(", ")} ${videos.length === 1 ? "is a video" : "are videos"}`,
    wanted: "frames kept as pictures, where frames are to be read",
    next: 'Record it in LeRobot with use_videos=False, or leave frames out with { frames: "skip" }.',
  });

async function finalsIn(path: string, { observationSpace }: TrajectoriesHeader): Promise<NdArray> {
  const files = await filesIn(join(path, "meta", "episodes"));
  const file = files[0] ?? join(path, "meta", "episodes");
  const source: Source = { name: file, place: (row) => `episode ${row}` };
  const form = [finalColumn, storedForm(observationSpace)] as const;
  const columns = await readColumns(files.length > 0 ? files : [file], "episodes of a LeRobot dataset", [form], source);
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
  info: LeRobotInfo,
  tasks: ReadonlyMap<number, string>,
  videos: { readonly [tag: string]: string },
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
      ...videos,
    },
    extras: {
      ...Object.fromEntries(names.map(([name, array]) => [name, cut(array)])),
      // After the others: what our extras of that name say is of another dataset.
      ...(Object.keys(videos).length > 0 && columns.timestamp ? { timestamp: cut(columns.timestamp) } : {}),
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
