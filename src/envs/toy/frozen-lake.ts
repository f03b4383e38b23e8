/** Across the ice without falling in: Gymnasium's FrozenLake. */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { discrete } from "../../spaces/make.ts";
import { fold, type Generator, generator, randomKey } from "../../tensor/random.ts";
import { parameter } from "../parameters.ts";
import type { Outcome } from "./model.ts";
import { board, marker, tile } from "./picture.ts";
import { type TabularEnvironment, tabular } from "./tabular.ts";

/** The lakes that come along: "S" start, "F" ice, "H" hole, "G" goal. */
export const lakes: { readonly [name: string]: readonly string[] } = {
  "4x4": ["SFFF", "FHFH", "FFFH", "HFFG"],
  "8x8": ["SFFFFFFF", "FFFFFFFF", "FFFHFFFF", "FFFFFHFF", "FFFHFFFF", "FHHFFFHF", "FHFFHFHF", "FFFHFFFG"],
};

export interface FrozenLakeOptions {
  readonly name?: string;
  /** "4x4", "8x8", or a lake as drawn, one string a row. Default "4x4". */
  readonly map?: string | readonly string[];
  /** Whether the ice is slippery. Default true. */
  readonly slippery?: boolean;
  /** On slippery ice, the chance to go where one wants; else to either side, equally likely. Default 1/3. */
  readonly successRate?: number;
}

export const frozenLakeOptionNames = ["map", "slippery", "successRate"] as const;

/** Row and column steps of left, down, right, up: an action's neighbours in this list are the ways it slips. */
const moves = [
  [0, -1],
  [1, 0],
  [0, 1],
  [-1, 0],
] as const;

const colours: { readonly [letter: string]: string } = { S: "#cfe3f2", F: "#e8f2f9", H: "#27506f", G: "#8fd19e" };

/**
 * Observation: the cell, row · columns + column. Actions left, down, right, up. Reward 1 on the goal, 0 elsewhere (both
 * are parameters); holes and the goal end the episode. `info`: success, probability of what happened.
 * @throws Problem "bad-option"
 */
export function frozenLake(options: FrozenLakeOptions = {}): TabularEnvironment<number> {
  const { name = "FrozenLake", slippery = true, successRate = 1 / 3 } = options;
  const refuse = (option: string, given: unknown, wanted: string) =>
    problem("bad-option", { where: name, name: option, given, wanted });
  if (!z.boolean().safeParse(slippery).success) throw refuse("slippery", slippery, "true or false");
  if (!(successRate >= 0 && successRate <= 1)) throw refuse("successRate", successRate, "a chance in [0, 1]");
  const rows = lakeOf(options.map ?? "4x4", refuse);
  const [height, width] = [rows.length, rows[0].length];
  const letters = rows.join("");

  return tabular({
    name,
    states: height * width,
    actions: 4,
    actionSpace: discrete(4, { names: ["left", "down", "right", "up"] }),
    parameters: {
      successRate: parameter(slippery ? successRate : 1, 0, 1, "chance to go where one wants"),
      goal: parameter(1, -100, 100, "reward on the goal"),
      hole: parameter(0, -100, 100, "reward in a hole"),
      ice: parameter(0, -100, 100, "reward on ice"),
    },
    starts: () => Array.from(letters, (letter) => Number(letter === "S")),
    outcomes(state, action, p) {
      if ("HG".includes(letters[state])) return [{ probability: 1, next: state, reward: 0, terminated: true }];
      const arrive = (probability: number, move: number): Outcome => {
        const next = neighbour(state, moves[move], height, width);
        const letter = letters[next];
        const reward = letter === "G" ? p.goal : letter === "H" ? p.hole : p.ice;
        return { probability, next, reward, terminated: "HG".includes(letter), success: letter === "G" };
      };
      if (p.successRate === 1) return [arrive(1, action)];
      const aside = (1 - p.successRate) / 2;
      return [arrive(aside, (action + 3) % 4), arrive(p.successRate, action), arrive(aside, (action + 1) % 4)];
    },
    draw: (state) =>
      board(height, width, [
        ...Array.from(letters, (letter, cell) => tile(cell % width, Math.floor(cell / width), colours[letter])),
        marker(state % width, Math.floor(state / width)),
      ]),
  });
}

/** The cell a move leads to; the border holds. */
export function neighbour(
  cell: number,
  [down, right]: readonly [number, number],
  rows: number,
  columns: number,
): number {
  const row = Math.max(0, Math.min(rows - 1, Math.floor(cell / columns) + down));
  const column = Math.max(0, Math.min(columns - 1, (cell % columns) + right));
  return row * columns + column;
}

function lakeOf(map: string | readonly string[], refuse: (option: string, given: unknown, wanted: string) => Error) {
  const rows = typeof map === "string" ? lakes[map] : map;
  const wanted = `one of ${Object.keys(lakes).join(", ")}, or rows of S, F, H, G of one length with at least one S`;
  if (
    !z
      .array(z.string().regex(/^[SFHG]+$/))
      .min(1)
      .safeParse(rows).success
  )
    throw refuse("map", map, wanted);
  if (rows.some((row) => row.length !== rows[0].length) || !rows.join("").includes("S"))
    throw refuse("map", map, wanted);
  return rows;
}

/**
 * A random lake with a way from its start (top left) to its goal (bottom right).
 * @param frozen the chance that a cell is ice
 * @example make("FrozenLake-v1", { map: randomLake({ size: 10, seed: 3 }) })
 */
export function randomLake(
  options: { readonly size?: number; readonly frozen?: number; readonly seed?: number } = {},
): readonly string[] {
  const { size = 8, frozen = 0.8, seed = 0 } = options;
  const refuse = (option: string, given: unknown, wanted: string) =>
    problem("bad-option", { where: "randomLake", name: option, given, wanted });
  if (!Number.isSafeInteger(size) || size < 2) throw refuse("size", size, "a whole number from 2");
  if (!(frozen > 0 && frozen <= 1)) throw refuse("frozen", frozen, "a chance in (0, 1]");
  const random: Generator = generator(fold(randomKey(seed), "lake"));
  for (;;) {
    const letters = Array.from({ length: size * size }, (): string => (random.uniform() < frozen ? "F" : "H"));
    letters[0] = "S";
    letters[size * size - 1] = "G";
    if (crossable(letters, size))
      return Array.from({ length: size }, (_, row) => letters.slice(row * size, (row + 1) * size).join(""));
  }
}

function crossable(letters: readonly string[], size: number): boolean {
  const reached = new Set([0]);
  for (const cell of reached) {
    if (letters[cell] === "G") return true;
    if (letters[cell] !== "H") for (const move of moves) reached.add(neighbour(cell, move, size, size));
  }
  return false;
}
