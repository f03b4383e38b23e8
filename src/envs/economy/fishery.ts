/**
 * Fisheries whose populations nobody knows exactly how to model (P082: Montealegre-Mora et al. 2023, "Pretty darn good
 * control", arXiv 2308.13654; equations of its repository with the parameters that it ran).
 */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { box } from "../../spaces/make.ts";
import type { Demonstrator } from "../demonstrator.ts";
import type { Environment } from "../environment.ts";
import { type Parameters, type ParameterValues, parameter } from "../parameters.ts";
import { block, label, line } from "../scene.ts";
import { simulate } from "../simulation.ts";

export interface FisheryOptions {
  /** 1: a single species under constant predation; 3: two competing ones and their predator. Default 3. */
  readonly species?: 1 | 3;
  /** How many of them are fished; 2 needs three species. Default 1. */
  readonly fished?: 1 | 2;
  /** Share of the first species' growth rate that is gone after 100 years, lost evenly until then. Default 0. */
  readonly drift?: number;
  readonly name?: string;
}

export const fisheryOptionNames = ["drift"] as const;

const scale = 4;
const collapse = 0.05;
/** Years over which growth drifts. */
const drifting = 100;
const starts = { 1: [0.7], 3: [0.5, 0.5, 0.7] } as const;
const spread = 0.005 * scale;

const single = {
  growth: parameter(1, 0.1, 2, "growth rate, a year"),
  capacity: parameter(1, 0.2, 3, "what the sea can feed, in units of biomass"),
  predation: parameter(0.1, 0, 1, "most that predators take in a year"),
  halfPrey: parameter(0.3, 0.05, 1, "biomass at which predation is half of its most"),
  noise: parameter(0.1, 0, 0.5, "standard deviation of growth, as a share of the population"),
  cost: parameter(0, 0, 1, "price of fishing at mortality 1"),
};
const three = {
  growth: parameter(1, 0.1, 2, "growth rate of X, a year"),
  growthOther: parameter(1, 0.1, 2, "growth rate of Y, a year"),
  capacity: parameter(1, 0.2, 3, "what the sea can feed of X"),
  capacityOther: parameter(1, 0.2, 3, "what the sea can feed of Y"),
  predation: parameter(0.3, 0, 1, "most that a unit of Z takes of X in a year"),
  preference: parameter(1.1, 0.2, 3, "predation on Y, as a multiple of that on X"),
  halfPrey: parameter(0.3, 0.05, 1, "biomass at which predation is half of its most"),
  competition: parameter(0.1, 0, 1, "loss to each other of X and Y"),
  feeding: parameter(0.1, 0, 1, "growth of Z by what it eats"),
  death: parameter(0.1, 0, 1, "death rate of Z, a year"),
  noise: parameter(0.1, 0, 0.5, "standard deviation of growth, as a share of the population"),
  cost: parameter(0, 0, 1, "price of fishing a species at mortality 1"),
};

/**
 * Observation: populations as shares of 4 units of biomass (one or three numbers, cut off at 1); action: the share of
 * each fished species that is caught this year, in [0, 1]. Fishing, then a year of growth with noise. Reward: the catch
 * minus its cost. Ends when a species falls to 0.05, at the price of 100 / (years gone + 1). Info: populations, caught,
 * collapsed.
 * @throws Problem "bad-option"
 */
export function fishery(options: FisheryOptions = {}): Environment<Float32Array, Float32Array> {
  const { species = 3, fished = 1, drift = 0, name = "Fishery" } = options;
  const refuse = (option: string, given: unknown, wanted: string) =>
    problem("bad-option", { where: name, name: option, given, wanted });
  if (species !== 1 && species !== 3) throw refuse("species", species, "1 or 3");
  if (fished !== 1 && !(fished === 2 && species === 3)) throw refuse("fished", fished, "1, or 2 of three species");
  if (!z.number().min(0).max(1).safeParse(drift).success) throw refuse("drift", drift, "a share in [0, 1]");
  const parameters: Parameters = species === 1 ? single : three;
  const grow = species === 1 ? growSingle : growThree;
  // state: populations, year, catch of the year, whether one collapsed
  const [year, caught, collapsed] = [species, species + 1, species + 2];
  return simulate<Float32Array, Float32Array>({
    name,
    observationSpace: box(0, 1, { shape: [species] }),
    actionSpace: box(0, 1, { shape: [fished] }),
    stateSize: species + 3,
    parameters,
    start(state, random) {
      state.fill(0);
      for (let i = 0; i < species; i++) state[i] = starts[species][i] + spread * random.normal();
    },
    advance(state, action, random, p) {
      state[caught] = 0;
      let effort = 0;
      for (let i = 0; i < fished; i++) {
        const share = Math.max(0, Math.min(1, action[i]));
        state[caught] += share * state[i];
        state[i] -= share * state[i];
        effort += share;
      }
      const growth = p.growth * (1 - (drift * Math.min(state[year], drifting)) / drifting);
      const draw = (): number => (p.noise > 0 ? p.noise * random.normal() : 0);
      grow(state, growth, p, draw);
      for (let i = 0; i < species; i++) {
        state[i] = Math.max(0, state[i]);
        if (state[i] <= collapse) state[collapsed] = 1;
      }
      const reward = state[caught] - p.cost * effort - (state[collapsed] === 1 ? 100 / (state[year] + 1) : 0);
      state[year]++;
      return reward;
    },
    ended: (state) => state[collapsed] === 1,
    observe: (state) => Float32Array.from({ length: species }, (_, i) => Math.min(1, state[i] / scale)),
    info: (state) => ({
      populations: [...state.subarray(0, species)],
      caught: state[caught],
      collapsed: state[collapsed] === 1,
    }),
    draw(state) {
      const colours = ["#2b6cb0", "#3a8f5c", "#b4302a"];
      const shapes = [...state.subarray(0, species)].flatMap((amount, i) => [
        block(i + 0.5, amount / 2, 0.7, amount, colours[i]),
        label(i + 0.5, -0.12, 0.12, "XYZ"[i], "#222"),
      ]);
      const limit = line(
        [
          [0, collapse],
          [species, collapse],
        ],
        0.01,
        "#b4302a",
      );
      return { x: 0, y: -0.25, width: species, height: 1.75, shapes: [...shapes, limit] };
    },
  });
}

type Grow = (state: Float64Array, growth: number, p: ParameterValues, draw: () => number) => void;

/** Holling's third type: few prey are safe. */
const eaten = (prey: number, half: number): number => (prey * prey) / (half * half + prey * prey);

const growSingle: Grow = (state, growth, p, draw) => {
  const [x] = state;
  state[0] = x + growth * x * (1 - x / p.capacity) - p.predation * eaten(x, p.halfPrey) + x * draw();
};

const growThree: Grow = (state, growth, p, draw) => {
  const [x, y, predators] = state;
  const [fromX, fromY] = [eaten(x, p.halfPrey), p.preference * eaten(y, p.halfPrey)];
  const both = p.competition * x * y;
  state[0] = x + growth * x * (1 - x / p.capacity) - p.predation * predators * fromX - both + x * draw();
  state[1] = y + p.growthOther * y * (1 - y / p.capacityOther) - p.predation * predators * fromY - both + y * draw();
  state[2] = predators + predators * (p.feeding * (fromX + fromY) - p.death) + predators * draw();
};

/**
 * The rules that managers use: "escapement" catches what is above a level of each fished species (biomass), "mortality"
 * catches the same share every year. `levels`: one a fished species.
 * @throws Problem "bad-option"
 */
export function fisheryRule(
  world: Pick<Environment, "observationSpace" | "actionSpace">,
  kind: "escapement" | "mortality",
  levels: readonly number[],
): Demonstrator<Float32Array, Float32Array> {
  const { observationSpace, actionSpace } = world;
  const wanted = actionSpace.kind === "box" ? actionSpace.low.length : 0;
  if (levels.length !== wanted || !levels.every((level) => level >= 0 && (kind === "escapement" || level <= 1))) {
    const what = kind === "mortality" ? "shares in [0, 1]" : "biomasses of at least 0";
    throw problem("bad-option", { where: "fisheryRule", name: "levels", given: levels, wanted: `${wanted} ${what}` });
  }
  return {
    name: `${kind}-${levels.join("-")}`,
    observationSpace,
    actionSpace,
    memorySize: 0,
    decide: (seen) =>
      Float32Array.from(levels, (level, i) => {
        if (kind === "mortality") return level;
        const biomass = scale * seen[i];
        return biomass > level ? 1 - level / biomass : 0;
      }),
  };
}
