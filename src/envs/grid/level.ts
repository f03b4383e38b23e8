/** A level while it is laid out. */
import type { Generator } from "../../tensor/random.ts";
import { empty, wall } from "./things.ts";

export interface Level {
  readonly width: number;
  readonly height: number;
  /** [height × width] things, row by row */
  readonly cells: Uint16Array;
  x: number;
  y: number;
  /** 0 right, 1 down, 2 left, 3 up */
  direction: number;
  /** The cell, or the thing to pick up, that the task is about. */
  target: number;
  /** A second cell that the task is about. */
  other: number;
  /** The things that the mission names, two at most. */
  named: readonly number[];
  /** Which of the family's phrases the mission uses. */
  phrase: number;
  /** Cells of the balls that move, in the order in which they do. */
  readonly obstacles: number[];
}

/** Column and row steps of the four directions. */
export const headings = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

/** Columns and rows from `left` and `top`. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export const blank = (width: number, height: number): Level => ({
  width,
  height,
  cells: new Uint16Array(width * height).fill(empty),
  x: -1,
  y: -1,
  direction: 0,
  target: 0,
  other: 0,
  named: [],
  phrase: 0,
  obstacles: [],
});

export const at = (level: Level, x: number, y: number): number =>
  x >= 0 && y >= 0 && x < level.width && y < level.height ? level.cells[y * level.width + x] : wall;

export function put(level: Level, x: number, y: number, thing: number): void {
  level.cells[y * level.width + x] = thing;
}

export function fill(level: Level, { left, top, width, height }: Area, thing: number): void {
  for (let y = top; y < top + height; y++) for (let x = left; x < left + width; x++) put(level, x, y, thing);
}

/** The four sides of an area as walls. */
export function enclose(level: Level, { left, top, width, height }: Area): void {
  fill(level, { left, top, width, height: 1 }, wall);
  fill(level, { left, top: top + height - 1, width, height: 1 }, wall);
  fill(level, { left, top, width: 1, height }, wall);
  fill(level, { left: left + width - 1, top, width: 1, height }, wall);
}

export const whole = ({ width, height }: Level): Area => ({ left: 0, top: 0, width, height });

/**
 * Puts a thing on a uniformly random empty cell of an area, never on the agent.
 * @returns the cell, or −1 when there is none
 */
export function scatter(
  level: Level,
  random: Generator,
  thing: number,
  area: Area,
  allowed: (x: number, y: number) => boolean = () => true,
): number {
  const free: number[] = [];
  for (let y = Math.max(0, area.top); y < Math.min(level.height, area.top + area.height); y++) {
    for (let x = Math.max(0, area.left); x < Math.min(level.width, area.left + area.width); x++) {
      if (at(level, x, y) !== empty || (x === level.x && y === level.y) || !allowed(x, y)) continue;
      free.push(y * level.width + x);
    }
  }
  if (free.length === 0) return -1;
  const cell = free[random.integer(free.length)];
  level.cells[cell] = thing;
  return cell;
}

/** Puts the agent on a uniformly random empty cell of an area, looking anywhere; false when there is no cell. */
export function scatterAgent(level: Level, random: Generator, area: Area): boolean {
  [level.x, level.y] = [-1, -1];
  const cell = scatter(level, random, empty, area);
  if (cell < 0) return false;
  [level.x, level.y] = [cell % level.width, Math.floor(cell / level.width)];
  level.direction = random.integer(4);
  return true;
}

export const pick = <T>(random: Generator, items: readonly T[]): T => items[random.integer(items.length)];

/** The items in random order (Fisher–Yates). */
export function shuffled<T>(random: Generator, items: readonly T[]): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** A whole number in [low, high). */
export const between = (random: Generator, low: number, high: number): number => low + random.integer(high - low);
