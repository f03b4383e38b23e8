/** Games of like agents stepped together, every agent a row: one policy plays them all (parameter sharing). */
import { problem } from "../problems.ts";
import type { Value } from "../spaces/space.ts";
import { allocateRows, readRow, writeRow } from "../spaces/stored.ts";
import type { NdArray } from "../tensor/ndarray.ts";
import type { Info } from "./environment.ts";
import type { ParallelEnvironment } from "./parallel.ts";
import { checkActions, type PlainVector, placed, sameSpaces, seedOf, type VectorStep } from "./vector.ts";

export interface ParallelVectorStep extends VectorStep {
  /** [n] 0 in the rows of agents that have left a game which goes on: nothing they are told to do matters. */
  readonly active: Uint8Array;
}

export interface ParallelVectorEnvironment extends PlainVector {
  readonly games: readonly ParallelEnvironment[];
  /** The agent of each row; a game's agents lie side by side. */
  readonly agents: readonly string[];
  step(actions: NdArray): ParallelVectorStep;
}

/**
 * A game that ends for all is reset on the same step. An agent whose own game ends earlier has that step's end and its
 * last observation in `finalObservation`; its row is then zeros, and not `active`, until the game is reset.
 * @throws Problem "bad-value" when there are no games, or agents differ in their spaces
 */
export function vectoriseParallel(factories: readonly (() => ParallelEnvironment)[]): ParallelVectorEnvironment {
  const games = factories.map((make) => make());
  if (games.length === 0) {
    throw problem("bad-value", { where: "vectoriseParallel", given: "no factories", wanted: "at least one game" });
  }
  const [{ name, possibleAgents }] = games;
  const [{ observationSpaces, actionSpaces }] = games;
  const [observationSpace, actionSpace] = [observationSpaces[possibleAgents[0]], actionSpaces[possibleAgents[0]]];
  const first = { name, observationSpace, actionSpace };
  const places = games.flatMap((game, g) => game.possibleAgents.map((agent) => ({ game, g, agent })));
  const rowOf = games.map(
    (_, g) => new Map(places.flatMap(({ g: of, agent }, row) => (of === g ? [[agent, row]] : []))),
  );
  places.forEach(({ game, agent }, row) => {
    const own = { observationSpace: game.observationSpaces[agent], actionSpace: game.actionSpaces[agent] };
    sameSpaces(row, { name: `${game.name}, ${agent}`, ...own }, first);
  });
  const size = places.length;
  const vector = { ...first, size };
  const info = new Array<Info>(size).fill({});

  const begin = (g: number, seed: number | undefined, write: (row: number, observation: Value) => void): void => {
    const { observations, infos } = games[g].reset(seed === undefined ? {} : { seed: seedOf(seed, g) });
    for (const [agent, row] of rowOf[g]) {
      info[row] = infos[agent] ?? {};
      if (observations[agent] !== undefined) write(row, observations[agent]);
    }
  };

  return {
    ...vector,
    games,
    agents: places.map(({ agent }) => agent),
    reset({ seed } = {}) {
      const observation = allocateRows(observationSpace, size);
      for (const g of games.keys()) begin(g, seed, (row, seen) => writeRow(observationSpace, observation, row, seen));
      return { observation, info: [...info] };
    },
    step(actions) {
      checkActions(vector, actions);
      const observation = allocateRows(observationSpace, size);
      const finalObservation = allocateRows(observationSpace, size);
      const finalInfo = new Array<Info | undefined>(size).fill(undefined);
      const reward = new Float64Array(size);
      const [terminated, truncated, active] = [new Uint8Array(size), new Uint8Array(size), new Uint8Array(size)];
      for (const [g, game] of games.entries()) {
        const own = rowOf[g];
        try {
          const given = game.agents.map((agent) => [agent, readRow(actionSpace, actions, own.get(agent)!)]);
          const step = game.step(Object.fromEntries(given));
          for (const [agent, row] of own) {
            info[row] = {};
            if (step.observations[agent] === undefined) continue;
            info[row] = step.infos[agent];
            reward[row] = step.rewards[agent];
            terminated[row] = Number(step.terminated[agent]);
            truncated[row] = Number(step.truncated[agent]);
            const over = terminated[row] + truncated[row] > 0;
            active[row] = Number(!over);
            writeRow(observationSpace, over ? finalObservation : observation, row, step.observations[agent]);
            if (over) finalInfo[row] = step.infos[agent];
          }
          if (game.agents.length > 0) continue;
          begin(g, undefined, (row, seen) => {
            active[row] = 1;
            writeRow(observationSpace, observation, row, seen);
          });
        } catch (error) {
          throw placed(name, g, error);
        }
      }
      const ends = finalInfo.some((it) => it !== undefined) ? { finalObservation, finalInfo } : {};
      return { observation, reward, terminated, truncated, active, info: [...info], ...ends };
    },
    ...(games.every((game) => game.save !== undefined && game.restore !== undefined)
      ? {
          save: () => games.map((game) => game.save!()),
          restore(state: unknown) {
            if (!Array.isArray(state) || state.length !== games.length) {
              const wanted = `${games.length} states, as save returned them`;
              throw problem("bad-value", { where: `${name}.restore`, given: state, wanted });
            }
            for (const [g, game] of games.entries()) game.restore!(state[g]);
          },
        }
      : {}),
  };
}
