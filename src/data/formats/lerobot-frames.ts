/** The frames of a LeRobot dataset: its tables of numbers, and of pictures where they are wanted. */
import { join } from "node:path";
import { problem } from "../../problems.ts";
import { box, dict } from "../../spaces/make.ts";
import type { Space } from "../../spaces/space.ts";
import { storedForm } from "../../spaces/stored.ts";
import type { Dtype, NdArray } from "../../tensor/ndarray.ts";
import type { Source, Stored } from "../columns.ts";
import { actionSpaceOf, observationSpaceOf } from "./guessed-spaces.ts";
import type { TrajectoriesHeader } from "./header.ts";
import { fromLeaves } from "./leaves.ts";
import { featuresOf, type LeRobotInfo, terminatedColumn } from "./lerobot-info.ts";
import { filesIn, readColumns, readPictures } from "./lerobot-tables.ts";

const what = "LeRobot dataset";

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

export interface Frames {
  readonly source: Source;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly observation: NdArray;
  /** The other columns, by feature. */
  readonly columns: { readonly [feature: string]: NdArray };
  readonly extras: readonly string[];
  readonly leftOut: readonly string[];
}

/** @param pictured whether pictures are observations too */
export async function framesIn(
  path: string,
  info: LeRobotInfo,
  header: TrajectoriesHeader | undefined,
  pictured: boolean,
): Promise<Frames> {
  const files = await filesIn(join(path, "data"));
  if (files.length === 0) throw problem("missing-file", { path: join(path, "data"), what: `the frames of a ${what}` });
  const source: Source = { name: files.length === 1 ? files[0] : join(path, "data"), place: (row) => `row ${row}` };
  const features = new Map(Object.entries(info.features));
  const names = [...features.keys()];
  const pictures = pictured ? [...featuresOf(info, "image").keys()] : [];
  const numbers = names.filter((name) => (features.get(name)?.dtype.toLowerCase() as string) in numeric);
  const readable = [...numbers, ...pictures];
  const seen = names.filter((name) => readable.includes(name) && name.startsWith("observation."));
  for (const name of ["action", "episode_index", "frame_index"]) {
    if (!numbers.includes(name)) throw lacks(path, name, numbers);
  }
  if (seen.length === 0) throw lacks(path, "observation.state", numbers);
  const forms = numbers.map((name): readonly [string, Stored] => {
    if (header && name === "observation.state") return [name, storedForm(header.observationSpace)];
    if (header && name === "action") return [name, storedForm(header.actionSpace)];
    const { dtype, shape } = features.get(name) as { dtype: string; shape: number[] };
    // One number a frame stands without its axis, but for what is seen and done.
    const bare = shape.join() === "1" && !name.startsWith("observation.") && name !== "action";
    return [name, { shape: bare ? [] : shape, dtype: numeric[dtype.toLowerCase()] }];
  });
  const columns = { ...(await readColumns(files, `frames of a ${what}`, forms, source)) };
  const action = columns.action;
  const rows = action.shape[0];
  for (const name of pictures) columns[name] = await readPictures(files, `frames of a ${what}`, name, rows, source);
  const spaceOf = (name: string): Space =>
    pictures.includes(name) ? box(0, 255, { shape: columns[name].shape.slice(1) }) : observationSpaceOf(columns[name]);
  const spaces = new Map(seen.map((name) => [name.slice("observation.".length), spaceOf(name)]));
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
  const extras = numbers.filter(
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
    next: "A policy needs observations and actions as numbers.",
  });
