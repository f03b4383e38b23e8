/** Worlds of square cells with walls, doors, keys, boxes and balls: MiniGrid's (arXiv 2306.13831). */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { discrete } from "../../spaces/make.ts";
import type { Value } from "../../spaces/space.ts";
import { fold, type Generator, generator, randomKey } from "../../tensor/random.ts";
import type { Environment } from "../environment.ts";
import { parameter } from "../parameters.ts";
import { simulate } from "../simulation.ts";
import { draw, type Family } from "./family.ts";
import { missionOf } from "./mission.ts";
import { type ObservationForm, observationForms, sightOf } from "./observation.ts";
import { drawGrid } from "./picture.ts";
import { gridActions, OUTCOME, SLIPPED, STEPS, sizeOfState, writeLevel } from "./state.ts";
import { advance } from "./step.ts";

export interface GridOptions {
  /** What is returned: see ObservationForm. Default "dict". */
  readonly observation?: ObservationForm;
  /** "partial": the 7 × 7 cells ahead, as far as walls let one see; "full": the whole grid. Default "partial". */
  readonly view?: "partial" | "full";
  /** Episodes play this many levels, each as often; left out: a new level every time. */
  readonly numberOfLevels?: number;
  /** Which levels those are. Default 0. */
  readonly levelSeed?: number;
}

export const gridOptionNames = ["observation", "view", "numberOfLevels", "levelSeed"] as const;

const checks = {
  observation: [z.enum(observationForms), observationForms.join(", ")],
  view: [z.enum(["partial", "full"]), '"partial" or "full"'],
  numberOfLevels: [z.int().min(1), "a whole number from 1"],
  levelSeed: [z.int(), "a whole number"],
} as const;

/**
 * A world of a family's levels. Actions left, right (turns), forward, pickup, drop, toggle, done; among moving balls
 * only the first three. Reward 1 − 0.9 · steps / horizon on success, else 0. `info`: success, mission, slipped.
 * @throws Problem "bad-option"
 */
export function gridWorld(name: string, family: Family, options: GridOptions = {}): Environment<Value, number> {
  for (const option of gridOptionNames) {
    const [schema, wanted] = checks[option];
    if (options[option] !== undefined && !schema.safeParse(options[option]).success) {
      throw problem("bad-option", { where: name, name: option, given: options[option], wanted });
    }
  }
  const { observation = "dict", view = "partial", numberOfLevels, levelSeed = 0 } = options;
  const sight = sightOf(family, observation, view === "full");
  const names = family.task === "dodge" ? gridActions.slice(0, 3) : gridActions;
  const levels = fold(randomKey(levelSeed), "levels");
  const source = (random: Generator): Generator =>
    numberOfLevels === undefined ? random : generator(fold(levels, random.integer(numberOfLevels)));

  return simulate<Value, number>({
    name,
    observationSpace: sight.space,
    actionSpace: discrete(names.length, { names }),
    stateSize: sizeOfState(family),
    parameters: {
      horizon: parameter(family.maxSteps, 1, 1e6, "steps over which the reward of success falls from 1 to 0.1"),
      slip: parameter(0, 0, 1, "chance that a uniformly random action is taken instead"),
      restless: parameter(1, 0, 1, "chance that a ball moves, where balls move"),
    },
    start(state, random) {
      writeLevel(state, draw(family, source(random)));
    },
    advance(state, action, random, p) {
      const slipped = p.slip > 0 && random.uniform() < p.slip;
      const worth = advance(state, family, slipped ? random.integer(names.length) : action, random, p.restless);
      state[SLIPPED] = Number(slipped);
      return worth === 1 ? 1 - 0.9 * (state[STEPS] / p.horizon) : worth;
    },
    ended: (state) => state[OUTCOME] !== 0,
    observe: sight.observe,
    info: (state) => ({
      success: state[OUTCOME] === 1,
      mission: missionOf(state, family),
      slipped: state[SLIPPED] === 1,
    }),
    draw: (state) => drawGrid(state, family),
  });
}
