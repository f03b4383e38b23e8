/** What plans of the arm are made of: moving towards a place, and places of an observation. */
import { halfWidth, seen, workspace } from "./hand.ts";
import type { Triple } from "./task.ts";

const triple = (o: Float32Array, at: number): Triple => [o[at], o[at + 1], o[at + 2]];

export const handOf = (o: Float32Array): Triple => triple(o, seen.hand);
export const thingOf = (o: Float32Array): Triple => triple(o, seen.first);
export const secondOf = (o: Float32Array): Triple => triple(o, seen.second);
export const goalOf = (o: Float32Array): Triple => triple(o, seen.goal);
/** Half the distance between the pads, m. */
export const gapOf = (o: Float32Array): number => halfWidth(o[seen.opening]);

export const plus = (a: Triple, b: Triple, factor = 1): Triple => [
  a[0] + factor * b[0],
  a[1] + factor * b[1],
  a[2] + factor * b[2],
];
export const minus = (a: Triple, b: Triple): Triple => plus(a, b, -1);
export const apart = (a: Triple, b: Triple): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
/** Over the table. */
export const flat = (a: Triple, b: Triple): number => Math.hypot(a[0] - b[0], a[1] - b[1]);

export const [open, shut] = [-1, 1];

/** Action per metre of the way and per m/s: without overshooting. */
const [stiffness, brake] = [30, 0.9];

/** Towards a place, at most at `pace` parts of the top speed, slowing down near it. */
export function go(o: Float32Array, to: Triple, grip: number, pace = 1): Float32Array {
  const action = new Float32Array(4);
  let most = pace;
  for (let i = 0; i < 3; i++) {
    const within = Math.max(workspace.low[i], Math.min(workspace.high[i], to[i]));
    action[i] = stiffness * (within - o[seen.hand + i]) - brake * o[seen.velocity + i];
    most = Math.max(most, Math.abs(action[i]));
  }
  for (let i = 0; i < 3; i++) action[i] *= pace / most;
  action[3] = grip;
  return action;
}

/** Rises first, then goes across, then down: over what stands on the table. */
export function over(o: Float32Array, to: Triple, height: number, grip: number): Float32Array {
  const hand = handOf(o);
  if (flat(hand, to) < 0.012) return go(o, to, grip);
  if (hand[2] < height - 0.02) return go(o, [hand[0], hand[1], height], grip);
  return go(o, [to[0], to[1], height], grip);
}

/** The angle about the upright axis by which the thing has turned, rad. */
export const turnOf = (o: Float32Array): number => 2 * Math.atan2(o[seen.turn + 3], o[seen.turn]);

/** A place given in the thing's own frame about its point, where it has turned about the upright axis by `angle`. */
export function turned([x, y, z]: Triple, angle: number): Triple {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [cos * x - sin * y, sin * x + cos * y, z];
}
