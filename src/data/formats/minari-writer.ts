/** Writes trajectories as a Minari dataset; minari.ts says what one looks like and reads it. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomically } from "../../files.ts";
import { concatRows, type NdArray, ndarray, sizeOf, sliceRows, zeros } from "../../tensor/ndarray.ts";
import type { Trajectories } from "../trajectories.ts";
import { type ArrowColumn, writeArrow } from "./arrow-writer.ts";
import { type Hdf5Writer, writeHdf5 } from "./hdf5.ts";
import { headerOf } from "./header.ts";
import { leafColumn, leavesOf } from "./leaves.ts";
import { dataName, metadataName } from "./minari-metadata.ts";
import { minariName, minariSpace } from "./minari-spaces.ts";
import { headerEntry } from "./own-header.ts";

export interface MinariOptions {
  /** E.g. "kitchen/play-v0"; left out, "repertoire/" and the start of the fingerprint. */
  readonly id?: string;
  /** A policy's or person's name. */
  readonly algorithmName?: string;
  readonly author?: string;
  /** How the episodes are kept: in one HDF5 file, or in an Arrow file each. Default "hdf5". */
  readonly data?: "hdf5" | "arrow";
}

const int64 = (array: NdArray): NdArray =>
  array.dtype === "int32"
    ? { ...array, dtype: "int64", data: BigInt64Array.from(array.data as Int32Array, BigInt) }
    : array;

/**
 * Writes the folder's data/metadata.json and its episodes: data/main_data.hdf5, or data/0/part-0.arrow, data/1/part-0.arrow ….
 * Python's Minari opens it when the folder is $MINARI_DATASETS_PATH/<id>. Choices are int64; in HDF5 marks of an end are int8
 * (0 or 1); extras are infos whose first row, that of the reset, is zero.
 */
export async function writeMinari(path: string, t: Trajectories, options: MinariOptions = {}): Promise<void> {
  const { fingerprint, environment } = t.provenance;
  const { data: storage = "hdf5" } = options;
  const id = options.id ?? `repertoire/${fingerprint.slice(0, 12)}-v0`;
  const folder = join(path, "data");
  await mkdir(folder, { recursive: true });
  const arrays = episodeArrays(t, storage);
  const episodes = t.offsets.length - 1;
  if (storage === "arrow") {
    for (let e = 0; e < episodes; e++) {
      const part = join(folder, String(e));
      await mkdir(part, { recursive: true });
      await writeArrow(join(part, "part-0.arrow"), arrays(e), t.offsets[e + 1] - t.offsets[e] + 1);
      await writeAtomically(join(part, metadataName), JSON.stringify(Object.fromEntries(attributesOf(t, e))));
    }
  } else {
    await writeHdf5(join(folder, dataName), (root) => {
      for (let e = 0; e < episodes; e++) {
        const group = root.group(`episode_${e}`);
        const put = placing(group);
        for (const [at, array] of arrays(e)) put(at, array);
        for (const [name, value] of attributesOf(t, e)) group.attribute(name, plain(value));
      }
    });
  }
  const metadata = {
    total_episodes: t.offsets.length - 1,
    total_steps: t.reward.length,
    data_format: storage,
    jpeg_encoding: false,
    observation_space: minariSpace(t.observationSpace),
    action_space: minariSpace(t.actionSpace),
    ...(gymnasiumName.test(environment) ? { env_spec: specOf(environment) } : {}),
    dataset_id: id,
    author: [options.author ?? "unknown"],
    algorithm_name: options.algorithmName ?? "unknown",
    minari_version: "0.5.4",
    dataset_size: megabytes(t),
    [headerEntry]: headerOf(t),
  };
  await writeAtomically(join(folder, metadataName), JSON.stringify(metadata));
}

/** What is kept of an episode, by its path: T + 1 rows of observations and infos, T of the rest. */
function episodeArrays(t: Trajectories, storage: "hdf5" | "arrow"): (e: number) => readonly ArrowColumn[] {
  // HDF5 calls the items of a Tuple _index_0, _index_1 …, tables 0, 1 ….
  const named = (part: string | number): string =>
    storage === "arrow" && typeof part === "number" ? String(part) : minariName(part);
  const seen = leavesOf(t.observationSpace).map((leaf) => ({
    path: ["observations", ...leaf.path.map(named)],
    values: leafColumn(t.observationSpace, leaf, t.observation),
    final: leafColumn(t.observationSpace, leaf, t.finalObservation),
  }));
  const done = leavesOf(t.actionSpace).map((leaf) => ({
    path: ["actions", ...leaf.path.map(named)],
    values: leafColumn(t.actionSpace, leaf, t.action),
  }));
  return (e) => {
    const [from, to] = [t.offsets[e], t.offsets[e + 1]];
    const infos = Object.entries(t.extras).map(([name, values]): ArrowColumn => {
      const reset = zeros([1, ...values.shape.slice(1)], values.dtype);
      return [["infos", minariName(name)], concatRows([reset, sliceRows(values, from, to)])];
    });
    const columns: readonly ArrowColumn[] = [
      ...seen.map(
        ({ path, values, final }): ArrowColumn => [
          path,
          concatRows([sliceRows(values, from, to), sliceRows(final, e, e + 1)]),
        ],
      ),
      ...done.map(({ path, values }): ArrowColumn => [path, sliceRows(values, from, to)]),
      [["rewards"], ndarray(t.reward.slice(from, to))],
      [["terminations"], ndarray(t.terminated.slice(from, to))],
      [["truncations"], ndarray(t.truncated.slice(from, to))],
      ...infos,
    ];
    return columns.map(([path, array]) => [path, int64(array)]);
  };
}

/** What is said of an episode: its number and length, and its tags. */
function attributesOf(t: Trajectories, e: number): readonly (readonly [string, string | number | boolean])[] {
  const tags = Object.entries(t.tags).flatMap(([name, values]): [string, string | number | boolean][] => {
    const value = values[e];
    return value === null || name === "id" || name === "total_steps" ? [] : [[name, value]];
  });
  return [["id", e], ["total_steps", t.offsets[e + 1] - t.offsets[e]], ...tags];
}

/** HDF5 ends a text at its first NUL; the header keeps the whole. */
const plain = (value: string | number | boolean): string | number | boolean =>
  typeof value === "string" ? value.split("\u0000")[0] || " " : value;

/** Puts arrays into a group, making the groups between as they are first needed. */
function placing(group: Hdf5Writer): (path: readonly string[], array: NdArray) => void {
  const made = new Map<string, Hdf5Writer>([["", group]]);
  const at = (path: readonly string[]): Hdf5Writer => {
    const key = path.join("/");
    const known = made.get(key);
    if (known) return known;
    const inner = at(path.slice(0, -1)).group(path[path.length - 1]);
    made.set(key, inner);
    return inner;
  };
  return (path, array) => at(path.slice(0, -1)).numbers(path[path.length - 1], array);
}

const gymnasiumName = /^(?:[\w:-]+\/)?[\w:.-]+$/;

/** The least that Gymnasium's EnvSpec.from_json asks for; the name alone says which environment it is. */
const specOf = (id: string): string =>
  JSON.stringify({
    id,
    entry_point: null,
    reward_threshold: null,
    nondeterministic: false,
    max_episode_steps: null,
    order_enforce: true,
    disable_env_checker: false,
    kwargs: {},
    additional_wrappers: [],
    vector_entry_point: null,
  });

const megabytes = (t: Trajectories): number => {
  const bytes = [t.observation, t.action, ...Object.values(t.extras)].reduce(
    (sum, { shape, data }) => sum + sizeOf(shape) * data.BYTES_PER_ELEMENT,
    16 * t.reward.length,
  );
  return Math.round(bytes / 1e5) / 10;
};
