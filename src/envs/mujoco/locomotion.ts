/** What Gymnasium's MuJoCo worlds have in common. */
import { box } from "../../spaces/make.ts";
import type { Box } from "../../spaces/space.ts";
import type { Generator } from "../../tensor/random.ts";
import type { Physics } from "./physics.ts";

/** Any float64 numbers. */
export const open = (size: number): Box =>
  box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape: [size], dtype: "float64" });

export const clip = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/** Strictly between. */
export const within = (value: number, [low, high]: readonly [number, number]): boolean => low < value && value < high;

/** Adds to each number one drawn uniformly from ±scale. */
export function shake(numbers: Float64Array, random: Generator, scale: number): void {
  for (let i = 0; i < numbers.length; i++) numbers[i] += random.between(-scale, scale);
}

/** Adds to each number one drawn from a normal distribution of that deviation. */
export function jolt(numbers: Float64Array, random: Generator, deviation: number): void {
  for (let i = 0; i < numbers.length; i++) numbers[i] += deviation * random.normal();
}

export function sumOfSquares(numbers: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i] * numbers[i];
  return sum;
}

/** Sets the motors, advances, and computes the outside forces as Gymnasium does. */
export function drive(physics: Physics, action: ArrayLike<number>, frames: number): void {
  physics.views.ctrl.set(action);
  physics.step(frames);
  physics.externalForces();
}

/** Positions from `skip` on, then velocities, those kept within ±fastest. */
export function motion({ views }: Physics, skip: number, fastest = Number.POSITIVE_INFINITY): Float64Array {
  const { qpos, qvel } = views;
  const seen = new Float64Array(qpos.length - skip + qvel.length);
  seen.set(skip === 0 ? qpos : qpos.subarray(skip));
  for (let i = 0; i < qvel.length; i++) seen[qpos.length - skip + i] = clip(qvel[i], -fastest, fastest);
  return seen;
}

/** The distance between two bodies, by their numbers. */
export function apart({ views }: Physics, a: number, b: number): number {
  const { xpos } = views;
  return Math.hypot(xpos[3 * a] - xpos[3 * b], xpos[3 * a + 1] - xpos[3 * b + 1], xpos[3 * a + 2] - xpos[3 * b + 2]);
}
