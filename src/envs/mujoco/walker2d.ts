/** Walker2d-v5, as Gymnasium's: two legs with three joints each that walk to the right. */
import { mujocoEnvironment } from "./environment.ts";
import { drive, motion, open, shake, sumOfSquares, within } from "./locomotion.ts";
import { walker2d as model } from "./models/walker2d.ts";
import { atLeastZero, flag, frames, number, offer, range } from "./options.ts";

/**
 * Observation (17, float64): [z (m), torso angle (rad), thigh, leg and foot angles of the right and of the left leg (rad),
 * then the velocities of x, z and those angles (m/s, rad/s, within ±10)]; actions (6): torques in the same order, in ±1,
 * of 100 N·m. Reward: being healthy, plus speed (m/s), minus the squares of the torques. Ends when unhealthy.
 */
export const walker2d = offer({
  name: "Walker2d-v5",
  about: "Walk to the right on two legs in the plane (MuJoCo).",
  maxSteps: 1000,
  options: {
    frame_skip: frames(4),
    forward_reward_weight: number(1),
    ctrl_cost_weight: number(1e-3),
    healthy_reward: number(1),
    terminate_when_unhealthy: flag(true),
    healthy_z_range: range(0.8, 2),
    healthy_angle_range: range(-1, 1),
    reset_noise_scale: atLeastZero(5e-3),
    exclude_current_positions_from_observation: flag(true),
  },
  create(engine, o) {
    const skip = o.exclude_current_positions_from_observation ? 1 : 0;
    return mujocoEnvironment<Float64Array, Float32Array>(engine, {
      name: "Walker2d-v5",
      model,
      observationSpace: open(18 - skip),
      start({ physics: { views } }, random) {
        shake(views.qpos, random, o.reset_noise_scale);
        shake(views.qvel, random, o.reset_noise_scale);
      },
      advance({ physics }, action) {
        const before = physics.views.qpos[0];
        drive(physics, action, o.frame_skip);
        const { qpos, qpos0 } = physics.views;
        const speed = (qpos[0] - before) / (o.frame_skip * physics.timestep);
        const well = within(qpos[1], o.healthy_z_range) && within(qpos[2], o.healthy_angle_range);
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
