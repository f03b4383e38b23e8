/** Ant-v5, as Gymnasium's: a sphere on four legs of two joints that runs to the right in space. */
import { problem } from "../../problems.ts";
import type { Engine } from "./engine.ts";
import { mujocoEnvironment, type Outcome } from "./environment.ts";
import { clip, drive, jolted, motion, open, place, sumOfSquares } from "./locomotion.ts";
import { ant as model } from "./models/ant.ts";
import { atLeastZero, type Chosen, flag, frames, number, type Option, offer, range } from "./options.ts";
import type { Physics } from "./physics.ts";

const body: Option<number | string> = {
  value: 1,
  wanted: 'a body, by number or by name such as "torso"',
  accepts: (given) => typeof given === "string" || (Number.isSafeInteger(given) && (given as number) >= 0),
};

export const antOptions = {
  frame_skip: frames(5),
  forward_reward_weight: number(1),
  ctrl_cost_weight: number(0.5),
  contact_cost_weight: number(5e-4),
  healthy_reward: number(1),
  main_body: body,
  terminate_when_unhealthy: flag(true),
  healthy_z_range: range(0.2, 1),
  contact_force_range: range(-1, 1),
  include_cfrc_ext_in_observation: flag(true),
} as const;

/** How an ant is rewarded and seen, whatever it is in; `before` holds where the main body was, for its speed. */
export function antBody(where: string, o: Chosen<typeof antOptions>) {
  const bodyOf = (physics: Physics): number => {
    const id = typeof o.main_body === "string" ? physics.id("body", o.main_body) : o.main_body;
    if (id < physics.nbody) return id;
    throw problem("bad-option", { where, name: "main_body", given: id, wanted: `a number below ${physics.nbody}` });
  };
  /** [bodies × 6] the outside forces, within the range */
  const forces = ({ views }: Physics): Float64Array =>
    views.cfrc_ext.map((force) => clip(force, ...o.contact_force_range));
  return {
    remember(physics: Physics, before: Float64Array): void {
      const at = 3 * bodyOf(physics);
      before.set(physics.views.xpos.subarray(at, at + 2));
    },
    advance(physics: Physics, action: Float32Array, before: Float64Array): Outcome {
      const [x, y] = before;
      drive(physics, action, o.frame_skip);
      const { qpos, qvel, xpos } = physics.views;
      const at = 3 * bodyOf(physics);
      const seconds = o.frame_skip * physics.timestep;
      const speed = (xpos[at] - x) / seconds;
      const sideways = (xpos[at + 1] - y) / seconds;
      before.set(xpos.subarray(at, at + 2));
      const well =
        qpos[2] >= o.healthy_z_range[0] &&
        qpos[2] <= o.healthy_z_range[1] &&
        qpos.every(Number.isFinite) &&
        qvel.every(Number.isFinite);
      const forward = speed * o.forward_reward_weight;
      const survive = well ? o.healthy_reward : 0;
      const control = o.ctrl_cost_weight * sumOfSquares(action);
      const contact = o.contact_cost_weight * sumOfSquares(forces(physics));
      return {
        reward: forward + survive - (control + contact),
        terminated: o.terminate_when_unhealthy && !well,
        info: {
          ...place(physics),
          x_velocity: speed,
          y_velocity: sideways,
          reward_forward: forward,
          reward_ctrl: -control,
          reward_contact: -contact,
          reward_survive: survive,
        },
      };
    },
    /** Positions from `skip` on, velocities, and the forces on every body but the world. */
    observe(physics: Physics, skip: number): Float64Array {
      const moving = motion(physics, skip);
      if (!o.include_cfrc_ext_in_observation) return moving;
      const felt = forces(physics).subarray(6);
      const seen = new Float64Array(moving.length + felt.length);
      seen.set(moving);
      seen.set(felt, moving.length);
      return seen;
    },
    size: (skip: number): number => 29 - skip + (o.include_cfrc_ext_in_observation ? 78 : 0),
  };
}

/**
 * Observation (105, float64): [z (m), torso orientation (quaternion), hip and ankle angles of four legs (rad), their
 * velocities (m/s, rad/s), then the outside torques and forces on 13 bodies, within ±1 (N·m, N)]; actions (8): torques
 * of the hips and ankles in ±1, of 150 N·m, legs in the order 4, 1, 2, 3. Reward: being healthy, plus speed along x, minus
 * the squares of torques and of outside forces, weighted. Ends when the torso's height leaves [0.2, 1] m.
 */
export const ant = offer({
  name: "Ant-v5",
  about: "Run to the right on four legs (MuJoCo).",
  maxSteps: 1000,
  options: {
    ...antOptions,
    reset_noise_scale: atLeastZero(0.1),
    exclude_current_positions_from_observation: flag(true),
  },
  create(engine: Engine, o) {
    const skip = o.exclude_current_positions_from_observation ? 2 : 0;
    const { remember, advance, observe, size } = antBody("Ant-v5", o);
    return mujocoEnvironment<Float64Array, Float32Array>(engine, {
      name: "Ant-v5",
      model: model(),
      observationSpace: open(size(skip)),
      memorySize: 2,
      start: jolted(o.reset_noise_scale),
      begun: ({ physics, memory }) => remember(physics, memory),
      advance: ({ physics, memory }, action) => advance(physics, action, memory),
      observe: ({ physics }) => observe(physics, skip),
      info: ({ physics }) => place(physics),
      view: { from: "top", follow: 1, size: [4, 3] },
    });
  },
});
