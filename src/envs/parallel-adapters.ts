/** Games of many agents as environments of one, and turn by turn. */
import { problem } from "../problems.ts";
import { contains, describe, describeValue } from "../spaces/contains.ts";
import { copyValue, valueFromJson, valueToJson } from "../spaces/json.ts";
import { dict } from "../spaces/make.ts";
import type { Space, Value } from "../spaces/space.ts";
import type { Generator } from "../tensor/random.ts";
import type { Demonstrator } from "./demonstrator.ts";
import type { Environment, Info } from "./environment.ts";
import type { ParallelEnvironment, ParallelStep, PerAgent } from "./parallel.ts";
import { savingOf, worldOf } from "./wrap.ts";
import { wrapperRandom } from "./wrapper-random.ts";

/** Who plays another agent: a function of what it sees, or a demonstrator, which remembers within an episode. */
export type Partner = ((observation: Value, random: Generator) => Value) | Pick<Demonstrator, "memorySize" | "decide">;

/**
 * One agent's view of a game, the others played by partners. The episode ends when the agent's own game does.
 * @param partners one for each other agent
 * @example single(makeParallel("Overcooked-cramped_room-v0"), "cook_1", { cook_2: (seen, random) => random.integer(6) })
 * @throws Problem "unknown-name" for an agent the game does not have, "bad-value" when a partner is missing
 */
export function single(game: ParallelEnvironment, agent: string, partners: PerAgent<Partner>): Environment {
  const where = `single(${game.name})`;
  for (const name of [agent, ...Object.keys(partners)]) {
    if (game.possibleAgents.includes(name)) continue;
    throw problem("unknown-name", { where, what: "agent", name, known: game.possibleAgents });
  }
  const others = game.possibleAgents.filter((name) => name !== agent);
  for (const name of others) {
    if (partners[name] !== undefined) continue;
    throw problem("bad-value", {
      where,
      given: `no partner for ${name}`,
      wanted: `one for each of ${others.join(", ")}`,
    });
  }
  const random = wrapperRandom("partners");
  let running = false;
  let seen: { [agent: string]: Value } = {};
  let memories: { [agent: string]: Float64Array } = {};
  const act = (name: string): Value => {
    const partner = partners[name];
    if (typeof partner === "function") return partner(copyValue(seen[name]), random.now());
    return partner.decide(copyValue(seen[name]), memories[name], random.now());
  };
  const look = (observations: PerAgent<Value>): void => {
    for (const name of others) if (observations[name] !== undefined) seen[name] = observations[name];
  };

  return {
    name: game.name,
    observationSpace: game.observationSpaces[agent],
    actionSpace: game.actionSpaces[agent],
    reset(options) {
      const first = game.reset(options);
      random.begin(options);
      seen = {};
      memories = {};
      for (const name of others) {
        const partner = partners[name];
        memories[name] = new Float64Array(typeof partner === "function" ? 0 : partner.memorySize);
      }
      look(first.observations);
      running = true;
      return { observation: first.observations[agent], info: first.infos[agent] };
    },
    step(action) {
      if (!running) throw problem("not-running", { where: `${game.name}.step` });
      const actions = Object.fromEntries(game.agents.map((name) => [name, name === agent ? action : act(name)]));
      const step = game.step(actions);
      look(step.observations);
      const [terminated, truncated] = [step.terminated[agent], step.truncated[agent]];
      running = !terminated && !truncated;
      const [observation, reward, info] = [step.observations[agent], step.rewards[agent], step.infos[agent]];
      return { observation, reward, terminated, truncated, info };
    },
    ...worldOf(game),
    ...savingOf(game, {
      save: () => ({
        running,
        random: random.save(),
        seen: Object.fromEntries(
          Object.entries(seen).map(([name, value]) => [name, valueToJson(game.observationSpaces[name], value)]),
        ),
        memories: Object.fromEntries(Object.entries(memories).map(([name, numbers]) => [name, [...numbers]])),
      }),
      restore(saved) {
        const from = saved as {
          readonly running: boolean;
          readonly random: unknown;
          readonly seen: PerAgent<unknown>;
          readonly memories: PerAgent<readonly number[]>;
        };
        running = from.running;
        random.restore(from.random);
        seen = {};
        for (const [name, value] of Object.entries(from.seen)) {
          seen[name] = valueFromJson(game.observationSpaces[name], value);
        }
        memories = {};
        for (const [name, numbers] of Object.entries(from.memories)) memories[name] = Float64Array.from(numbers);
      },
    }),
  };
}

/**
 * The whole game as one environment for a central controller: observations and actions are Dicts by agent. An agent that
 * has left keeps its last observation, and its action is not looked at. Over when no agent is left; truncated where any
 * of the last was.
 * @param reward of a step from everyone's; default their sum
 */
export function joint(
  game: ParallelEnvironment,
  reward: (rewards: PerAgent<number>) => number = (rewards) => Object.values(rewards).reduce((sum, r) => sum + r, 0),
): Environment {
  const observationSpace = dict(game.observationSpaces);
  const actionSpace = dict(game.actionSpaces);
  let running = false;
  let seen: { [agent: string]: Value } = {};
  const view = (observations: PerAgent<Value>): Value => {
    seen = { ...seen, ...observations };
    return Object.fromEntries(game.possibleAgents.map((agent) => [agent, copyValue(seen[agent])]));
  };
  return {
    name: game.name,
    observationSpace,
    actionSpace,
    reset(options) {
      const { observations, infos } = game.reset(options);
      const missing = game.possibleAgents.find((agent) => observations[agent] === undefined);
      if (missing !== undefined) {
        const given = `a game that ${missing} joins later`;
        throw problem("bad-value", { where: `joint(${game.name})`, given, wanted: "all agents from the start" });
      }
      running = true;
      return { observation: view(observations), info: { infos } };
    },
    step(action) {
      if (!running) throw problem("not-running", { where: `${game.name}.step` });
      if (!contains(actionSpace, action)) {
        const given = describeValue(action);
        throw problem("outside-space", { where: `${game.name}.step`, given, space: describe(actionSpace) });
      }
      const each = action as PerAgent<Value>;
      const step = game.step(Object.fromEntries(game.agents.map((agent) => [agent, each[agent]])));
      running = game.agents.length > 0;
      const truncated = !running && Object.values(step.truncated).includes(true);
      const info: Info = { rewards: step.rewards, infos: step.infos };
      const observation = view(step.observations);
      return { observation, reward: reward(step.rewards), terminated: !running && !truncated, truncated, info };
    },
    ...worldOf(game),
    ...savingOf(game, {
      save: () => ({ running, seen: running ? valueToJson(observationSpace, seen) : null }),
      restore(saved) {
        const from = saved as { readonly running: boolean; readonly seen: unknown };
        running = from.running;
        seen = from.seen === null ? {} : { ...(valueFromJson(observationSpace, from.seen) as PerAgent<Value>) };
      },
    }),
  };
}

/** What an agent is told when its turn comes. */
export interface Turn {
  readonly observation: Value;
  /** Since its last turn. */
  readonly reward: number;
  readonly terminated: boolean;
  readonly truncated: boolean;
  readonly info: Info;
}

/** A game turn by turn: PettingZoo's AEC form. */
export interface TurnBased {
  readonly name: string;
  readonly possibleAgents: readonly string[];
  readonly observationSpaces: PerAgent<Space>;
  readonly actionSpaces: PerAgent<Space>;
  /** Whose turn it is; undefined before reset and after the end. */
  readonly agent: string | undefined;
  reset(options?: { readonly seed?: number }): void;
  /** What the agent whose turn it is sees. */
  last(): Turn;
  /**
   * @param action undefined in the last turn of an agent, whose game has ended
   * @throws Problem "not-running", "bad-value"
   */
  step(action: Value | undefined): void;
}

/** A game of simultaneous moves turn by turn: nothing happens until each agent has said what it does. */
export function turns(game: ParallelEnvironment): TurnBased {
  let round: readonly string[] = [];
  let index = 0;
  let actions: { [agent: string]: Value } = {};
  let now: ParallelStep = { observations: {}, rewards: {}, terminated: {}, truncated: {}, infos: {} };
  const acting = (): string => {
    if (index >= round.length) throw problem("not-running", { where: `turns(${game.name})` });
    return round[index];
  };
  return {
    name: game.name,
    possibleAgents: game.possibleAgents,
    observationSpaces: game.observationSpaces,
    actionSpaces: game.actionSpaces,
    get agent() {
      return round[index];
    },
    reset(options) {
      const { observations, infos } = game.reset(options);
      const all = <T>(value: T): PerAgent<T> => Object.fromEntries(game.agents.map((agent) => [agent, value]));
      now = { observations, infos, rewards: all(0), terminated: all(false), truncated: all(false) };
      [round, index, actions] = [[...game.agents], 0, {}];
    },
    last() {
      const agent = acting();
      const [observation, reward] = [copyValue(now.observations[agent]), now.rewards[agent]];
      const [terminated, truncated, info] = [now.terminated[agent], now.truncated[agent], now.infos[agent]];
      return { observation, reward, terminated, truncated, info };
    },
    step(action) {
      const agent = acting();
      const over = now.terminated[agent] || now.truncated[agent];
      if (over !== (action === undefined)) {
        const wanted = over ? `undefined, as the game of ${agent} has ended` : `the action of ${agent}`;
        throw problem("bad-value", { where: `turns(${game.name}).step`, given: describeValue(action), wanted });
      }
      if (action !== undefined) actions[agent] = action;
      index++;
      if (index < round.length) return;
      const played = actions;
      [round, index, actions] = [[], 0, {}];
      if (Object.keys(played).length === 0) return;
      now = game.step(played);
      round = game.possibleAgents.filter((name) => now.observations[name] !== undefined);
    },
  };
}
