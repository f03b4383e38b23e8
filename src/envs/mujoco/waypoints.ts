/** The controller that D4RL's point-maze recordings were made with: from cell to cell, by force. arXiv 2004.07219 */
import { problem } from "../../problems.ts";
import { box } from "../../spaces/make.ts";
import { checkDials, type Demonstrator } from "../demonstrator.ts";
import { type CellField, cellField } from "../maze/cells.ts";
import type { MazeMap } from "../maze/map.ts";
import { type CellMap, cellMaps, type GoalObservation, goalSpace } from "./goal-maze.ts";
import { clip } from "./locomotion.ts";

export interface WaypointOptions {
  /** A map's name in Gymnasium-Robotics ("Medium", "Large_Diverse_G") or the map itself. */
  readonly map: keyof typeof cellMaps | CellMap;
  /** Chance of acting as planned; else uniformly at random. Default 1. */
  readonly skill?: number;
  /** Standard deviation added to each force. Default 0. */
  readonly noise?: number;
}

/** Force per metre of distance to the next waypoint, and per m/s of speed. */
const [stiffness, damping] = [10, 1];

/**
 * A demonstrator for PointMaze_…-v3: heads for the middle of the next cell on the shortest way, and in the goal's cell for
 * the goal. Stays there when it has arrived.
 * @throws Problem "unknown-name" for a map, "bad-option" for a dial out of its range
 */
export function waypointDemonstrator(options: WaypointOptions): Demonstrator<GoalObservation, Float32Array> {
  const where = "waypointDemonstrator";
  const { map: given, skill = 1, noise = 0 } = options;
  if (typeof given === "string" && !Object.hasOwn(cellMaps, given)) {
    throw problem("unknown-name", { where, what: "map", name: given, known: Object.keys(cellMaps) });
  }
  checkDials(where, { skill, noise });
  const map = walls(typeof given === "string" ? cellMaps[given] : given);
  const { rows, columns } = map;
  const cellOf = (at: Float64Array): number => Math.floor(rows / 2 - at[1]) * columns + Math.floor(at[0] + columns / 2);
  const fields = new Map<number, CellField>();
  const fieldOf = (goal: number): CellField => {
    let field = fields.get(goal);
    if (field === undefined) {
      field = cellField(map, goal);
      fields.set(goal, field);
    }
    return field;
  };

  return {
    name: ["waypoints", `skill-${skill}`, ...(noise > 0 ? [`noise-${noise}`] : [])].join("-"),
    observationSpace: goalSpace(4),
    actionSpace: box(-1, 1, { shape: [2] }),
    memorySize: 0,
    decide({ observation, desired_goal }, _, random) {
      if (random !== undefined && random.uniform() >= skill) {
        return Float32Array.of(random.between(-1, 1), random.between(-1, 1));
      }
      const next = fieldOf(cellOf(desired_goal)).next[cellOf(observation)];
      const aim =
        next < 0 ? desired_goal : [(next % columns) + 0.5 - columns / 2, rows / 2 - Math.floor(next / columns) - 0.5];
      return Float32Array.from([0, 1], (i) => {
        const force = stiffness * (aim[i] - observation[i]) - damping * observation[i + 2];
        return clip(force + (random !== undefined && noise > 0 ? noise * random.normal() : 0), -1, 1);
      });
    },
  };
}

/** The map as the planner of cells takes it. */
function walls(cells: CellMap): MazeMap {
  const wall = Uint8Array.from(cells.flat(), (kind) => (kind === 1 ? 1 : 0));
  return { rows: cells.length, columns: cells[0].length, wall, starts: [], goals: [], free: [] };
}
