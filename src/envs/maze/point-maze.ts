/** A point mass that must find its way through a maze. After D4RL's Maze2D (arXiv 2004.07219), without MuJoCo. */
import { box } from "../../spaces/make.ts";
import type { Environment, Info } from "../environment.ts";
import { simulate, wholeState } from "../simulation.ts";
import { layoutOf, type MazeOptions, place } from "./options.ts";
import { drawMaze } from "./picture.ts";
import { planner } from "./planner.ts";
import { slide } from "./walls.ts";

/** Seconds a step; force in cells/s² at action 1; damping in 1/s. Speed settles at force / damping = 2 cells/s. */
export const motion = {
  seconds: 0.1,
  force: 5,
  damping: 2.5,
  fastest: 2,
  radius: 0.1,
  goalRadius: 0.45,
  jitter: 0.2,
} as const;

export const arrived: Info = Object.freeze({ success: true });
export const underway: Info = Object.freeze({ success: false });

/**
 * Observation [x, y, vx, vy, goal x, goal y], in cells and cells/s, x to the right and y downwards; action a force in
 * [−1, 1]². A double integrator with damping; walls stop the motion into them and leave that along them. The episode
 * ends within 0.45 of the goal, with reward 1. Starts are spread by ±0.2 about the middle of a cell.
 * @throws Problem "bad-option", "bad-map"
 */
export function pointMaze(options: MazeOptions): Environment<Float32Array, Float32Array> {
  const name = options.name ?? "PointMaze";
  const layout = layoutOf(name, options);
  const { map, noise, dense } = layout;
  const { seconds, force, damping, fastest, radius, goalRadius, jitter } = motion;
  const plan = planner(map, radius);
  const low = [0, 0, -fastest, -fastest, 0, 0];
  const high = [map.columns, map.rows, fastest, fastest, map.columns, map.rows];
  const still = new Float64Array(4);
  const ended = (s: Float64Array): boolean => (s[0] - s[4]) ** 2 + (s[1] - s[5]) ** 2 <= goalRadius ** 2;

  return simulate<Float32Array, Float32Array>({
    name,
    observationSpace: box(low, high),
    actionSpace: box(-1, 1, { shape: [2] }),
    stateSize: 6,
    start(state, random) {
      const [start, goal] = place(layout, random);
      still.set([start[0], start[1], 0, 0]);
      if (typeof layout.start === "string") {
        slide(map, still, random.between(-jitter, jitter), random.between(-jitter, jitter), radius);
      }
      state.set([still[0], still[1], 0, 0, goal[0], goal[1]]);
    },
    advance(state, action, random) {
      for (let axis = 0; axis < 2; axis++) {
        const push = noise === 0 ? action[axis] : Math.max(-1, Math.min(1, action[axis] + noise * random.normal()));
        state[2 + axis] += seconds * (force * push - damping * state[2 + axis]);
      }
      slide(map, state, seconds * state[2], seconds * state[3], radius);
      if (dense) return -plan.distance(state[0], state[1], state[4], state[5]);
      return ended(state) ? 1 : 0;
    },
    ended,
    observeInto: wholeState,
    info: (state) => (ended(state) ? arrived : underway),
    draw: (state) => drawMaze(map, state[0], state[1], state[4], state[5], goalRadius),
  });
}
