/**
 * A track of gaps and hurdles for a point that runs and jumps: two numbers make a task. The fast stand-in for the
 * parametric terrains of TeachMyAgent (arXiv 2103.09815), without an engine; reward scaled as theirs, so that 230 of 300
 * is a task mastered.
 */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { box, discrete } from "../../spaces/make.ts";
import { checkDials, type Demonstrator } from "../demonstrator.ts";
import type { Environment, Info } from "../environment.ts";
import { type ParameterValues, parameter, withValues } from "../parameters.ts";
import { block, disc, polygon, type Shape } from "../scene.ts";
import { simulate } from "../simulation.ts";

const seconds = 0.05;
const obstacles = 6;
const hurdleWidth = 0.3;
const runUp = 4;
const deepest = -2;

const parameters = {
  gap: parameter(1, 0, 8, "width of each gap, m, 0: none; from the next episode on"),
  hurdle: parameter(0.5, 0, 3, "height of each hurdle, m, 0: none; from the next episode on"),
  gravity: parameter(12, 2, 30, "gravity, m/s²"),
  push: parameter(8, 1, 20, "acceleration of a full push, m/s²"),
  drag: parameter(2, 0.2, 5, "drag, 1/s; a full push settles at push / drag"),
  jump: parameter(6, 1, 12, "speed of a jump, m/s"),
  airControl: parameter(0.5, 0, 1, "share of push and drag that is left in the air"),
};
type Values = ParameterValues<typeof parameters>;

export interface JumpTrackOptions {
  readonly name?: string;
  /** Width of the gaps, m, 0 to 8. Default 1. */
  readonly gap?: number;
  /** Height of the hurdles, m, 0 to 3. Default 0.5. */
  readonly hurdle?: number;
  /** "discrete": wait, run, jump, run and jump, back. Default "continuous": [push, jump] in [−1, 1]². */
  readonly actions?: "continuous" | "discrete";
}
export const jumpTrackOptionNames = ["gap", "hurdle", "actions"] as const;
const actionsCheck = z.enum(["continuous", "discrete"]);

/** State: x, z, vx, vz, on the ground, gap, hurdle, then where each obstacle begins; gaps are even, hurdles odd. */
const [ground, gapAt, hurdleAt, places] = [4, 5, 6, 7];
const running: Info = Object.freeze({ success: false });
const arrived: Info = Object.freeze({ success: true });
const fallen: Info = Object.freeze({ success: false, failed: true });
const far = 10;
const choices = [
  [0, -1],
  [1, -1],
  [0, 1],
  [1, 1],
  [-1, -1],
] as const;
const spaces = {
  observation: box(
    [-3, -20, -20, 0, ...[1, 2].flatMap(() => [-far, -far, -1])],
    [far, 20, 20, 1, ...[1, 2].flatMap(() => [far, far, 3])],
  ),
  continuous: box(-1, 1, { shape: [2] }),
  discrete: discrete(choices.length, { names: ["wait", "run", "jump", "run and jump", "back"] }),
};

const widthOf = (s: Float64Array, i: number): number => (i % 2 === 0 ? s[gapAt] : s[hurdleAt] > 0 ? hurdleWidth : 0);
const lengthOf = (s: Float64Array): number => s[places + obstacles - 1] + widthOf(s, obstacles - 1) + runUp;

/** The height of what is under x; deep in a gap. */
function floorAt(s: Float64Array, x: number): number {
  for (let i = 0; i < obstacles; i++) {
    const begin = s[places + i];
    if (x < begin) return 0;
    if (x < begin + widthOf(s, i)) return i % 2 === 0 ? deepest : s[hurdleAt];
  }
  return 0;
}

/**
 * Observation [height, vx, vz, on the ground, then for each of the next two obstacles: how far its beginning is, its end,
 * and its height (−1: a gap)], in m and m/s. Action [push, jump]: a jump is made from the ground when its number is above
 * 0. Reward 300 for the whole way in parts of it, −0.05 push² a step, −100 for a fall, which ends the episode, as the end
 * of the track does. `info.success`: the end. A hurdle stops who runs into it, and one may stand on it.
 * @throws Problem "bad-option" for a value out of its range
 */
export function jumpTrack(options: JumpTrackOptions = {}): Environment {
  const { name = "JumpTrack-v0", actions = "continuous" } = options;
  if (!actionsCheck.safeParse(actions).success) {
    throw problem("bad-option", { where: name, name: "actions", given: actions, wanted: '"continuous" or "discrete"' });
  }
  return simulate<Float32Array, Float32Array | number, typeof parameters>({
    name,
    observationSpace: spaces.observation,
    actionSpace: actions === "discrete" ? spaces.discrete : spaces.continuous,
    stateSize: places + obstacles,
    parameters: withValues(name, parameters, { gap: options.gap, hurdle: options.hurdle }),
    start(state, random, p) {
      state.fill(0);
      state.set([0, 0, 0, 0, 1, p.gap, p.hurdle]);
      let x = 0;
      for (let i = 0; i < obstacles; i++) {
        x += runUp + random.between(0, 2);
        state[places + i] = x;
        x += widthOf(state, i);
      }
    },
    advance(state, action, _random, p) {
      const [push, jump] = typeof action === "number" ? choices[action] : action;
      const before = Math.min(state[0], lengthOf(state));
      move(state, push, jump > 0, p);
      if (state[1] <= deepest) return -100;
      return (300 * (Math.min(state[0], lengthOf(state)) - before)) / lengthOf(state) - 0.05 * push * push;
    },
    ended: (state) => state[1] <= deepest || state[0] >= lengthOf(state),
    observeInto(state, into, at) {
      into[at] = Math.max(-3, Math.min(far, state[1]));
      into[at + 1] = state[2];
      into[at + 2] = Math.max(-20, state[3]);
      into[at + 3] = state[ground];
      let next = 0;
      while (next < obstacles && state[places + next] + widthOf(state, next) <= state[0]) next++;
      for (let k = 0; k < 2; k++) {
        const i = next + k;
        const begin = i < obstacles ? state[places + i] - state[0] : far;
        const end = i < obstacles ? begin + widthOf(state, i) : far;
        into[at + 4 + 3 * k] = Math.max(-far, Math.min(far, begin));
        into[at + 5 + 3 * k] = Math.max(-far, Math.min(far, end));
        into[at + 6 + 3 * k] = i >= obstacles ? 0 : i % 2 === 0 ? -1 : state[hurdleAt];
      }
    },
    info: (state) => (state[1] <= deepest ? fallen : state[0] >= lengthOf(state) ? arrived : running),
    draw(state) {
      const shapes: Shape[] = [];
      let from = state[0] - 6;
      for (let i = 0; i < obstacles; i++) {
        const [begin, width] = [state[places + i], widthOf(state, i)];
        if (i % 2 === 1) shapes.push(block(begin + width / 2, state[hurdleAt] / 2, width, state[hurdleAt], "#8a8f9c"));
        else {
          shapes.push(land(from, begin));
          from = begin + width;
        }
      }
      shapes.push(land(from, Math.max(from, state[0] + 20)), block(lengthOf(state), 1, 0.1, 2, "#2e8b57"));
      shapes.push(disc(state[0], state[1] + 0.25, 0.25, "#d1495b"));
      return { x: state[0] - 4, y: deepest, width: 14, height: 7, background: "#eef1f6", shapes };
    },
  }) as Environment;
}

const land = (from: number, to: number): Shape =>
  polygon(
    [
      [from, deepest],
      [to, deepest],
      [to, 0],
      [from, 0],
    ],
    "#7fae6a",
  );

/** One step of running, jumping, falling, and being stopped by what is higher than the feet. */
function move(state: Float64Array, push: number, jump: boolean, p: Values): void {
  const grip = state[ground] === 1 ? 1 : p.airControl;
  state[2] += seconds * grip * (p.push * push - p.drag * state[2]);
  if (jump && state[ground] === 1) state[3] = p.jump;
  else if (state[ground] === 0) state[3] -= seconds * p.gravity;
  // Parts shorter than a hurdle is wide, so that none is jumped through.
  const parts = Math.max(1, Math.ceil((Math.abs(state[2]) * seconds) / 0.1));
  for (let part = 0; part < parts; part++) {
    const x = state[0] + (seconds * state[2]) / parts;
    const feet = state[1] + (seconds * state[3]) / parts;
    if (x < 0 || floorAt(state, x) > Math.max(state[1], feet) + 1e-9) state[2] = 0;
    else state[0] = x;
    const floor = floorAt(state, state[0]);
    state[1] = Math.max(floor, feet);
    if (feet <= floor && state[3] <= 0) state[3] = 0;
    state[ground] = state[1] <= floor + 1e-9 && state[3] <= 0 ? 1 : 0;
  }
}

/**
 * Runs, and jumps at the last moment that will do; `skill` is the chance of jumping when it should.
 * @throws Problem "bad-option" for a skill outside [0, 1]
 */
export function trackRunner({
  skill = 1,
  actions = "continuous",
}: {
  readonly skill?: number;
  readonly actions?: "continuous" | "discrete";
} = {}): Demonstrator<Float32Array, Float32Array | number> {
  checkDials("trackRunner", { skill });
  const [jump, gravity] = [parameters.jump.value, parameters.gravity.value];
  return {
    name: `track-runner-skill-${skill}`,
    observationSpace: spaces.observation,
    actionSpace: actions === "discrete" ? spaces.discrete : spaces.continuous,
    memorySize: 0,
    decide([, vx, , standing, begin, end, height], _memory, random) {
      const near = 1.1 * vx * seconds + 0.05;
      // Up to a hurdle's height it takes a time, and so a distance.
      const rise =
        height > 0 ? (jump - Math.sqrt(Math.max(0, jump * jump - 2 * gravity * (height + 0.1)))) / gravity : 0;
      const due = height === 0 || end <= begin ? false : height < 0 ? begin < near : begin < near + rise * vx;
      const jumps = standing === 1 && due && begin > 0 && (random === undefined || random.uniform() < skill);
      if (actions === "discrete") return jumps ? 3 : 1;
      return Float32Array.of(1, jumps ? 1 : -1);
    },
  };
}
