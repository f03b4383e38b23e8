import type { Registration } from "../registration.ts";
import { gridMaze } from "./grid-maze.ts";
import { maps } from "./map.ts";
import { mazeOptionNames } from "./options.ts";
import { pointMaze } from "./point-maze.ts";

const limits: { readonly [map: string]: readonly [point: number, grid: number] } = {
  umaze: [150, 50],
  medium: [250, 100],
  large: [400, 200],
  ring: [200, 50],
};

/** PointMaze-… and GridMaze-…, one of each a map. */
export const mazes: readonly Registration[] = Object.keys(maps).flatMap((map): Registration[] => [
  {
    name: `PointMaze-${map}-v0`,
    about: `Steer a point mass through the ${map} maze.`,
    maxSteps: limits[map][0],
    options: mazeOptionNames,
    create: (options) => pointMaze({ ...options, map, name: `PointMaze-${map}-v0` }),
  },
  {
    name: `GridMaze-${map}-v0`,
    about: `Walk the ${map} maze cell by cell.`,
    maxSteps: limits[map][1],
    options: [...mazeOptionNames, "stay"],
    create: (options) => gridMaze({ ...options, map, name: `GridMaze-${map}-v0` }),
  },
]);
