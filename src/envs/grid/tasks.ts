/** What wins and what ends an episode, by task. */
import type { Family } from "./family.ts";
import { headings } from "./level.ts";
import { CARRIED, CELLS, DIRECTION, DONE, DROP, OTHER, OUTCOME, PICKUP, TARGET, TOGGLE, X, Y } from "./state.ts";
import { isOpenDoor } from "./things.ts";

export interface Done {
  readonly action: number;
  /** The thing carried before the action; 0: none. */
  readonly carried: number;
  /** Among moving balls: the step went against something. */
  readonly collides: boolean;
}

/** The outcome after an action took effect: 0 going on, 1 won, 2 over without success. */
export function outcomeOf(state: Float64Array, family: Family, { action, carried, collides }: Done): number {
  const { task, width } = family;
  const [target, other, now] = [state[TARGET], state[OTHER], state[CARRIED]];
  switch (task) {
    case "pick":
      return action === PICKUP && now === target ? 1 : state[OUTCOME];
    case "open":
      return action === TOGGLE && isOpenDoor(state[CELLS + target]) ? 1 : state[OUTCOME];
    case "stand":
      return action === DONE ? (isBeside(state, width) ? 1 : 2) : action === TOGGLE ? 2 : state[OUTCOME];
    case "dodge":
      return collides ? 2 : state[OUTCOME];
    case "fetch":
      return now === 0 ? state[OUTCOME] : now === target ? 1 : 2;
    case "put":
      if (action === PICKUP && now !== 0 && now !== target) return 2;
      return action === DROP && carried !== 0 ? (now === 0 && isPutNear(state, width) ? 1 : 2) : state[OUTCOME];
    case "match": {
      const here = state[Y] * width + state[X];
      return here === target ? 1 : here === other ? 2 : state[OUTCOME];
    }
    case "order":
      return isOpenDoor(state[CELLS + target]) ? (isOpenDoor(state[CELLS + other]) ? 1 : 2) : state[OUTCOME];
    case "reach":
    case "roam":
      return state[OUTCOME];
  }
}

/** Whether the agent stands right beside the target's cell. */
function isBeside(state: Float64Array, width: number): boolean {
  const [x, y] = [state[TARGET] % width, Math.floor(state[TARGET] / width)];
  return Math.abs(x - state[X]) + Math.abs(y - state[Y]) === 1;
}

/** Whether the cell before the agent is one of the nine about the other cell. */
function isPutNear(state: Float64Array, width: number): boolean {
  const [dx, dy] = headings[state[DIRECTION]];
  const [x, y] = [state[OTHER] % width, Math.floor(state[OTHER] / width)];
  return Math.abs(state[X] + dx - x) <= 1 && Math.abs(state[Y] + dy - y) <= 1;
}
