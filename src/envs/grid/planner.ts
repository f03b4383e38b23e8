/**
 * Short plans over the full state of a grid world, box contents included. Where things may have to be moved: A* whose steps
 * are ways to a thing and what is then done to it.
 */
import { type Errand, planErrand } from "./errands.ts";
import type { Family } from "./family.ts";
import { queue } from "./queue.ts";
import { relevant } from "./relevance.ts";
import {
  atBest,
  cellAhead,
  cellsBeside,
  cellsWhere,
  type Ground,
  nearest,
  onFoot,
  posesFacing,
  posesOn,
  type Routes,
  routesFrom,
  routesTo,
  unreached,
  walk,
  wayFrom,
  wayTo,
  withAllKeys,
} from "./routes.ts";
import { CARRIED, CELLS, DIRECTION, DROP, OTHER, PICKUP, TARGET, TOGGLE, X, Y } from "./state.ts";
import {
  colourOf,
  contentsOf,
  empty,
  isLockedDoor,
  isMovable,
  isOpenDoor,
  kindOf,
  kinds,
  opens,
  withState,
} from "./things.ts";

const mostNodes = 20_000;

interface Node extends Ground {
  readonly pose: number;
  readonly carried: number;
  /** Actions so far. */
  readonly cost: number;
  /** Actions since the parent. */
  readonly leg: readonly number[];
  readonly parent: Node | undefined;
  readonly won: boolean;
}

/**
 * Actions that lead from a state to success when nothing slips; undefined when none were found. Among moving balls: a
 * way round them as they lie now.
 *
 * Plans are shortest but for two freedoms that they do not take: what is put down lies where that costs least at the
 * time, and nothing is carried elsewhere only to be nearer later.
 */
export function planGrid(state: Float64Array, family: Family): number[] | undefined {
  const { width, height, task } = family;
  const cells = Uint16Array.from(state.subarray(CELLS, CELLS + width * height));
  const pose = ((state[Y] * width + state[X]) << 2) | state[DIRECTION];
  const start: Node = {
    ...{ width, height, cells, pose, carried: state[CARRIED], cost: 0, leg: [], parent: undefined, won: false },
  };
  const aim: Errand = { task, target: state[TARGET], other: state[OTHER] };
  const needsSearch = task === "pick" || task === "open" || (task === "reach" && cells.some(isMovable));
  if (!needsSearch) return planErrand(start, pose, start.carried, aim);
  return search({ ...start, cells: relevant(start, pose >> 2, start.carried, aims(start, aim)) }, aim);
}

function search(start: Node, aim: Errand): number[] | undefined {
  const open = queue<Node>();
  const best = new Map<string, number>();
  open.push(start, 0);
  for (let nodes = 0; nodes < mostNodes; nodes++) {
    const node = open.pop();
    if (node === undefined) return undefined;
    if (node.won) return actionsTo(node);
    if ((best.get(nameOf(node)) ?? Number.POSITIVE_INFINITY) < node.cost) continue;
    for (const next of successors(node, aim)) {
      if (next.won) {
        open.push(next, next.cost);
        continue;
      }
      const name = nameOf(next);
      if ((best.get(name) ?? Number.POSITIVE_INFINITY) <= next.cost) continue;
      best.set(name, next.cost);
      const more = atLeast(next, aim);
      if (more < unreached) open.push(next, next.cost + more);
    }
  }
  return undefined;
}

const nameOf = ({ cells, pose, carried }: Node): string => String.fromCharCode(pose, carried, ...cells);

function actionsTo(node: Node): number[] {
  const legs: (readonly number[])[] = [];
  for (let at: Node | undefined = node; at !== undefined; at = at.parent) legs.push(at.leg);
  return legs.reverse().flat();
}

/** Cells to step on (reach), or where something is to be done. */
function aims({ cells }: Ground, { task, target }: Errand): number[] {
  if (task === "reach") return cellsWhere(cells, (thing) => kindOf(thing) === kinds.goal);
  return task === "open" ? [target] : cellsWhere(cells, (thing) => thing === target || contentsOf(thing) === target);
}

/** What can be gone to and done next, each with the actions that it takes. */
function* successors(node: Node, aim: Errand): Generator<Node> {
  const { cells, carried, width, height } = node;
  const { task, target } = aim;
  const routes = routesFrom(node, node.pose, onFoot);
  const follow = (leg: readonly number[], pose: number, now: Uint16Array, holds: number, won = false): Node => {
    const done = won || (task === "pick" && holds === target);
    return {
      width,
      height,
      cells: now,
      pose,
      carried: holds,
      cost: node.cost + leg.length,
      leg,
      parent: node,
      won: done,
    };
  };
  /** Goes to each pose before a cell and does something to what is there. */
  function* act(cell: number, action: number, becomes: number, holds: number, won = false): Generator<Node> {
    for (const pose of posesFacing(node, cell)) {
      if (routes.cost[pose] === unreached) continue;
      const now = cells.slice();
      const leg = walk(wayTo(routes, pose), now);
      now[cell] = becomes;
      yield follow([...leg, action], pose, now, holds, won);
    }
  }
  /** The same with what is carried put down before. */
  function* actFreed(cell: number, action: number, becomes: number, holds: number): Generator<Node> {
    for (const pose of posesFacing(node, cell)) {
      if (routes.cost[pose] === unreached) continue;
      for (const { leg, cells: now } of putDown(node, routes, pose)) {
        now[cell] = becomes;
        yield follow([...leg, action], pose, now, holds);
      }
    }
  }

  if (task === "reach") {
    const end = nearest(routes, posesOn(aims(node, aim)));
    const now = cells.slice();
    if (end >= 0) yield follow(walk(wayTo(routes, end), now), end, now, carried, true);
  }
  for (let cell = 0; cell < cells.length; cell++) {
    const thing = cells[cell];
    if (isLockedDoor(thing) && opens(carried, thing)) {
      yield* act(cell, TOGGLE, withState(thing, "open"), carried, task === "open" && cell === target);
    }
    if (!isMovable(thing)) continue;
    const isTarget = task === "pick" && thing === target;
    const inTheWay = !isTarget && isObstacle(node, routes, cell);
    const inside = contentsOf(thing) === 0 ? empty : contentsOf(thing);
    const holdsWanted = (task === "pick" && inside === target) || unlocksSomething(cells, inside);
    if (kindOf(thing) === kinds.box && !isTarget && (inTheWay || holdsWanted)) {
      yield* act(cell, TOGGLE, inside, carried);
      if (carried !== 0) yield* actFreed(cell, TOGGLE, inside, 0);
    }
    if (isTarget || inTheWay || unlocksSomething(cells, thing)) {
      yield* carried === 0 ? act(cell, PICKUP, empty, thing) : actFreed(cell, PICKUP, empty, thing);
    }
  }
}

const unlocksSomething = (cells: Uint16Array, thing: number): boolean =>
  kindOf(thing) === kinds.key && cells.some((door) => isLockedDoor(door) && colourOf(door) === colourOf(thing));

/** Whether something beside a thing cannot be reached, or only by a long way round. */
function isObstacle(ground: Ground, routes: Routes, cell: number): boolean {
  let [least, most] = [unreached, 0];
  for (const beside of cellsBeside(ground, cell)) {
    const kind = kindOf(ground.cells[beside]);
    if (kind === kinds.wall || kind === kinds.lava) continue;
    const pose = nearest(routes, posesOn([beside]));
    const cost = pose < 0 ? unreached : routes.cost[pose];
    [least, most] = [Math.min(least, cost), Math.max(most, cost)];
  }
  return least < most - 5;
}

interface Freed {
  readonly leg: readonly number[];
  readonly cells: Uint16Array;
}

/**
 * Puts down what is carried on the way to a pose, and goes on to the pose: where that costs least, and where it costs
 * least of the places that are in nobody's way.
 */
function putDown(node: Node, routes: Routes, end: number): readonly Freed[] {
  const onwards = routesTo(node, [end], onFoot);
  const places: number[] = [];
  const costOf = (pose: number): number => routes.cost[pose] + onwards.cost[pose];
  for (let pose = 0; pose < routes.cost.length; pose++) {
    if (routes.cost[pose] === unreached || onwards.cost[pose] === unreached) continue;
    const ahead = cellAhead(node, pose >> 2, pose & 3);
    if (ahead >= 0 && node.cells[ahead] === empty) places.push(pose);
  }
  places.sort((a, b) => costOf(a) - costOf(b) || a - b);
  const found: Freed[] = [];
  for (const pose of places) {
    const place = cellAhead(node, pose >> 2, pose & 3);
    const clear = isClear(node, place);
    if (found.length > 0 && !clear) continue;
    const way = wayFrom(onwards, pose);
    // Aside or behind costs two turns at most; what lies on the way itself would cost more to go round.
    if (way.some((on) => on >> 2 === place)) continue;
    const cells = node.cells.slice();
    const leg = [...walk(wayTo(routes, pose), cells), DROP];
    cells[place] = node.carried;
    leg.push(...walk(way, cells));
    found.push({ leg, cells });
    if (clear) break;
  }
  return found;
}

/** Whether a thing in an empty cell would leave all about it joined, and no door blocked. */
function isClear(ground: Ground, cell: number): boolean {
  const { width, cells } = ground;
  const ring = [-width, -width + 1, 1, width + 1, width, width - 1, -1, -width - 1];
  let changes = 0;
  for (let i = 0; i < ring.length; i++) {
    const [thing, next] = [cells[cell + ring[i]], cells[cell + ring[(i + 1) % ring.length]]];
    if (i % 2 === 0 && kindOf(thing) === kinds.door) return false;
    changes += Number(isFree(thing) !== isFree(next));
  }
  return changes <= 2;
}

const isFree = (thing: number): boolean =>
  kindOf(thing) === kinds.empty || kindOf(thing) === kinds.goal || isOpenDoor(thing);

/**
 * No plan from here is shorter: the way to the aim if everything moved aside, by way of a key when a lock is between,
 * and what must be done at the end.
 */
function atLeast(node: Node, aim: Errand): number {
  const places = aims(node, aim);
  const isReach = aim.task === "reach";
  const ends = isReach ? posesOn(places) : places.flatMap((cell) => posesFacing(node, cell));
  const isPick = aim.task === "pick";
  const hasKey = aim.task !== "open" || opens(node.carried, node.cells[aim.target]);
  const straight = routesTo(node, ends, atBest(node.carried)).cost[node.pose];
  if (hasKey && straight < unreached) return straight + (isReach ? 0 : isPick && node.carried !== 0 ? 2 : 1);
  const onwards = routesTo(node, ends, withAllKeys);
  const first = routesFrom(node, node.pose, withAllKeys);
  let least = unreached;
  for (let cell = 0; cell < node.cells.length; cell++) {
    const thing = node.cells[cell];
    const boxed = unlocksSomething(node.cells, contentsOf(thing));
    if (!boxed && !unlocksSomething(node.cells, thing)) continue;
    for (const pose of posesFacing(node, cell)) {
      if (first.cost[pose] === unreached || onwards.cost[pose] === unreached) continue;
      least = Math.min(least, first.cost[pose] + onwards.cost[pose] + (boxed ? 2 : 1));
    }
  }
  if (least === unreached) return node.carried === 0 ? unreached : onwards.cost[node.pose];
  return least + (node.carried === 0 ? 0 : 1) + (isReach ? 0 : isPick ? 2 : 1);
}
