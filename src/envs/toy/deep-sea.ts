/** Deep exploration made hard: bsuite's DeepSea (arXiv 1908.03568, section 2; arXiv 1703.07608). */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { box, discrete } from "../../spaces/make.ts";
import { fold, generator, randomKey } from "../../tensor/random.ts";
import { parameter } from "../parameters.ts";
import type { Outcome } from "./model.ts";
import { board, marker, tile } from "./picture.ts";
import { type TabularEnvironment, tabular } from "./tabular.ts";

export interface DeepSeaOptions {
  readonly name?: string;
  /** Rows, columns and steps of an episode. Default 10. */
  readonly size?: number;
  /** Moving right fails with chance 1/size, and the last row's outer columns add N(0, 1) to the reward. Default false. */
  readonly stochastic?: boolean;
  /** Which action means right differs from cell to cell; false: 1 is right everywhere. Default true. */
  readonly randomActions?: boolean;
  /** Chooses the meanings. Default 0. */
  readonly mappingSeed?: number;
  /** [size × size] the meanings themselves: the action that is right in each cell, row by row. */
  readonly mapping?: readonly number[];
}

export const deepSeaOptionNames = ["size", "stochastic", "randomActions", "mappingSeed", "mapping"] as const;

/**
 * Observation [size, size]: 1 where the diver is; all 0 at the end. Two actions, left and right, which mean different
 * things in different cells. Each step leads one row down. Going right costs 0.01 / size; going right in the last
 * column pays 1. The episode lasts `size` steps; the only way to the treasure goes right each time.
 *
 * Tables: state row · size + column, and size² for the end; rewards are means (the noise has mean 0).
 * @throws Problem "bad-option"
 */
export function deepSea(options: DeepSeaOptions = {}): TabularEnvironment<Float32Array> {
  const { name = "DeepSea", size = 10, stochastic = false, randomActions = true, mappingSeed = 0 } = options;
  const refuse = (option: string, given: unknown, wanted: string) =>
    problem("bad-option", { where: name, name: option, given, wanted });
  if (!(Number.isSafeInteger(size) && size >= 2 && size <= 200))
    throw refuse("size", size, "a whole number from 2 to 200");
  for (const [option, given] of Object.entries({ stochastic, randomActions })) {
    if (!z.boolean().safeParse(given).success) throw refuse(option, given, "true or false");
  }
  if (!Number.isSafeInteger(mappingSeed)) throw refuse("mappingSeed", mappingSeed, "a whole number");
  const random = generator(fold(randomKey(mappingSeed), "mapping"));
  const right = options.mapping ?? Array.from({ length: size * size }, () => (randomActions ? random.integer(2) : 1));
  if (
    !z
      .array(z.union([z.literal(0), z.literal(1)]))
      .length(size * size)
      .safeParse(right).success
  ) {
    throw refuse("mapping", options.mapping, `${size * size} numbers, each 0 or 1`);
  }
  const end = size * size;
  const space = box(0, 1, { shape: [size, size] });

  return tabular<Float32Array>({
    name,
    states: end + 1,
    actions: 2,
    actionSpace: discrete(2),
    parameters: {
      failure: parameter(stochastic ? 1 / size : 0, 0, 1, "chance that going right does not get on"),
      cost: parameter(0.01, -1, 10, "what going right all the way costs"),
      treasure: parameter(1, -100, 100, "reward of the treasure"),
      noise: parameter(stochastic ? 1 : 0, 0, 10, "standard deviation of the reward in the last row's outer columns"),
    },
    starts: () => Array.from({ length: end + 1 }, (_, state) => Number(state === 0)),
    outcomes(state, action, p): readonly Outcome[] {
      if (state === end) return [{ probability: 1, next: end, reward: 0, terminated: true }];
      const [row, column] = [Math.floor(state / size), state % size];
      const last = row === size - 1;
      const to = (nextColumn: number): number => (last ? end : (row + 1) * size + nextColumn);
      if (action !== right[state]) {
        return [{ probability: 1, next: to(Math.max(0, column - 1)), reward: 0, terminated: last }];
      }
      const treasure = column === size - 1;
      const reward = (treasure ? p.treasure : 0) - p.cost / size;
      const went = (probability: number, nextColumn: number): Outcome => ({
        ...{ probability, next: to(nextColumn), reward, terminated: last, success: treasure },
      });
      const ahead = Math.min(size - 1, column + 1);
      return p.failure === 0 ? [went(1, ahead)] : [went(1 - p.failure, ahead), went(p.failure, column)];
    },
    afterwards({ before, random: draw, p }) {
      const noisy = p.noise > 0 && (before === end - size || before === end - 1);
      return noisy ? p.noise * draw.normal() : 0;
    },
    seen: {
      space,
      observe(state) {
        const picture = new Float32Array(end);
        if (state < end) picture[state] = 1;
        return picture;
      },
      stateOf(observation) {
        const cell = (observation as Float32Array).indexOf(1);
        return cell < 0 ? end : cell;
      },
    },
    draw: (state) =>
      board(size, size, [
        ...right.map((_, cell) => {
          const [row, column] = [Math.floor(cell / size), cell % size];
          return tile(column, row, column > row ? "#f4f4f4" : cell === end - 1 ? "#e8c547" : "#9cc4e0");
        }),
        ...(state === end ? [] : [marker(state % size, Math.floor(state / size))]),
      ]),
  });
}
