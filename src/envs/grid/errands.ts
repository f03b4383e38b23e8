/** Plans where nothing has to be moved out of the way: ways on foot, and what is done at the end of each. */
import type { Task } from "./family.ts";
import {
  cellsBeside,
  cellsWhere,
  type Ground,
  nearest,
  onFoot,
  posesFacing,
  posesOn,
  routesFrom,
  walk,
  wayTo,
} from "./routes.ts";
import { DONE, DROP, PICKUP, TOGGLE } from "./state.ts";
import { empty, isOpenDoor, kindOf, kinds } from "./things.ts";

/** What is to be done: see Task. */
export interface Errand {
  readonly task: Task;
  readonly target: number;
  readonly other: number;
}

/** Where one is after a way, and what lies there then. */
interface Leg {
  readonly actions: readonly number[];
  readonly ground: Ground;
  readonly pose: number;
}

/** The actions, as few as there can be; undefined where no way leads there, or nothing is asked. */
export function planErrand(ground: Ground, pose: number, carried: number, errand: Errand): number[] | undefined {
  const { task, target, other } = errand;
  const { cells } = ground;
  switch (task) {
    case "reach":
    case "dodge":
      return go(ground, pose, posesOn(cellsWhere(cells, (thing) => kindOf(thing) === kinds.goal)))?.actions.slice();
    case "match":
      return go(ground, pose, posesOn([target]))?.actions.slice();
    case "stand":
      return and(go(ground, pose, posesOn(cellsBeside(ground, target))), DONE);
    case "fetch": {
      const wanted = cellsWhere(cells, (thing) => thing === target);
      return and(
        go(
          ground,
          pose,
          wanted.flatMap((cell) => posesFacing(ground, cell)),
        ),
        PICKUP,
      );
    }
    case "put":
      return carried === target ? putNear(ground, pose, other) : fetchAndPut(ground, pose, errand);
    case "order": {
      if (isOpenDoor(cells[other])) return and(go(ground, pose, posesFacing(ground, target)), TOGGLE);
      const first = go(ground, pose, posesFacing(ground, other));
      const second = first && go(first.ground, first.pose, posesFacing(ground, target));
      return second && [...first.actions, TOGGLE, ...second.actions, TOGGLE];
    }
    default:
      return undefined;
  }
}

const and = (leg: Leg | undefined, action: number): number[] | undefined => leg && [...leg.actions, action];

/** The cheapest way to one of some poses. */
function go(ground: Ground, pose: number, ends: readonly number[]): Leg | undefined {
  const routes = routesFrom(ground, pose, onFoot);
  const end = nearest(routes, ends);
  if (end < 0) return undefined;
  const cells = ground.cells.slice();
  return { actions: walk(wayTo(routes, end), cells), ground: { ...ground, cells }, pose: end };
}

/** What is carried, put down in an empty cell of the nine about a cell. */
function putNear(ground: Ground, pose: number, about: number): number[] | undefined {
  const { width, cells } = ground;
  const free = [-1, 0, 1]
    .flatMap((down) => [-1, 0, 1].map((right) => about + down * width + right))
    .filter((cell) => cells[cell] === empty);
  return and(
    go(
      ground,
      pose,
      free.flatMap((cell) => posesFacing(ground, cell)),
    ),
    DROP,
  );
}

function fetchAndPut(ground: Ground, pose: number, { target, other }: Errand): number[] | undefined {
  let best: number[] | undefined;
  for (const cell of cellsWhere(ground.cells, (thing) => thing === target)) {
    for (const before of posesFacing(ground, cell)) {
      const there = go(ground, pose, [before]);
      if (there === undefined) continue;
      const back = putNear({ ...there.ground, cells: there.ground.cells.with(cell, empty) }, before, other);
      if (back === undefined) continue;
      const whole = [...there.actions, PICKUP, ...back];
      if (best === undefined || whole.length < best.length) best = whole;
    }
  }
  return best;
}
