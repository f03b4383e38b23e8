/** Mazes as SVG. */
import { centreOf, type MazeMap, mazeMap } from "./map.ts";

const pixels = 40;
const n = (value: number): string => String(Math.round(value * pixels * 10) / 10);
const palette = ["#1668b8", "#d1495b", "#2e8b57", "#c77c02", "#6f4fa0", "#4d4d4d"];

const circle = ([x, y]: readonly [number, number], radius: number, style: string): string =>
  `<circle cx="${n(x)}" cy="${n(y)}" r="${n(radius)}" ${style}/>`;

function sheet(map: MazeMap, shapes: readonly string[]): string {
  const walls: string[] = [];
  for (let cell = 0; cell < map.wall.length; cell++) {
    if (map.wall[cell] === 0) continue;
    const [x, y] = centreOf(map, cell);
    walls.push(`M${n(x - 0.5)} ${n(y - 0.5)}h${pixels}v${pixels}h-${pixels}z`);
  }
  const [width, height] = [map.columns * pixels, map.rows * pixels];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" fill="#fbfaf7"/><path d="${walls.join("")}" fill="#3c4250"/>`,
    ...shapes,
    "</svg>",
  ].join("");
}

/** The maze with the body and its goal. */
export const drawMaze = (
  map: MazeMap,
  x: number,
  y: number,
  goalX: number,
  goalY: number,
  goalRadius: number,
): string =>
  sheet(map, [
    circle([goalX, goalY], goalRadius, 'fill="#2e8b57" fill-opacity="0.35"'),
    circle([x, y], 0.12, `fill="${palette[0]}"`),
  ]);

/** One trajectory to draw: places one after another, [x, y] each. */
export interface DrawnPath {
  readonly positions: Iterable<ArrayLike<number>>;
  readonly colour?: string;
}

/**
 * Trajectories drawn over a map, for reports. Observations of mazes start with x and y, so rows of a recording can be
 * given as they are.
 * @example renderPath("PointMaze-medium-v0", [{ positions: rows, colour: "crimson" }])
 */
export function renderPath(map: string | readonly string[] | MazeMap, paths: readonly DrawnPath[]): string {
  const parsed = mazeMap(map);
  const marks = [
    ...parsed.starts.map((cell) => circle(centreOf(parsed, cell), 0.2, 'fill="#9aa3b2" fill-opacity="0.6"')),
    ...parsed.goals.map((cell) => circle(centreOf(parsed, cell), 0.3, 'fill="#2e8b57" fill-opacity="0.35"')),
  ];
  const opacity = Math.max(0.15, Math.min(0.9, 6 / Math.max(1, paths.length)));
  const lines = paths.map(({ positions, colour }, i) => {
    const points = Array.from(positions, (place) => `${n(place[0])},${n(place[1])}`).join(" ");
    const stroke = (colour ?? palette[i % palette.length]).replace(/[^#\w(),.% -]/g, "");
    return `<polyline points="${points}" fill="none" stroke="${stroke}" stroke-width="2" stroke-opacity="${opacity.toFixed(2)}" stroke-linejoin="round"/>`;
  });
  return sheet(parsed, [...marks, ...lines]);
}
