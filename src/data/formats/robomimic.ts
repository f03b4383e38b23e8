/**
 * HDF5 files of robomimic: demonstrations under data/, each with observations by name, and named subsets of them under
 * mask/. Mandlekar et al. (2021), "What Matters in Learning from Offline Human Demonstrations for Robot Manipulation",
 * arXiv:2108.03298.
 */
import { problem } from "../../problems.ts";
import { dict } from "../../spaces/make.ts";
import type { Dict } from "../../spaces/space.ts";
import { concatRows, type NdArray, sliceRows } from "../../tensor/ndarray.ts";
import type { Source } from "../columns.ts";
import { fromEpisodes } from "../episodes.ts";
import type { Trajectories } from "../trajectories.ts";
import { actionSpaceOf, observationSpaceOf } from "./guessed-spaces.ts";
import { type Hdf5Array, type Hdf5Group, readingHdf5 } from "./hdf5.ts";
import { fromLeaves } from "./leaves.ts";
import { finishedAll, type Rows } from "./unfinished.ts";

const what = "HDF5 file of robomimic";

export interface RobomimicOptions {
  /** Which observations to see. Left out: all but pictures. */
  readonly observations?: readonly string[];
  /** Only the demonstrations of this subset (a name under mask/, e.g. "train" or "valid"). */
  readonly filterKey?: string;
}

/** Whether a root group looks like robomimic's. */
export const isRobomimic = (root: Hdf5Group): boolean =>
  root.kind("data") === "group" && root.group("data").names.some((name) => /^demo_\d+$/.test(name));

/**
 * Reads the demonstrations. The observation is a Dict of what each is called; pictures (bytes of two or more axes) are
 * left out unless asked for. A demonstration is terminated where its last "dones" is 1, truncated otherwise; what was
 * seen after its last action is the last of next_obs, or see `finished`. Simulator states become the extra "states",
 * the subsets a tag each ("mask/train": whether the demonstration is in it), env_args.env_name the environment.
 * @throws Problem "missing-file", "broken-file", "not-a-recording", "unknown-name" for a subset or observation that is
 *   not there, "bad-field", "bad-row"
 */
export async function readRobomimic(path: string, options: RobomimicOptions = {}): Promise<Trajectories> {
  return readingHdf5(path, what, (root) => robomimicIn(root, path, options));
}

export function robomimicIn(root: Hdf5Group, path: string, options: RobomimicOptions = {}): Trajectories {
  if (!isRobomimic(root)) {
    throw problem("not-a-recording", {
      source: path,
      reason: "it has no data/demo_0",
      wanted: `an ${what}`,
      next: "Look at its groups with h5ls or h5dump.",
    });
  }
  const data = root.group("data");
  const masks = masksIn(root);
  const names = demonstrations(data, masks, options.filterKey, path);
  const seen = names.length > 0 ? observationsOf(data.group(names[0]), options.observations, path) : [];
  const source: Source = { name: path, place: (row) => `row ${row}` };
  const first = names.length > 0 ? data.group(names[0]) : undefined;
  const observationSpace = dict(
    Object.fromEntries(
      // A Dict is stored as float32, whatever the file has.
      seen.map((name) => [
        name,
        observationSpaceOf({ ...(first as Hdf5Group).group("obs").numbers(name), dtype: "float32" }),
      ]),
    ),
  );
  const parts = names.map((name) => rowsOf(data.group(name), observationSpace, masks, path));
  const { episodes, notes } = finishedAll(parts);
  const actions = parts.length > 0 ? concatRows(parts.map(({ action }) => action)) : undefined;
  if (actions === undefined) throw nothing(path);
  return fromEpisodes(
    episodes,
    {
      observationSpace,
      actionSpace: actionSpaceOf(actions),
      environment: environmentIn(data),
      lineage: [path, ...(options.filterKey ? [`only ${options.filterKey}`] : []), ...notes],
    },
    source,
  );
}

const nothing = (path: string) =>
  problem("not-a-recording", {
    source: path,
    reason: "the subset has no demonstrations",
    wanted: `an ${what} with at least one`,
    next: "Choose another filterKey, or leave it out.",
  });

type Masks = ReadonlyMap<string, ReadonlySet<string>>;

function masksIn(root: Hdf5Group): Masks {
  if (root.kind("mask") !== "group") return new Map();
  const group = root.group("mask");
  const subsets = group.names.filter((name) => group.kind(name) === "texts");
  return new Map(subsets.map((name) => [name, new Set(group.texts(name))]));
}

function demonstrations(data: Hdf5Group, masks: Masks, subset: string | undefined, path: string): readonly string[] {
  const number = (name: string): number => Number(name.slice("demo_".length));
  const all = data.names.filter((name) => /^demo_\d+$/.test(name)).sort((a, b) => number(a) - number(b));
  if (subset === undefined) return all;
  const mask = masks.get(subset);
  if (mask !== undefined) return all.filter((name) => mask.has(name));
  throw problem("unknown-name", { where: path, what: "subset", name: subset, known: [...masks.keys()] });
}

function observationsOf(demo: Hdf5Group, chosen: readonly string[] | undefined, path: string): readonly string[] {
  const obs = demo.group("obs");
  const known = obs.names.filter((name) => obs.kind(name) === "numbers");
  for (const name of chosen ?? []) {
    if (!known.includes(name)) throw problem("unknown-name", { where: path, what: "observation", name, known });
  }
  const isPicture = ({ bytes, shape }: Hdf5Array): boolean => bytes && shape.length >= 3;
  return chosen ?? known.filter((name) => !isPicture(obs.numbers(name)));
}

function rowsOf(demo: Hdf5Group, space: Dict, masks: Masks, path: string): Rows {
  const source: Source = { name: `${path}, ${demo.path}`, place: (row) => `row ${row}` };
  const action = demo.numbers("actions");
  const [steps] = action.shape;
  const zeros = { shape: [steps], dtype: "float64", data: new Float64Array(steps) } as const;
  const reward = demo.kind("rewards") === "numbers" ? demo.numbers("rewards") : zeros;
  const dones = demo.kind("dones") === "numbers" ? demo.numbers("dones").data : [];
  const stacked = (group: string): NdArray =>
    fromLeaves(space, steps, ({ path: [name] }) => demo.group(group).numbers(String(name)), source, group);
  const next = demo.kind("next_obs") === "group" && steps > 0 ? stacked("next_obs") : undefined;
  const states = demo.kind("states") === "numbers" ? demo.numbers("states") : undefined;
  const name = demo.path.replace("data/", "");
  return {
    observation: stacked("obs"),
    ...(next ? { after: sliceRows(next, steps - 1, steps) } : {}),
    action,
    reward,
    terminated: Number(dones[steps - 1] ?? 0) === 1,
    ...(states && states.shape[0] === steps ? { extras: { states } } : {}),
    tags: {
      demonstration: name,
      ...Object.fromEntries([...masks].map(([subset, members]) => [`mask/${subset}`, members.has(name)])),
    },
  };
}

function environmentIn(data: Hdf5Group): string {
  const { env_args } = data.attributes;
  const name = /"env_name"\s*:\s*"([^"\\]*)"/.exec(String(env_args ?? ""));
  return name?.[1] ?? "";
}
