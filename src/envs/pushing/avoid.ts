/** Avoiding: past rows of obstacles, by any of many ways. After D3IL's Avoiding (arXiv 2402.14606). */
import * as z from "zod";
import { box } from "../../spaces/make.ts";
import type { Environment, Info } from "../environment.ts";
import { parameter, withValues } from "../parameters.ts";
import { disc, line } from "../scene.ts";
import { simulate } from "../simulation.ts";
import {
  copyState,
  failed,
  fastest,
  handParameters,
  moveHand,
  succeeded,
  table,
  tableScene,
  underway,
} from "./hand.ts";
import { checked, checks } from "./options.ts";

export interface AvoidOptions {
  readonly name?: string;
  /** Obstacles in each row, from the start on; a row of k leaves k + 1 ways. Default [1, 2, 3]: 24 ways, as in D3IL. */
  readonly rows?: readonly number[];
  /** "dense" adds the way made towards the line. Default "sparse": 1 for crossing it. */
  readonly reward?: "sparse" | "dense";
  /** Half the width in which episodes start. Default 0.05. */
  readonly startSpread?: number;
}

export const avoidOptionNames = ["rows", "reward", "startSpread"] as const;
const rowsCheck = [z.array(z.number().int().min(1).max(5)).min(1).max(4), "one to four numbers from 1 to 5"] as const;
const parameters = {
  ...handParameters,
  obstacleRadius: parameter(0.045, 0.005, 0.06, "radius of the obstacles, table widths"),
};

const firstRow = 0.28;
const finish = 0.92;
const hit = 4;
const gaps = 5;

export interface AvoidCourse {
  readonly rows: readonly { readonly y: number; readonly xs: readonly number[] }[];
  /** Beyond this height the episode ends. */
  readonly finish: number;
}

/** Where the obstacles are: each row spread evenly over the table, as many gaps as obstacles and one. */
export const avoidCourse = (rows: readonly number[]): AvoidCourse => ({
  rows: rows.map((count, row) => ({
    y: firstRow + (row * 0.5) / Math.max(1, rows.length - 1 || 1),
    xs: Array.from({ length: count }, (_, i) => 0.5 + (i - (count - 1) / 2) * spacing(count)),
  })),
  finish,
});
const spacing = (count: number): number => Math.min(0.2, 0.8 / (count + 1) + 0.02);

/**
 * Observation [x, y, vx, vy]; action a velocity in [−1, 1]². The episode ends beyond y = 0.92, with reward 1, or at an
 * obstacle, with none. `info.behaviour`: the gap taken in each row from the left, "1-0-3".
 * @throws Problem "bad-option"
 */
export function avoid(options: AvoidOptions = {}): Environment<Float32Array, Float32Array> {
  const { name = "Avoid-v0" } = options;
  const rows = checked(name, "rows", options.rows, rowsCheck, [1, 2, 3]);
  const dense = checked(name, "reward", options.reward, checks.reward, "sparse") === "dense";
  const spreadCheck = [z.number().min(0).max(0.4), "a number from 0 to 0.4"] as const;
  const spread = checked(name, "startSpread", options.startSpread, spreadCheck, 0.05);
  const course = avoidCourse(rows);
  const ways = rows.reduce((product, count) => product * (count + 1), 1);
  const crossed = (s: Float64Array): boolean => s[1] >= course.finish && s[hit] === 0;
  const infos = new Map<string, Info>();

  return simulate<Float32Array, Float32Array, typeof parameters>({
    name,
    observationSpace: box([0, 0, -fastest, -fastest], [1, 1, fastest, fastest]),
    actionSpace: box(-1, 1, { shape: [2] }),
    stateSize: gaps + rows.length,
    parameters: withValues(name, parameters, {}),
    start(state, random) {
      state.fill(0);
      state[0] = 0.5 + random.between(-spread, spread);
      state[1] = 0.08;
      state.fill(-1, gaps);
    },
    advance(state, action, random, p) {
      const before = state[1];
      moveHand(state, action, random, p);
      const reach = (p.obstacleRadius + table.radius) ** 2;
      for (let row = 0; row < course.rows.length; row++) {
        const { y, xs } = course.rows[row];
        for (let i = 0; i < xs.length; i++) {
          if ((state[0] - xs[i]) ** 2 + (state[1] - y) ** 2 < reach) state[hit] = 1;
        }
        if (before < y !== state[1] < y) {
          let gap = 0;
          while (gap < xs.length && xs[gap] < state[0]) gap++;
          state[gaps + row] = gap;
        }
      }
      return (dense ? state[1] - before : 0) + (crossed(state) ? 1 : 0);
    },
    ended: (state) => state[hit] === 1 || state[1] >= course.finish,
    observeInto: (state, into, at) => copyState(state, into, at, 4),
    info(state) {
      if (state[hit] === 1) return failed;
      if (!crossed(state)) return underway;
      const way = state.slice(gaps).join("-");
      if (!infos.has(way)) infos.set(way, Object.freeze(succeeded(way, ways)));
      return infos.get(way)!;
    },
    draw: (state, { obstacleRadius }) =>
      tableScene(
        [
          line(
            [
              [0, course.finish],
              [1, course.finish],
            ],
            0.01,
            "#2e8b57",
          ),
          ...course.rows.flatMap(({ y, xs }) => xs.map((x) => disc(x, y, obstacleRadius, "#b4442f"))),
        ],
        state[0],
        state[1],
      ),
  });
}
