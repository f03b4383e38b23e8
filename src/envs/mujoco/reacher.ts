/** Reacher-v5, as Gymnasium's: a two-link arm in the plane whose tip shall touch a target. */
import { mujocoEnvironment } from "./environment.ts";
import { apart, drive, open, shake, sumOfSquares } from "./locomotion.ts";
import { reacher as model } from "./models/reacher.ts";
import { frames, number, offer } from "./options.ts";

/** The bodies' numbers in the model. */
const [tip, target] = [3, 4];

/**
 * Observation (10, float64): [cosines of the two joints, their sines, target x, y (m), angular velocities (rad/s), tip
 * minus target in x and y (m)]; actions (2): torques in ±1, of 200 N·m. Reward: minus the distance, minus the squares of
 * the torques. Never ends.
 */
export const reacher = offer({
  name: "Reacher-v5",
  about: "Touch a target with the tip of a two-link arm (MuJoCo).",
  maxSteps: 50,
  options: { frame_skip: frames(2), reward_dist_weight: number(1), reward_control_weight: number(1) },
  create(engine, o) {
    return mujocoEnvironment<Float64Array, Float32Array>(engine, {
      name: "Reacher-v5",
      model,
      observationSpace: open(10),
      start({ physics: { views } }, random) {
        shake(views.qpos, random, 0.1);
        let [x, y] = [1, 1];
        while (Math.hypot(x, y) >= 0.2) [x, y] = [random.between(-0.2, 0.2), random.between(-0.2, 0.2)];
        views.qpos.set([x, y], 2);
        shake(views.qvel.subarray(0, 2), random, 0.005);
      },
      advance({ physics }, action) {
        drive(physics, action, o.frame_skip);
        const distance = -apart(physics, tip, target) * o.reward_dist_weight;
        const control = -sumOfSquares(action) * o.reward_control_weight;
        return {
          reward: distance + control,
          terminated: false,
          info: { reward_dist: distance, reward_ctrl: control },
        };
      },
      observe({ physics: { views } }) {
        const { qpos, qvel, xpos } = views;
        const [first, second, x, y] = qpos;
        const turns = [Math.cos(first), Math.cos(second), Math.sin(first), Math.sin(second)];
        const gap = [xpos[3 * tip] - xpos[3 * target], xpos[3 * tip + 1] - xpos[3 * target + 1]];
        return Float64Array.of(...turns, x, y, qvel[0], qvel[1], ...gap);
      },
      view: { from: "top", size: [0.7, 0.7] },
    });
  },
});
