/** The shooter for one agent among scripted players. */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { contains, describe, describeValue } from "../../spaces/contains.ts";
import { discrete } from "../../spaces/make.ts";
import type { Environment, Info } from "../environment.ts";
import { episodeRandom } from "../episode-random.ts";
import type { PerAgent } from "../parallel.ts";
import { type ArenaOptions, arena, arenaOptionNames } from "./arena.ts";
import { arenaBot, type BotStyle, botStyles } from "./bots.ts";
import { actionSpace } from "./game.ts";

const whole = z.number().int();
const numbers = z.array(z.number());

export interface ArenaTaskOptions extends ArenaOptions {
  /** The enemies' style; "mixed" draws one a player in each round. Default "mixed". */
  readonly enemies?: BotStyle | "mixed";
  /** Default 0.5. */
  readonly enemySkill?: number;
  /** The friends' style. Default "mixed". */
  readonly friends?: BotStyle | "mixed";
  /** Default 0.5. */
  readonly friendSkill?: number;
  /** Which team one plays in. Default "attackers". */
  readonly side?: "attackers" | "defenders";
  /** "flat": one of ten joint actions, for methods that choose one of a few. Default "factored", as in game.ts. */
  readonly actions?: "factored" | "flat";
}

export const arenaTaskOptionNames = [
  ...arenaOptionNames,
  "enemies",
  "enemySkill",
  "friends",
  "friendSkill",
  "side",
  "actions",
] as const;

const flat: { readonly [name: string]: readonly [number, number, number, number] } = {
  stand: [0, 7, 0, 0],
  ahead: [1, 7, 0, 0],
  back: [5, 7, 0, 0],
  left: [7, 7, 0, 0],
  right: [3, 7, 0, 0],
  "turn left": [0, 3, 0, 0],
  "turn right": [0, 11, 0, 0],
  "aim left": [0, 6, 0, 0],
  "aim right": [0, 8, 0, 0],
  fire: [0, 7, 1, 0],
  use: [0, 7, 0, 1],
};
const flatActions = Object.values(flat);
const flatSpace = discrete(flatActions.length, { names: Object.keys(flat) });

const taskChecks = {
  enemies: [z.enum([...botStyles, "mixed"]), `one of ${botStyles.join(", ")}, mixed`],
  friends: [z.enum([...botStyles, "mixed"]), `one of ${botStyles.join(", ")}, mixed`],
  enemySkill: [z.number().min(0).max(1), "a number in [0, 1]"],
  friendSkill: [z.number().min(0).max(1), "a number in [0, 1]"],
  side: [z.enum(["attackers", "defenders"]), '"attackers" or "defenders"'],
  actions: [z.enum(["factored", "flat"]), '"factored" or "flat"'],
} as const;
const skills = 3;

/**
 * One player of the arena, the others being scripted. When it is out, the rest of the round is played at once, and the
 * episode ends with its team's outcome. `info`: success (its team won), alive, hits, winner.
 * @throws Problem "bad-option"; as arena
 */
export function arenaTask(options: ArenaTaskOptions = {}): Environment {
  const { name = "Arena", enemies = "mixed", friends = "mixed", enemySkill = 0.5, friendSkill = 0.5 } = options;
  const { side = "attackers", actions = "factored", teamSize = 1, field = "rooms", objective = "eliminate" } = options;
  for (const [option, [schema, wanted]] of Object.entries(taskChecks)) {
    const given = options[option as keyof typeof taskChecks];
    if (given !== undefined && !schema.safeParse(given).success) {
      throw problem("bad-option", { where: name, name: option, given, wanted });
    }
  }
  const game = arena({ ...options, name });
  const { rays, layout, view } = options;
  const sensing = { ...(rays && { rays }), ...(layout && { layout }), ...(view && { view }) };
  const me = side === "attackers" ? 0 : teamSize;
  const names = game.possibleAgents;
  const agent = names[me];
  const bot = (skill: number) =>
    botStyles.flatMap((style) =>
      Array.from({ length: skills }, (_, persona) =>
        arenaBot({ ...sensing, style, skill, persona, field, plant: objective === "plant" }),
      ),
    );
  const casts = { enemies: bot(enemySkill), friends: bot(friendSkill) };
  const memorySize = casts.enemies[0].memorySize;
  const memories = names.map(() => new Float64Array(memorySize));
  /** Which bot plays each player: place in its cast. */
  const roles = new Int32Array(names.length);
  const space = actions === "flat" ? flatSpace : actionSpace;
  const chance = episodeRandom(name, "players");
  let observations: PerAgent<unknown> = {};
  const isFriend = (i: number): boolean => i < teamSize === me < teamSize;
  const told = (info: Info): Info => ({ ...info, success: info.winner === side });

  return {
    name,
    observationSpace: game.observationSpaces[agent],
    actionSpace: space,
    reset(given = {}) {
      const first = game.reset(given);
      const random = chance.begin(given.seed);
      for (let i = 0; i < names.length; i++) {
        const style = isFriend(i) ? friends : enemies;
        const drawn = random.integer(botStyles.length);
        roles[i] = (style === "mixed" ? drawn : botStyles.indexOf(style)) * skills + random.integer(skills);
        memories[i].fill(0);
      }
      observations = first.observations;
      return { observation: first.observations[agent], info: told(first.infos[agent]) };
    },
    step(action) {
      if (game.agents.length === 0) throw problem("not-running", { where: `${name}.step` });
      if (!contains(space, action)) {
        throw problem("outside-space", { where: `${name}.step`, given: describeValue(action), space: describe(space) });
      }
      let mine = actions === "flat" ? Int32Array.from(flatActions[action as number]) : (action as Int32Array);
      for (let earned = 0; ; ) {
        const all = names.map((other, i): readonly [string, Int32Array] => {
          if (i === me) return [other, mine];
          const cast = isFriend(i) ? casts.friends : casts.enemies;
          return [other, cast[roles[i]].decide(observations[other] as Float32Array, memories[i], chance.now())];
        });
        const step = game.step(Object.fromEntries(all));
        ({ observations } = step);
        earned += step.rewards[agent];
        const over = step.terminated[agent];
        if (!over && step.infos[agent].alive === false) {
          mine = Int32Array.of(0, 7, 0, 0);
          continue;
        }
        return {
          observation: step.observations[agent],
          reward: earned,
          terminated: over,
          truncated: false,
          info: told(step.infos[agent]),
        };
      }
    },
    ...(game.parameters === undefined ? {} : { parameters: game.parameters }),
    perturb: (values) => game.perturb?.(values),
    parameterValues: () => game.parameterValues?.() ?? {},
    scene: () => game.scene!(),
    save: () => ({
      game: game.save?.(),
      ...chance.save(),
      roles: [...roles],
      memories: memories.map((memory) => [...memory]),
      observations: Object.fromEntries(
        Object.entries(observations).map(([other, o]) => [other, [...(o as Float32Array)]]),
      ),
    }),
    restore(saved) {
      const parsed = savedTask.safeParse(saved);
      if (!parsed.success || parsed.data.memories.length !== names.length) {
        const wanted = `what ${name}.save returned`;
        throw problem("bad-value", { where: `${name}.restore`, given: describeValue(saved), wanted });
      }
      const from = parsed.data;
      game.restore?.(from.game);
      chance.restore(from);
      roles.set(from.roles);
      for (const [i, memory] of from.memories.entries()) memories[i].set(memory);
      observations = Object.fromEntries(
        Object.entries(from.observations).map(([other, o]) => [other, Float32Array.from(o)]),
      );
    },
  };
}

const savedTask = z.object({
  game: z.unknown(),
  seed: whole,
  episode: whole,
  drawn: whole,
  roles: numbers,
  memories: z.array(numbers),
  observations: z.record(z.string(), numbers),
});
