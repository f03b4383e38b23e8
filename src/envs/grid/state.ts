/** A grid world's state as numbers: a head of eight, the cells row by row, and the places of the balls that move. */
import type { Generator } from "../../tensor/random.ts";
import type { Family } from "./family.ts";
import { headings, type Level } from "./level.ts";
import {
  contentsOf,
  doorStates,
  empty,
  isLockedDoor,
  isMovable,
  isOpenDoor,
  isWalkable,
  kindOf,
  kinds,
  opens,
  stateOf,
  wall,
  withState,
} from "./things.ts";

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
export const CELLS = 8;

/** What each action does, MiniGrid's numbers and names. */
export const gridActions = ["left", "right", "forward", "pickup", "drop", "toggle", "done"] as const;
const [LEFT, RIGHT, FORWARD, PICKUP, DROP, TOGGLE, DONE] = [0, 1, 2, 3, 4, 5, 6];

export const sizeOfState = ({ width, height, obstacles }: Family): number => CELLS + width * height + obstacles;

export function writeLevel(state: Float64Array, level: Level): void {
  state.fill(0);
  state[X] = level.x;
  state[Y] = level.y;
  state[DIRECTION] = level.direction;
  state[TARGET] = level.target;
  state.set(level.cells, CELLS);
  state.set(level.obstacles, CELLS + level.cells.length);
}

export const cellOf = (state: Float64Array, family: Family, x: number, y: number): number =>
  x >= 0 && y >= 0 && x < family.width && y < family.height ? state[CELLS + y * family.width + x] : wall;

/**
 * One step in place: MiniGrid's. Returns what the step is worth, 1 for success, −1 for a collision among moving balls,
 * else 0; the caller makes the reward of it.
 * @param restless chance that a ball moves
 */
export function advance(
  state: Float64Array,
  family: Family,
  action: number,
  random: Generator | undefined,
  restless = 1,
): number {
  const { width, task } = family;
  const [dx, dy] = headings[state[DIRECTION]];
  const [x, y] = [state[X] + dx, state[Y] + dy];
  const collides = task === "dodge" && action === FORWARD && !isClear(cellOf(state, family, x, y));
  if (task === "dodge" && random !== undefined) moveObstacles(state, family, random, restless);
  const ahead = cellOf(state, family, x, y);
  const place = CELLS + y * width + x;
  state[STEPS]++;
  switch (action) {
    case LEFT:
      state[DIRECTION] = (state[DIRECTION] + 3) % 4;
      break;
    case RIGHT:
      state[DIRECTION] = (state[DIRECTION] + 1) % 4;
      break;
    case FORWARD:
      if (!isWalkable(ahead)) break;
      state[X] = x;
      state[Y] = y;
      if (kindOf(ahead) === kinds.goal) state[OUTCOME] = 1;
      if (kindOf(ahead) === kinds.lava) state[OUTCOME] = 2;
      break;
    case PICKUP:
      if (!isMovable(ahead) || state[CARRIED] !== 0) break;
      state[CARRIED] = ahead;
      state[place] = empty;
      break;
    case DROP:
      if (ahead !== empty || state[CARRIED] === 0) break;
      state[place] = state[CARRIED];
      state[CARRIED] = 0;
      break;
    case TOGGLE:
      toggle(state, place, ahead);
      break;
  }
  if (task === "pick" && action === PICKUP && state[CARRIED] === state[TARGET]) state[OUTCOME] = 1;
  if (task === "open" && action === TOGGLE && isOpenDoor(state[CELLS + state[TARGET]])) state[OUTCOME] = 1;
  if (task === "stand" && action === TOGGLE) state[OUTCOME] = 2;
  if (task === "stand" && action === DONE) state[OUTCOME] = isBeside(state, width) ? 1 : 2;
  if (collides) state[OUTCOME] = 2;
  return collides ? -1 : state[OUTCOME] === 1 ? 1 : 0;
}

function toggle(state: Float64Array, place: number, ahead: number): void {
  const kind = kindOf(ahead);
  if (kind === kinds.box) state[place] = contentsOf(ahead) === 0 ? empty : contentsOf(ahead);
  if (kind !== kinds.door) return;
  if (isLockedDoor(ahead)) {
    if (opens(state[CARRIED], ahead)) state[place] = withState(ahead, "open");
  } else state[place] = withState(ahead, stateOf(ahead) === doorStates.open ? "closed" : "open");
}

const isClear = (ahead: number): boolean => ahead === empty || kindOf(ahead) === kinds.goal;

/** Whether the agent stands right beside the target's cell. */
function isBeside(state: Float64Array, width: number): boolean {
  const [x, y] = [state[TARGET] % width, Math.floor(state[TARGET] / width)];
  return Math.abs(x - state[X]) + Math.abs(y - state[Y]) === 1;
}

/** Each ball goes to a random free cell of the nine about it, one after another; it stays where there is none. */
function moveObstacles(state: Float64Array, family: Family, random: Generator, restless: number): void {
  const { width, height, obstacles } = family;
  const first = CELLS + width * height;
  const agent = state[Y] * width + state[X];
  for (let i = first; i < first + obstacles; i++) {
    if (restless < 1 && random.uniform() >= restless) continue;
    const cell = state[i];
    const [x, y] = [cell % width, Math.floor(cell / width)];
    let free = 0;
    let chosen = -1;
    for (let ny = y - 1; ny <= y + 1; ny++) {
      for (let nx = x - 1; nx <= x + 1; nx++) {
        if (cellOf(state, family, nx, ny) !== empty || ny * width + nx === agent) continue;
        // Each of those found so far is kept with equal chance.
        if (random.integer(++free) === 0) chosen = ny * width + nx;
      }
    }
    if (chosen < 0) continue;
    state[CELLS + chosen] = state[CELLS + cell];
    state[CELLS + cell] = empty;
    state[i] = chosen;
  }
}
