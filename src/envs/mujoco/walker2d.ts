/** Walker2d-v5, as Gymnasium's: two legs with three joints each that walk to the right. */
import { within } from "./locomotion.ts";
import { walker2d as model } from "./models/walker2d.ts";
import { offer, range } from "./options.ts";
import type { Views } from "./physics.ts";
import { upright, uprightOptions } from "./upright.ts";

/**
 * Observation (17, float64): [z (m), torso angle (rad), thigh, leg and foot angles of the right and of the left leg (rad),
 * then the velocities of x, z and those angles (m/s, rad/s, within ±10)]; actions (6): torques in the same order, in ±1,
 * of 100 N·m. Reward: being healthy, plus speed (m/s), minus the squares of the torques. Ends when unhealthy.
 */
export const walker2d = offer({
  name: "Walker2d-v5",
  about: "Walk to the right on two legs in the plane (MuJoCo).",
  maxSteps: 1000,
  options: { ...uprightOptions, healthy_z_range: range(0.8, 2), healthy_angle_range: range(-1, 1) },
  create(engine, o) {
    const healthy = ({ qpos }: Views): boolean =>
      within(qpos[1], o.healthy_z_range) && within(qpos[2], o.healthy_angle_range);
    return upright(engine, { name: "Walker2d-v5", model, size: 18, healthy }, o);
  },
});
