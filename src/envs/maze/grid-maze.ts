/** The same mazes walked cell by cell: small enough to solve exactly. */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { box, discrete } from "../../spaces/make.ts";
import type { Environment } from "../environment.ts";
import { simulate, wholeState } from "../simulation.ts";
import { type CellField, cellField } from "./cells.ts";
import { cellAt, centreOf, isWall } from "./map.ts";
import { layoutOf, type MazeOptions, place } from "./options.ts";
import { drawMaze } from "./picture.ts";
import { arrived, underway } from "./point-maze.ts";

/** What each action does to [x, y]. */
export const moves = [
  [0, -1],
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, 0],
] as const;

export interface GridMazeOptions extends MazeOptions {
  /** Adds a fifth action that stays. Default false. */
  readonly stay?: boolean;
}

/**
 * Observation [x, y, goal x, goal y], the middles of cells; actions up, right, down, left (and stay): one cell, or none
 * where a wall is in the way. The episode ends on the goal's cell, with reward 1. With `noise` p, a move is a uniformly
 * random one with chance p; the dense reward is minus the number of steps that remain.
 * @throws Problem "bad-option", "bad-map"
 */
export function gridMaze(options: GridMazeOptions): Environment<Float32Array, number> {
  const name = options.name ?? "GridMaze";
  const layout = layoutOf(name, options);
  const { map, noise, dense } = layout;
  const { stay = false } = options;
  if (!z.boolean().safeParse(stay).success) {
    throw problem("bad-option", { where: name, name: "stay", given: stay, wanted: "true or false" });
  }
  if (noise > 1)
    throw problem("bad-option", { where: name, name: "noise", given: noise, wanted: "a chance in [0, 1]" });
  const fields = new Map<number, CellField>();
  const stepsTo = (goal: number, from: number): number => {
    let field = fields.get(goal);
    if (field === undefined) {
      field = cellField(map, goal);
      fields.set(goal, field);
    }
    return field.cost[from];
  };
  const names = ["up", "right", "down", "left", ...(stay ? ["stay"] : [])];
  const ended = (s: Float64Array): boolean => s[0] === s[2] && s[1] === s[3];
  const middle = (at: readonly [number, number]): readonly [number, number] => centreOf(map, cellAt(map, at[0], at[1]));

  return simulate<Float32Array, number>({
    name,
    observationSpace: box(0, [map.columns, map.rows, map.columns, map.rows]),
    actionSpace: discrete(names.length, { names }),
    stateSize: 4,
    start(state, random) {
      const [start, goal] = place(layout, random);
      state.set([...middle(start), ...middle(goal)]);
    },
    advance(state, action, random) {
      const taken = noise > 0 && random.uniform() < noise ? random.integer(names.length) : action;
      const [dx, dy] = moves[taken];
      if (!isWall(map, state[0] + dx, state[1] + dy)) {
        state[0] += dx;
        state[1] += dy;
      }
      if (dense) return -stepsTo(cellAt(map, state[2], state[3]), cellAt(map, state[0], state[1]));
      return ended(state) ? 1 : 0;
    },
    ended,
    observeInto: wholeState,
    info: (state) => (ended(state) ? arrived : underway),
    draw: (state) => drawMaze(map, state[0], state[1], state[2], state[3], 0.4),
  });
}
