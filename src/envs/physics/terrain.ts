/** Ground for the walker: Gymnasium's two terrains, and one made from parameters, for curricula. */
import type { Generator } from "../../tensor/random.ts";
import type { Point } from "../scene.ts";

/** Lengths in the world's units; a leg of the walker is 2.27 long. */
export const terrainStep = 14 / 30;
export const terrainLength = 200;
const groundHeight = 400 / 30 / 4;
const grass = 10;
const startPad = 20;
const roughest = 1 / 30;

export interface Terrain {
  /** The surface from left to right. */
  readonly surface: readonly Point[];
  /** Obstacles: convex polygons. */
  readonly blocks: readonly (readonly Point[])[];
}

export const startHeight = groundHeight;
export const startX = (terrainStep * startPad) / 2;

const rectangle = (x: number, top: number, width: number, bottom: number): readonly Point[] => [
  [x, bottom],
  [x + width, bottom],
  [x + width, top],
  [x, top],
];

/** One step of rolling ground: a velocity that is drawn back to the middle height. */
const rolled = (velocity: number, y: number, bump: number): number =>
  0.8 * velocity + 0.01 * Math.sign(groundHeight - y) + bump;

/** Gymnasium's terrain: rolling ground, and with `hardcore` stumps, pits and stairs between stretches of it. */
export function gymnasiumTerrain(random: Generator, hardcore: boolean): Terrain {
  const between = (low: number, below: number): number => low + random.integer(below - low);
  const surface: Point[] = [];
  const blocks: (readonly Point[])[] = [];
  let kind: "grass" | "stump" | "stairs" | "pit" = "grass";
  let [velocity, y, counter, before] = [0, groundHeight, startPad, 0];
  let stairs = { count: 0, width: 0, rise: 0 };
  let fresh = false;
  for (let i = 0; i < terrainLength; i++) {
    const x = i * terrainStep;
    if (kind === "grass" && !fresh) {
      velocity = rolled(velocity, y, i > startPad ? random.between(-1, 1) * roughest : 0);
      y += velocity;
    } else if (kind === "pit" && fresh) {
      counter = between(3, 5);
      const bottom = y - 4 * terrainStep;
      blocks.push(rectangle(x, y, terrainStep, bottom));
      blocks.push(rectangle(x + terrainStep * counter, y, terrainStep, bottom));
      counter += 2;
      before = y;
    } else if (kind === "pit") {
      y = before - (counter > 1 ? 4 * terrainStep : 0);
    } else if (kind === "stump" && fresh) {
      counter = between(1, 3);
      blocks.push(rectangle(x, y + counter * terrainStep, counter * terrainStep, y));
    } else if (kind === "stairs" && fresh) {
      const rise = random.uniform() > 0.5 ? 1 : -1;
      stairs = { rise, width: between(4, 5), count: between(3, 5) };
      before = y;
      for (let s = 0; s < stairs.count; s++) {
        const top = y + s * rise * terrainStep;
        blocks.push(rectangle(x + s * stairs.width * terrainStep, top, stairs.width * terrainStep, top - terrainStep));
      }
      counter = stairs.count * stairs.width;
    } else if (kind === "stairs") {
      const climbed = (stairs.count * stairs.width - counter - stairs.rise) / stairs.width;
      y = before + climbed * stairs.rise * terrainStep;
    }
    fresh = false;
    surface.push([x, y]);
    counter--;
    if (counter === 0) {
      counter = between(grass / 2, grass);
      kind = kind === "grass" && hardcore ? obstacles[random.integer(3)] : "grass";
      fresh = true;
    }
  }
  return { surface, blocks };
}

const obstacles = ["stump", "stairs", "pit"] as const;

/** What a terrain is made from; lengths in units of which a leg has 2.27. */
export interface TerrainTask {
  readonly roughness: number;
  readonly stumpHeight: number;
  readonly stumpWidth: number;
  readonly gapWidth: number;
  readonly spacing: number;
}

const gapDepth = 4 * terrainStep;
const heightSpread = 0.1;

/**
 * Rolling ground of the given roughness (1: Gymnasium's) with an obstacle every `spacing`: stumps whose heights are
 * normal about `stumpHeight` (sd 0.1), gaps of `gapWidth`, or both in turn. After the stump tracks of TeachMyAgent
 * (arXiv 2103.09815), with units of our own.
 */
export function parametricTerrain(random: Generator, task: TerrainTask): Terrain {
  const end = terrainLength * terrainStep;
  const kinds = [...(task.stumpHeight > 0 ? ["stump"] : []), ...(task.gapWidth > 0 ? ["gap"] : [])];
  const surface: Point[] = [];
  const blocks: (readonly Point[])[] = [];
  let [x, y, velocity, next, turn] = [0, groundHeight, 0, startPad * terrainStep + task.spacing, 0];
  while (x < end) {
    surface.push([x, y]);
    if (kinds.length > 0 && x >= next && x < end - grass * terrainStep) {
      const kind = kinds[turn++ % kinds.length];
      const width = kind === "stump" ? task.stumpWidth : task.gapWidth;
      if (kind === "stump") {
        const tall = Math.max(0.05, task.stumpHeight + heightSpread * random.normal());
        blocks.push(rectangle(x, y + tall, width, y));
      } else {
        surface.push([x + 0.01, y - gapDepth], [x + width - 0.01, y - gapDepth]);
      }
      surface.push([x + width, y]);
      x += width;
      next = x + task.spacing;
    }
    velocity = rolled(velocity, y, x > startPad * terrainStep ? random.between(-1, 1) * roughest * task.roughness : 0);
    y += velocity;
    x += terrainStep;
  }
  surface.push([x, y]);
  return { surface, blocks };
}
