/**
 * MountainCar: Moore (1990), "Efficient memory-based learning for robot control"; constants as Gymnasium's
 * MountainCar-v0 and MountainCarContinuous-v0.
 */
import { box, discrete } from "../../spaces/make.ts";
import type { Environment } from "../environment.ts";
import { simulate, wholeState } from "../simulation.ts";
import { valley } from "./picture.ts";

const leftmost = -1.2;
const rightmost = 0.6;
const fastest = 0.07;
const gravity = 0.0025;
const goal = 0.5;
const continuousGoal = Math.fround(0.45);
const power = Math.fround(0.0015);
const single = Math.fround;

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));
const observationSpace = box([leftmost, -fastest], [rightmost, fastest]);

/** Observation [position, velocity]; actions push left, nothing, right; reward −1 a step until position 0.5. */
export const mountainCar = (): Environment<Float32Array, number> =>
  simulate<Float32Array, number>({
    name: "MountainCar-v0",
    observationSpace,
    actionSpace: discrete(3, { names: ["left", "coast", "right"] }),
    stateSize: 2,
    start(state, random) {
      state[0] = random.between(-0.6, -0.4);
      state[1] = 0;
    },
    advance(state, action) {
      const push = (action - 1) * 0.001 + Math.cos(3 * state[0]) * -gravity;
      state[1] = clamp(state[1] + push, -fastest, fastest);
      state[0] = clamp(state[0] + state[1], leftmost, rightmost);
      if (state[0] === leftmost && state[1] < 0) state[1] = 0;
      return -1;
    },
    ended: (state) => state[0] >= goal && state[1] >= 0,
    observeInto: wholeState,
    draw: (state) => valley(state[0], goal),
  });

const continuousEnd = (state: Float64Array): boolean => state[0] >= continuousGoal && state[1] >= 0;

/** Observation [position, velocity]; action a push in ±1; reward −0.1 push² a step and 100 on reaching 0.45. */
export const mountainCarContinuous = (): Environment<Float32Array, Float32Array> =>
  simulate<Float32Array, Float32Array>({
    name: "MountainCarContinuous-v0",
    observationSpace,
    actionSpace: box(-1, 1),
    stateSize: 2,
    start(state, random) {
      state[0] = random.between(-0.6, -0.4);
      state[1] = 0;
    },
    advance(state, action) {
      // Gymnasium keeps this state in float32, and so rounds after every operation.
      const push = single(single(single(action[0]) * power) - single(gravity * Math.cos(3 * state[0])));
      state[1] = clamp(single(state[1] + push), single(-fastest), single(fastest));
      state[0] = clamp(single(state[0] + state[1]), single(leftmost), single(rightmost));
      if (state[0] === single(leftmost) && state[1] < 0) state[1] = 0;
      return (continuousEnd(state) ? 100 : 0) - action[0] ** 2 * 0.1;
    },
    ended: continuousEnd,
    observeInto: wholeState,
    draw: (state) => valley(state[0], continuousGoal),
  });
