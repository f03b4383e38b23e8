/** A passenger fetched and brought: Gymnasium's Taxi-v4 (Dietterich 2000, doi 10.1613/jair.639). */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { discrete } from "../../spaces/make.ts";
import { parameter } from "../parameters.ts";
import { block, disc, line, type Shape } from "../scene.ts";
import type { Outcome } from "./model.ts";
import { board, marker, tile } from "./picture.ts";
import { type TabularEnvironment, tabular } from "./tabular.ts";

export interface TaxiOptions {
  readonly name?: string;
  /** In rain the taxi goes where it is steered with chance rainyProbability, else to either side. Default false. */
  readonly rainy?: boolean;
  /** Default 0.8. */
  readonly rainyProbability?: number;
  /** The passenger may change the destination once, on the first way after the pick-up. Default false. */
  readonly fickle?: boolean;
  /** The chance of it, drawn when the episode starts. Default 0.3. */
  readonly fickleProbability?: number;
}

export const taxiOptionNames = ["rainy", "rainyProbability", "fickle", "fickleProbability"] as const;

const size = 5;
/** Row and column of red, green, yellow and blue. */
const stands = [
  [0, 0],
  [0, 4],
  [4, 0],
  [4, 3],
] as const;
const aboard = 4;
/** [row] columns that have a wall on their right. */
const wallRightOf = [[1], [1], [], [0, 2], [0, 2]] as const;
/** Row and column steps of south, north, east, west; then those to the left and right of each heading. */
const headings = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const;
const leftOf = [2, 3, 1, 0] as const;
const rightOf = [3, 2, 0, 1] as const;

type Place = readonly [row: number, column: number];

const standAt = (row: number, column: number): number => stands.findIndex(([r, c]) => r === row && c === column);

const encode = (row: number, column: number, passenger: number, destination: number): number =>
  ((row * size + column) * (stands.length + 1) + passenger) * stands.length + destination;

const decode = (state: number): readonly [row: number, column: number, passenger: number, destination: number] => [
  Math.floor(state / 100),
  Math.floor(state / 20) % 5,
  Math.floor(state / 4) % 5,
  state % 4,
];

const hasWallRight = (row: number, column: number): boolean =>
  column >= size - 1 || (wallRightOf[row] as readonly number[]).includes(column);

/** Whether nothing stands in the way of a move. */
function isOpen(row: number, column: number, move: number): boolean {
  if (move === 0) return row < size - 1;
  if (move === 1) return row > 0;
  return move === 2 ? !hasWallRight(row, column) : column > 0 && !hasWallRight(row, column - 1);
}

const moved = (row: number, column: number, move: number): Place =>
  isOpen(row, column, move) ? [row + headings[move][0], column + headings[move][1]] : [row, column];

/**
 * Observation: ((row · 5 + column) · 5 + passenger) · 4 + destination, with the passenger at red, green, yellow, blue
 * or aboard (4). Actions south, north, east, west, pick up, put down. Reward −1 a step, 20 for a delivery, −10 for an
 * idle pick-up or put-down. The delivery ends the episode. `info`: success, probability, actionMask [6], 1 where the
 * action changes something.
 *
 * The tables know rain and do not know a passenger's change of mind, as Gymnasium's.
 * @throws Problem "bad-option"
 */
export function taxi(options: TaxiOptions = {}): TabularEnvironment<number> {
  const { name = "Taxi", rainy = false, rainyProbability = 0.8, fickle = false, fickleProbability = 0.3 } = options;
  for (const [option, given] of Object.entries({ rainy, fickle })) {
    if (!z.boolean().safeParse(given).success) {
      throw problem("bad-option", { where: name, name: option, given, wanted: "true or false" });
    }
  }
  for (const [option, given] of Object.entries({ rainyProbability, fickleProbability })) {
    if (!(given >= 0 && given <= 1)) {
      throw problem("bad-option", { where: name, name: option, given, wanted: "a chance in [0, 1]" });
    }
  }
  return tabular({
    name,
    states: 500,
    actions: 6,
    actionSpace: discrete(6, { names: ["south", "north", "east", "west", "pick up", "put down"] }),
    parameters: {
      steering: parameter(rainy ? rainyProbability : 1, 0, 1, "chance to go where the taxi is steered"),
      fickle: parameter(fickle ? fickleProbability : 0, 0, 1, "chance that the passenger changes the destination"),
      step: parameter(-1, -100, 100, "reward of a step"),
      delivery: parameter(20, -100, 100, "reward of the delivery"),
      mistake: parameter(-10, -100, 100, "reward of an idle pick-up or put-down"),
    },
    starts: () =>
      Array.from({ length: 500 }, (_, state) => {
        const [, , passenger, destination] = decode(state);
        return Number(passenger < aboard && passenger !== destination);
      }),
    outcomes(state, action, p): readonly Outcome[] {
      const [row, column, passenger, destination] = decode(state);
      const to = (place: Place, probability: number): Outcome => ({
        probability,
        next: encode(place[0], place[1], passenger, destination),
        reward: p.step,
        terminated: false,
      });
      if (action <= 3) {
        const ahead = to(moved(row, column, action), p.steering);
        if (p.steering === 1) return [ahead];
        const aside = (1 - p.steering) / 2;
        // A taxi that stands against a wall does not drift along it.
        const drift = (move: number) =>
          to(isOpen(row, column, action) ? moved(row, column, move) : [row, column], aside);
        return [ahead, drift(leftOf[action]), drift(rightOf[action])];
      }
      const here = standAt(row, column);
      const stays = (reward: number, now: number, terminated = false): readonly Outcome[] => [
        { probability: 1, next: encode(row, column, now, destination), reward, terminated, success: terminated },
      ];
      if (action === 4) return here >= 0 && here === passenger ? stays(p.step, aboard) : stays(p.mistake, passenger);
      if (passenger !== aboard || here < 0) return stays(p.mistake, passenger);
      return here === destination ? stays(p.delivery, destination, true) : stays(p.step, here);
    },
    memory: {
      size: 1,
      start(memory, random, p) {
        memory[0] = Number(p.fickle > 0 && random.uniform() < p.fickle);
      },
    },
    afterwards(step) {
      if (step.memory[0] === 0) return 0;
      const [row, column, passenger, destination] = decode(step.before);
      const [nowRow, nowColumn, nowPassenger] = decode(step.after);
      if (passenger !== aboard || (row === nowRow && column === nowColumn)) return 0;
      step.memory[0] = 0;
      step.after = encode(nowRow, nowColumn, nowPassenger, (destination + 1 + step.random.integer(3)) % 4);
      return 0;
    },
    info: (state) => ({ actionMask: taxiActionMask(state) }),
    draw: drawTaxi,
  });
}

/** [6] 1 where an action changes something in a state of the taxi's world. */
export function taxiActionMask(state: number): Uint8Array {
  const [row, column, passenger] = decode(state);
  const here = standAt(row, column);
  const moves = [0, 1, 2, 3].map((move) => Number(isOpen(row, column, move)));
  return Uint8Array.of(...moves, Number(here >= 0 && here === passenger), Number(here >= 0 && passenger === aboard));
}

const standColours = ["#d9534f", "#4caf6d", "#e8c547", "#4a7fc1"] as const;

function drawTaxi(state: number) {
  const [row, column, passenger, destination] = decode(state);
  const shapes: Shape[] = [];
  for (let cell = 0; cell < size * size; cell++) shapes.push(tile(cell % size, Math.floor(cell / size), "#ececec"));
  stands.forEach(([r, c], i) => {
    shapes.push(tile(c, r, standColours[i]));
    if (i === destination)
      shapes.push(block(c + 0.5, r + 0.5, 0.7, 0.7, "#fff"), block(c + 0.5, r + 0.5, 0.5, 0.5, standColours[i]));
  });
  wallRightOf.forEach((columns, r) => {
    for (const c of columns)
      shapes.push(
        line(
          [
            [c + 1, r],
            [c + 1, r + 1],
          ],
          0.08,
          "#333",
        ),
      );
  });
  shapes.push(marker(column, row, "#f0a202"));
  const [standing, at] = passenger === aboard ? [[row, column] as const, 0.5] : [stands[passenger], 0.22];
  shapes.push(disc(standing[1] + at, standing[0] + at, 0.13, "#222"));
  return board(size, size, shapes);
}
