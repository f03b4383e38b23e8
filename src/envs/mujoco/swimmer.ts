/** Swimmer-v5, as Gymnasium's: three links in a viscous plane that swim to the right. */
import { mujocoEnvironment } from "./environment.ts";
import { motion, open, place, run, shaken } from "./locomotion.ts";
import { swimmer as model } from "./models/swimmer.ts";
import { atLeastZero, flag, frames, number, offer } from "./options.ts";

/**
 * Observation (8, float64): [angle of the first link, of the first and of the second joint (rad), then the velocities of
 * x, y (m/s) and of those angles (rad/s)]; actions (2): torques of the joints in ±1, of 150 N·m. Reward: speed along x
 * (m/s) minus the squares of the torques, weighted. Never ends.
 */
export const swimmer = offer({
  name: "Swimmer-v5",
  about: "Swim to the right with three links (MuJoCo).",
  maxSteps: 1000,
  options: {
    frame_skip: frames(4),
    forward_reward_weight: number(1),
    ctrl_cost_weight: number(1e-4),
    reset_noise_scale: atLeastZero(0.1),
    exclude_current_positions_from_observation: flag(true),
  },
  create(engine, o) {
    const skip = o.exclude_current_positions_from_observation ? 2 : 0;
    return mujocoEnvironment<Float64Array, Float32Array>(engine, {
      name: "Swimmer-v5",
      model,
      observationSpace: open(10 - skip),
      start: shaken(o.reset_noise_scale),
      advance({ physics }, action) {
        const y = physics.views.qpos[1];
        const { speed, forward, control } = run(physics, action, o);
        return {
          reward: forward - control,
          terminated: false,
          info: {
            ...place(physics),
            x_velocity: speed,
            y_velocity: (physics.views.qpos[1] - y) / (o.frame_skip * physics.timestep),
            reward_forward: forward,
            reward_ctrl: -control,
          },
        };
      },
      observe: ({ physics }) => motion(physics, skip),
      info: ({ physics }) => place(physics),
      view: { from: "top", follow: 1, size: [6, 4.5] },
    });
  },
});
