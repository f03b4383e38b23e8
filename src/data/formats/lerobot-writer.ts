/** Writes trajectories as a LeRobot dataset v3.0; lerobot.ts says what one looks like and reads it. */
import { join } from "node:path";
import { writeAtomically } from "../../files.ts";
import { type NdArray, ndarray, sizeOf } from "../../tensor/ndarray.ts";
import type { Trajectories } from "../trajectories.ts";
import { headerOf } from "./header.ts";
import { extraFeature } from "./lerobot.ts";
import { finalColumn, lerobotVersion, terminatedColumn } from "./lerobot-info.ts";
import { copyVideos, videoPath } from "./lerobot-videos.ts";
import { headerEntry } from "./own-header.ts";
import { type Written, writeColumns, written } from "./parquet-writer.ts";

export interface LeRobotOptions {
  /** Frames a second; LeRobot's timestamps follow from it. Default: the tag "fps" of the first episode, else 10. */
  readonly fps?: number;
  readonly robotType?: string;
  /**
   * The folder of the dataset whose videos the episodes name (tags "video:…"): the files are copied, and the new dataset
   * has those cameras. Left out, it has none, and what the tags say is kept in our header alone.
   */
  readonly videos?: string;
}

/** Features of one number a frame are plain columns in LeRobot. */
const flat = (array: NdArray): NdArray =>
  sizeOf(array.shape.slice(1)) === 1 ? { ...array, shape: [array.shape[0]] } : array;

const int64 = (values: ArrayLike<number>): NdArray => ndarray(BigInt64Array.from(Array.from(values), BigInt));

/**
 * Writes the folder: frames, episodes, tasks, statistics and description. What is seen is the feature observation.state,
 * flattened; what is done is action; rewards and extras keep their element types (LeRobot's own are float32). The tag
 * "task" is the language instruction. Every number an episode's frames had is written, their pictures are not.
 * @throws Problem as `copyVideos` for videos
 */
export async function writeLeRobot(path: string, t: Trajectories, options: LeRobotOptions = {}): Promise<void> {
  const fps = options.fps ?? (Number(t.tags.fps?.[0]) || 10);
  const steps = t.reward.length;
  const episodes = t.offsets.length - 1;
  const episodeOf = new Int32Array(steps);
  for (let e = 0; e < episodes; e++) episodeOf.fill(e, t.offsets[e], t.offsets[e + 1]);
  const frameOf = episodeOf.map((e, row) => row - t.offsets[e]);
  const words = Array.from({ length: episodes }, (_, e) => String(t.tags.task?.[e] ?? ""));
  const tasks = [...new Set(words)];
  const done = t.terminated.map((end, row) => end | t.truncated[row]);
  const videos =
    options.videos === undefined ? { features: {}, columns: [] } : await copyVideos(path, t, options.videos, fps);
  const features = new Map<string, NdArray>([
    ["observation.state", flat(t.observation)],
    ["action", flat(t.action)],
    ["next.reward", ndarray(t.reward)],
    ["next.done", ndarray(done)],
    [terminatedColumn, ndarray(t.terminated)],
    ...Object.entries(t.extras).map(([name, array]): [string, NdArray] => [extraFeature(name), flat(array)]),
    ["timestamp", ndarray(Float32Array.from(frameOf, (frame) => frame / fps))],
    ["frame_index", int64(frameOf)],
    ["episode_index", int64(episodeOf)],
    ["index", int64(frameOf.map((_, row) => row))],
    ["task_index", int64(Array.from(episodeOf, (e) => tasks.indexOf(words[e])))],
  ]);
  const frames = [...features].map(([name, array]) => written(name, array));
  await writeColumns(join(path, "data", "chunk-000", "file-000.parquet"), frames, steps);
  const episodeFile = join(path, "meta", "episodes", "chunk-000", "file-000.parquet");
  await writeColumns(episodeFile, [...episodeColumns(t, words), ...videos.columns], episodes);
  await writeTasks(join(path, "meta", "tasks.parquet"), tasks);
  const stats = Object.fromEntries([...features].map(([name, array]) => [name, statistics(array)]));
  await writeAtomically(join(path, "meta", "stats.json"), JSON.stringify(stats, null, 4));
  const info = {
    codebase_version: lerobotVersion,
    robot_type: options.robotType ?? null,
    total_episodes: episodes,
    total_frames: steps,
    total_tasks: tasks.length,
    chunks_size: 1000,
    data_files_size_in_mb: 100,
    video_files_size_in_mb: 200,
    fps,
    splits: { train: `0:${episodes}` },
    data_path: "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
    video_path: Object.keys(videos.features).length > 0 ? videoPath : null,
    features: {
      ...Object.fromEntries([...features].map(([name, array]) => [name, featureOf(array)])),
      ...videos.features,
    },
    [headerEntry]: headerOf(t),
  };
  await writeAtomically(join(path, "meta", "info.json"), JSON.stringify(info, null, 4));
}

const featureOf = ({ dtype, shape }: NdArray) => ({
  dtype,
  shape: shape.length === 1 ? [1] : [sizeOf(shape.slice(1))],
  names: null,
});

function episodeColumns(t: Trajectories, words: readonly string[]): readonly Written[] {
  const { offsets } = t;
  const whole = (name: string, value: (e: number) => number): Written => ({
    name,
    type: "BIGINT",
    list: false,
    value: (e) => BigInt(value(e)),
  });
  return [
    whole("episode_index", (e) => e),
    { name: "tasks", type: "VARCHAR", list: true, value: (e) => [words[e]] },
    whole("length", (e) => offsets[e + 1] - offsets[e]),
    whole("data/chunk_index", () => 0),
    whole("data/file_index", () => 0),
    whole("dataset_from_index", (e) => offsets[e]),
    whole("dataset_to_index", (e) => offsets[e + 1]),
    written(finalColumn, t.finalObservation),
    whole("meta/episodes/chunk_index", () => 0),
    whole("meta/episodes/file_index", () => 0),
  ];
}

/** LeRobot reads the tasks as a pandas table whose index is the words; pandas finds that in the footer. */
async function writeTasks(path: string, tasks: readonly string[]): Promise<void> {
  const column = (name: string | null, field: string, type: string, stored: string) => ({
    name,
    field_name: field,
    pandas_type: type,
    numpy_type: stored,
    metadata: null,
  });
  const pandas = {
    index_columns: ["__index_level_0__"],
    column_indexes: [column(null, "None", "unicode", "object")],
    columns: [
      column("task_index", "task_index", "int64", "int64"),
      column(null, "__index_level_0__", "unicode", "object"),
    ],
    pandas_version: "2.2.2",
  };
  const columns: readonly Written[] = [
    { name: "task_index", type: "BIGINT", list: false, value: (row) => BigInt(row) },
    { name: "__index_level_0__", type: "VARCHAR", list: false, value: (row) => tasks[row] },
  ];
  await writeColumns(path, columns, tasks.length, { pandas: JSON.stringify(pandas) });
}

/** Per number of a frame: extremes, mean, standard deviation, and how many frames there are. */
function statistics(array: NdArray) {
  const [rows] = array.shape;
  const width = sizeOf(array.shape.slice(1));
  const columns = Array.from({ length: rows === 0 ? 0 : width }, (_, i) =>
    Array.from({ length: rows }, (_, row) => Number(array.data[row * width + i])),
  );
  const means = columns.map((values) => values.reduce((a, b) => a + b, 0) / rows);
  const spread = (values: readonly number[], i: number): number =>
    Math.sqrt(values.reduce((sum, value) => sum + (value - means[i]) ** 2, 0) / rows);
  const extreme = (values: readonly number[], pick: (a: number, b: number) => number): number =>
    values.reduce((a, b) => pick(a, b));
  return {
    min: columns.map((values) => extreme(values, Math.min)),
    max: columns.map((values) => extreme(values, Math.max)),
    mean: means,
    std: columns.map(spread),
    count: [rows],
  };
}
