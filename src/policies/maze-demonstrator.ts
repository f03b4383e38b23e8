/** People-like behaviour in mazes, with dials: which way round, how well, how shakily. */

import normalCdf from "@stdlib/stats-base-dists-normal-cdf";
import { checkDials } from "../envs/demonstrator.ts";
import { type CellField, cellField } from "../envs/maze/cells.ts";
import { gridMaze, moves } from "../envs/maze/grid-maze.ts";
import { cellAt, centreOf, isWall, type MazeMap, mazeMap } from "../envs/maze/map.ts";
import { motion, pointMaze } from "../envs/maze/point-maze.ts";
import { sees } from "../envs/maze/walls.ts";
import { problem } from "../problems.ts";
import { fold, type Generator, generator, randomKey } from "../tensor/random.ts";
import type { Policy } from "./policy.ts";
import { scripted } from "./scripted.ts";

export interface MazeDemonstratorOptions {
  /** An environment's name ("PointMaze-medium-v0", "GridMaze-large-v0"), a map's name, or a map as drawn. */
  readonly map: string | readonly string[] | MazeMap;
  /** What it acts in. Default: what the name says, else "point". */
  readonly kind?: "point" | "grid";
  /** 1: always as planned; 0: uniformly random. Also, the lower, the longer the detours of its plan. Default 1. */
  readonly skill?: number;
  /** The side on which it goes round, looking from the map's start to the goal. Default "shortest". */
  readonly style?: "left" | "right" | "shortest";
  /**
   * point: standard deviation of each force about the planned one (a normal cut off at ±1); grid: chance of a random
   * move on top of what skill leaves. Default 0.
   */
  readonly noise?: number;
  /** Which detours an imperfect skill takes. Default 0. */
  readonly seed?: number;
  /** grid: the environment has the action "stay". Default false. */
  readonly stay?: boolean;
}

const sidePrice = 10;
const detourPrice = 6;
const clearance = 0.2;

/**
 * A demonstrator for PointMaze and GridMaze. It heads for the goal along the cheapest cells, where the cells of the
 * side that its style avoids are dear, and those of its own private dislikes too, the more so the lower its skill. At
 * each step it acts as planned with chance `skill`, else uniformly at random.
 *
 * `probability`: grid, the exact chance of the action; point, the exact density
 * skill · N(force; planned, noise²) cut off to [−1, 1]² + (1 − skill) / 4, and none where noise is 0 (a plan without
 * noise has no density).
 * @throws Problem "bad-option" for a dial out of its range, and what mazeMap throws
 */
export function mazeDemonstrator(options: MazeDemonstratorOptions): Policy {
  const { skill = 1, style = "shortest", noise = 0, seed = 0, stay = false } = options;
  const named = typeof options.map === "string" && /^GridMaze-/.test(options.map) ? "grid" : "point";
  const { kind = named } = options;
  const refuse = (name: string, given: unknown, wanted: string) =>
    problem("bad-option", { where: "mazeDemonstrator", name, given, wanted });
  checkDials("mazeDemonstrator", { skill, noise });
  if (!["left", "right", "shortest"].includes(style)) throw refuse("style", style, '"left", "right" or "shortest"');
  if (!["point", "grid"].includes(kind)) throw refuse("kind", kind, '"point" or "grid"');

  const map = mazeMap(options.map);
  const env = kind === "grid" ? gridMaze({ map, stay }) : pointMaze({ map });
  const name = `maze-${style}-skill-${skill}${noise > 0 ? `-noise-${noise}` : ""}`;
  const spaces = { name, observationSpace: env.observationSpace, actionSpace: env.actionSpace };
  const fieldOf = remember((goal: number) => cellField(map, goal, price(map, goal, style, skill, seed)));

  if (kind === "grid") {
    const n = stay ? 5 : 4;
    const chanceRandom = 1 - skill * Math.max(0, 1 - noise);
    return scripted({
      ...spaces,
      decide(observation, random) {
        const [x, y, goalX, goalY] = observation as Float32Array;
        const best = plannedMove(map, fieldOf(cellOf(map, goalX, goalY)), x, y);
        const action = random === undefined || random.uniform() >= chanceRandom ? best : random.integer(n);
        if (random === undefined) return { action };
        return { action, probability: chanceRandom / n + (action === best ? 1 - chanceRandom : 0) };
      },
    });
  }
  return scripted({
    ...spaces,
    decide(observation, random) {
      const seen = observation as Float32Array;
      const planned = plannedForce(map, fieldOf(cellOf(map, seen[4], seen[5])), seen);
      if (random === undefined) return { action: planned };
      const action =
        random.uniform() >= skill
          ? Float32Array.of(random.between(-1, 1), random.between(-1, 1))
          : planned.map((mean) => cutNormal(mean, noise, random));
      if (skill === 0) return { action, probability: 0.25 };
      if (noise === 0) return { action };
      const density = planned.reduce((product, mean, i) => product * cutDensity(action[i], mean, noise), 1);
      return { action, probability: skill * density + (1 - skill) / 4 };
    },
  });
}

/** Observations are noisy or learnt at times: a goal off the map is put on it. */
const cellOf = (map: MazeMap, x: number, y: number): number =>
  cellAt(map, Math.min(map.columns - 1, Math.max(0, x)), Math.min(map.rows - 1, Math.max(0, y)));

function remember<T>(make: (goal: number) => T): (goal: number) => T {
  const made = new Map<number, T>();
  return (goal) => {
    let value = made.get(goal);
    if (value === undefined) {
      value = make(goal);
      made.set(goal, value);
    }
    return value;
  };
}

/** What it costs to leave each cell. */
function price(map: MazeMap, goal: number, style: string, skill: number, seed: number): (cell: number) => number {
  const steps = cellField(map, goal).cost;
  const reachable = map.free.filter((cell) => cell !== goal && steps[cell] < Infinity);
  const marked = map.starts.filter((cell) => reachable.includes(cell));
  const farthest = reachable.reduce((a, b) => (steps[b] > steps[a] ? b : a), reachable[0] ?? goal);
  const [startX, startY] = centreOf(map, marked[0] ?? farthest);
  const [goalX, goalY] = centreOf(map, goal);
  const length = Math.hypot(goalX - startX, goalY - startY) || 1;
  const key = fold(randomKey(seed), "detours", goal);
  const side = style === "left" ? 1 : style === "right" ? -1 : 0;
  return (cell) => {
    const [x, y] = centreOf(map, cell);
    // With y downwards the left of a heading has a positive heading × place, counted as below.
    const left = ((goalY - startY) * (x - startX) - (goalX - startX) * (y - startY)) / length;
    const wrongSide = Math.min(1, Math.max(0, -2 * side * left));
    const dislike = skill === 1 ? 0 : (1 - skill) * generator(fold(key, cell)).uniform();
    return 1 + sidePrice * wrongSide + detourPrice * dislike;
  };
}

/** The move to the next cell of the plan; where there is none (a goal reached or out of reach) the first move. */
function plannedMove(map: MazeMap, field: CellField, x: number, y: number): number {
  const cell = cellOf(map, x, y);
  const next = field.next[cell];
  if (next < 0) return 0;
  const [dx, dy] = [
    (next % map.columns) - (cell % map.columns),
    Math.floor(next / map.columns) - Math.floor(cell / map.columns),
  ];
  return moves.findIndex((move) => move[0] === dx && move[1] === dy);
}

/** The force towards the farthest cell of the plan that can be seen; towards the goal itself when it can be. */
function plannedForce(map: MazeMap, field: CellField, [x, y, vx, vy, goalX, goalY]: Float32Array): Float32Array {
  let cell = cellOf(map, x, y);
  let [aimX, aimY] = centreOf(map, cell);
  if (isWall(map, x, y)) return new Float32Array(2);
  for (;;) {
    const next = field.next[cell];
    const last = next < 0;
    const [toX, toY] = last ? [goalX, goalY] : centreOf(map, next);
    if (!sees(map, x, y, toX, toY, clearance)) break;
    [aimX, aimY] = [toX, toY];
    if (last) break;
    cell = next;
  }
  const [dx, dy] = [aimX - x, aimY - y];
  const far = Math.hypot(dx, dy) || 1;
  const speed = Math.min(motion.fastest, 4 * far);
  const force = (direction: number, velocity: number): number => {
    const wanted = (speed * direction) / far;
    // What holds the wanted velocity against damping, and half of what would reach it in one step.
    const push = (motion.damping * wanted + (0.5 * (wanted - velocity)) / motion.seconds) / motion.force;
    return Math.max(-1, Math.min(1, push));
  };
  return Float32Array.of(force(dx, vx), force(dy, vy));
}

/** A draw from a normal about `mean` (in [−1, 1]) cut off to [−1, 1], by rejection. */
function cutNormal(mean: number, sd: number, random: Generator): number {
  if (sd === 0) return mean;
  // A spread this wide is a uniform to six digits, and would be rejected nearly always.
  if (sd > 1000) return random.between(-1, 1);
  for (;;) {
    const value = mean + sd * random.normal();
    if (value >= -1 && value <= 1) return value;
  }
}

const cutDensity = (value: number, mean: number, sd: number): number => {
  if (sd > 1000) return 0.5;
  const kept = normalCdf(1, mean, sd) - normalCdf(-1, mean, sd);
  return Math.exp(-0.5 * ((value - mean) / sd) ** 2) / (sd * Math.sqrt(2 * Math.PI) * kept);
};
