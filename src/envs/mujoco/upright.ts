/** What Hopper-v5 and Walker2d-v5 have in common: a body in the plane that goes to the right and must not fall. */
import type { Engine } from "./engine.ts";
import { type MujocoEnvironment, mujocoEnvironment } from "./environment.ts";
import { motion, open, run, shaken } from "./locomotion.ts";
import { atLeastZero, type Chosen, flag, frames, number } from "./options.ts";
import type { Views } from "./physics.ts";

export const uprightOptions = {
  frame_skip: frames(4),
  forward_reward_weight: number(1),
  ctrl_cost_weight: number(1e-3),
  healthy_reward: number(1),
  terminate_when_unhealthy: flag(true),
  reset_noise_scale: atLeastZero(5e-3),
  exclude_current_positions_from_observation: flag(true),
} as const;

interface Body {
  readonly name: string;
  /** As MJCF; the first three positions are x, z and the torso's angle. */
  readonly model: string;
  /** Positions and velocities. */
  readonly size: number;
  /** What it is paid for, and without which its episode ends. */
  healthy(views: Views): boolean;
}

const place = ({ qpos, qpos0 }: Views) => ({ x_position: qpos[0], z_distance_from_origin: qpos[1] - qpos0[1] });

/** Reward: being healthy, plus speed (m/s), minus the squares of the torques. Velocities are seen within ±10. */
export function upright(
  engine: Engine,
  { name, model, size, healthy }: Body,
  o: Chosen<typeof uprightOptions>,
): MujocoEnvironment<Float64Array, Float32Array> {
  const skip = o.exclude_current_positions_from_observation ? 1 : 0;
  return mujocoEnvironment<Float64Array, Float32Array>(engine, {
    name,
    model,
    observationSpace: open(size - skip),
    start: shaken(o.reset_noise_scale),
    advance({ physics }, action) {
      const { speed, forward, control } = run(physics, action, o);
      const { views } = physics;
      const well = healthy(views);
      const survive = well ? o.healthy_reward : 0;
      return {
        reward: forward + survive - control,
        terminated: o.terminate_when_unhealthy && !well,
        info: {
          ...place(views),
          x_velocity: speed,
          reward_forward: forward,
          reward_ctrl: -control,
          reward_survive: survive,
        },
      };
    },
    observe: ({ physics }) => motion(physics, skip, 10),
    info: ({ physics }) => place(physics.views),
    view: { follow: 1, middle: [0, 0.8], size: [3, 2.2] },
  });
}
