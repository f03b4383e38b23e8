/** The lander drawn. */
import type { Body, Vec2 } from "planck";
import { line, type Point, polygon, type Scene, type Shape } from "../scene.ts";

interface Sight {
  readonly width: number;
  readonly height: number;
  readonly ground: readonly Vec2[];
  readonly padHeight: number;
  readonly hull: readonly Vec2[];
  readonly lander: Body;
  readonly legs: readonly Body[];
  /** Throttles of the engines on the last step. */
  readonly main: number;
  readonly side: number;
}

/** Points of a body's own frame where they are in the world. */
export const placed = (body: Body, points: readonly { readonly x: number; readonly y: number }[]): Point[] =>
  points.map((point) => {
    const { x, y } = body.getWorldPoint(point);
    return [x, y];
  });

export const corners = (
  halfWidth: number,
  halfHeight: number,
): readonly { readonly x: number; readonly y: number }[] => [
  { x: -halfWidth, y: -halfHeight },
  { x: halfWidth, y: -halfHeight },
  { x: halfWidth, y: halfHeight },
  { x: -halfWidth, y: halfHeight },
];

export function drawLander(sight: Sight): Scene {
  const { width, height, ground, padHeight, hull, lander, legs, main, side } = sight;
  const surface: Point[] = [[0, 0], ...ground.map(({ x, y }): Point => [x, y]), [width, 0]];
  const flags = [ground[4].x, ground[6].x].flatMap((x): Shape[] => [
    line(
      [
        [x, padHeight],
        [x, padHeight + 1.6],
      ],
      0.06,
      "#667",
    ),
    polygon(
      [
        [x, padHeight + 1.6],
        [x, padHeight + 1.1],
        [x + 0.8, padHeight + 1.35],
      ],
      "#c77c02",
    ),
  ]);
  const flame = (from: { readonly x: number; readonly y: number }, to: { readonly x: number; readonly y: number }) =>
    line(placed(lander, [from, to]), 0.25, "#e8642c");
  const fire: Shape[] = [];
  if (main > 0) fire.push(flame({ x: 0, y: -0.4 }, { x: 0, y: -0.5 - 0.9 * main }));
  if (side !== 0) fire.push(flame({ x: -0.5 * Math.sign(side), y: 0.45 }, { x: -Math.sign(side), y: 0.45 }));
  return {
    x: 0,
    y: 0,
    width,
    height,
    background: "#eef1f6",
    shapes: [
      polygon(surface, "#8a8f9c"),
      ...flags,
      ...fire,
      ...legs.map((leg) => polygon(placed(leg, corners(2 / 30, 8 / 30)), "#4d5a88")),
      polygon(placed(lander, hull), "#5f6fb3"),
    ],
  };
}
