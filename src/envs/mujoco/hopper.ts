/** Hopper-v5, as Gymnasium's: a leg with three joints that hops to the right. */
import { within } from "./locomotion.ts";
import { hopper as model } from "./models/hopper.ts";
import { offer, range } from "./options.ts";
import type { Views } from "./physics.ts";
import { upright, uprightOptions } from "./upright.ts";

/**
 * Observation (11, float64): [z (m), torso angle (rad), thigh, leg and foot angles (rad), then the velocities of x, z and
 * those angles (m/s, rad/s, within ±10)]; actions (3): torques of thigh, leg and foot in ±1, of 200 N·m. Reward: being
 * healthy, plus speed (m/s), minus the squares of the torques. Ends when unhealthy: z, angle or state out of range.
 */
export const hopper = offer({
  name: "Hopper-v5",
  about: "Hop to the right on one leg (MuJoCo).",
  maxSteps: 1000,
  options: {
    ...uprightOptions,
    healthy_state_range: range(-100, 100),
    healthy_z_range: range(0.7, Number.POSITIVE_INFINITY),
    healthy_angle_range: range(-0.2, 0.2),
  },
  create(engine, o) {
    const healthy = ({ qpos, qvel }: Views): boolean =>
      within(qpos[1], o.healthy_z_range) &&
      within(qpos[2], o.healthy_angle_range) &&
      qpos.subarray(2).every((v) => within(v, o.healthy_state_range)) &&
      qvel.every((v) => within(v, o.healthy_state_range));
    return upright(engine, { name: "Hopper-v5", model, size: 12, healthy }, o);
  },
});
