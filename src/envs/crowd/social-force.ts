/**
 * How people walk among people: the social force model (Helbing and Molnár 1995, arXiv cond-mat/9805244), with the
 * force felt at the place of nearest approach (Zanlungo, Ikeda, Kanda 2011), so that they give way early.
 */

/** A walker's numbers in a state: x, y, vx, vy, whether present (0 not yet, 1 there, 2 gone). */
export const walkerSize = 5;

export interface ForceLaw {
  /** Seconds in which one takes up the speed one wants. */
  readonly relaxation: number;
  /** m/s² when the two touch. */
  readonly strength: number;
  /** Metres over which the force falls to a third. */
  readonly range: number;
  /** Weight of what is behind, 0 to 1. */
  readonly behind: number;
  /** Seconds one looks ahead. */
  readonly lookahead: number;
  /** Of each body, metres. */
  readonly radius: number;
}

const fastest = 1.3;

/** Adds to `out` the acceleration of a walker at (x, y) with velocity (vx, vy) from another. */
export function addRepulsion(
  law: ForceLaw,
  x: number,
  y: number,
  vx: number,
  vy: number,
  state: ArrayLike<number>,
  other: number,
  out: Float64Array,
): void {
  const [rx, ry] = [x - state[other], y - state[other + 1]];
  const [ux, uy] = [vx - state[other + 2], vy - state[other + 3]];
  const closing = ux * ux + uy * uy;
  const nearest = closing > 1e-9 ? -(rx * ux + ry * uy) / closing : 0;
  const ahead = Math.max(0, Math.min(law.lookahead, nearest));
  let [dx, dy] = [rx + ahead * ux, ry + ahead * uy];
  let distance = Math.hypot(dx, dy);
  if (distance < 1e-6) {
    // Straight at each other: each gives way to its right.
    [dx, dy] = [-ry || 1e-3, rx];
    distance = Math.hypot(dx, dy);
  }
  const gap = Math.hypot(rx + ahead * ux, ry + ahead * uy) - 2 * law.radius;
  // What is far off in time presses less.
  const size = (law.strength * Math.exp(-gap / law.range)) / (1 + ahead);
  const speed = Math.hypot(vx, vy);
  const toward = speed > 1e-6 ? -(vx * rx + vy * ry) / (speed * (Math.hypot(rx, ry) || 1)) : 1;
  const weight = law.behind + ((1 - law.behind) * (1 + toward)) / 2;
  out[0] += (weight * size * dx) / distance;
  out[1] += (weight * size * dy) / distance;
}

/** One small step of a walker towards a goal under a force, in place; the speed stays below 1.3 times the wanted one. */
export function walk(
  law: ForceLaw,
  state: Float64Array,
  at: number,
  goalX: number,
  goalY: number,
  wanted: number,
  force: Float64Array,
  seconds: number,
): void {
  const [gx, gy] = [goalX - state[at], goalY - state[at + 1]];
  const far = Math.hypot(gx, gy) || 1;
  let vx = state[at + 2] + seconds * ((wanted * (gx / far) - state[at + 2]) / law.relaxation + force[0]);
  let vy = state[at + 3] + seconds * ((wanted * (gy / far) - state[at + 3]) / law.relaxation + force[1]);
  const speed = Math.hypot(vx, vy);
  if (speed > fastest * wanted) {
    vx *= (fastest * wanted) / speed;
    vy *= (fastest * wanted) / speed;
  }
  state[at] += seconds * vx;
  state[at + 1] += seconds * vy;
  state[at + 2] = vx;
  state[at + 3] = vy;
}
