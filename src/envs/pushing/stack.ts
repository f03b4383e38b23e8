/** Stacking blocks on one place, in any order. After D3IL's Stacking (arXiv 2402.14606), seen from above. */
import * as z from "zod";
import { box } from "../../spaces/make.ts";
import type { Environment, Info } from "../environment.ts";
import { parameter } from "../parameters.ts";
import { block, type Shape } from "../scene.ts";
import { simulate } from "../simulation.ts";
import { colours, faded, fastest, handParameters, moveHand, succeeded, tableScene, underway } from "./hand.ts";
import { apart, checked, checks } from "./options.ts";

export interface StackOptions {
  readonly name?: string;
  /** How many, from 1 to 4. Default 3. */
  readonly blocks?: number;
  /** Whether the blocks start elsewhere in each episode. Default true. */
  readonly randomStarts?: boolean;
  /** "dense": 1 a block when it is stacked. Default "sparse": 1 when all are. */
  readonly reward?: "sparse" | "dense";
}

export const stackOptionNames = ["blocks", "randomStarts", "reward"] as const;
const countCheck = [z.number().int().min(1).max(4), "a whole number from 1 to 4"] as const;
const parameters = {
  ...handParameters,
  graspTolerance: parameter(
    0.03,
    0.005,
    0.06,
    "distance from a block's middle at which closing takes it, table widths",
  ),
  tolerance: parameter(0.03, 0.005, 0.1, "distance from the place at which a block let go stays on the tower"),
};
export const towerPlace = [0.5, 0.8] as const;

/** State: hand (4), closed, which block is held (−1: none), then x, y, level of each (0: on the table). */
const [closed, held, first] = [4, 5, 6];
const size = 3;
const half = 0.035;
const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));

/**
 * Observation [hand x, y, vx, vy, closed, held (0 or 1), then for each block x, y, level in parts of all]. Action
 * [vx, vy, grip] in [−1, 1]³; grip > 0 closes. Closing over a loose block takes it; opened over the tower's place it is
 * the next level, elsewhere it lies there. Ends with reward 1 when all are stacked. `info.behaviour`: the order, "201".
 * @throws Problem "bad-option"
 */
export function stack(options: StackOptions = {}): Environment<Float32Array, Float32Array> {
  const { name = "Stack-v0" } = options;
  const count = checked(name, "blocks", options.blocks, countCheck, 3);
  const randomStarts = checked(name, "randomStarts", options.randomStarts, checks.flag, true);
  const dense = checked(name, "reward", options.reward, checks.reward, "sparse") === "dense";
  const at = (i: number): number => first + size * i;
  const stacked = (s: Float64Array): number => {
    let levels = 0;
    for (let i = 0; i < count; i++) if (s[at(i) + 2] > 0) levels++;
    return levels;
  };
  const infos = new Map<string, Info>();

  return simulate<Float32Array, Float32Array, typeof parameters>({
    name,
    observationSpace: box(
      [0, 0, -fastest, -fastest, 0, 0, ...new Array<number>(size * count).fill(0)],
      [1, 1, fastest, fastest, 1, 1, ...new Array<number>(size * count).fill(1)],
    ),
    actionSpace: box(-1, 1, { shape: [3] }),
    stateSize: first + size * count,
    parameters,
    start(state, random) {
      state.fill(0);
      state[0] = 0.5 + random.between(-0.1, 0.1);
      state[1] = 0.08;
      state[held] = -1;
      const taken: (readonly [number, number])[] = [towerPlace];
      for (let i = 0; i < count; i++) {
        const fixed = [0.2 + (0.6 * (i + 0.5)) / count, 0.35] as const;
        const place = randomStarts
          ? apart(() => [random.between(0.15, 0.85), random.between(0.2, 0.6)], taken, 0.12)
          : fixed;
        taken.push(place);
        state.set(place, at(i));
      }
    },
    advance(state, action, random, p) {
      moveHand(state, action, random, p);
      const closing = action[2] > 0;
      const before = stacked(state);
      if (state[held] >= 0) {
        const b = at(state[held]);
        state[b] = state[0];
        state[b + 1] = state[1];
        if (!closing) {
          state[held] = -1;
          if (Math.hypot(state[b] - towerPlace[0], state[b + 1] - towerPlace[1]) <= p.tolerance)
            state[b + 2] = before + 1;
        }
      } else if (closing && state[closed] === 0) {
        let nearest = p.graspTolerance;
        for (let i = 0; i < count; i++) {
          const distance = Math.hypot(state[0] - state[at(i)], state[1] - state[at(i) + 1]);
          if (state[at(i) + 2] > 0 || distance > nearest) continue;
          nearest = distance;
          state[held] = i;
        }
      }
      state[closed] = closing ? 1 : 0;
      const now = stacked(state);
      return dense ? now - before : now === count ? 1 : 0;
    },
    ended: (state) => stacked(state) === count,
    observeInto(state, into, o) {
      for (let i = 0; i < 5; i++) into[o + i] = state[i];
      into[o + held] = state[held] >= 0 ? 1 : 0;
      for (let i = 0; i < count; i++) {
        const b = at(i);
        into[o + b] = state[b];
        into[o + b + 1] = state[b + 1];
        into[o + b + 2] = state[b + 2] / count;
      }
    },
    info(state) {
      if (stacked(state) < count) return underway;
      const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => state[at(a) + 2] - state[at(b) + 2]);
      const way = order.join("");
      if (!infos.has(way)) infos.set(way, Object.freeze(succeeded(way, factorial(count))));
      return infos.get(way)!;
    },
    draw(state) {
      const place = faded(block(...towerPlace, 0.1, 0.1, colours[5]), 0.25);
      const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => state[at(a) + 2] - state[at(b) + 2]);
      const shapes = order.map((i): Shape => {
        const side = 2 * half * (1 - 0.12 * state[at(i) + 2]);
        return block(state[at(i)], state[at(i) + 1], side, side, colours[i]);
      });
      return tableScene([place, ...shapes], state[0], state[1], state[closed] === 1);
    },
  });
}
