/** Pusher-v5, as Gymnasium's: an arm of seven joints that pushes a cylinder to a goal on a table. */
import { mujocoEnvironment } from "./environment.ts";
import { apart, drive, open, shake, sumOfSquares } from "./locomotion.ts";
import { pusher as model } from "./models/pusher.ts";
import { frames, number, offer } from "./options.ts";

/** The bodies' numbers in the model. */
const [tip, object, goal] = [10, 11, 12];

/**
 * Observation (23, float64): [angles of the seven joints (rad), their velocities, then the places of the arm's tip, the
 * object and the goal, x y z each (m)]; actions (7): torques in ±2 N·m. Reward: minus the object's distance to the goal,
 * minus half of the tip's to the object, minus a tenth of the squares of the torques. Never ends.
 */
export const pusher = offer({
  name: "Pusher-v5",
  about: "Push a cylinder to a goal with an arm of seven joints (MuJoCo).",
  maxSteps: 100,
  options: {
    frame_skip: frames(5),
    reward_near_weight: number(0.5),
    reward_dist_weight: number(1),
    reward_control_weight: number(0.1),
  },
  create(engine, o) {
    return mujocoEnvironment<Float64Array, Float32Array>(engine, {
      name: "Pusher-v5",
      model,
      observationSpace: open(23),
      start({ physics: { views } }, random) {
        let [y, x] = [0, 0];
        while (Math.hypot(y, x) <= 0.17) [y, x] = [random.between(-0.3, 0), random.between(-0.2, 0.2)];
        views.qpos.set([y, x, 0, 0], 7);
        shake(views.qvel.subarray(0, 7), random, 0.005);
      },
      advance({ physics }, action) {
        drive(physics, action, o.frame_skip);
        const near = -apart(physics, object, tip) * o.reward_near_weight;
        const distance = -apart(physics, object, goal) * o.reward_dist_weight;
        const control = -sumOfSquares(action) * o.reward_control_weight;
        return {
          reward: distance + control + near,
          terminated: false,
          info: { reward_dist: distance, reward_ctrl: control, reward_near: near },
        };
      },
      observe({ physics: { views } }) {
        const { qpos, qvel, xpos } = views;
        const seen = new Float64Array(23);
        seen.set(qpos.subarray(0, 7));
        seen.set(qvel.subarray(0, 7), 7);
        for (const [i, body] of [tip, object, goal].entries()) {
          seen.set(xpos.subarray(3 * body, 3 * body + 3), 14 + 3 * i);
        }
        return seen;
      },
      view: { from: "top", middle: [0.4, -0.1], size: [1.8, 1.6] },
    });
  },
});
