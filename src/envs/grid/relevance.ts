/** Which locked doors a plan can need: of a maze of many, only those between the agent, its aim and their keys. */
import { cellAhead, type Ground } from "./routes.ts";
import { colourOf, contentsOf, isLockedDoor, kindOf, kinds, wall } from "./things.ts";

/** Parts of a level that locked doors keep apart. */
interface Regions {
  /** [cells] −1 in walls, lava and locked doors */
  readonly of: Int32Array;
  readonly count: number;
  /** The regions on each side of a locked door, by its cell. */
  readonly doors: ReadonlyMap<number, readonly number[]>;
}

/**
 * The cells with locked doors that lead nowhere useful as walls: a plan in them is one in the level itself.
 * @param agent its cell
 * @param aims cells to reach, or where the things are that are wanted
 */
export function relevant(ground: Ground, agent: number, carried: number, aims: readonly number[]): Uint16Array {
  const { cells } = ground;
  const regions = regionsOf(ground);
  const here = regions.of[agent] < 0 ? regionsBeside(ground, regions.of, agent) : [regions.of[agent]];
  const needed = new Set<number>();
  const lookedFor = new Set<number>();
  const wanted = aims.flatMap((cell) => {
    if (isLockedDoor(cells[cell])) needed.add(cell);
    return regions.of[cell] < 0 ? regionsBeside(ground, regions.of, cell) : [regions.of[cell]];
  });
  doorsBetween(regions, here, wanted, needed);
  for (const door of needed) {
    const colour = colourOf(cells[door]);
    if (lookedFor.has(colour)) continue;
    lookedFor.add(colour);
    const isKey = (thing: number): boolean => kindOf(thing) === kinds.key && colourOf(thing) === colour;
    if (isKey(carried)) continue;
    const keys: number[] = [];
    for (let cell = 0; cell < cells.length; cell++) {
      if (isKey(cells[cell]) || isKey(contentsOf(cells[cell]))) keys.push(regions.of[cell]);
    }
    // What is added to a set while it is walked through is walked through too.
    doorsBetween(regions, here, keys, needed);
  }
  return cells.map((thing, cell) => (isLockedDoor(thing) && !needed.has(cell) ? wall : thing));
}

function regionsOf(ground: Ground): Regions {
  const { cells } = ground;
  const of = new Int32Array(cells.length).fill(-1);
  const isOpen = (cell: number): boolean =>
    kindOf(cells[cell]) !== kinds.wall && kindOf(cells[cell]) !== kinds.lava && !isLockedDoor(cells[cell]);
  let count = 0;
  for (let first = 0; first < cells.length; first++) {
    if (of[first] >= 0 || !isOpen(first)) continue;
    of[first] = count;
    const queue = [first];
    for (const cell of queue) {
      for (let direction = 0; direction < 4; direction++) {
        const next = cellAhead(ground, cell, direction);
        if (next < 0 || of[next] >= 0 || !isOpen(next)) continue;
        of[next] = count;
        queue.push(next);
      }
    }
    count++;
  }
  const doors = new Map<number, readonly number[]>();
  for (let cell = 0; cell < cells.length; cell++) {
    if (isLockedDoor(cells[cell])) doors.set(cell, regionsBeside(ground, of, cell));
  }
  return { of, count, doors };
}

function regionsBeside(ground: Ground, of: Int32Array, cell: number): readonly number[] {
  const beside = [0, 1, 2, 3].map((direction) => cellAhead(ground, cell, direction));
  return [...new Set(beside.filter((other) => other >= 0 && of[other] >= 0).map((other) => of[other]))];
}

/** Adds the doors on the ways with fewest of them from some regions to the nearest of others. */
function doorsBetween(regions: Regions, from: readonly number[], to: readonly number[], needed: Set<number>): void {
  const there = doorsFrom(regions, from);
  const nearest = Math.min(...to.map((region) => there[region]));
  const back = doorsFrom(
    regions,
    to.filter((region) => there[region] === nearest),
  );
  for (const [door, beside] of regions.doors) {
    for (const one of beside) {
      for (const other of beside) {
        if (one !== other && there[one] + 1 + back[other] === nearest) needed.add(door);
      }
    }
  }
}

/** [regions] how many locked doors lie between each and the nearest of some. */
function doorsFrom({ count, doors }: Regions, from: readonly number[]): Float64Array {
  const far = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const queue = from.filter((region) => region >= 0);
  for (const region of queue) far[region] = 0;
  for (const region of queue) {
    for (const beside of doors.values()) {
      if (!beside.includes(region)) continue;
      for (const other of beside) {
        if (far[other] <= far[region] + 1) continue;
        far[other] = far[region] + 1;
        queue.push(other);
      }
    }
  }
  return far;
}
