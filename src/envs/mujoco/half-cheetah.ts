/** HalfCheetah-v5, as Gymnasium's: a cat in the plane, with a back and a front leg, that runs to the right. */
import { mujocoEnvironment } from "./environment.ts";
import { jolted, motion, open, run } from "./locomotion.ts";
import { halfCheetah as model } from "./models/half-cheetah.ts";
import { atLeastZero, flag, frames, number, offer } from "./options.ts";

/**
 * Observation (17, float64): [z (m), torso angle (rad), thigh, shin and foot angles of the back and of the front leg
 * (rad), then the velocities of x, z and those angles (m/s, rad/s)]; actions (6): torques in the same order, in ±1, of
 * 120, 90, 60, 120, 60 and 30 N·m. Reward: speed (m/s) minus a tenth of the squares of the torques. Never ends.
 */
export const halfCheetah = offer({
  name: "HalfCheetah-v5",
  about: "Run to the right as half a cheetah (MuJoCo).",
  maxSteps: 1000,
  options: {
    frame_skip: frames(5),
    forward_reward_weight: number(1),
    ctrl_cost_weight: number(0.1),
    reset_noise_scale: atLeastZero(0.1),
    exclude_current_positions_from_observation: flag(true),
  },
  create(engine, o) {
    const skip = o.exclude_current_positions_from_observation ? 1 : 0;
    return mujocoEnvironment<Float64Array, Float32Array>(engine, {
      name: "HalfCheetah-v5",
      model,
      observationSpace: open(18 - skip),
      start: jolted(o.reset_noise_scale),
      advance({ physics }, action) {
        const { speed, forward, control } = run(physics, action, o);
        return {
          reward: forward - control,
          terminated: false,
          info: {
            x_position: physics.views.qpos[0],
            x_velocity: speed,
            reward_forward: forward,
            reward_ctrl: -control,
          },
        };
      },
      observe: ({ physics }) => motion(physics, skip),
      info: ({ physics: { views } }) => ({ x_position: views.qpos[0] }),
      view: { follow: 1, middle: [0, 0.7], size: [3, 2] },
    });
  },
});
