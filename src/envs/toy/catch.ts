/** A ball falls and a paddle catches it: bsuite's Catch (arXiv 1908.03568). */
import { problem } from "../../problems.ts";
import { box, discrete } from "../../spaces/make.ts";
import { parameter } from "../parameters.ts";
import { block } from "../scene.ts";
import type { Outcome } from "./model.ts";
import { board, marker, tile } from "./picture.ts";
import { type TabularEnvironment, tabular } from "./tabular.ts";

export interface CatchOptions {
  readonly name?: string;
  /** Default 10. */
  readonly rows?: number;
  /** Default 5. */
  readonly columns?: number;
}

export const catchOptionNames = ["rows", "columns"] as const;

/**
 * Observation [rows, columns]: 1 at the ball and at the paddle, which moves along the last row. Actions left, stay,
 * right. The ball falls one row a step, straight down; where it meets the paddle's row the episode ends, with reward 1
 * when they meet and −1 when they miss.
 *
 * Tables: state (ball's row · columns + ball's column) · columns + paddle's column.
 * @throws Problem "bad-option"
 */
export function catchBall(options: CatchOptions = {}): TabularEnvironment<Float32Array> {
  const { name = "Catch", rows = 10, columns = 5 } = options;
  for (const [option, given] of Object.entries({ rows, columns })) {
    if (!(Number.isSafeInteger(given) && given >= 2 && given <= 100)) {
      throw problem("bad-option", { where: name, name: option, given, wanted: "a whole number from 2 to 100" });
    }
  }
  const decode = (state: number): readonly [row: number, ball: number, paddle: number] => [
    Math.floor(state / columns / columns),
    Math.floor(state / columns) % columns,
    state % columns,
  ];
  const encode = (row: number, ball: number, paddle: number): number => (row * columns + ball) * columns + paddle;
  const middle = Math.floor(columns / 2);

  return tabular<Float32Array>({
    name,
    states: rows * columns * columns,
    actions: 3,
    actionSpace: discrete(3, { names: ["left", "stay", "right"] }),
    parameters: {
      wind: parameter(0, 0, 1, "chance that the ball drifts a column to either side as it falls"),
      caught: parameter(1, -100, 100, "reward of a catch"),
      missed: parameter(-1, -100, 100, "reward of a miss"),
    },
    starts: () =>
      Array.from({ length: rows * columns * columns }, (_, state) => {
        const [row, , paddle] = decode(state);
        return Number(row === 0 && paddle === middle);
      }),
    outcomes(state, action, p) {
      const [row, ball, was] = decode(state);
      const last = row + 1 >= rows - 1;
      if (row === rows - 1) return [{ probability: 1, next: state, reward: 0, terminated: true }];
      const paddle = Math.max(0, Math.min(columns - 1, was + action - 1));
      const falls = (probability: number, drift: number): Outcome => {
        const column = Math.max(0, Math.min(columns - 1, ball + drift));
        const met = column === paddle;
        const reward = last ? (met ? p.caught : p.missed) : 0;
        return { probability, next: encode(row + 1, column, paddle), reward, terminated: last, success: last && met };
      };
      return p.wind === 0 ? [falls(1, 0)] : [falls(p.wind / 2, -1), falls(1 - p.wind, 0), falls(p.wind / 2, 1)];
    },
    seen: {
      space: box(0, 1, { shape: [rows, columns] }),
      observe(state) {
        const [row, ball, paddle] = decode(state);
        const picture = new Float32Array(rows * columns);
        picture[row * columns + ball] = 1;
        picture[(rows - 1) * columns + paddle] = 1;
        return picture;
      },
      stateOf(observation) {
        const picture = observation as Float32Array;
        const above = picture.indexOf(1);
        const paddle = picture.lastIndexOf(1) % columns;
        if (above < (rows - 1) * columns) return encode(Math.floor(above / columns), above % columns, paddle);
        // Both in the last row, where nothing tells ball from paddle and nothing follows.
        return encode(rows - 1, above % columns, paddle);
      },
    },
    draw(state) {
      const [row, ball, paddle] = decode(state);
      const cells = Array.from({ length: rows * columns }, (_, cell) =>
        tile(cell % columns, Math.floor(cell / columns), "#eef1f5"),
      );
      return board(rows, columns, [...cells, block(paddle + 0.5, rows - 0.5, 0.9, 0.4, "#27506f"), marker(ball, row)]);
    },
  });
}
