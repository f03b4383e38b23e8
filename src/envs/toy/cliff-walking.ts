/** Along a cliff: Gymnasium's CliffWalking (Sutton and Barto 2018, example 6.6). */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { discrete } from "../../spaces/make.ts";
import { parameter } from "../parameters.ts";
import { neighbour } from "./frozen-lake.ts";
import type { Outcome } from "./model.ts";
import { board, marker, tile } from "./picture.ts";
import { type TabularEnvironment, tabular } from "./tabular.ts";

export interface CliffWalkingOptions {
  readonly name?: string;
  /** A move goes to either side instead, one time in three each. Default false. */
  readonly slippery?: boolean;
}

export const cliffWalkingOptionNames = ["slippery"] as const;

const [rows, columns] = [4, 12];
const start = 3 * columns;
const goal = rows * columns - 1;
/** Row and column steps of up, right, down, left. */
const moves = [
  [-1, 0],
  [0, 1],
  [1, 0],
  [0, -1],
] as const;

const isCliff = (cell: number): boolean => cell > start && cell < goal;

/**
 * Observation: the cell of a 4 × 12 board, row · 12 + column. Actions up, right, down, left. Reward −1 a step; a step
 * over the cliff −100 and back to the start. The goal, bottom right, ends the episode; there is no time limit.
 * @throws Problem "bad-option"
 */
export function cliffWalking(options: CliffWalkingOptions = {}): TabularEnvironment<number> {
  const { name = "CliffWalking", slippery = false } = options;
  if (!z.boolean().safeParse(slippery).success) {
    throw problem("bad-option", { where: name, name: "slippery", given: slippery, wanted: "true or false" });
  }
  return tabular({
    name,
    states: rows * columns,
    actions: 4,
    actionSpace: discrete(4, { names: ["up", "right", "down", "left"] }),
    parameters: {
      aside: parameter(slippery ? 1 / 3 : 0, 0, 0.5, "chance to go to each side of where one wants"),
      step: parameter(-1, -100, 100, "reward of a step"),
      cliff: parameter(-100, -1000, 100, "reward of a fall"),
    },
    starts: () => Array.from({ length: rows * columns }, (_, cell) => Number(cell === start)),
    outcomes(state, action, p) {
      const arrive = (probability: number, move: number): Outcome => {
        const next = neighbour(state, moves[move], rows, columns);
        if (isCliff(next)) return { probability, next: start, reward: p.cliff, terminated: false };
        return { probability, next, reward: p.step, terminated: next === goal, success: next === goal };
      };
      if (p.aside === 0) return [arrive(1, action)];
      return [arrive(p.aside, (action + 3) % 4), arrive(1 - 2 * p.aside, action), arrive(p.aside, (action + 1) % 4)];
    },
    draw: (state) =>
      board(rows, columns, [
        ...Array.from({ length: rows * columns }, (_, cell) =>
          tile(
            cell % columns,
            Math.floor(cell / columns),
            isCliff(cell) ? "#4a4238" : cell === goal ? "#8fd19e" : "#e7ecdf",
          ),
        ),
        marker(state % columns, Math.floor(state / columns)),
      ]),
  });
}
