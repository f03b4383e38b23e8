/** Geometry of walls: moving without passing through them, and seeing past them. */
import { isWall, type MazeMap } from "./map.ts";

const hair = 1e-9;

/**
 * Moves a square body of half-width `radius` by (dx, dy), one axis after the other, so that it slides along what it
 * meets. `state` starts [x, y, vx, vy]: the place is updated, and a velocity into a wall becomes 0. Long moves are made
 * in parts shorter than a cell, so that no wall is jumped.
 */
export function slide(map: MazeMap, state: Float64Array, dx: number, dy: number, radius: number): void {
  const parts = Math.max(1, Math.ceil(Math.max(Math.abs(dx), Math.abs(dy)) / 0.5));
  for (let part = 0; part < parts; part++) {
    moveAxis(map, state, 0, dx / parts, radius);
    moveAxis(map, state, 1, dy / parts, radius);
  }
}

function moveAxis(map: MazeMap, state: Float64Array, axis: 0 | 1, by: number, radius: number): void {
  if (by === 0) return;
  const place = state[axis] + by;
  const edge = Math.floor(by > 0 ? place + radius : place - radius);
  const across = state[1 - axis];
  const first = Math.floor(across - radius);
  const last = Math.floor(across + radius);
  for (let side = first; side <= last; side++) {
    const blocked = axis === 0 ? map.wall[side * map.columns + edge] : map.wall[edge * map.columns + side];
    if (blocked) {
      state[axis] = by > 0 ? edge - radius - hair : edge + 1 + radius + hair;
      state[2 + axis] = 0;
      return;
    }
  }
  state[axis] = place;
}

/** Whether the straight way from a to b keeps at least `clearance` (in the larger of |Δx|, |Δy|) from every wall. */
export function sees(map: MazeMap, ax: number, ay: number, bx: number, by: number, clearance: number): boolean {
  const left = Math.max(0, Math.floor(Math.min(ax, bx) - clearance));
  const right = Math.min(map.columns - 1, Math.floor(Math.max(ax, bx) + clearance));
  const top = Math.max(0, Math.floor(Math.min(ay, by) - clearance));
  const bottom = Math.min(map.rows - 1, Math.floor(Math.max(ay, by) + clearance));
  const margin = clearance - 1e-7; // a way along the very edge of what is allowed is allowed
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      if (map.wall[row * map.columns + column] === 0) continue;
      if (crosses(ax, ay, bx, by, column - margin, row - margin, column + 1 + margin, row + 1 + margin)) return false;
    }
  }
  return true;
}

/** Whether a segment meets the inside of a rectangle (the slab method). */
function crosses(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  left: number,
  top: number,
  right: number,
  bottom: number,
): boolean {
  let from = 0;
  let to = 1;
  const dx = bx - ax;
  const dy = by - ay;
  if (dx === 0) {
    if (ax <= left || ax >= right) return false;
  } else {
    const t1 = (left - ax) / dx;
    const t2 = (right - ax) / dx;
    from = Math.max(from, Math.min(t1, t2));
    to = Math.min(to, Math.max(t1, t2));
  }
  if (dy === 0) {
    if (ay <= top || ay >= bottom) return false;
  } else {
    const t1 = (top - ay) / dy;
    const t2 = (bottom - ay) / dy;
    from = Math.max(from, Math.min(t1, t2));
    to = Math.min(to, Math.max(t1, t2));
  }
  return from < to;
}

/** The nearest place to (x, y) inside its own cell that keeps clear of the cell's walled sides. */
export function keptClear(map: MazeMap, x: number, y: number, clearance: number): readonly [number, number] {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const low = (at: number, walled: boolean): number => (walled ? at + clearance : at);
  const high = (at: number, walled: boolean): number => (walled ? at + 1 - clearance : at + 1);
  return [
    Math.min(high(column, isWall(map, column + 1.5, y)), Math.max(low(column, isWall(map, column - 0.5, y)), x)),
    Math.min(high(row, isWall(map, x, row + 1.5)), Math.max(low(row, isWall(map, x, row - 0.5)), y)),
  ];
}
