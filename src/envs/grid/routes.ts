/** Cheapest ways about a grid by turns and steps, opening doors that are closed but not locked on the way. */
import { headings } from "./level.ts";
import { isClosedDoor, isLockedDoor, isOpenDoor, kindOf, kinds, opens, withState } from "./things.ts";

export interface Ground {
  readonly width: number;
  readonly height: number;
  /** [height × width] things */
  readonly cells: Uint16Array;
}

/** A pose is cell · 4 + direction. */
export interface Routes {
  /** [cells × 4] actions to every pose, or `unreached` */
  readonly cost: Uint16Array;
  /** [cells × 4] the pose before (routesFrom) or after (routesTo); −1 at the ends and where there is none */
  readonly from: Int32Array;
}

export const unreached = 0xffff;

/** Actions, 1 or 2, that it takes to step onto a thing from right before it; `shut`: it cannot be stepped onto. */
export type Entry = (thing: number) => number;
const shut = 3;

const isFloor = (thing: number): boolean => {
  const kind = kindOf(thing);
  return kind === kinds.empty || kind === kinds.floor || kind === kinds.goal || isOpenDoor(thing);
};

/** A step, and a toggle before it for a closed door; nothing else is moved out of the way. */
export const onFoot: Entry = (thing) => (isFloor(thing) ? 1 : isClosedDoor(thing) ? 2 : shut);

/** The least it can take with everything moved and opened at once, but no door unlocked without its key. */
export const atBest =
  (carried: number): Entry =>
  (thing) => {
    const kind = kindOf(thing);
    if (kind === kinds.wall || kind === kinds.lava) return shut;
    if (isLockedDoor(thing) && !opens(carried, thing)) return shut;
    return isFloor(thing) ? 1 : 2;
  };

/** The same with every key at hand. */
export const withAllKeys: Entry = (thing) => {
  const kind = kindOf(thing);
  return kind === kinds.wall || kind === kinds.lava ? shut : isFloor(thing) ? 1 : 2;
};

/** [cells × 4] the cell before each cell in each direction, −1 outside; one table for each size of grid. */
const tables = new Map<number, Int32Array>();

function neighbours(width: number, height: number): Int32Array {
  const known = tables.get(width * 65536 + height);
  if (known !== undefined) return known;
  const table = new Int32Array(width * height * 4);
  for (let pose = 0; pose < table.length; pose++) {
    const [dx, dy] = headings[pose & 3];
    const [x, y] = [((pose >> 2) % width) + dx, Math.floor((pose >> 2) / width) + dy];
    table[pose] = x >= 0 && y >= 0 && x < width && y < height ? y * width + x : -1;
  }
  tables.set(width * 65536 + height, table);
  return table;
}

/** The cell before a cell in a direction; −1 outside. */
export const cellAhead = ({ width, height }: Ground, cell: number, direction: number): number =>
  neighbours(width, height)[(cell << 2) | direction];

/** The cells to the right of a cell, below it, to its left and above it; fewer at the edge. */
export const cellsBeside = (ground: Ground, cell: number): readonly number[] =>
  [0, 1, 2, 3].map((direction) => cellAhead(ground, cell, direction)).filter((beside) => beside >= 0);

export function cellsWhere(cells: Uint16Array, holds: (thing: number) => boolean): number[] {
  const found: number[] = [];
  for (let cell = 0; cell < cells.length; cell++) if (holds(cells[cell])) found.push(cell);
  return found;
}

/** From a pose to all others; the goal ends a way. */
export const routesFrom = (ground: Ground, start: number, entry: Entry): Routes =>
  spread(ground, [start], entry, false);

/** From all poses to the nearest of some. */
export const routesTo = (ground: Ground, ends: readonly number[], entry: Entry): Routes =>
  spread(ground, ends, entry, true);

/** Dijkstra with a list for each cost: prices are 1 or 2, so that three lists take turns. */
function spread(ground: Ground, starts: readonly number[], entry: Entry, backwards: boolean): Routes {
  const { width, height, cells } = ground;
  const ahead = neighbours(width, height);
  const prices = new Uint8Array(cells.length);
  for (let cell = 0; cell < cells.length; cell++) prices[cell] = entry(cells[cell]);
  const cost = new Uint16Array(cells.length * 4).fill(unreached);
  const from = new Int32Array(cells.length * 4).fill(-1);
  const lists: [number[], number[], number[]] = [[...starts], [], []];
  for (const start of starts) cost[start] = 0;
  const visit = (to: number, through: number, by: number): void => {
    if (through >= cost[to]) return;
    cost[to] = through;
    from[to] = by;
    lists[through % 3].push(to);
  };
  for (let now = 0; lists[0].length + lists[1].length + lists[2].length > 0; now++) {
    const list = lists[now % 3];
    for (const pose of list) {
      if (cost[pose] !== now) continue;
      const cell = pose >> 2;
      if (!backwards && now > 0 && kindOf(cells[cell]) === kinds.goal) continue;
      visit((pose & ~3) | ((pose + 1) & 3), now + 1, pose);
      visit((pose & ~3) | ((pose + 3) & 3), now + 1, pose);
      const next = ahead[backwards ? (pose & ~3) | ((pose + 2) & 3) : pose];
      const price = next < 0 ? shut : prices[backwards ? cell : next];
      if (price !== shut) visit((next << 2) | (pose & 3), now + price, pose);
    }
    list.length = 0;
  }
  return { cost, from };
}

/** All four poses on some cells. */
export const posesOn = (cells: readonly number[]): number[] =>
  cells.flatMap((cell) => [cell << 2, (cell << 2) | 1, (cell << 2) | 2, (cell << 2) | 3]);

/** The poses right before a cell, looking at it. */
export function posesFacing(ground: Ground, cell: number): number[] {
  const poses: number[] = [];
  for (let direction = 0; direction < 4; direction++) {
    const beside = cellAhead(ground, cell, (direction + 2) & 3);
    if (beside >= 0) poses.push((beside << 2) | direction);
  }
  return poses;
}

/** The cheapest of some poses; −1 when none can be reached. */
export function nearest({ cost }: Routes, poses: readonly number[]): number {
  let best = -1;
  for (const pose of poses) if (cost[pose] < (best < 0 ? unreached : cost[best])) best = pose;
  return best;
}

/** The poses of a way found by routesFrom, start and end included. */
export function wayTo({ from }: Routes, end: number): number[] {
  const way = [end];
  for (let pose = from[end]; pose >= 0; pose = from[pose]) way.push(pose);
  return way.reverse();
}

/** The poses of a way found by routesTo, start and end included. */
export function wayFrom({ from }: Routes, start: number): number[] {
  const way = [start];
  for (let pose = from[start]; pose >= 0; pose = from[pose]) way.push(pose);
  return way;
}

/** The actions of a way; doors on it are opened in `cells`. */
export function walk(way: readonly number[], cells: Uint16Array): number[] {
  const actions: number[] = [];
  for (let i = 1; i < way.length; i++) {
    const [before, to] = [way[i - 1], way[i]];
    if (to >> 2 === before >> 2) {
      actions.push(((before + 1) & 3) === (to & 3) ? 1 : 0);
      continue;
    }
    if (isClosedDoor(cells[to >> 2])) {
      actions.push(5);
      cells[to >> 2] = withState(cells[to >> 2], "open");
    }
    actions.push(2);
  }
  return actions;
}
