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

/** PointMaze-… and GridMaze-…, each map from its marked start, and "-diverse" from anywhere. */
export const mazes: readonly Registration[] = Object.keys(maps).flatMap((map) =>
  (["", "-diverse"] as const).flatMap((starts): Registration[] => {
    const usual = starts === "" ? {} : ({ start: "random" } as const);
    const from = starts === "" ? "" : ", from a random place";
    const [point, grid] = [`PointMaze-${map}${starts}-v0`, `GridMaze-${map}${starts}-v0`];
    return [
      {
        name: point,
        about: `Steer a point mass through the ${map} maze${from}.`,
        maxSteps: limits[map][0],
        options: mazeOptionNames,
        create: (options) => pointMaze({ ...usual, ...options, map, name: point }),
      },
      {
        name: grid,
        about: `Walk the ${map} maze cell by cell${from}.`,
        maxSteps: limits[map][1],
        options: [...mazeOptionNames, "stay"],
        create: (options) => gridMaze({ ...usual, ...options, map, name: grid }),
      },
    ];
  }),
);
