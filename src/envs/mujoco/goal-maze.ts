/** Gymnasium-Robotics' mazes: their maps, where episodes start and aim in them, and what arriving is worth. */
import { problem } from "../../problems.ts";
import { dict } from "../../spaces/make.ts";
import type { Dict } from "../../spaces/space.ts";
import type { Generator } from "../../tensor/random.ts";
import { disc, type Point, type Scene } from "../scene.ts";
import { open } from "./locomotion.ts";
import { flag, type Option, oneOf } from "./options.ts";
import type { Physics } from "./physics.ts";
import { picture } from "./picture.ts";

/** 1: wall, 0: free, "r": may be started from, "g": may be aimed at, "c": both. Where none is marked every free cell is. */
export type Cell = 0 | 1 | "r" | "g" | "c";
export type CellMap = readonly (readonly Cell[])[];

/** "#.rgc", as digits are hard to see a maze in. */
const drawn = (...rows: readonly string[]): CellMap =>
  rows.map((row) => [...row].map((letter) => (letter === "#" ? 1 : letter === "." ? 0 : (letter as Cell))));

/** Gymnasium-Robotics' maps, by its names. */
export const cellMaps = {
  UMaze: drawn("#####", "#...#", "###.#", "#...#", "#####"),
  Open: drawn("#######", "#.....#", "#.....#", "#.....#", "#######"),
  Open_Diverse_G: drawn("#######", "#rgggg#", "#ggggg#", "#ggggg#", "#######"),
  Open_Diverse_GR: drawn("#######", "#ccccc#", "#ccccc#", "#ccccc#", "#######"),
  Medium: drawn("########", "#..##..#", "#..#...#", "##...###", "#..#...#", "#.#..#.#", "#...#..#", "########"),
  Medium_Diverse_G: drawn(
    "########",
    "#r.##..#",
    "#..#..g#",
    "##...###",
    "#..#...#",
    "#g#..#.#",
    "#...#g.#",
    "########",
  ),
  Medium_Diverse_GR: drawn(
    "########",
    "#c.##..#",
    "#..#..c#",
    "##...###",
    "#..#...#",
    "#c#..#.#",
    "#...#c.#",
    "########",
  ),
  Large: drawn(
    "############",
    "#....#.....#",
    "#.##.#.#.#.#",
    "#......#...#",
    "#.####.###.#",
    "#..#.#.....#",
    "##.#.#.#.###",
    "#..#...#...#",
    "############",
  ),
  Large_Diverse_G: drawn(
    "############",
    "#r...#g....#",
    "#.##.#.#.#.#",
    "#....g.#..g#",
    "#.####.###.#",
    "#.g#.#.....#",
    "##.#.#.#.###",
    "#..#g.g#.g.#",
    "############",
  ),
  Large_Diverse_GR: drawn(
    "############",
    "#c...#c....#",
    "#.##.#.#.#.#",
    "#....c.#..c#",
    "#.####.###.#",
    "#.c#.#.....#",
    "##.#.#.#.###",
    "#..#c.c#.c.#",
    "############",
  ),
} as const;

const isMap = (given: unknown): given is CellMap =>
  Array.isArray(given) &&
  given.length > 0 &&
  given.every(
    (row: unknown) =>
      Array.isArray(row) && row.length === given[0].length && row.every((cell) => [0, 1, "r", "g", "c"].includes(cell)),
  );

const cell: Option<readonly [row: number, column: number] | null> = {
  value: null,
  wanted: "[row, column] of a free cell, counted from 0, or null",
  accepts: (given) => given === null || (Array.isArray(given) && given.length === 2 && given.every(Number.isInteger)),
};

/** The options of both families; `maze_map` is the one it is registered with unless given. */
export const mazeOptions = (map: CellMap, dense: boolean) => ({
  maze_map: {
    value: map,
    wanted: 'rows of as many cells each, of 0, 1, "r", "g" and "c"',
    accepts: isMap,
  } satisfies Option<CellMap>,
  reward_type: dense ? oneOf<"sparse" | "dense">("dense", "sparse") : oneOf<"sparse" | "dense">("sparse", "dense"),
  continuing_task: flag(true),
  reset_target: flag(false),
  goal_cell: cell,
  reset_cell: cell,
});

export interface MazeChoices {
  readonly maze_map: CellMap;
  readonly reward_type: "sparse" | "dense";
  readonly continuing_task: boolean;
  readonly reset_target: boolean;
  readonly goal_cell: readonly [number, number] | null;
  readonly reset_cell: readonly [number, number] | null;
}

/** How near counts as there, metres. */
const radius = 0.45;
/** Places lie within this part of a cell of its middle, along x and y. */
const noise = 0.25;

/**
 * A maze of cells `scale` metres wide with walls `height` cells high, its middle at the origin, x to the right and y
 * upwards as the map is read.
 * @throws Problem "bad-option" for a map without two places, or a given cell inside a wall
 */
export function goalMaze(where: string, o: MazeChoices, scale: number, height: number) {
  const map = o.maze_map;
  const [rows, columns] = [map.length, map[0].length];
  const middle = (row: number, column: number): Point => [
    (column + 0.5 - columns / 2) * scale,
    (rows / 2 - row - 0.5) * scale,
  ];
  const cells = map.flatMap((line, row) =>
    line.map((kind, column) => ({ kind, row, column, at: middle(row, column) })),
  );
  const marked = (...kinds: readonly Cell[]): Point[] => {
    const found = cells.filter(({ kind }) => kinds.includes(kind));
    return (found.length > 0 ? found : cells.filter(({ kind }) => kind === 0)).map(({ at }) => at);
  };
  const [starts, goals] = [marked("r", "c"), marked("g", "c")];
  const fixed = (name: "goal_cell" | "reset_cell"): Point | undefined => {
    const given = o[name];
    if (given === null) return undefined;
    if (map[given[0]]?.[given[1]] === undefined || map[given[0]][given[1]] === 1) {
      throw problem("bad-option", { where, name, given, wanted: cell.wanted });
    }
    return middle(...given);
  };
  const [goalAt, startAt] = [fixed("goal_cell"), fixed("reset_cell")];
  const same = (a: Point, b: Point): boolean => a[0] === b[0] && a[1] === b[1];
  const [from, to] = [startAt === undefined ? starts : [startAt], goalAt === undefined ? goals : [goalAt]];
  const stuck = startAt === undefined && to.some((goal) => from.every((start) => same(start, goal)));
  if (from.length === 0 || to.length === 0 || stuck) {
    const wanted = "a map with a cell to start from beside each that may be aimed at";
    throw problem("bad-option", { where, name: "maze_map", given: map, wanted });
  }
  const near = ([x, y]: Point, random: Generator): Point => [
    x + random.between(-noise, noise) * scale,
    y + random.between(-noise, noise) * scale,
  ];
  const draw = (places: readonly Point[], random: Generator): Point => places[random.integer(places.length)];
  const half = scale / 2;
  const lift = (height / 2) * scale;

  return {
    /** The walls as MJCF. */
    walls: cells
      .filter(({ kind }) => kind === 1)
      .map(
        ({ row, column, at: [x, y] }) =>
          `<geom name="block_${row}_${column}" type="box" pos="${x} ${y} ${lift}" size="${half} ${half} ${lift}" contype="1" conaffinity="1" rgba=".55 .55 .6 1"/>`,
      )
      .join(""),
    /** A goal and a start that is another cell. */
    place(random: Generator): readonly [goal: Point, start: Point] {
      const aim = draw(to, random);
      let start = draw(from, random);
      while (startAt === undefined && same(start, aim)) start = draw(from, random);
      return [near(aim, random), near(start, random)];
    },
    /** What being at (x, y) is worth. */
    judge(x: number, y: number, goal: Float64Array) {
      const distance = Math.hypot(x - goal[0], y - goal[1]);
      const success = distance <= radius;
      return {
        reward: o.reward_type === "dense" ? Math.exp(-distance) : success ? 1 : 0,
        terminated: success && !o.continuing_task,
        success,
      };
    },
    /** Another goal for whom has arrived at (x, y), where the task goes on and asks for it. */
    retarget(x: number, y: number, goal: Float64Array, random: Generator): void {
      const there = (): boolean => Math.hypot(x - goal[0], y - goal[1]) <= radius;
      if (!(o.continuing_task && o.reset_target && goals.length > 1)) return;
      while (there()) goal.set(near(draw(goals, random), random));
    },
    /** The maze from above, the goal in it. */
    draw(physics: Physics, goal: Float64Array): Scene {
      const seen = picture(physics, { from: "top", size: [columns * scale, rows * scale] });
      const aim = { ...disc(goal[0], goal[1], radius, "#2a7"), opacity: 0.5 } as const;
      return { ...seen, shapes: [aim, ...seen.shapes] };
    },
  };
}

/** Gymnasium's goal observation: what is seen, where one is, and where one should be. */
export const goalSpace = (size: number): Dict =>
  dict({ observation: open(size), achieved_goal: open(2), desired_goal: open(2) });

export interface GoalObservation {
  readonly [name: string]: Float64Array;
  readonly observation: Float64Array;
  readonly achieved_goal: Float64Array;
  readonly desired_goal: Float64Array;
}
