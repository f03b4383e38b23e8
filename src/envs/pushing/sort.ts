/** Pushing several blocks into places: by kind (sorting), or each where one likes (multi-modal targets). After D3IL. */
import * as z from "zod";
import { box } from "../../spaces/make.ts";
import type { Environment, Info } from "../environment.ts";
import { parameter } from "../parameters.ts";
import { disc, type Shape } from "../scene.ts";
import { simulate } from "../simulation.ts";
import { discShape, partDiscs, pushBlock } from "./contact.ts";
import { colours, faded, fastest, handParameters, moveHand, succeeded, table, tableScene, underway } from "./hand.ts";
import { apart, checked, checks, placeOf } from "./options.ts";

export interface SortOptions {
  readonly name?: string;
  /** How many blocks, half of each kind: 2, 4 or 6. Default 2. */
  readonly blocks?: 2 | 4 | 6;
  /**
   * Whether each kind has its own place. If not, any block may go to either of the two places, one in each, and there
   * are two blocks. Default true.
   */
  readonly assigned?: boolean;
  /** Whether the blocks start elsewhere in each episode. Default true. */
  readonly randomStarts?: boolean;
  /** "dense": each block that is put away earns its 1 then, and the rest cost their distances / 10. Default "sparse". */
  readonly reward?: "sparse" | "dense";
}

export const sortOptionNames = ["blocks", "assigned", "randomStarts", "reward"] as const;
const countCheck = [z.union([z.literal(2), z.literal(4), z.literal(6)]), "2, 4 or 6"] as const;
const parameters = {
  ...handParameters,
  friction: parameter(0.3, 0, 1, "friction between hand and block"),
  placeRadius: parameter(0.1, 0.05, 0.15, "distance from a place's middle at which a block is put away, table widths"),
};
const radius = 0.035;
const shape = discShape(radius);
/** Both places, for kinds 0 and 1. */
export const sortPlaces = [
  [0.15, 0.85],
  [0.85, 0.85],
] as const;

/** A block in the state: x, y, angle, when it was put away (0: not yet, 1: first …), and where. */
const size = 5;
const first = 4;

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));

/**
 * Observation [hand x, y, vx, vy, then for each block x, y, whether it is put away]; blocks of kind 0 come first. Action
 * a velocity in [−1, 1]². A block that reaches its place stays there; the episode ends with reward 1 when all have.
 * `info.behaviour`, assigned: the kinds in the order in which they were put away, "0110"; otherwise each block and its
 * place, "0a1b" (block 0 to place a first): four ways, 2! orders by two assignments.
 * @throws Problem "bad-option"
 */
export function sort(options: SortOptions = {}): Environment<Float32Array, Float32Array> {
  const { name = "Sort-v0" } = options;
  const assigned = checked(name, "assigned", options.assigned, checks.flag, true);
  const given = checked(name, "blocks", options.blocks, countCheck, 2);
  const count = assigned ? given : 2;
  const randomStarts = checked(name, "randomStarts", options.randomStarts, checks.flag, true);
  const dense = checked(name, "reward", options.reward, checks.reward, "sparse") === "dense";
  const half = count / 2;
  const kindOf = (i: number): number => (i < half ? 0 : 1);
  const ways = assigned ? factorial(count) / factorial(half) ** 2 : 4;
  const at = (i: number): number => first + size * i;
  const done = (s: Float64Array): number => {
    let put = 0;
    for (let i = 0; i < count; i++) if (s[at(i) + 3] > 0) put++;
    return put;
  };
  const infos = new Map<string, Info>();
  const free = (s: Float64Array, place: number): boolean => {
    for (let i = 0; i < count; i++) if (s[at(i) + 3] > 0 && s[at(i) + 4] === place) return false;
    return true;
  };

  return simulate<Float32Array, Float32Array, typeof parameters>({
    name,
    observationSpace: box(
      [0, 0, -fastest, -fastest, ...new Array<number>(3 * count).fill(0)],
      [1, 1, fastest, fastest, ...new Array<number>(3 * count).fill(1)],
    ),
    actionSpace: box(-1, 1, { shape: [2] }),
    stateSize: first + size * count,
    parameters,
    start(state, random) {
      state.fill(0);
      state[0] = 0.5 + random.between(-0.05, 0.05);
      state[1] = 0.08;
      const taken: (readonly [number, number])[] = [];
      for (let i = 0; i < count; i++) {
        const fixed = [0.25 + (0.5 * (i + 0.5)) / count, 0.4] as const;
        const place = randomStarts
          ? apart(() => [placeOf("random", random, 0.2, 0.8)[0], random.between(0.25, 0.6)], taken, 0.11)
          : fixed;
        taken.push(place);
        state.set(place, at(i));
      }
    },
    advance(state, action, random, p) {
      moveHand(state, action, random, p);
      const before = done(state);
      for (let i = 0; i < count; i++) {
        if (state[at(i) + 3] === 0) pushBlock(state, at(i), shape, table.radius, p.friction);
      }
      for (let i = 0; i < count; i++) {
        for (let j = i + 1; j < count; j++) {
          if (state[at(i) + 3] === 0 && state[at(j) + 3] === 0) partDiscs(state, at(i), at(j), 2 * radius, true);
        }
      }
      let [put, away] = [before, 0];
      for (let i = 0; i < count; i++) {
        const b = at(i);
        if (state[b + 3] > 0) continue;
        state[b] = Math.max(radius, Math.min(1 - radius, state[b]));
        state[b + 1] = Math.max(radius, Math.min(1 - radius, state[b + 1]));
        let nearest = 1;
        for (let place = 0; place < 2; place++) {
          if (assigned ? place !== kindOf(i) : !free(state, place)) continue;
          const distance = Math.hypot(state[b] - sortPlaces[place][0], state[b + 1] - sortPlaces[place][1]);
          nearest = Math.min(nearest, distance);
          if (distance <= p.placeRadius && state[b + 3] === 0) {
            state[b + 3] = ++put;
            state[b + 4] = place;
          }
        }
        if (state[b + 3] === 0) away += nearest;
      }
      return dense ? put - before - away / 10 : put === count ? 1 : 0;
    },
    ended: (state) => done(state) === count,
    observeInto(state, into, o) {
      for (let i = 0; i < 4; i++) into[o + i] = state[i];
      for (let i = 0; i < count; i++) {
        into[o + 4 + 3 * i] = state[at(i)];
        into[o + 5 + 3 * i] = state[at(i) + 1];
        into[o + 6 + 3 * i] = state[at(i) + 3] > 0 ? 1 : 0;
      }
    },
    info(state) {
      if (done(state) < count) return underway;
      const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => state[at(a) + 3] - state[at(b) + 3]);
      const way = order.map((i) => (assigned ? kindOf(i) : `${i}${state[at(i) + 4] === 0 ? "a" : "b"}`)).join("");
      if (!infos.has(way)) infos.set(way, Object.freeze(succeeded(way, ways)));
      return infos.get(way)!;
    },
    draw(state, p) {
      const places = sortPlaces.map(
        ([x, y], i): Shape => faded(disc(x, y, p.placeRadius, assigned ? colours[i] : colours[2]), 0.25),
      );
      const blocks = Array.from({ length: count }, (_, i) =>
        faded(disc(state[at(i)], state[at(i) + 1], radius, colours[kindOf(i)]), state[at(i) + 3] > 0 ? 0.6 : 1),
      );
      return tableScene([...places, ...blocks], state[0], state[1]);
    },
  });
}
