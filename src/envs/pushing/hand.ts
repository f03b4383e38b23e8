/** The hand that all of these worlds have: a point mass of a small radius over a table of size 1 × 1, seen from above. */
import type { Generator } from "../../tensor/random.ts";
import type { Info } from "../environment.ts";
import type { Numbers } from "../in-place.ts";
import { type ParameterValues, parameter } from "../parameters.ts";
import { disc, type Scene, type Shape } from "../scene.ts";

/** Seconds a step, and the hand's radius in widths of the table. */
export const table = { seconds: 0.1, radius: 0.02 } as const;

export const handParameters = {
  speed: parameter(0.5, 0.05, 2, "top speed of the hand, table widths/s"),
  response: parameter(0.6, 0.05, 1, "share of a wanted change of velocity that one step makes"),
  systemNoise: parameter(0, 0, 2, "standard deviation that the world adds to each component of an action"),
};
export type HandValues = ParameterValues<typeof handParameters>;

/** State 0 … 3 is [x, y, vx, vy]; the action's first two numbers are the wanted velocity in parts of the top speed. */
export function moveHand(state: Float64Array, action: ArrayLike<number>, random: Generator, p: HandValues): void {
  for (let axis = 0; axis < 2; axis++) {
    const wanted = p.systemNoise === 0 ? action[axis] : action[axis] + p.systemNoise * random.normal();
    state[2 + axis] += p.response * (p.speed * wanted - state[2 + axis]);
    const place = state[axis] + table.seconds * state[2 + axis];
    state[axis] = Math.max(0, Math.min(1, place));
    if (place !== state[axis]) state[2 + axis] = 0;
  }
}

/** Beyond what the hand's velocity can reach, for the bounds of observations: noise may push it over its top speed. */
export const fastest = 8;

export const underway: Info = Object.freeze({ success: false });
export const failed: Info = Object.freeze({ success: false, failed: true });

/**
 * What a success was: `behaviour`, which of the right ways it was, and `behaviours`, how many there are. They are there
 * on success only, so that failures never count as diversity (D3IL, arXiv 2402.14606).
 */
export const succeeded = (behaviour: string, behaviours: number): Info => ({ success: true, behaviour, behaviours });

/** Writes the first `count` numbers of the state. */
export function copyState(state: Float64Array, into: Numbers, at: number, count: number): void {
  for (let i = 0; i < count; i++) into[at + i] = state[i];
}

/** The table with what is on it, and the hand above. */
export const tableScene = (shapes: readonly Shape[], x: number, y: number, closed = false): Scene => ({
  x: -0.02,
  y: -0.02,
  width: 1.04,
  height: 1.04,
  background: "#f4f1ea",
  shapes: [...shapes, disc(x, y, table.radius, closed ? "#1b1f27" : "#4a5568")],
});

export const faded = (shape: Shape, opacity: number): Shape => ({ ...shape, opacity }) as Shape;

/** Colours of kinds of block, and of the places they belong to. */
export const colours = ["#d1495b", "#1668b8", "#2e8b57", "#c77c02", "#6f4fa0", "#4d4d4d"] as const;
