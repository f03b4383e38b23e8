/**
 * Logs of two people playing Overcooked (the human-human trials of Overcooked-AI): a joint state, action and reward a row.
 * Carroll et al. (2019), "On the Utility of Learning about Humans for Human-AI Coordination", arXiv:1910.05789.
 */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { box, discrete, multiDiscrete } from "../../spaces/make.ts";
import { type NdArray, ndarray } from "../../tensor/ndarray.ts";
import type { Source } from "../columns.ts";
import { fromEpisodes } from "../episodes.ts";
import type { Trajectories } from "../trajectories.ts";
import { eachRow, identifier, reading } from "./duckdb.ts";
import { numberIn } from "./table.ts";
import { load } from "./table-load.ts";
import { finishedAll, type Rows } from "./unfinished.ts";

const what = "CSV log of Overcooked-AI";

/** What a person can do at a step. */
export const overcookedActions = ["up", "down", "right", "left", "stay", "interact"] as const;
const moves = ["0,-1", "0,1", "1,0", "-1,0", "0,0"];

const terrain = ["X", "P", "O", "T", "D", "S", " "];
const items = ["onion", "tomato", "dish"];

/** What each channel of a kitchen's picture says of its square: 1 where it holds, counts and ticks as they are. */
export const overcookedChannels: readonly string[] = [
  ...["counter", "pot", "onions", "tomatoes", "dishes", "serving", "floor"],
  ...["first", "second"].flatMap((who) => [
    who,
    ...["up", "down", "right", "left"].map((way) => `${who} faces ${way}`),
  ]),
  ...items,
  ...["soup", "onions in soup", "tomatoes in soup", "soup's cooking tick", "soup is ready"],
];
const channel = (name: string): number => overcookedChannels.indexOf(name);

const required = ["state", "joint_action", "reward", "layout", "layout_name", "trial_id"];
const optional = ["player_0_id", "player_1_id", "player_0_is_human", "player_1_is_human", "time_elapsed"];

/** Whether a CSV file's first line names the columns of such a log. */
export const isOvercooked = (firstLine: string): boolean => required.every((name) => firstLine.includes(name));

export interface OvercookedOptions {
  /** Whose actions: 0 or 1 makes Discrete(6); left out, both at once, MultiDiscrete [6, 6]. */
  readonly player?: 0 | 1;
}

const point = z.tuple([z.int(), z.int()]);
const soup = { _ingredients: z.array(z.object({ name: z.string() })).optional(), cooking_tick: z.number().optional() };
const item = z.object({ name: z.string(), position: point, is_ready: z.boolean().optional(), ...soup });
const stateSchema = z.object({
  players: z
    .array(z.object({ position: point, orientation: point, held_object: item.nullable() }))
    .min(2)
    .max(2),
  objects: z.array(item),
});
const actionSchema = z.tuple([z.union([z.literal("interact"), point]), z.union([z.literal("interact"), point])]);
const layoutSchema = z.array(z.array(z.string()));

/**
 * Reads a log. The observation is the kitchen as a picture [height, width, channels] (`overcookedChannels`), as large as
 * the largest kitchen of the file, beyond which all is 0. The reward is what both earned with the step. A trial is
 * truncated (time runs out); its last row's state is its final observation. Tags: layout_name, trial_id, who played.
 * @throws Problem "missing-file", "broken-file", "bad-field" for a missing column, "bad-row" naming line and column
 */
export async function readOvercooked(path: string, options: OvercookedOptions = {}): Promise<Trajectories> {
  const source: Source = { name: path, place: (row) => `line ${row + 2}` };
  const rows = await reading(path, what, async (connection) => {
    await load(connection, path);
    const described = await connection.runAndReadAll("DESCRIBE given");
    const known = new Set(described.getRows().map(([name]) => String(name)));
    for (const field of required) {
      if (!known.has(field)) {
        throw problem("bad-field", {
          source: path,
          field,
          given: "there is no such column",
          rule: `the columns are ${[...known].join(", ")}`,
          next: "Take the file from the human data of Overcooked-AI.",
        });
      }
    }
    const names = [...required, ...optional.filter((name) => known.has(name))];
    const result = await connection.stream(`SELECT ${names.map(identifier).join(", ")} FROM given`);
    const read: { readonly [name: string]: string }[] = [];
    await eachRow(result, (cells) => {
      read.push(Object.fromEntries(names.map((name, i) => [name, String(cells[i] ?? "")])));
    });
    return read;
  });
  const trials = new Map<string, number[]>();
  rows.forEach(({ trial_id }, row) => {
    const of = trials.get(trial_id) ?? [];
    of.push(row);
    trials.set(trial_id, of);
  });
  const layouts = rows.map(({ layout }, row) => parsed(layoutSchema, layout, "layout", row, source));
  const height = Math.max(1, ...layouts.map((layout) => layout.length));
  const width = Math.max(1, ...layouts.map((layout) => layout[0]?.length ?? 0));
  const parts = [...trials.values()].map((of): Rows => {
    const pictures = new Float32Array(of.length * height * width * overcookedChannels.length);
    const size = pictures.length / of.length;
    const joint = new Int32Array(2 * of.length);
    const reward = new Float64Array(of.length);
    const time = new Float64Array(of.length);
    of.forEach((row, i) => {
      draw(pictures.subarray(i * size, (i + 1) * size), width, height, layouts[row], rows[row].state, row, source);
      joint.set(actionsIn(rows[row].joint_action, row, source), 2 * i);
      reward[i] = numberIn(rows[row].reward, row, "reward", source);
      time[i] = rows[row].time_elapsed ? numberIn(rows[row].time_elapsed, row, "time_elapsed", source) : i;
    });
    const { player } = options;
    const both: NdArray = ndarray(joint, { shape: [of.length, 2] });
    const first = rows[of[0]];
    return {
      observation: ndarray(pictures, { shape: [of.length, height, width, overcookedChannels.length] }),
      action: player === undefined ? both : ndarray(joint.filter((_, i) => i % 2 === player)),
      reward: ndarray(reward),
      terminated: false,
      extras: { time_elapsed: ndarray(time), ...(player === undefined ? {} : { joint_action: both }) },
      tags: Object.fromEntries(
        ["layout_name", "trial_id", ...optional.slice(0, 4)]
          .filter((name) => first[name])
          .map((name) => [name, truth(first[name])]),
      ),
    };
  });
  const { episodes, notes } = finishedAll(parts);
  return fromEpisodes(
    episodes,
    {
      observationSpace: box(0, Infinity, { shape: [height, width, overcookedChannels.length] }),
      actionSpace: options.player === undefined ? multiDiscrete([6, 6]) : discrete(6, { names: overcookedActions }),
      lineage: [path, ...notes],
    },
    source,
  );
}

const truth = (cell: string): string | boolean => (cell === "True" ? true : cell === "False" ? false : cell);

function refuse(field: string, given: string, rule: string, row: number, source: Source): never {
  const next = "Take the file from the human data of Overcooked-AI.";
  throw problem("bad-row", { source: source.name, place: source.place(row), field, given, rule, next });
}

function parsed<T>(schema: z.ZodType<T>, cell: string, field: string, row: number, source: Source): T {
  let json: unknown;
  try {
    json = JSON.parse(cell);
  } catch {
    refuse(field, "it is not JSON", "it is JSON, as Overcooked-AI writes it", row, source);
  }
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return refuse(field, `${issue.path.join(".")}: ${issue.message}`, "it is as Overcooked-AI writes it", row, source);
}

function actionsIn(cell: string, row: number, source: Source): readonly number[] {
  return parsed(actionSchema, cell, "joint_action", row, source).map((action) => {
    const index = action === "interact" ? 5 : moves.indexOf(action.join());
    return index >= 0 ? index : refuse("joint_action", String(action), "a move is one square, or none", row, source);
  });
}

/** Draws a kitchen into its picture. */
function draw(
  picture: Float32Array,
  width: number,
  height: number,
  layout: readonly (readonly string[])[],
  cell: string,
  row: number,
  source: Source,
): void {
  const put = ([x, y]: readonly [number, number], at: number, value = 1): void => {
    if (!(x >= 0 && x < width && y >= 0 && y < height))
      refuse("state", `square ${x}, ${y}`, "it is in the kitchen", row, source);
    picture[(y * width + x) * overcookedChannels.length + at] = value;
  };
  layout.forEach((squares, y) => {
    squares.forEach((square, x) => {
      const kind = terrain.indexOf(square);
      if (kind < 0) refuse("layout", `"${square}"`, `a square is one of "${terrain.join("")}"`, row, source);
      put([x, y], kind);
    });
  });
  const { players, objects } = parsed(stateSchema, cell, "state", row, source);
  players.forEach(({ position, orientation }, i) => {
    const own = channel(i === 0 ? "first" : "second");
    put(position, own);
    const way = moves.indexOf(orientation.join());
    if (way >= 0 && way < 4) put(position, own + 1 + way);
  });
  for (const thing of [...objects, ...players.flatMap(({ held_object }) => held_object ?? [])]) {
    if (thing.name !== "soup") {
      const at = channel(thing.name);
      if (!items.includes(thing.name))
        refuse("state", thing.name, `a thing is soup, ${items.join(" or ")}`, row, source);
      put(thing.position, at);
      continue;
    }
    const inside = thing._ingredients ?? [];
    put(thing.position, channel("soup"));
    put(thing.position, channel("onions in soup"), inside.filter(({ name }) => name === "onion").length);
    put(thing.position, channel("tomatoes in soup"), inside.filter(({ name }) => name === "tomato").length);
    put(thing.position, channel("soup's cooking tick"), Math.max(0, thing.cooking_tick ?? 0));
    put(thing.position, channel("soup is ready"), Number(thing.is_ready ?? false));
  }
}
