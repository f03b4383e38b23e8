/**
 * Ten tasks with one action and one observation, for learning many at once and new ones fast: the part that Meta-World
 * (arXiv 1910.10897) plays, in the plane and with kinematic contacts in place of an arm.
 */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { box } from "../../spaces/make.ts";
import { fold, type Generator, generator, randomKey } from "../../tensor/random.ts";
import type { Environment, Info } from "../environment.ts";
import { parameter } from "../parameters.ts";
import { block, disc, line, type Shape } from "../scene.ts";
import { simulate } from "../simulation.ts";
import { discShape, pushBlock } from "./contact.ts";
import { colours, copyState, faded, fastest, handParameters, moveHand, table, tableScene } from "./hand.ts";
import { checked, checks } from "./options.ts";

/**
 * What each task has. "hand": nothing; "block": a disc that is pushed; "load": one that is taken; "handle": one on a path,
 * moved while held; "knob": one that is pushed along its path.
 */
export const miniMetaTasks = {
  reach: { thing: "hand", path: 0, angle: 0, bend: 0 },
  push: { thing: "block", path: 0, angle: 0, bend: 0 },
  pull: { thing: "load", path: 0, angle: 0, bend: 0 },
  "pick-place": { thing: "load", path: 0, angle: 0, bend: 0 },
  door: { thing: "handle", path: Math.PI / 2, angle: 0, bend: 0.2 },
  "drawer-open": { thing: "handle", path: 0.2, angle: -Math.PI / 2, bend: 0 },
  "drawer-close": { thing: "knob", path: 0.2, angle: Math.PI / 2, bend: 0 },
  button: { thing: "knob", path: 0.08, angle: Math.PI / 2, bend: 0 },
  "peg-insert": { thing: "load", path: 0, angle: 0, bend: 0 },
  window: { thing: "handle", path: 0.25, angle: 0, bend: 0 },
} as const;
export type MiniMetaTask = keyof typeof miniMetaTasks;
export const miniMetaTaskNames = Object.keys(miniMetaTasks) as readonly MiniMetaTask[];

export interface MiniMetaOptions {
  readonly name?: string;
  /** Which of the ten. */
  readonly task: MiniMetaTask;
  /**
   * "random": places anew in each episode; a number: the places of that variation in every episode; two, [first, last]: in
   * each episode one of those variations, for fixed sets of goals. Default "random".
   */
  readonly variation?: Variation;
  /** Whether the goal is left out of the observation (zeros), so that it must be found out. Default false. */
  readonly hideGoal?: boolean;
  /**
   * Whether the hand is mounted another way in each task, its axes turned by 36° times the task's number, so that tasks learned
   * together disagree about what an action does. Alone each is as hard as before. Default false.
   */
  readonly turned?: boolean;
  /** "sparse": 1 while it is done. Default "dense": up to 1 a step, by stages. */
  readonly reward?: "sparse" | "dense";
}
export const miniMetaOptionNames = ["variation", "hideGoal", "turned", "reward"] as const;
type Variation = "random" | number | readonly [first: number, last: number];
const whole = z.number().int().min(0);
const variationCheck = [
  z.union([z.literal("random"), whole, z.tuple([whole, whole]).refine(([first, last]) => first <= last)]),
  '"random", a whole number of at least 0, or two of them [first, last]',
] as const;

const parameters = {
  ...handParameters,
  friction: parameter(0.3, 0, 1, "friction between hand and block"),
  graspTolerance: parameter(0.035, 0.005, 0.06, "distance at which closing takes a thing, table widths"),
  tolerance: parameter(0.05, 0.01, 0.2, "distance from the goal that is near enough, table widths"),
};

/**
 * State: hand (4), closed, held, object x, y, angle, how far along its path (parts), where the path starts x, y, goal x, y, and
 * unseen, how far it was from the goal at the start.
 */
const [closed, held, object, along, origin, goal, span] = [4, 5, 6, 9, 10, 12, 14];
export const miniMetaObservation = 14;
const radius = 0.04;
const shape = discShape(radius);
const slot = { half: 0.03, depth: 0.12 } as const;
const undone: Info = Object.freeze({ success: false });
const done: Info = Object.freeze({ success: true });

/** The place on a path: straight along its angle, or an arc about a hinge `bend` to the left of its beginning. */
export function onPath(task: MiniMetaTask, x: number, y: number, part: number): readonly [number, number] {
  const { path, angle, bend } = miniMetaTasks[task];
  const far = part * path;
  if (bend === 0) return [x + far * Math.cos(angle), y + far * Math.sin(angle)];
  return [x - bend + bend * Math.cos(far), y - bend * Math.sin(far)];
}

/** How far along its path a handle is that the hand drags, in parts; unclamped. */
function partAt(task: MiniMetaTask, s: Float64Array): number {
  const { path, angle, bend } = miniMetaTasks[task];
  const [dx, dy] = [s[0] - s[origin], s[1] - s[origin + 1]];
  if (bend > 0) return Math.atan2(-dy, dx + bend) / path;
  return (dx * Math.cos(angle) + dy * Math.sin(angle)) / path;
}

/**
 * Observation [hand x, y, vx, vy, closed, held, object x, y, angle, part of its path, path's start x, y, goal x, y]; action
 * [vx, vy, grip] in [−1, 1]³, grip > 0 closes. It never ends by itself: `info.success` says whether it is done now, and a
 * task counts as solved when that is true at the last step, or at any (say which).
 * @throws Problem "unknown-name" for a task, "bad-option"
 */
export function miniMeta(options: MiniMetaOptions): Environment<Float32Array, Float32Array> {
  const { task } = options;
  if (!Object.hasOwn(miniMetaTasks, task)) {
    throw problem("unknown-name", { where: "miniMeta", what: "task", name: String(task), known: miniMetaTaskNames });
  }
  const { name = `MiniMeta-${task}-v0` } = options;
  const variation = checked<Variation>(name, "variation", options.variation, variationCheck, "random");
  const hidden = checked(name, "hideGoal", options.hideGoal, checks.flag, false);
  const turn = checked(name, "turned", options.turned, checks.flag, false) ? mounting(task) : undefined;
  const wanted = new Float64Array(2);
  const dense = checked(name, "reward", options.reward, checks.reward, "dense") === "dense";
  const { thing } = miniMetaTasks[task];
  const onRails = thing === "handle" || thing === "knob";
  const remains = (s: Float64Array): number => {
    const at = thing === "hand" ? 0 : object;
    return Math.hypot(s[at] - s[goal], s[at + 1] - s[goal + 1]);
  };
  const achieved = (s: Float64Array, p: { readonly tolerance: number }): boolean =>
    onRails ? s[along] >= 0.9 : remains(s) <= p.tolerance;

  /** How far the hand is from where it has to be: at the thing, or where it touches a block from behind, seen from the goal. */
  const toReach = (s: Float64Array): number => {
    const behind = thing === "block" ? (radius + table.radius) / Math.max(1e-6, remains(s)) : 0;
    const x = s[object] + behind * (s[object] - s[goal]);
    const y = s[object + 1] + behind * (s[object + 1] - s[goal + 1]);
    return Math.hypot(s[0] - x, s[1] - y);
  };

  return simulate<Float32Array, Float32Array, typeof parameters>({
    name,
    observationSpace: box(
      [0, 0, -fastest, -fastest, 0, 0, 0, 0, -20, 0, 0, 0, 0, 0],
      [1, 1, fastest, fastest, 1, 1, 1, 1, 20, 1, 1, 1, 1, 1],
    ),
    actionSpace: box(-1, 1, { shape: [3] }),
    stateSize: miniMetaObservation + 1,
    parameters,
    start(state, random) {
      state.fill(0);
      state[0] = 0.5 + random.between(-0.05, 0.05);
      state[1] = 0.12;
      arrange(
        state,
        task,
        variation === "random" ? random : generator(fold(randomKey(numberOf(variation, random)), task)),
      );
      state[span] = remains(state);
    },
    advance(state, action, random, p) {
      if (turn) rotate(turn, action, wanted);
      moveHand(state, turn ? wanted : action, random, p);
      const closing = action[2] > 0;
      const near = Math.hypot(state[0] - state[object], state[1] - state[object + 1]);
      if (!closing || (state[held] === 1 && near > 0.1)) state[held] = 0;
      const takes = (thing === "load" || thing === "handle") && closing && state[closed] === 0;
      if (takes && near <= p.graspTolerance) state[held] = 1;
      state[closed] = closing ? 1 : 0;
      if (thing === "block") pushBlock(state, object, shape, table.radius, p.friction);
      if (thing === "load" && state[held] === 1) carry(state, task);
      if (thing === "handle" && state[held] === 1) state[along] = Math.max(0, Math.min(1, partAt(task, state)));
      if (thing === "knob") press(state, task);
      if (onRails) state.set(onPath(task, state[origin], state[origin + 1], state[along]), object);
      const finished = achieved(state, p);
      if (!dense || finished) return finished ? 1 : 0;
      const progress = onRails ? state[along] : Math.max(-1, 1 - remains(state) / state[span]);
      if (thing === "hand") return 0.9 * progress;
      const reach = 1 - Math.tanh(5 * toReach(state));
      return 0.2 * reach + 0.2 * state[held] + 0.5 * progress;
    },
    ended: () => false,
    observeInto(state, into, at) {
      copyState(state, into, at, miniMetaObservation);
      if (hidden) into[at + goal] = into[at + goal + 1] = 0;
    },
    info: (state, p) => (achieved(state, p) ? done : undone),
    draw: (state, p) => {
      const shapes: Shape[] = [faded(disc(state[goal], state[goal + 1], p.tolerance, colours[2]), 0.3)];
      if (onRails) {
        const rail = [0, 0.25, 0.5, 0.75, 1].map((part) => onPath(task, state[origin], state[origin + 1], part));
        shapes.push(line(rail, 0.012, "#9aa3b2"));
      }
      if (task === "peg-insert") {
        for (const side of [-1, 1]) {
          const x = state[goal] + side * (slot.half + 0.04);
          shapes.push(block(x, state[goal + 1], 0.08, slot.depth, "#3c4250"));
        }
      }
      if (thing !== "hand") shapes.push(disc(state[object], state[object + 1], onRails ? 0.025 : radius, colours[0]));
      return tableScene(shapes, state[0], state[1], state[closed] === 1);
    },
  });
}

/** How a hand is mounted for a task: cosine and sine of the angle by which its axes are turned. */
export function mounting(task: MiniMetaTask): readonly [cos: number, sin: number] {
  const angle = (2 * Math.PI * miniMetaTaskNames.indexOf(task)) / miniMetaTaskNames.length;
  return [Math.cos(angle), Math.sin(angle)];
}

/** The first two numbers, turned: from the hand's axes to the table's. With the sine's sign changed, back. */
export function rotate(
  [cos, sin]: readonly [number, number],
  from: ArrayLike<number>,
  into: Float64Array | number[],
): void {
  [into[0], into[1]] = [cos * from[0] - sin * from[1], sin * from[0] + cos * from[1]];
}

/** Which variation an episode plays. */
const numberOf = (variation: Exclude<Variation, "random">, random: Generator): number => {
  if (typeof variation === "number") return variation;
  const [first, last] = variation;
  return first + random.integer(last - first + 1);
};

/** Puts the object and the goal of a task. */
function arrange(state: Float64Array, task: MiniMetaTask, random: Generator): void {
  const at = (x: readonly [number, number], y: readonly [number, number]): readonly [number, number] => [
    random.between(...x),
    random.between(...y),
  ];
  const { thing } = miniMetaTasks[task];
  if (thing === "handle" || thing === "knob") {
    const start = at([0.35, 0.6], [0.5, 0.65]);
    state.set([...start, 0, 0, ...start], object);
    state.set(onPath(task, start[0], start[1], 1), goal);
    return;
  }
  const pulled = task === "pull";
  state.set(thing === "hand" ? [0, 0] : at([0.3, 0.7], pulled ? [0.6, 0.75] : [0.3, 0.4]), object);
  const aim =
    task === "peg-insert"
      ? at([0.25, 0.75], [0.75, 0.8])
      : pulled
        ? at([0.3, 0.7], [0.2, 0.35])
        : at([0.2, 0.8], [0.6, 0.85]);
  state.set(aim, goal);
}

/** What is held goes with the hand; a peg enters its slot through the mouth only. */
function carry(state: Float64Array, task: MiniMetaTask): void {
  const [x, y] = [state[object], state[object + 1]];
  state[object] = state[0];
  state[object + 1] = state[1];
  if (task !== "peg-insert") return;
  const beside = Math.abs(state[0] - state[goal]);
  const wall =
    beside > 0.012 &&
    beside < slot.half + 0.08 + radius &&
    Math.abs(state[1] - state[goal + 1]) < slot.depth / 2 + radius;
  if (!wall) return;
  // Stopped at the wall, and the hand with it.
  state.set([x, y, 0, 0]);
  state.set([x, y], object);
}

/** A knob that the hand runs into moves along its path as far as the hand goes. */
function press(state: Float64Array, task: MiniMetaTask): void {
  const { path, angle } = miniMetaTasks[task];
  const [dx, dy] = [state[0] - state[origin], state[1] - state[origin + 1]];
  const forward = dx * Math.cos(angle) + dy * Math.sin(angle) + table.radius + 0.025;
  const aside = Math.abs(dy * Math.cos(angle) - dx * Math.sin(angle));
  const now = state[along] * path;
  // From in front only: a hand that comes from the side or from behind passes over it.
  if (aside < 0.04 && forward > now && forward < now + 0.08) state[along] = Math.min(1, forward / path);
}
