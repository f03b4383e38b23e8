/** What both kinds of maze take, and where episodes start and aim. */
import * as z from "zod";
import { problem } from "../../problems.ts";
import type { Generator } from "../../tensor/random.ts";
import { cellAt, centreOf, isWall, type MazeMap, mazeMap } from "./map.ts";

/** "map": a cell marked on the map, any free one where none is marked; "random": any free cell; or a place. */
export type Placement = "map" | "random" | readonly [x: number, y: number];

export interface MazeOptions {
  /** A map's name ("medium") or the map as drawn (see map.ts). */
  readonly map: string | readonly string[] | MazeMap;
  /** The registered name. Default "PointMaze" or "GridMaze". */
  readonly name?: string;
  readonly start?: Placement;
  readonly goal?: Placement;
  /** "sparse": 1 on reaching the goal, else 0; "dense": minus the length of the shortest way to it. Default "sparse". */
  readonly reward?: "sparse" | "dense";
  /** PointMaze: standard deviation added to each force; GridMaze: chance that a move is a random one. Default 0. */
  readonly noise?: number;
}

/** The options of `make("PointMaze-…")` and `make("GridMaze-…")`. */
export const mazeOptionNames = ["start", "goal", "reward", "noise"] as const;

const placement = z.union([z.enum(["map", "random"]), z.tuple([z.number(), z.number()])]);
const checks = {
  start: [placement, '"map", "random" or [x, y]'],
  goal: [placement, '"map", "random" or [x, y]'],
  reward: [z.enum(["sparse", "dense"]), '"sparse" or "dense"'],
  noise: [z.number().min(0), "a number of at least 0"],
} as const;

export interface Layout {
  readonly map: MazeMap;
  readonly start: Placement;
  readonly goal: Placement;
  readonly dense: boolean;
  readonly noise: number;
}

/** @throws Problem "bad-option" for a value out of its range, or a place inside a wall */
export function layoutOf(where: string, given: MazeOptions): Layout {
  for (const name of mazeOptionNames) {
    const [schema, wanted] = checks[name];
    if (given[name] !== undefined && !schema.safeParse(given[name]).success) {
      throw problem("bad-option", { where, name, given: given[name], wanted });
    }
  }
  const map = mazeMap(given.map);
  const { start = "map", goal = "map", reward = "sparse", noise = 0 } = given;
  for (const [name, place] of Object.entries({ start, goal })) {
    if (typeof place === "object" && isWall(map, place[0], place[1])) {
      throw problem("bad-option", {
        where,
        name,
        given: place,
        wanted: "a place in a free cell, [x, y] with y downwards",
      });
    }
  }
  return { map, start, goal, dense: reward === "dense", noise };
}

/** A start and a goal; drawn ones lie in the middle of different cells. */
export function place(
  layout: Layout,
  random: Generator,
): readonly [readonly [number, number], readonly [number, number]] {
  const { map } = layout;
  const draw = (wanted: Placement, marked: readonly number[], taken: number): readonly [number, number] => {
    if (typeof wanted === "object") return wanted;
    const others = (cells: readonly number[]): readonly number[] => cells.filter((cell) => cell !== taken);
    const preferred = wanted === "map" ? others(marked) : [];
    const cells = preferred.length > 0 ? preferred : others(map.free);
    return centreOf(map, cells[random.integer(cells.length)]);
  };
  const goal = draw(layout.goal, map.goals, typeof layout.start === "object" ? cellAt(map, ...layout.start) : -1);
  return [draw(layout.start, map.starts, cellAt(map, ...goal)), goal];
}
