/** The shooter for several agents that act at once. */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { contains, describe, describeValue } from "../../spaces/contains.ts";
import type { Info } from "../environment.ts";
import { episodeRandom, type SavedChance } from "../episode-random.ts";
import type { ParallelEnvironment, PerAgent } from "../parallel.ts";
import { changedFrom, ownValues, perturbed, withValues } from "../parameters.ts";
import { fieldOf } from "./field.ts";
import {
  actionSpace,
  arenaParameters,
  beginRound,
  isAlive,
  player,
  playerSize,
  playStep,
  type Rules,
  round,
  roundAt,
  stateSize,
  teamOf,
} from "./game.ts";
import { drawArena } from "./picture.ts";
import { type SensorOptions, sensors } from "./sensors.ts";

export interface ArenaOptions extends SensorOptions {
  readonly name?: string;
  /** A field's name, "rooms" or "pillars", or one as drawn (see field.ts). Default "rooms". */
  readonly field?: string | readonly string[];
  /** Players of each team, 1 to 4. Default 1. */
  readonly teamSize?: number;
  /** "eliminate": the last team standing wins; "plant": the first team plants a bomb, or the second prevents it. */
  readonly objective?: "eliminate" | "plant";
  /** "dense" adds 0.2 for each 100 of damage done, less that taken. Default "sparse": 1 for winning, −1 for losing. */
  readonly reward?: "sparse" | "dense";
}

export const arenaOptionNames = ["field", "objective", "reward", "rays", "layout", "view"] as const;
const checks = {
  teamSize: [z.number().int().min(1).max(4), "a whole number from 1 to 4"],
  objective: [z.enum(["eliminate", "plant"]), '"eliminate" or "plant"'],
  reward: [z.enum(["sparse", "dense"]), '"sparse" or "dense"'],
  rays: [z.number().int().min(1).max(181), "a whole number from 1 to 181"],
  layout: [z.enum(["foveated", "uniform"]), '"foveated" or "uniform"'],
  view: [
    z
      .number()
      .gt(0)
      .max(2 * Math.PI),
    "an angle up to 2π",
  ],
} as const;

/** What `save` returns: plain JSON. */
interface SavedArena extends SavedChance {
  readonly state: readonly number[];
  readonly running: boolean;
  readonly changed: { readonly [name: string]: number };
}

/**
 * Agents "a0" … attack and "b0" … defend; all act at once, eight times a second. All stay until the round ends, those who
 * are out seeing zeros and doing nothing, so that a team's outcome reaches every one of it: reward 1, −1, or 0 for a draw.
 * Observations as in sensors.ts, actions as in game.ts; x is to the right and y downwards, angles are clockwise.
 * `infos`: { alive, hits, winner } with the winner "attackers", "defenders", "nobody" or null.
 * @throws Problem "bad-option"; as fieldOf
 */
export function arena(options: ArenaOptions = {}): ParallelEnvironment {
  const { name = "Arena", teamSize = 1, objective = "eliminate", reward = "sparse" } = options;
  for (const [option, [schema, wanted]] of Object.entries(checks)) {
    const given = options[option as keyof typeof checks];
    if (given !== undefined && !schema.safeParse(given).success) {
      throw problem("bad-option", { where: name, name: option, given, wanted });
    }
  }
  const rules: Rules = { field: fieldOf(options.field ?? "rooms"), teamSize, plant: objective === "plant" };
  const senses = sensors(options);
  const names = Array.from({ length: 2 * teamSize }, (_, i) => `${i < teamSize ? "a" : "b"}${i % teamSize}`);
  const state = new Float64Array(stateSize(rules));
  const parameters = withValues(name, arenaParameters, {});
  const own = ownValues(parameters);
  let p = own;
  const chance = episodeRandom(name);
  let running = false;
  const winners = [null, "attackers", "defenders", "nobody"] as const;
  const each = <T>(value: (i: number) => T): PerAgent<T> =>
    Object.fromEntries(names.map((agent, i) => [agent, value(i)]));
  const observations = () => each((i) => senses.sense(state, i, rules, own.speed));
  const infos = (): PerAgent<Info> =>
    each((i) => ({
      alive: isAlive(state, i),
      hits: state[i * playerSize + player.hits],
      winner: winners[state[roundAt(rules) + round.winner]],
    }));

  return {
    name,
    possibleAgents: names,
    get agents() {
      return running ? names : [];
    },
    observationSpaces: each(() => senses.space),
    actionSpaces: each(() => actionSpace),
    reset(given = {}) {
      beginRound(state, chance.begin(given.seed), rules);
      running = true;
      return { observations: observations(), infos: infos() };
    },
    step(actions) {
      if (!running) throw problem("not-running", { where: `${name}.step` });
      for (const agent of names) {
        if (contains(actionSpace, actions[agent])) continue;
        const given = `${agent}: ${describeValue(actions[agent])}`;
        throw problem("outside-space", { where: `${name}.step`, given, space: describe(actionSpace) });
      }
      const chosen = names.map((agent) => actions[agent] as Int32Array);
      const dealt = playStep(state, chosen, chance.now(), rules, p);
      const won = state[roundAt(rules) + round.winner];
      running = won === 0;
      const rewards = each((i) => {
        const outcome = won === 0 || won === 3 ? 0 : won - 1 === teamOf(rules, i) ? 1 : -1;
        return outcome + (reward === "dense" ? 0.002 * (dealt[i] - state[i * playerSize + player.hurt]) : 0);
      });
      const [terminated, truncated] = [each(() => !running), each(() => false)];
      return { observations: observations(), rewards, terminated, truncated, infos: infos() };
    },
    parameters,
    perturb(values) {
      p = perturbed(`${name}.perturb`, parameters, p, values);
    },
    parameterValues: () => p,
    scene: () => drawArena(state, rules, senses.angles),
    save: (): SavedArena => ({
      state: [...state],
      ...chance.save(),
      running,
      changed: changedFrom(own, p),
    }),
    restore(saved) {
      const from = savedArena(name, state.length, saved);
      p = perturbed(`${name}.restore`, parameters, own, from.changed);
      state.set(from.state);
      running = from.running;
      chance.restore(from);
    },
  };
}

const numbers = z.array(z.number());
const whole = z.number().int();
const savedShape = z.object({
  state: numbers,
  seed: whole,
  episode: whole,
  drawn: whole,
  running: z.boolean(),
  changed: z.record(z.string(), z.number()),
});

function savedArena(name: string, size: number, saved: unknown): SavedArena {
  const parsed = savedShape.safeParse(saved);
  if (!parsed.success || parsed.data.state.length !== size) {
    const wanted = `what ${name}.save returned`;
    throw problem("bad-value", { where: `${name}.restore`, given: describeValue(saved), wanted });
  }
  return parsed.data;
}
