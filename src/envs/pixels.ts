/**
 * Scenes as pixels, without a browser: polygons by the exact area they cover of each pixel (signed areas summed along
 * their edges, as in font renderers), discs and lines by their distance from its middle.
 */
import { problem } from "../problems.ts";
import type { Point, Scene, Shape } from "./scene.ts";
import { strokes } from "./stroke-font.ts";

/** Row by row from the top left; red, green, blue, alpha, 0 … 255 each. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

/** From the scene's coordinates to pixels: x right, y down. */
interface View {
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  at(point: Point): Point;
}

/**
 * @param size in pixels; without a height, the scene's own proportions; with one, the scene is centred within
 * @throws Problem "bad-value" when a size is not a whole number from 1 to 8192
 */
export function toPixels(
  scene: Scene,
  { width, height }: { readonly width: number; readonly height?: number },
): Pixels {
  const tall = height ?? Math.max(1, Math.round((width * scene.height) / scene.width));
  for (const given of [width, tall]) {
    if (Number.isSafeInteger(given) && given >= 1 && given <= 8192) continue;
    throw problem("bad-value", { where: "toPixels", given, wanted: "a whole number of pixels from 1 to 8192" });
  }
  const scale = Math.min(width / scene.width, tall / scene.height);
  const [left, top] = [(width - scale * scene.width) / 2, (tall - scale * scene.height) / 2];
  const view: View = {
    width,
    height: tall,
    scale,
    at: ([x, y]) => [
      left + (x - scene.x) * scale,
      top + (scene.yDown ? y - scene.y : scene.y + scene.height - y) * scale,
    ],
  };
  const rgba = new Uint8Array(4 * width * tall);
  const [r, g, b] = rgb(scene.background ?? "#fff");
  for (let i = 0; i < rgba.length; i += 4) {
    rgba[i] = r;
    rgba[i + 1] = g;
    rgba[i + 2] = b;
    rgba[i + 3] = 255;
  }
  const pixels = { width, height: tall, rgba };
  for (const shape of scene.shapes) paint(pixels, shape, view);
  return pixels;
}

/** "#rgb" or "#rrggbb"; anything else is black. */
function rgb(colour: string): readonly [number, number, number] {
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(colour)?.[1] ?? "000";
  const long = digits.length === 6 ? digits : [...digits].map((d) => d + d).join("");
  const value = Number.parseInt(long, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** How much of the pixel (column, row) is covered, 0 … 1. */
type Coverage = (column: number, row: number) => number;

function paint(pixels: Pixels, shape: Shape, view: View): void {
  switch (shape.kind) {
    case "disc": {
      const [x, y] = view.at([shape.x, shape.y]);
      const radius = shape.radius * view.scale;
      const covered: Coverage = (column, row) => radius + 0.5 - Math.hypot(column + 0.5 - x, row + 0.5 - y);
      fill(pixels, covered, around([[x, y]], radius), shape.fill, shape.opacity);
      return;
    }
    case "line":
      stroke(pixels, [shape.points.map(view.at)], shape.width * view.scale, shape.stroke, shape.opacity);
      return;
    case "polygon": {
      const points = clipped(shape.points.map(view.at), view);
      if (points.length < 3) return;
      const box = around(points, 0);
      fill(pixels, areas(points, box), box, shape.fill, shape.opacity);
      return;
    }
    case "text": {
      const [x, y] = view.at([shape.x, shape.y]);
      const size = shape.size * view.scale;
      stroke(pixels, strokes(shape.text, x, y, size), 0.16 * size, shape.fill, 1);
    }
  }
}

type Bounds = readonly [left: number, top: number, right: number, bottom: number];

const around = (points: readonly Point[], by: number): Bounds => [
  Math.floor(Math.min(...points.map(([x]) => x)) - by - 1),
  Math.floor(Math.min(...points.map(([, y]) => y)) - by - 1),
  Math.ceil(Math.max(...points.map(([x]) => x)) + by + 1),
  Math.ceil(Math.max(...points.map(([, y]) => y)) + by + 1),
];

function fill(
  pixels: Pixels,
  covered: Coverage,
  [left, top, right, bottom]: Bounds,
  colour: string,
  opacity = 1,
): void {
  const { width, height, rgba } = pixels;
  const [r, g, b] = rgb(colour);
  for (let row = Math.max(0, top); row < Math.min(height, bottom); row++) {
    for (let column = Math.max(0, left); column < Math.min(width, right); column++) {
      const share = Math.min(1, Math.max(0, covered(column, row))) * opacity;
      if (share === 0) continue;
      const at = 4 * (row * width + column);
      rgba[at] += share * (r - rgba[at]) + 0.5;
      rgba[at + 1] += share * (g - rgba[at + 1]) + 0.5;
      rgba[at + 2] += share * (b - rgba[at + 2]) + 0.5;
    }
  }
}

/** Lines with round ends and joints, one colour over all of them at once. A line thinner than a pixel is as much paler. */
function stroke(
  pixels: Pixels,
  lines: readonly (readonly Point[])[],
  thick: number,
  colour: string,
  opacity = 1,
): void {
  const half = Math.max(thick, 1) / 2;
  const paler = Math.min(1, thick);
  const { width, height } = pixels;
  for (const points of lines.length === 1 ? [lines[0]] : lines) {
    if (points.length === 0) continue;
    const box = around(points, half);
    const [left, top, right, bottom] = [
      Math.max(0, box[0]),
      Math.max(0, box[1]),
      Math.min(width, box[2]),
      Math.min(height, box[3]),
    ];
    if (left >= right || top >= bottom) continue;
    const wide = right - left;
    const cover = new Float32Array(wide * (bottom - top));
    // Each piece marks the pixels near itself, and the nearest piece counts: a long path costs its length, not its box.
    for (let i = 0; i < Math.max(1, points.length - 1); i++) {
      const [from, to] = [points[i], points[Math.min(i + 1, points.length - 1)]];
      const near = around([from, to], half);
      for (let row = Math.max(top, near[1]); row < Math.min(bottom, near[3]); row++) {
        for (let column = Math.max(left, near[0]); column < Math.min(right, near[2]); column++) {
          const at = (row - top) * wide + column - left;
          cover[at] = Math.max(cover[at], half + 0.5 - distance(column + 0.5, row + 0.5, from, to));
        }
      }
    }
    const covered: Coverage = (column, row) => paler * Math.min(1, cover[(row - top) * wide + column - left]);
    fill(pixels, covered, [left, top, right, bottom], colour, opacity);
  }
}

/** From a place to a piece of a line. */
function distance(x: number, y: number, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const part = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length));
  return Math.hypot(x - ax - part * dx, y - ay - part * dy);
}

/** The part of a polygon that is in view (Sutherland and Hodgman 1974). */
function clipped(points: readonly Point[], { width, height }: View): readonly Point[] {
  const sides: readonly ((point: Point) => number)[] = [
    ([x]) => x,
    ([x]) => width - x,
    ([, y]) => y,
    ([, y]) => height - y,
  ];
  return sides.reduce<readonly Point[]>((kept, inside) => {
    const next: Point[] = [];
    kept.forEach((to, i) => {
      const from = kept[(i + kept.length - 1) % kept.length];
      const [a, b] = [inside(from), inside(to)];
      if (a < 0 !== b < 0)
        next.push([from[0] + (a / (a - b)) * (to[0] - from[0]), from[1] + (a / (a - b)) * (to[1] - from[1])]);
      if (b >= 0) next.push(to);
    });
    return next;
  }, points);
}

/** How much of each pixel a polygon covers: each edge adds the area to its right, and sums along rows give the inside. */
function areas(points: readonly Point[], [left, top, right, bottom]: Bounds): Coverage {
  const wide = right - left + 2;
  const sums = new Float64Array(wide * (bottom - top + 1));
  points.forEach(([x1, y1], i) => {
    const [x0, y0] = points[(i + points.length - 1) % points.length];
    if (y0 === y1) return;
    const down = y0 < y1 ? 1 : -1;
    const [fromX, fromY, toX, toY] = down === 1 ? [x0, y0, x1, y1] : [x1, y1, x0, y0];
    const slope = (toX - fromX) / (toY - fromY);
    for (let row = Math.floor(fromY); row < toY; row++) {
      const [upper, lower] = [Math.max(row, fromY), Math.min(row + 1, toY)];
      const [a, b] = [fromX + (upper - fromY) * slope, fromX + (lower - fromY) * slope];
      addEdge(sums, (row - top) * wide - left, Math.min(a, b), Math.max(a, b), down * (lower - upper));
    }
  });
  for (let start = 0; start < sums.length; start += wide) {
    for (let i = start + 1; i < start + wide; i++) sums[i] += sums[i - 1];
  }
  return (column, row) => Math.abs(sums[(row - top) * wide + column - left]);
}

/** One edge within one row, from x = a to b ≥ a, `tall` high: what it adds to each pixel and to all those on its right. */
function addEdge(sums: Float64Array, row: number, a: number, b: number, tall: number): void {
  const first = Math.floor(a);
  const width = b - a;
  let before = 0;
  for (let column = first; column < b || column === first; column++) {
    // The area right of the edge within the pixel, as a share of the edge's height.
    const [enter, leave] = [Math.max(a, column), Math.min(b, column + 1)];
    const share = width === 0 ? 1 : (leave - enter) / width;
    const whole = width === 0 ? 0 : (enter - a) / width;
    const inside = whole + share * (column + 1 - (enter + leave) / 2);
    sums[row + column] += tall * (inside - before);
    before = inside;
  }
  sums[row + Math.max(first + 1, Math.ceil(b))] += tall * (1 - before);
}
