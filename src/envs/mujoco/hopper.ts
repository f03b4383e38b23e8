/** Hopper-v5, as Gymnasium's: a leg with three joints that hops to the right. */
import { mujocoEnvironment } from "./environment.ts";
import { drive, motion, open, shake, sumOfSquares, within } from "./locomotion.ts";
import { hopper as model } from "./models/hopper.ts";
import { atLeastZero, flag, frames, number, offer, range } from "./options.ts";

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
    frame_skip: frames(4),
    forward_reward_weight: number(1),
    ctrl_cost_weight: number(1e-3),
    healthy_reward: number(1),
    terminate_when_unhealthy: flag(true),
    healthy_state_range: range(-100, 100),
    healthy_z_range: range(0.7, Number.POSITIVE_INFINITY),
    healthy_angle_range: range(-0.2, 0.2),
    reset_noise_scale: atLeastZero(5e-3),
    exclude_current_positions_from_observation: flag(true),
  },
  create(engine, o) {
    const skip = o.exclude_current_positions_from_observation ? 1 : 0;
    const healthy = (qpos: Float64Array, qvel: Float64Array): boolean =>
      within(qpos[1], o.healthy_z_range) &&
      within(qpos[2], o.healthy_angle_range) &&
      qpos.subarray(2).every((v) => within(v, o.healthy_state_range)) &&
      qvel.every((v) => within(v, o.healthy_state_range));
    return mujocoEnvironment<Float64Array, Float32Array>(engine, {
      name: "Hopper-v5",
      model,
      observationSpace: open(12 - skip),
      start({ physics: { views } }, random) {
        shake(views.qpos, random, o.reset_noise_scale);
        shake(views.qvel, random, o.reset_noise_scale);
      },
      advance({ physics }, action) {
        const before = physics.views.qpos[0];
        drive(physics, action, o.frame_skip);
        const { qpos, qvel, qpos0 } = physics.views;
        const speed = (qpos[0] - before) / (o.frame_skip * physics.timestep);
        const well = healthy(qpos, qvel);
        const forward = o.forward_reward_weight * speed;
        const control = o.ctrl_cost_weight * sumOfSquares(action);
        const survive = well ? o.healthy_reward : 0;
        return {
          reward: forward + survive - control,
          terminated: o.terminate_when_unhealthy && !well,
          info: {
            x_position: qpos[0],
            z_distance_from_origin: qpos[1] - qpos0[1],
            x_velocity: speed,
            reward_forward: forward,
            reward_ctrl: -control,
            reward_survive: survive,
          },
        };
      },
      observe: ({ physics }) => motion(physics, skip, 10),
      info: ({ physics: { views } }) => ({
        x_position: views.qpos[0],
        z_distance_from_origin: views.qpos[1] - views.qpos0[1],
      }),
      view: { follow: 1, middle: [0, 0.8], size: [3, 2.2] },
    });
  },
});
