/** Pushing one block to a target. */
import * as z from "zod";
import { box } from "../../spaces/make.ts";
import type { Environment, Info } from "../environment.ts";
import { parameter } from "../parameters.ts";
import { block, disc, type Shape } from "../scene.ts";
import { simulate } from "../simulation.ts";
import { boxShape, discShape, pushBlock } from "./contact.ts";
import {
  colours,
  copyState,
  faded,
  fastest,
  handParameters,
  moveHand,
  succeeded,
  table,
  tableScene,
  underway,
} from "./hand.ts";
import { apart, checked, checks, type Place, placeOf } from "./options.ts";

export interface PushOptions {
  readonly name?: string;
  /** Default "disc". */
  readonly shape?: "disc" | "box";
  /** Where the target is. Default "random". */
  readonly target?: Place;
  /** Where the block starts. Default "random". */
  readonly block?: Place;
  /** "dense": minus the block's distance from the target and a tenth of the hand's from the block. Default "sparse". */
  readonly reward?: "sparse" | "dense";
}

export const pushOptionNames = ["shape", "target", "block", "reward"] as const;
const shapeCheck = [z.enum(["disc", "box"]), '"disc" or "box"'] as const;
const parameters = {
  ...handParameters,
  friction: parameter(0.3, 0, 1, "friction between hand and block"),
  tolerance: parameter(0.04, 0.005, 0.2, "distance from the target that is near enough, table widths"),
};
export const blockRadius = 0.05;
const shapes = { disc: discShape(blockRadius), box: boxShape(0.06, 0.04) };

/** State: hand (4), block x, y, angle, target x, y, the side on which the hand last passed the block (1: left). */
const [blockAt, target, side] = [4, 7, 9];
const left: Info = Object.freeze(succeeded("left", 2));
const right: Info = Object.freeze(succeeded("right", 2));

/**
 * Observation [hand x, y, vx, vy, block x, y, cos, sin of its angle, target x, y]; action a velocity in [−1, 1]². The hand
 * starts on the target's side of the block, so that it must go round it. Ends with reward 1 when the block is at the
 * target. `info.behaviour`: "left" or "right", the side on which the hand last went behind the block, looking to the target.
 * @throws Problem "bad-option"
 */
export function push(options: PushOptions = {}): Environment<Float32Array, Float32Array> {
  const { name = "Push-v0" } = options;
  const kind = checked(name, "shape", options.shape, shapeCheck, "disc");
  const dense = checked(name, "reward", options.reward, checks.reward, "sparse") === "dense";
  const place: Place = checked<Place>(name, "target", options.target, checks.place, "random");
  const from: Place = checked<Place>(name, "block", options.block, checks.place, "random");
  const shape = shapes[kind];
  const distance = (s: Float64Array): number => Math.hypot(s[blockAt] - s[target], s[blockAt + 1] - s[target + 1]);

  return simulate<Float32Array, Float32Array, typeof parameters>({
    name,
    observationSpace: box([0, 0, -fastest, -fastest, 0, 0, -1, -1, 0, 0], [1, 1, fastest, fastest, 1, 1, 1, 1, 1, 1]),
    actionSpace: box(-1, 1, { shape: [2] }),
    stateSize: 10,
    parameters,
    start(state, random) {
      state.fill(0);
      const goal = placeOf(place, random);
      const start = from === "random" ? apart(() => placeOf("random", random, 0.25, 0.75), [goal], 0.2) : from;
      const ahead = (x: number, y: number): boolean =>
        (x - start[0]) * (goal[0] - start[0]) + (y - start[1]) * (goal[1] - start[1]) > 0;
      let hand = apart(() => placeOf("random", random, 0.05, 0.95), [start], 0.12);
      for (let tries = 0; tries < 100 && !ahead(...hand); tries++) {
        hand = apart(() => placeOf("random", random, 0.05, 0.95), [start], 0.12);
      }
      state.set([...hand, 0, 0, ...start, kind === "box" ? random.between(-Math.PI, Math.PI) : 0, ...goal, 0]);
    },
    advance(state, action, random, p) {
      const [dx, dy] = [state[target] - state[blockAt], state[target + 1] - state[blockAt + 1]];
      const along = (): number => dx * (state[0] - state[blockAt]) + dy * (state[1] - state[blockAt + 1]);
      const before = along();
      moveHand(state, action, random, p);
      if (before > 0 && along() <= 0) {
        state[side] = dx * (state[1] - state[blockAt + 1]) - dy * (state[0] - state[blockAt]) >= 0 ? 1 : -1;
      }
      pushBlock(state, blockAt, shape, table.radius, p.friction);
      if (dense) return -distance(state) - 0.1 * Math.hypot(state[0] - state[blockAt], state[1] - state[blockAt + 1]);
      return distance(state) <= p.tolerance ? 1 : 0;
    },
    ended: (state, p) => distance(state) <= p.tolerance,
    observeInto(state, into, at) {
      copyState(state, into, at, 6);
      into[at + 6] = Math.cos(state[blockAt + 2]);
      into[at + 7] = Math.sin(state[blockAt + 2]);
      into[at + 8] = state[target];
      into[at + 9] = state[target + 1];
    },
    info: (state, p) => (distance(state) > p.tolerance ? underway : state[side] >= 0 ? left : right),
    draw(state, p) {
      const [x, y, angle] = [state[blockAt], state[blockAt + 1], state[blockAt + 2]];
      const it: Shape =
        kind === "disc" ? disc(x, y, blockRadius, colours[0]) : block(x, y, 0.12, 0.08, colours[0], angle);
      const mark = disc(state[target], state[target + 1], blockRadius + p.tolerance, colours[2]);
      return tableScene([faded(mark, 0.3), it], state[0], state[1]);
    },
  });
}
