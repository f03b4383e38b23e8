/** What Gymnasium's MuJoCo worlds have in common. */
import { box } from "../../spaces/make.ts";
import type { Box } from "../../spaces/space.ts";
import type { Generator } from "../../tensor/random.ts";
import type { World } from "./environment.ts";
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

/** A start near the model's own: positions and velocities moved uniformly within ±scale. */
export const shaken =
  (scale: number) =>
  ({ physics: { views } }: World, random: Generator): void => {
    shake(views.qpos, random, scale);
    shake(views.qvel, random, scale);
  };

/** The same for positions, and velocities moved normally with the deviation `scale`. */
export const jolted =
  (scale: number) =>
  ({ physics: { views } }: World, random: Generator): void => {
    const { qpos, qvel } = views;
    shake(qpos, random, scale);
    for (let i = 0; i < qvel.length; i++) qvel[i] += scale * random.normal();
  };

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

/** `drive` for a body that is to go along x: its speed (m/s), what that is worth, and what the torques cost. */
export function run(
  physics: Physics,
  action: ArrayLike<number>,
  o: { readonly frame_skip: number; readonly forward_reward_weight: number; readonly ctrl_cost_weight: number },
): { readonly speed: number; readonly forward: number; readonly control: number } {
  const before = physics.views.qpos[0];
  drive(physics, action, o.frame_skip);
  const speed = (physics.views.qpos[0] - before) / (o.frame_skip * physics.timestep);
  return { speed, forward: o.forward_reward_weight * speed, control: o.ctrl_cost_weight * sumOfSquares(action) };
}

/** Positions from `skip` on, then velocities, those kept within ±fastest. */
export function motion({ views }: Physics, skip: number, fastest = Number.POSITIVE_INFINITY): Float64Array {
  const { qpos, qvel } = views;
  const seen = new Float64Array(qpos.length - skip + qvel.length);
  seen.set(skip === 0 ? qpos : qpos.subarray(skip));
  for (let i = 0; i < qvel.length; i++) seen[qpos.length - skip + i] = clip(qvel[i], -fastest, fastest);
  return seen;
}

/** What the worlds whose bodies go about on a plane tell of where they are (m). */
export const place = ({ views: { qpos } }: Physics) => ({
  x_position: qpos[0],
  y_position: qpos[1],
  distance_from_origin: Math.hypot(qpos[0], qpos[1]),
});

/** The distance between two bodies, by their numbers. */
export function apart({ views }: Physics, a: number, b: number): number {
  const { xpos } = views;
  return Math.hypot(xpos[3 * a] - xpos[3 * b], xpos[3 * a + 1] - xpos[3 * b + 1], xpos[3 * a + 2] - xpos[3 * b + 2]);
}
