/** One step of a grid world: MiniGrid's. */
import type { Generator } from "../../tensor/random.ts";
import type { Family } from "./family.ts";
import { headings } from "./level.ts";
import {
  CARRIED,
  CELLS,
  cellOf,
  DIRECTION,
  DROP,
  FORWARD,
  LEFT,
  OUTCOME,
  PICKUP,
  RIGHT,
  STEPS,
  TOGGLE,
  X,
  Y,
} from "./state.ts";
import { outcomeOf } from "./tasks.ts";
import {
  contentsOf,
  doorStates,
  empty,
  isLockedDoor,
  isMovable,
  isWalkable,
  kindOf,
  kinds,
  opens,
  stateOf,
  withState,
} from "./things.ts";

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
  const before = state[CARRIED];
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
      // Where things are to be matched they are signs, and stay.
      if (!isMovable(ahead) || before !== 0 || task === "match") break;
      state[CARRIED] = ahead;
      state[place] = empty;
      break;
    case DROP:
      if (ahead !== empty || before === 0) break;
      state[place] = before;
      state[CARRIED] = 0;
      break;
    case TOGGLE:
      toggle(state, place, ahead);
      break;
  }
  state[OUTCOME] = outcomeOf(state, family, { action, carried: before, collides });
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
