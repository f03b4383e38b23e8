/** Humanoid-v5 and HumanoidStandup-v5, as Gymnasium's: a body of 17 joints that walks, or gets up. */
import { mujocoEnvironment } from "./environment.ts";
import { clip, drive, motion, open, place, shaken, sumOfSquares, within } from "./locomotion.ts";
import { humanoidStandup as lying, humanoid as standing } from "./models/humanoid.ts";
import { atLeastZero, type Chosen, flag, frames, number, offer, range } from "./options.ts";
import type { Physics } from "./physics.ts";

const seenParts = {
  exclude_current_positions_from_observation: flag(true),
  include_cinert_in_observation: flag(true),
  include_cvel_in_observation: flag(true),
  include_qfrc_actuator_in_observation: flag(true),
  include_cfrc_ext_in_observation: flag(true),
} as const;
type Parts = Chosen<typeof seenParts>;

const sizeOf = (o: Parts): number =>
  (o.exclude_current_positions_from_observation ? 45 : 47) +
  (o.include_cinert_in_observation ? 130 : 0) +
  (o.include_cvel_in_observation ? 78 : 0) +
  (o.include_qfrc_actuator_in_observation ? 17 : 0) +
  (o.include_cfrc_ext_in_observation ? 78 : 0);

function observe(physics: Physics, o: Parts): Float64Array {
  const { cinert, cvel, qfrc_actuator, cfrc_ext } = physics.views;
  const seen = new Float64Array(sizeOf(o));
  let at = 0;
  const add = (part: Float64Array): void => {
    seen.set(part, at);
    at += part.length;
  };
  add(motion(physics, o.exclude_current_positions_from_observation ? 2 : 0));
  if (o.include_cinert_in_observation) add(cinert.subarray(10));
  if (o.include_cvel_in_observation) add(cvel.subarray(6));
  if (o.include_qfrc_actuator_in_observation) add(qfrc_actuator.subarray(6));
  if (o.include_cfrc_ext_in_observation) add(cfrc_ext.subarray(6));
  return seen;
}

/** Where the centre of mass is, x and y, into `into`. */
function massCentre({ nbody, views: { body_mass, xipos } }: Physics, into: Float64Array): void {
  let [mass, x, y] = [0, 0, 0];
  for (let i = 0; i < nbody; i++) {
    mass += body_mass[i];
    x += body_mass[i] * xipos[3 * i];
    y += body_mass[i] * xipos[3 * i + 1];
  }
  into.set([x / mass, y / mass]);
}

const tendons = ({ views: { ten_length, ten_velocity } }: Physics) => ({
  tendon_length: [...ten_length],
  tendon_velocity: [...ten_velocity],
});

/**
 * Observation (348, float64): [z (m), torso orientation (quaternion), 17 joint angles (rad), 23 velocities, then for 13
 * bodies inertia and mass about the centre of mass (10 each), velocities (6 each), the 17 joints' motor torques, and
 * outside torques and forces (6 each)]; actions (17): torques in ±0.4, of 25 to 300 N·m. Reward: 5 for being healthy, 1.25
 * times the centre of mass's speed along x, minus the squares of controls and of outside forces, weighted. Ends when the
 * torso's height leaves (1, 2) m.
 */
export const humanoid = offer({
  name: "Humanoid-v5",
  about: "Walk to the right as a humanoid of 17 joints (MuJoCo).",
  maxSteps: 1000,
  options: {
    frame_skip: frames(5),
    forward_reward_weight: number(1.25),
    ctrl_cost_weight: number(0.1),
    contact_cost_weight: number(5e-7),
    contact_cost_range: range(Number.NEGATIVE_INFINITY, 10),
    healthy_reward: number(5),
    terminate_when_unhealthy: flag(true),
    healthy_z_range: range(1, 2),
    reset_noise_scale: atLeastZero(1e-2),
    ...seenParts,
  },
  create: (engine, o) =>
    mujocoEnvironment<Float64Array, Float32Array>(engine, {
      name: "Humanoid-v5",
      model: standing,
      observationSpace: open(sizeOf(o)),
      memorySize: 2,
      start: shaken(o.reset_noise_scale),
      begun: ({ physics, memory }) => massCentre(physics, memory),
      advance({ physics, memory }, action) {
        const [x, y] = memory;
        drive(physics, action, o.frame_skip);
        massCentre(physics, memory);
        const { qpos, ctrl, cfrc_ext } = physics.views;
        const seconds = o.frame_skip * physics.timestep;
        const speed = (memory[0] - x) / seconds;
        const well = within(qpos[2], o.healthy_z_range);
        const forward = o.forward_reward_weight * speed;
        const survive = well ? o.healthy_reward : 0;
        const control = o.ctrl_cost_weight * sumOfSquares(ctrl);
        const contact = clip(o.contact_cost_weight * sumOfSquares(cfrc_ext), ...o.contact_cost_range);
        return {
          reward: forward + survive - (control + contact),
          terminated: o.terminate_when_unhealthy && !well,
          info: {
            ...place(physics),
            ...tendons(physics),
            x_velocity: speed,
            y_velocity: (memory[1] - y) / seconds,
            reward_survive: survive,
            reward_forward: forward,
            reward_ctrl: -control,
            reward_contact: -contact,
          },
        };
      },
      observe: ({ physics }) => observe(physics, o),
      info: ({ physics }) => ({ ...place(physics), ...tendons(physics) }),
      view: { follow: 1, middle: [0, 0.9], size: [3, 2.2] },
    }),
});

/**
 * The same body on its back; observation and actions as Humanoid-v5's. Reward: the torso's height (m) over the physics
 * step (0.003 s), minus the squares of controls and of outside forces, weighted, plus 1. Never ends.
 */
export const humanoidStandup = offer({
  name: "HumanoidStandup-v5",
  about: "Get up as a humanoid that lies on its back (MuJoCo).",
  maxSteps: 1000,
  options: {
    frame_skip: frames(5),
    ctrl_cost_weight: number(0.1),
    impact_cost_weight: number(0.5e-6),
    impact_cost_range: range(Number.NEGATIVE_INFINITY, 10),
    reset_noise_scale: atLeastZero(1e-2),
    ...seenParts,
  },
  create: (engine, o) =>
    mujocoEnvironment<Float64Array, Float32Array>(engine, {
      name: "HumanoidStandup-v5",
      model: lying,
      observationSpace: open(sizeOf(o)),
      start: shaken(o.reset_noise_scale),
      advance({ physics }, action) {
        drive(physics, action, o.frame_skip);
        const { qpos, qpos0, ctrl, cfrc_ext } = physics.views;
        const up = qpos[2] / physics.timestep;
        const control = o.ctrl_cost_weight * sumOfSquares(ctrl);
        const impact = clip(o.impact_cost_weight * sumOfSquares(cfrc_ext), ...o.impact_cost_range);
        return {
          reward: up - control - impact + 1,
          terminated: false,
          info: {
            x_position: qpos[0],
            y_position: qpos[1],
            z_distance_from_origin: qpos[2] - qpos0[2],
            ...tendons(physics),
            reward_linup: up,
            reward_quadctrl: -control,
            reward_impact: -impact,
          },
        };
      },
      observe: ({ physics }) => observe(physics, o),
      info({ physics }) {
        const { qpos, qpos0 } = physics.views;
        return {
          x_position: qpos[0],
          y_position: qpos[1],
          z_distance_from_origin: qpos[2] - qpos0[2],
          ...tendons(physics),
        };
      },
      view: { follow: 1, middle: [0, 0.9], size: [3, 2.2] },
    }),
});
