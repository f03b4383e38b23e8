/** A grid world's state as numbers: a head of twelve, the cells row by row, and the places of the balls that move. */
import type { Family } from "./family.ts";
import type { Level } from "./level.ts";
import { wall } from "./things.ts";

/** Places in the head. */
export const X = 0;
export const Y = 1;
/** 0 right, 1 down, 2 left, 3 up */
export const DIRECTION = 2;
export const STEPS = 3;
/** 0 going on, 1 won, 2 over without success */
export const OUTCOME = 4;
/** The thing carried; 0: none. */
export const CARRIED = 5;
/** See Level.target. */
export const TARGET = 6;
/** 1 when the last action was not the one that was wanted. */
export const SLIPPED = 7;
/** See Level.other. */
export const OTHER = 8;
/** Two things, see Level.named. */
export const NAMED = 9;
/** See Level.phrase. */
export const PHRASE = 11;
export const CELLS = 12;

/** What each action does, MiniGrid's numbers and names. */
export const gridActions = ["left", "right", "forward", "pickup", "drop", "toggle", "done"] as const;
export const [LEFT, RIGHT, FORWARD, PICKUP, DROP, TOGGLE, DONE] = [0, 1, 2, 3, 4, 5, 6] as const;

export const sizeOfState = ({ width, height, obstacles }: Family): number => CELLS + width * height + obstacles;

export function writeLevel(state: Float64Array, level: Level): void {
  state.fill(0);
  state[X] = level.x;
  state[Y] = level.y;
  state[DIRECTION] = level.direction;
  state[TARGET] = level.target;
  state[OTHER] = level.other;
  state.set(level.named, NAMED);
  state[PHRASE] = level.phrase;
  state.set(level.cells, CELLS);
  state.set(level.obstacles, CELLS + level.cells.length);
}

export const cellOf = (state: Float64Array, family: Family, x: number, y: number): number =>
  x >= 0 && y >= 0 && x < family.width && y < family.height ? state[CELLS + y * family.width + x] : wall;
