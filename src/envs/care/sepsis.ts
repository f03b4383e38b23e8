/**
 * ICU-Sepsis v2: which doses of two drugs to give a patient with sepsis, as a Markov decision process learnt from
 * records of intensive care (Choudhary, Gupta, Thomas 2024, arXiv 2406.05646). Not for medical use.
 */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { box, discrete } from "../../spaces/make.ts";
import type { Generator } from "../../tensor/random.ts";
import type { Environment, Info } from "../environment.ts";
import { type ParameterValues, parameter } from "../parameters.ts";
import { block, label, type Scene } from "../scene.ts";
import { simulate } from "../simulation.ts";
import type { TabularModel } from "../toy/model.ts";
import { readSepsis, type SepsisTables } from "./tables.ts";

export interface SepsisOptions {
  /** Where the tables lie; needs Node. In a page give `tables`. */
  readonly folder?: string;
  readonly tables?: SepsisTables;
  /**
   * What a dose that clinicians hardly ever gave in a state does: "mean", the mean outcome of those they gave (the
   * tables hold it); "terminate", death; "refuse", a Problem. Default "mean".
   */
  readonly inadmissible?: "mean" | "terminate" | "refuse";
  /** "state", its number; "features", the 47 normalised measurements its patients have in common. Default "state". */
  readonly observe?: "state" | "features";
  readonly name?: string;
}

export const sepsisOptionNames = ["folder", "tables", "inadmissible", "observe"] as const;

const parameters = {
  harm: parameter(1, 0.1, 10, "odds of dying at each step, as a multiple of the tables'"),
  disturbance: parameter(0, 0, 1, "chance that the dose given is a uniformly random one"),
};
type Values = ParameterValues<typeof parameters>;

const checks = {
  folder: [z.string(), "the folder of the tables"],
  inadmissible: [z.enum(["mean", "terminate", "refuse"]), '"mean", "terminate" or "refuse"'],
  observe: [z.enum(["state", "features"]), '"state" or "features"'],
} as const;

/** The last three states are death, survival, and what follows both. */
const deathOf = ({ states }: SepsisTables): number => states - 3;

export interface SepsisEnvironment extends Environment<number | Float32Array, number> {
  readonly tables: SepsisTables;
  /** The whole process as tables, as the parameters now stand: `valuesOf` and `solve` give exact values from it. */
  model(): TabularModel;
}

/**
 * Observation: the state, 0 … 715 (or 47 features); action: 5 × (level of one drug) + (level of the other), levels 0 to
 * 4. Reward 1 for survival, 0 for death and on the way; discount 1. Info: state, success, sofa, and admissible, the
 * doses that clinicians gave in this state. As Sepsis/ICU-Sepsis-v2 but for its pair of levels, here one number.
 * @throws Problem "no-tables", "bad-option", and what `readSepsis` throws
 */
export function icuSepsis(options: SepsisOptions = {}): SepsisEnvironment {
  const { name = "ICU-Sepsis-v2", inadmissible = "mean", observe = "state" } = options;
  for (const [option, [schema, wanted]] of Object.entries(checks)) {
    const given = options[option as keyof typeof checks];
    if (given !== undefined && !schema.safeParse(given).success) {
      throw problem("bad-option", { where: name, name: option, given, wanted });
    }
  }
  if (options.tables === undefined && options.folder === undefined) throw problem("no-tables", { name });
  const tables = options.tables ?? readSepsis(options.folder!);
  const { states, actions, admissible, centres, sofa, reward, start } = tables;
  if (inadmissible !== "mean" && admissible === undefined) {
    const wanted = '"mean", as the folder has no extras/admissibleActions.txt';
    throw problem("bad-option", { where: name, name: "inadmissible", given: inadmissible, wanted });
  }
  if (observe === "features" && centres === undefined) {
    const wanted = '"state", as the folder has no extras/stateClusterCenters.csv';
    throw problem("bad-option", { where: name, name: "observe", given: observe, wanted });
  }
  const width = centres === undefined ? 0 : centres.length / states;
  const death = deathOf(tables);
  const infos = Array.from({ length: states }, (_, state): Info => {
    const allowed = [...Array(actions).keys()].filter((a) => admissible?.[state * actions + a] === 1);
    const known = { ...(sofa && { sofa: sofa[state] }), ...(admissible && { admissible: Object.freeze(allowed) }) };
    return Object.freeze({ state, success: state === death + 1, ...known });
  });

  const env = simulate<number | Float32Array, number, typeof parameters>({
    name,
    observationSpace:
      observe === "state"
        ? discrete(states)
        : box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape: [width] }),
    actionSpace: discrete(actions),
    stateSize: 1,
    parameters,
    start(state, random) {
      state[0] = random.choice(start);
    },
    advance(state, action, random, p) {
      const given = p.disturbance > 0 && random.uniform() < p.disturbance ? random.integer(actions) : action;
      const pair = state[0] * actions + given;
      const known = inadmissible === "mean" || admissible![pair] === 1;
      if (!known && inadmissible === "refuse") {
        const wanted = `a dose that clinicians gave in state ${state[0]}: ${(infos[state[0]].admissible as number[]).join(", ")}`;
        throw problem("bad-value", { where: `${name}.step`, given, wanted });
      }
      state[0] = known ? outcome(tables, pair, p.harm, random) : death;
      return reward[state[0]];
    },
    ended: ([state]) => state >= death,
    observe: ([state]) =>
      observe === "state" ? state : Float32Array.from(centres!.subarray(state * width, (state + 1) * width)),
    info: ([state]) => infos[state],
    draw: ([state]) => picture(tables, state),
  });
  return { ...env, tables, model: () => sepsisModel(tables, { inadmissible, ...env.parameterValues!() }) };
}

/** Death weighs `harm` times as much as in the tables. */
const weigh = (tables: SepsisTables, i: number, harm: number): number =>
  tables.probability[i] * (tables.next[i] === deathOf(tables) ? harm : 1);

function outcome(tables: SepsisTables, pair: number, harm: number, random: Generator): number {
  const { offsets, next } = tables;
  const last = offsets[pair + 1] - 1;
  let total = 1;
  if (harm !== 1) {
    total = 0;
    for (let i = offsets[pair]; i <= last; i++) total += weigh(tables, i, harm);
  }
  let i = offsets[pair];
  for (let left = random.uniform() * total - weigh(tables, i, harm); left >= 0 && i < last; )
    left -= weigh(tables, ++i, harm);
  return next[i];
}

/**
 * The process as a tabular model, for exact values: `startValue(model, valuesOf(model, policy, 1))` is what a policy is
 * truly worth, against which off-policy estimates are judged.
 */
export function sepsisModel(
  tables: SepsisTables,
  options: Partial<Values> & { readonly inadmissible?: "mean" | "terminate" | "refuse" } = {},
): TabularModel {
  const { harm = 1, disturbance = 0, inadmissible = "mean" } = options;
  const { states, actions, admissible, reward: entering } = tables;
  const death = deathOf(tables);
  const offsets = new Int32Array(states * actions + 1);
  const next: number[] = [];
  const probability: number[] = [];
  const row = new Float64Array(states);
  const add = (pair: number, share: number): void => {
    if (inadmissible !== "mean" && admissible?.[pair] === 0) {
      row[death] += share;
      return;
    }
    let total = 0;
    for (let i = tables.offsets[pair]; i < tables.offsets[pair + 1]; i++) total += weigh(tables, i, harm);
    for (let i = tables.offsets[pair]; i < tables.offsets[pair + 1]; i++) {
      row[tables.next[i]] += (share * weigh(tables, i, harm)) / total;
    }
  };
  for (let pair = 0; pair < states * actions; pair++) {
    row.fill(0);
    if (disturbance < 1) add(pair, 1 - disturbance);
    const first = pair - (pair % actions);
    if (disturbance > 0) for (let a = 0; a < actions; a++) add(first + a, disturbance / actions);
    for (let state = 0; state < states; state++) {
      if (row[state] === 0) continue;
      next.push(state);
      probability.push(row[state]);
    }
    offsets[pair + 1] = next.length;
  }
  return {
    states,
    actions,
    start: tables.start.slice(),
    offsets,
    next: Int32Array.from(next),
    probability: Float64Array.from(probability),
    reward: Float64Array.from(next, (state) => entering[state]),
    terminated: Uint8Array.from(next, (state) => Number(state >= death)),
    success: Uint8Array.from(next, (state) => Number(state === death + 1)),
  };
}

/** The SOFA score as a bar, or how the stay ended. */
function picture(tables: SepsisTables, state: number): Scene {
  const end = state - deathOf(tables);
  const words = end < 0 ? `state ${state}` : (["died", "survived", "left"][end] ?? "left");
  const score = tables.sofa?.[state] ?? 0;
  const shapes = [
    block(12, 1, 24, 0.8, "#e6e6e6"),
    block(score / 2, 1, score, 0.8, score < 8 ? "#3a8f5c" : score < 14 ? "#d9a520" : "#b4302a"),
    label(12, 2.4, 0.7, end < 0 && tables.sofa !== undefined ? `${words}, SOFA ${score.toFixed(1)}` : words, "#222"),
  ];
  return { x: -0.5, y: 0, width: 25, height: 3.2, shapes };
}
