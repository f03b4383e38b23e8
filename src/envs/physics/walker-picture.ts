/** The walker drawn, the picture moving along with it. */
import type { Body } from "planck";
import { line, type Point, polygon, type Scene, type Shape } from "../scene.ts";
import { corners, placed } from "./lander-picture.ts";
import type { Terrain } from "./terrain.ts";
import { hullShape, legHeight, legWidth } from "./walker.ts";

interface Sight {
  readonly terrain: Terrain;
  readonly hull: Body;
  /** Upper and lower of one leg, then of the other. */
  readonly limbs: readonly Body[];
  /** Fractions of the lidars. */
  readonly seen: ArrayLike<number>;
}

const [width, height] = [20, 400 / 30];

export function drawWalker({ terrain, hull, limbs, seen }: Sight): Scene {
  const { x, y } = hull.getPosition();
  const left = x - width / 5;
  const near = (point: Point): boolean => point[0] > left - 4 && point[0] < left + width + 4;
  const surface = terrain.surface.filter(near);
  const ground: Point[] = [[surface[0]?.[0] ?? left, 0], ...surface, [surface.at(-1)?.[0] ?? left, 0]];
  const last = seen.length - 1;
  const reach = (160 / 30) * seen[last];
  const angle = (1.5 * last) / 10;
  const limb = (body: Body, i: number): Shape => {
    const halfWidth = (i % 2 === 0 ? legWidth : 0.8 * legWidth) / 2;
    return polygon(placed(body, corners(halfWidth, legHeight / 2)), i < 2 ? "#3d4f8a" : "#7183c4");
  };
  return {
    x: left,
    y: 0,
    width,
    height,
    background: "#eef1f6",
    shapes: [
      polygon(ground, "#7fae6a"),
      ...terrain.blocks.filter((points) => points.some(near)).map((points) => polygon(points, "#8a8f9c")),
      line(
        [
          [x, y],
          [x + reach * Math.sin(angle), y - reach * Math.cos(angle)],
        ],
        0.04,
        "#d1495b",
      ),
      ...limbs.slice(0, 2).map(limb),
      polygon(placed(hull, hullShape), "#5f6fb3"),
      ...limbs.slice(2).map((body, i) => limb(body, i + 2)),
    ],
  };
}
