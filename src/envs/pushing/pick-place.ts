/** Picking an object up by one of its handles and putting it, or tossing it, to a target. */
import * as z from "zod";
import { box } from "../../spaces/make.ts";
import type { Environment, Info } from "../environment.ts";
import { parameter } from "../parameters.ts";
import { block, disc, type Shape } from "../scene.ts";
import { simulate } from "../simulation.ts";
import { environmentFactors, objectFactors, obstacleRadius } from "./factors.ts";
import { colours, faded, fastest, handParameters, moveHand, table, tableScene } from "./hand.ts";
import { apart, checked, checks, type Place, placeOf } from "./options.ts";

export interface PickPlaceOptions {
  readonly name?: string;
  /** Which environment (camera, friction, background, obstacles); 0 is plain. Default 0. */
  readonly environment?: number;
  /** Which object (shape, size, mass, handles); 0 is plain. Default 0. */
  readonly object?: number;
  readonly target?: Place;
  /** Where the object starts. Default "random". */
  readonly start?: Place;
  /** "dense": up to 1 a step, in stages: reaching, grasping, carrying. Default "sparse": 1 on success. */
  readonly reward?: "sparse" | "dense";
}

export const pickPlaceOptionNames = ["environment", "object", "target", "start", "reward"] as const;
const numberCheck = [
  z
    .number()
    .int()
    .min(0)
    .max(2 ** 31),
  "a whole number of at least 0",
] as const;
const parameters = {
  ...handParameters,
  slowing: parameter(0.6, 0.1, 3, "deceleration of what slides on the table, table widths/s²"),
  grip: parameter(1, 0.05, 3, "change of velocity in a step beyond which an object of mass 1 slips, table widths/s"),
  graspTolerance: parameter(0.025, 0.005, 0.06, "distance from a handle at which closing takes it, table widths"),
  tolerance: parameter(0.06, 0.01, 0.2, "distance from the target that is near enough, table widths"),
};

/** Places in the state. */
const [closed, held, object, speed, target, handle, carried, stage, lost] = [4, 5, 6, 8, 10, 12, 13, 15, 16];
const seen = 12;
const atRest = 0.02;

const stages: readonly Info[] = [0, 1, 2].map((reached) =>
  Object.freeze({ success: false, stage: reached, score: reached / 3 }),
);
const gone: readonly Info[] = stages.map((info) => Object.freeze({ ...info, failed: true }));
const [byLeft, byRight] = ["left", "right"].map(
  (behaviour): Info => Object.freeze({ success: true, behaviour, behaviours: 2, stage: 3, score: 1 }),
);

/**
 * Observation: 12 as the camera sees them (hand x, y, vx, vy, closed, held, object x, y, vx, vy, target x, y; turned about
 * the table's middle by the camera's angle), the environment's 12 factors, the object's 5. Action [vx, vy, grip] in
 * [−1, 1]³, along the table's axes whatever the camera; grip > 0 closes. Closing at a handle takes the object; opening
 * lets it go with the hand's velocity, and it slides. Ends with reward 1 when the object rests at the target, and
 * without when it slides off the table. `info.stage` is 0, 1 (reached), 2 (grasped), 3 (there), `info.score` a third of it;
 * `info.behaviour` the handle it was taken by.
 * @throws Problem "bad-option"
 */
export function pickPlace(options: PickPlaceOptions = {}): Environment<Float32Array, Float32Array> {
  const { name = "PickPlace-v0" } = options;
  const surroundings = environmentFactors(checked(name, "environment", options.environment, numberCheck, 0));
  const thing = objectFactors(checked(name, "object", options.object, numberCheck, 0));
  const aim: Place = checked<Place>(name, "target", options.target, checks.place, "random");
  const from: Place = checked<Place>(name, "start", options.start, checks.place, "random");
  const dense = checked(name, "reward", options.reward, checks.reward, "sparse") === "dense";
  const [angle, friction] = surroundings;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [square, radius, mass, handleX, handleY] = thing;
  const obstacles = [
    [surroundings[8], surroundings[9]],
    [surroundings[10], surroundings[11]],
  ] as const;
  const toTarget = (s: Float64Array): number => Math.hypot(s[object] - s[target], s[object + 1] - s[target + 1]);
  const toHandle = (s: Float64Array, side: number): number =>
    Math.hypot(s[0] - s[object] - side * handleX, s[1] - s[object + 1] - side * handleY);
  const placed = (s: Float64Array, tolerance: number): boolean =>
    s[stage] >= 2 && s[held] === 0 && toTarget(s) <= tolerance && Math.hypot(s[speed], s[speed + 1]) <= atRest;

  return simulate<Float32Array, Float32Array, typeof parameters>({
    name,
    observationSpace: box(
      [-0.3, -0.3, -fastest, -fastest, 0, 0, -0.3, -0.3, -fastest, -fastest, -0.3, -0.3, ...factorLow],
      [1.3, 1.3, fastest, fastest, 1, 1, 1.3, 1.3, fastest, fastest, 1.3, 1.3, ...factorHigh],
    ),
    actionSpace: box(-1, 1, { shape: [3] }),
    stateSize: 17,
    parameters,
    start(state, random) {
      state.fill(0);
      const free = (low: number, high: number, others: readonly (readonly [number, number])[]) =>
        apart(() => [random.between(low, high), random.between(0.15, 0.85)], [...others], 0.15);
      const goal = aim === "random" ? free(0.2, 0.8, obstacles) : placeOf(aim, random);
      const begin = from === "random" ? free(0.2, 0.8, [...obstacles, goal, goal]) : placeOf(from, random);
      state.set([0.5 + random.between(-0.1, 0.1), 0.08, 0, 0, 0, 0, ...begin, 0, 0, ...goal]);
    },
    advance(state, action, random, p) {
      const [vx, vy] = [state[2], state[3]];
      const weight = 1 + 0.5 * state[held] * (mass - 1);
      moveHand(state, action, random, weight === 1 ? p : { ...p, response: Math.min(1, p.response / weight) });
      for (const [x, y] of obstacles) {
        const [dx, dy] = [state[0] - x, state[1] - y];
        const distance = Math.hypot(dx, dy);
        const clear = obstacleRadius + table.radius;
        if (distance >= clear) continue;
        state[0] = x + ((dx || 1e-9) * clear) / Math.max(distance, 1e-9);
        state[1] = y + (dy * clear) / Math.max(distance, 1e-9);
      }
      const closing = action[2] > 0;
      const side = toHandle(state, 1) <= toHandle(state, -1) ? 1 : -1;
      if (state[stage] < 1 && toHandle(state, side) < 2 * p.graspTolerance) state[stage] = 1;
      if (state[held] === 1) {
        const slips = mass * Math.hypot(state[2] - vx, state[3] - vy) > p.grip;
        if (!closing || slips) {
          state[held] = 0;
          state[speed] = state[2];
          state[speed + 1] = state[3];
        }
      } else if (closing && state[closed] === 0 && toHandle(state, side) <= p.graspTolerance) {
        state[held] = 1;
        state[stage] = Math.max(2, state[stage]);
        state[handle] = side;
        state[carried] = state[object] - state[0];
        state[carried + 1] = state[object + 1] - state[1];
      }
      state[closed] = closing ? 1 : 0;
      if (state[held] === 1) {
        for (let axis = 0; axis < 2; axis++) {
          state[object + axis] = state[axis] + state[carried + axis];
          state[speed + axis] = state[2 + axis];
        }
      } else slide(state, table.seconds * p.slowing * friction);
      if (dense) {
        if (placed(state, p.tolerance)) return 1;
        const reach = 1 - Math.min(1, 2 * toHandle(state, side));
        return state[held] === 1 ? 0.4 + 0.5 * (1 - Math.min(1, toTarget(state))) : 0.2 * reach;
      }
      return placed(state, p.tolerance) ? 1 : 0;
    },
    ended: (state, p) => state[lost] === 1 || placed(state, p.tolerance),
    observeInto(state, into, at) {
      for (const i of [0, object, target]) {
        const [x, y] = [state[i] - 0.5, state[i + 1] - 0.5];
        into[at + i] = 0.5 + cos * x - sin * y;
        into[at + i + 1] = 0.5 + sin * x + cos * y;
      }
      for (const i of [2, speed]) {
        into[at + i] = cos * state[i] - sin * state[i + 1];
        into[at + i + 1] = sin * state[i] + cos * state[i + 1];
      }
      into[at + closed] = state[closed];
      into[at + held] = state[held];
      for (let i = 0; i < 12; i++) into[at + seen + i] = surroundings[i];
      for (let i = 0; i < 5; i++) into[at + seen + 12 + i] = thing[i];
    },
    info(state, p) {
      if (state[lost] === 1) return gone[state[stage]];
      if (!placed(state, p.tolerance)) return stages[state[stage]];
      return state[handle] < 0 ? byLeft : byRight;
    },
    draw(state, p) {
      const [x, y] = [state[object], state[object + 1]];
      const body: Shape =
        square === 1 ? block(x, y, 2 * radius, 2 * radius, colours[1]) : disc(x, y, radius, colours[1]);
      const handles = [1, -1].map((s) => disc(x + s * handleX, y + s * handleY, 0.012, "#f6d860"));
      const goal = faded(disc(state[target], state[target + 1], p.tolerance + 0.02, colours[2]), 0.3);
      const stones = obstacles.map(([ox, oy]) => disc(ox, oy, obstacleRadius, "#8a8f9c"));
      return tableScene([goal, ...stones, body, ...handles], state[0], state[1], state[closed] === 1);
    },
  });
}

/** Numbers of the factors, for the bounds of observations. */
const factorLow = [-1, 0, ...new Array<number>(6).fill(-1), 0, 0, 0, 0, 0, 0, 0, -0.1, -0.1];
const factorHigh = [1, 3, ...new Array<number>(6).fill(1), 1, 1, 1, 1, 1, 1, 3, 0.1, 0.1];

/** What lies on the table slides on, slower by `loss`; off its edge it is lost. */
function slide(state: Float64Array, loss: number): void {
  const fast = Math.hypot(state[speed], state[speed + 1]);
  const kept = fast <= loss ? 0 : 1 - loss / fast;
  for (let axis = 0; axis < 2; axis++) {
    state[speed + axis] *= kept;
    state[object + axis] += table.seconds * state[speed + axis];
    if (state[object + axis] < 0 || state[object + axis] > 1) {
      state[lost] = 1;
      state[object + axis] = Math.max(0, Math.min(1, state[object + axis]));
    }
  }
}
