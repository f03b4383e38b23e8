/** Rays through a field of square cells. */
import type { MazeMap } from "../maze/map.ts";

/** How far it is from (x, y) to the first wall in the direction (dx, dy) of length 1, at most `range`. */
export function wallDistance(map: MazeMap, x: number, y: number, dx: number, dy: number, range: number): number {
  let column = Math.floor(x);
  let row = Math.floor(y);
  const [stepX, stepY] = [dx > 0 ? 1 : -1, dy > 0 ? 1 : -1];
  const [perX, perY] = [Math.abs(1 / dx), Math.abs(1 / dy)];
  let nextX = dx === 0 ? Number.POSITIVE_INFINITY : (dx > 0 ? column + 1 - x : x - column) * perX;
  let nextY = dy === 0 ? Number.POSITIVE_INFINITY : (dy > 0 ? row + 1 - y : y - row) * perY;
  for (;;) {
    const far = Math.min(nextX, nextY);
    if (far >= range) return range;
    if (nextX < nextY) {
      column += stepX;
      nextX += perX;
    } else {
      row += stepY;
      nextY += perY;
    }
    if (map.wall[row * map.columns + column] !== 0) return far;
  }
}

/** How far it is along the direction to a disc about (rx, ry) from the ray's start; Infinity where it misses, 0 inside it. */
export function discDistance(rx: number, ry: number, dx: number, dy: number, radius: number): number {
  const along = rx * dx + ry * dy;
  if (along <= 0) return Number.POSITIVE_INFINITY;
  const beside = rx * rx + ry * ry - along * along;
  const inside = radius * radius - beside;
  return inside <= 0 ? Number.POSITIVE_INFINITY : Math.max(0, along - Math.sqrt(inside));
}

/**
 * Angles of rays relative to the heading, over a field of view: evenly apart, or "foveated", dense about the heading and
 * sparse aside (a cubic map).
 */
export function rayAngles(count: number, view: number, layout: "foveated" | "uniform"): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const u = count === 1 ? 0 : (2 * i) / (count - 1) - 1;
    return (view / 2) * (layout === "uniform" ? u : 0.25 * u + 0.75 * u ** 3);
  });
}
