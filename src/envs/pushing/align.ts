/** Aligning: pushing an open box to a place and an angle, from within or from without. After D3IL's Aligning. */
import * as z from "zod";
import { box } from "../../spaces/make.ts";
import type { Environment, Info } from "../environment.ts";
import { parameter } from "../parameters.ts";
import { block, type Point, polygon, type Shape } from "../scene.ts";
import { simulate } from "../simulation.ts";
import { cupShape, found, pushBlock } from "./contact.ts";
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
import { checked, checks } from "./options.ts";

export interface AlignOptions {
  readonly name?: string;
  /** Largest difference between the angles of start and target, rad, at most π. Default 0.6. */
  readonly turn?: number;
  /** "dense": minus the distance and a tenth of the angle that remain. Default "sparse". */
  readonly reward?: "sparse" | "dense";
}

export const alignOptionNames = ["turn", "reward"] as const;
const turnCheck = [z.number().min(0).max(Math.PI), "a number from 0 to π"] as const;
const parameters = {
  ...handParameters,
  friction: parameter(0.3, 0, 1, "friction between hand and box"),
  tolerance: parameter(0.04, 0.005, 0.2, "distance from the target that is near enough, table widths"),
  angleTolerance: parameter(0.2, 0.02, 1, "difference from the target's angle that is small enough, rad"),
};
export const cup = { half: 0.1, wall: 0.025 } as const;
export const cupForm = cupShape(cup.half, cup.wall);

/** State: hand (4), box x, y, angle, target x, y, angle, steps of contact from within and from without. */
const [boxAt, target, within, without] = [4, 7, 10, 11];
const inside: Info = Object.freeze(succeeded("inside", 2));
const outside: Info = Object.freeze(succeeded("outside", 2));

/** An angle in [−π, π). */
export const turned = (angle: number): number => angle - 2 * Math.PI * Math.floor((angle + Math.PI) / (2 * Math.PI));

/** Whether the last contact was with a face that looks into the box. */
function fromWithin(angle: number): boolean {
  const u = Math.cos(angle) * found.nx + Math.sin(angle) * found.ny;
  const v = Math.cos(angle) * found.ny - Math.sin(angle) * found.nx;
  return found.rectangle === 0 ? u < -0.7 : found.rectangle === 1 ? u > 0.7 : v < -0.7;
}

/**
 * Observation [hand x, y, vx, vy, box x, y, cos, sin of its angle, target x, y, cos, sin]; action a velocity in [−1, 1]².
 * The box is open towards its own +y. Ends with reward 1 when place and angle are within tolerance. `info.behaviour`:
 * "inside" or "outside", from where it was pushed for more steps.
 * @throws Problem "bad-option"
 */
export function align(options: AlignOptions = {}): Environment<Float32Array, Float32Array> {
  const { name = "Align-v0" } = options;
  const turn = checked(name, "turn", options.turn, turnCheck, 0.6);
  const dense = checked(name, "reward", options.reward, checks.reward, "sparse") === "dense";
  const distance = (s: Float64Array): number => Math.hypot(s[boxAt] - s[target], s[boxAt + 1] - s[target + 1]);
  const lean = (s: Float64Array): number => Math.abs(turned(s[boxAt + 2] - s[target + 2]));
  const aligned = (s: Float64Array, p: { readonly tolerance: number; readonly angleTolerance: number }): boolean =>
    distance(s) <= p.tolerance && lean(s) <= p.angleTolerance;
  const low = [0, 0, -fastest, -fastest, 0, 0, -1, -1, 0, 0, -1, -1];
  const high = [1, 1, fastest, fastest, 1, 1, 1, 1, 1, 1, 1, 1];

  return simulate<Float32Array, Float32Array, typeof parameters>({
    name,
    observationSpace: box(low, high),
    actionSpace: box(-1, 1, { shape: [2] }),
    stateSize: 12,
    parameters,
    start(state, random) {
      state.fill(0);
      const angle = random.between(-0.5, 0.5);
      const [x, y] = [random.between(0.35, 0.65), random.between(0.35, 0.5)];
      const way = random.between(0, 2 * Math.PI);
      const far = random.between(0.12, 0.25);
      const limit = (v: number): number => Math.max(0.2, Math.min(0.8, v));
      state.set([0.5 + random.between(-0.1, 0.1), 0.92, 0, 0, x, y, angle]);
      const aim = [limit(x + far * Math.cos(way)), limit(y + far * Math.sin(way))];
      state.set([...aim, angle + random.between(-turn, turn)], target);
    },
    advance(state, action, random, p) {
      moveHand(state, action, random, p);
      if (pushBlock(state, boxAt, cupForm, table.radius, p.friction)) {
        state[fromWithin(state[boxAt + 2]) ? within : without]++;
      }
      if (dense) return -distance(state) - 0.1 * lean(state);
      return aligned(state, p) ? 1 : 0;
    },
    ended: aligned,
    observeInto(state, into, at) {
      copyState(state, into, at, 6);
      into[at + 6] = Math.cos(state[boxAt + 2]);
      into[at + 7] = Math.sin(state[boxAt + 2]);
      into[at + 8] = state[target];
      into[at + 9] = state[target + 1];
      into[at + 10] = Math.cos(state[target + 2]);
      into[at + 11] = Math.sin(state[target + 2]);
    },
    info: (state, p) => (!aligned(state, p) ? underway : state[within] > state[without] ? inside : outside),
    draw(state) {
      const [x, y] = [state[boxAt], state[boxAt + 1]];
      const goal = cupDrawn(state[target], state[target + 1], state[target + 2], colours[2]);
      const shapes = [...goal.map((shape) => faded(shape, 0.35)), ...cupDrawn(x, y, state[boxAt + 2], colours[1])];
      return tableScene(shapes, state[0], state[1]);
    },
  });
}

const cupDrawn = (x: number, y: number, angle: number, fill: string): Shape[] =>
  cupForm.rectangles.map(([cx, cy, hw, hh]) => {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const flat = block(cx, cy, 2 * hw, 2 * hh, fill);
    const corners = flat.kind === "polygon" ? flat.points : [];
    return polygon(
      corners.map(([u, v]): Point => [x + cos * u - sin * v, y + sin * u + cos * v]),
      fill,
    );
  });
