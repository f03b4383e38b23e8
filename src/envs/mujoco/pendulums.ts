/** InvertedPendulum-v5 and InvertedDoublePendulum-v5, as Gymnasium's: poles to balance on a cart. */
import { mujocoEnvironment } from "./environment.ts";
import { clip, drive, jolted, motion, open, shaken } from "./locomotion.ts";
import { invertedDoublePendulum as doubleModel, invertedPendulum as singleModel } from "./models/pendulums.ts";
import { atLeastZero, frames, number, offer } from "./options.ts";

const view = { middle: [0, 0.4], size: [3, 2.25] } as const;

/**
 * Observation (4, float64): [cart position (m), pole angle (rad), their velocities]; action (1): the push on the cart in
 * ±3, of 100 N. Reward 1 a step; ends when the pole leans more than 0.2 rad.
 */
export const invertedPendulum = offer({
  name: "InvertedPendulum-v5",
  about: "Balance a pole on a cart with a continuous push (MuJoCo).",
  maxSteps: 1000,
  options: { frame_skip: frames(2), reset_noise_scale: atLeastZero(0.01) },
  create: (engine, o) =>
    mujocoEnvironment<Float64Array, Float32Array>(engine, {
      name: "InvertedPendulum-v5",
      model: singleModel,
      observationSpace: open(4),
      start: shaken(o.reset_noise_scale),
      advance({ physics }, action) {
        drive(physics, action, o.frame_skip);
        const { qpos, qvel } = physics.views;
        const up = Math.abs(qpos[1]) <= 0.2 && qpos.every(Number.isFinite) && qvel.every(Number.isFinite);
        return { reward: up ? 1 : 0, terminated: !up, info: { reward_survive: up ? 1 : 0 } };
      },
      observe: ({ physics }) => motion(physics, 0),
      view,
    }),
});

/**
 * Observation (9, float64): [cart position (m), sines of the two poles' angles, their cosines, the velocities of cart and
 * angles (within ±10), the cart's constraint force (within ±10)]; action (1): the push on the cart in ±1, of 500 N.
 * Reward: 10 a step, minus how far the tip is from upright and how fast the poles turn; ends when the tip is at 1 m or lower.
 */
export const invertedDoublePendulum = offer({
  name: "InvertedDoublePendulum-v5",
  about: "Balance two poles, one on the other, on a cart (MuJoCo).",
  maxSteps: 1000,
  options: { frame_skip: frames(5), healthy_reward: number(10), reset_noise_scale: atLeastZero(0.1) },
  create: (engine, o) =>
    mujocoEnvironment<Float64Array, Float32Array>(engine, {
      name: "InvertedDoublePendulum-v5",
      model: doubleModel,
      observationSpace: open(9),
      start: jolted(o.reset_noise_scale),
      advance({ physics }, action) {
        drive(physics, action, o.frame_skip);
        const { qvel, site_xpos } = physics.views;
        const [x, , height] = site_xpos;
        const fallen = height <= 1;
        const far = 0.01 * x ** 2 + (height - 2) ** 2;
        const fast = 1e-3 * qvel[1] ** 2 + 5e-3 * qvel[2] ** 2;
        const survive = fallen ? 0 : o.healthy_reward;
        return {
          reward: survive - far - fast,
          terminated: fallen,
          info: { reward_survive: survive, distance_penalty: -far, velocity_penalty: -fast },
        };
      },
      observe({ physics: { views } }) {
        const { qpos, qvel, qfrc_constraint } = views;
        const [cart, first, second] = qpos;
        const turns = [Math.sin(first), Math.sin(second), Math.cos(first), Math.cos(second)];
        return Float64Array.of(cart, ...turns, ...qvel.map((v) => clip(v, -10, 10)), clip(qfrc_constraint[0], -10, 10));
      },
      view: { middle: [0, 0.5], size: [3.2, 2.4] },
    }),
});
