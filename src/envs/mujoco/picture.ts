/** A MuJoCo world as a scene: its geoms seen from the side or from above, without perspective. */
import { disc, line, type Point, polygon, type Scene, type Shape } from "../scene.ts";
import type { Physics } from "./physics.ts";

export interface View {
  /** "side": x to the right, z upwards; "top": x to the right, y upwards. Default "side". */
  readonly from?: "side" | "top";
  /** The body that stays in the middle; without one the middle stays where it is. */
  readonly follow?: number;
  /** What is in the middle when nothing is followed, and how far the followed body is from it. Default [0, 0]. */
  readonly middle?: Point;
  /** Metres from left to right, and from bottom to top. Default [4, 3]. */
  readonly size?: Point;
}

/** MuJoCo's numbers for kinds of geom (mjtGeom). */
const kinds = { plane: 0, sphere: 2, capsule: 3, ellipsoid: 4, cylinder: 5, box: 6 } as const;

const hex = (value: number): string =>
  Math.round(255 * Math.min(1, Math.max(0, value)))
    .toString(16)
    .padStart(2, "0");

/** Every geom that can be seen, the farthest first, over the ground. Geoms with alpha 0 are left out. */
export function picture(physics: Physics, view: View): Scene {
  const { from = "side", follow, middle = [0, 0], size = [4, 3] } = view;
  const { xpos, geom_rgba, geom_type } = physics.views;
  const [across, up, towards] = from === "side" ? [0, 2, 1] : [0, 1, 2];
  const centreX = middle[0] + (follow === undefined ? 0 : xpos[3 * follow + across]);
  // From the side the ground stays where it is: a leap is seen as one.
  const centreY = middle[1] + (follow === undefined || from === "side" ? 0 : xpos[3 * follow + up]);
  const [x, y] = [centreX - size[0] / 2, centreY - size[1] / 2];
  const shapes: Shape[] = [];
  const near = from === "side" ? -1 : 1; // the side view looks along +y, the top view along −z
  const { geom_xpos } = physics.views;
  const order = Array.from({ length: physics.ngeom }, (_, i) => i)
    .filter((i) => geom_rgba[4 * i + 3] > 0)
    .sort((a, b) => near * (geom_xpos[3 * a + towards] - geom_xpos[3 * b + towards]));
  for (const i of order) {
    if (geom_type[i] !== kinds.plane) shapes.push(...outline(physics, i, across, up));
    else if (from === "side") {
      const floor = geom_xpos[3 * i + up];
      const corners: Point[] = [
        [x, Math.min(y, floor)],
        [x + size[0], Math.min(y, floor)],
        [x + size[0], floor],
        [x, floor],
      ];
      shapes.unshift(polygon(corners, "#ddd"), ...marks(x, size[0], floor));
    }
  }
  if (from === "top" && follow !== undefined) shapes.unshift(...grid(x, size[0], y, size[1]));
  return { x, y, width: size[0], height: size[1], background: from === "side" ? "#fff" : "#eee", shapes };
}

/** The whole numbers from `start` to `start + length`. */
const metres = (start: number, length: number): number[] =>
  Array.from({ length: Math.floor(start + length) - Math.ceil(start) + 1 }, (_, i) => Math.ceil(start) + i);

const stroke = (from: Point, to: Point, colour: string): Shape => line([from, to], 0.02, colour);

/** A tick a metre, so that motion is seen while the camera follows. */
const marks = (x: number, width: number, floor: number): Shape[] =>
  metres(x, width).map((at) => stroke([at, floor], [at, floor - 0.1], "#999"));

/** The same from above. */
const grid = (x: number, width: number, y: number, height: number): Shape[] => [
  ...metres(x, width).map((at) => stroke([at, y], [at, y + height], "#ddd")),
  ...metres(y, height).map((at) => stroke([x, at], [x + width, at], "#ddd")),
];

function outline({ views }: Physics, i: number, across: number, up: number): Shape[] {
  const { geom_xpos, geom_xmat, geom_size, geom_rgba, geom_type } = views;
  const fill = `#${[0, 1, 2].map((c) => hex(geom_rgba[4 * i + c])).join("")}`;
  const [cx, cy] = [geom_xpos[3 * i + across], geom_xpos[3 * i + up]];
  const [a, b, c] = geom_size.subarray(3 * i, 3 * i + 3);
  /** A point of the geom's own frame, seen. */
  const seen = (px: number, py: number, pz: number): Point => {
    const at = (row: number): number =>
      geom_xmat[9 * i + 3 * row] * px + geom_xmat[9 * i + 3 * row + 1] * py + geom_xmat[9 * i + 3 * row + 2] * pz;
    return [cx + at(across), cy + at(up)];
  };
  switch (geom_type[i]) {
    case kinds.sphere:
      return [disc(cx, cy, a, fill)];
    case kinds.ellipsoid:
      return [disc(cx, cy, Math.max(a, b, c), fill)];
    case kinds.capsule:
      return [line([seen(0, 0, -b), seen(0, 0, b)], 2 * a, fill)];
    case kinds.cylinder: {
      const rim = Array.from({ length: 24 }, (_, k) => (2 * Math.PI * k) / 24);
      const points = [-b, b].flatMap((z) => rim.map((turn) => seen(a * Math.cos(turn), a * Math.sin(turn), z)));
      return [polygon(hull(points), fill)];
    }
    case kinds.box: {
      const corners = [-a, a].flatMap((px) => [-b, b].flatMap((py) => [-c, c].map((pz) => seen(px, py, pz))));
      return [polygon(hull(corners), fill)];
    }
    default:
      return [];
  }
}

/** The convex outline of points in the plane, anticlockwise (Andrew's monotone chain). */
function hull(points: readonly Point[]): readonly Point[] {
  const sorted = [...points].sort((p, q) => p[0] - q[0] || p[1] - q[1]);
  const half = (ordered: readonly Point[]): Point[] => {
    const chain: Point[] = [];
    for (const [x, y] of ordered) {
      while (chain.length >= 2) {
        const [[ax, ay], [bx, by]] = [chain[chain.length - 2], chain[chain.length - 1]];
        if ((bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0) break;
        chain.pop();
      }
      chain.push([x, y]);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half([...sorted].reverse())];
}
