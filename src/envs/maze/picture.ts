/** Mazes drawn. */
import { disc, type Point, polygon, type Scene, type Shape, toSvg } from "../scene.ts";
import { centreOf, type MazeMap, mazeMap } from "./map.ts";

const pixels = 40;
const palette = ["#1668b8", "#d1495b", "#2e8b57", "#c77c02", "#6f4fa0", "#4d4d4d"];

function sheet(map: MazeMap, shapes: readonly Shape[]): Scene {
  const walls: Shape[] = [];
  for (let cell = 0; cell < map.wall.length; cell++) {
    if (map.wall[cell] === 0) continue;
    const [x, y] = centreOf(map, cell);
    const corners: readonly Point[] = [
      [x - 0.5, y - 0.5],
      [x + 0.5, y - 0.5],
      [x + 0.5, y + 0.5],
      [x - 0.5, y + 0.5],
    ];
    walls.push(polygon(corners, "#3c4250"));
  }
  const size = { x: 0, y: 0, width: map.columns, height: map.rows, yDown: true, background: "#fbfaf7" };
  return { ...size, shapes: [...walls, ...shapes] };
}

const faint = (shape: Shape, opacity: number): Shape => ({ ...shape, opacity }) as Shape;

/** The maze with the body and its goal. */
export const drawMaze = (map: MazeMap, x: number, y: number, goalX: number, goalY: number, goalRadius: number): Scene =>
  sheet(map, [faint(disc(goalX, goalY, goalRadius, "#2e8b57"), 0.35), disc(x, y, 0.12, palette[0])]);

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
    ...parsed.starts.map((cell) => faint(disc(...centreOf(parsed, cell), 0.2, "#9aa3b2"), 0.6)),
    ...parsed.goals.map((cell) => faint(disc(...centreOf(parsed, cell), 0.3, "#2e8b57"), 0.35)),
  ];
  const opacity = Math.max(0.15, Math.min(0.9, 6 / Math.max(1, paths.length)));
  const lines = paths.map(({ positions, colour }, i): Shape => {
    const points = Array.from(positions, (place): Point => [place[0], place[1]]);
    return { kind: "line", points, width: 0.05, stroke: colour ?? palette[i % palette.length], opacity };
  });
  return toSvg(sheet(parsed, [...marks, ...lines]), parsed.columns * pixels);
}
