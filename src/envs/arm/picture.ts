/** The arm's worlds as a scene: seen from the right, above and before, without perspective, farthest first. */
import type { Physics } from "../mujoco/physics.ts";
import { line, type Point, polygon, type Scene, type Shape } from "../scene.ts";

/** The camera's turn to the right and its tilt down, rad. */
const [turn, tilt] = [0.45, 0.6];
const [cosTurn, sinTurn, cosTilt, sinTilt] = [Math.cos(turn), Math.sin(turn), Math.cos(tilt), Math.sin(tilt)];
/** What is in the picture's middle. */
const middle = [0, 0.52, 0.06] as const;

type Vector = readonly [x: number, y: number, z: number];

const across = ([x, y]: Vector): number => cosTurn * (x - middle[0]) + sinTurn * (y - middle[1]);
const away = ([x, y]: Vector): number => -sinTurn * (x - middle[0]) + cosTurn * (y - middle[1]);
const onScreen = (v: Vector): Point => [across(v), cosTilt * (v[2] - middle[2]) + sinTilt * away(v)];
/** The larger, the farther from the eye. */
const depth = (v: Vector): number => cosTilt * away(v) - sinTilt * (v[2] - middle[2]);
/** From the scene to the eye. */
const toEye: Vector = [sinTurn * cosTilt, -cosTurn * cosTilt, sinTilt];
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** MuJoCo's numbers for kinds of geom (mjtGeom). */
const kinds = { sphere: 2, capsule: 3, cylinder: 5, box: 6 } as const;

interface Drawn {
  readonly depth: number;
  readonly shape: Shape;
}

/** Every geom that can be seen, on the table, and the arm that carries the hand. */
export function armPicture(physics: Physics): Scene {
  const { geom_rgba, qpos } = physics.views;
  const drawn: Drawn[] = [];
  for (let i = 0; i < physics.ngeom; i++) if (geom_rgba[4 * i + 3] > 0) drawn.push(...geomOf(physics, i));
  drawn.push(...limbs([qpos[0], qpos[1], qpos[2] + 0.07]));
  drawn.sort((a, b) => b.depth - a.depth);
  const corners: readonly Vector[] = [
    [-0.42, 0.12, 0],
    [0.42, 0.12, 0],
    [0.42, 0.98, 0],
    [-0.42, 0.98, 0],
  ];
  const board = polygon(corners.map(onScreen), "#d9dde3");
  return {
    x: -0.62,
    y: -0.47,
    width: 1.24,
    height: 0.93,
    background: "#f6f7f9",
    shapes: [board, ...drawn.map(({ shape }) => shape)],
  };
}

const shaded = (rgba: Float32Array, i: number, light: number): string => {
  const part = (c: number): string =>
    Math.round(255 * Math.min(1, rgba[4 * i + c] * light))
      .toString(16)
      .padStart(2, "0");
  return `#${part(0)}${part(1)}${part(2)}`;
};

function geomOf({ views }: Physics, i: number): Drawn[] {
  const { geom_xpos, geom_xmat, geom_size, geom_rgba, geom_type } = views;
  const size = geom_size.subarray(3 * i, 3 * i + 3);
  const axis = (column: number): Vector => [0, 3, 6].map((r) => geom_xmat[9 * i + r + column]) as unknown as Vector;
  const axes = [axis(0), axis(1), axis(2)] as const;
  /** A point of the geom's own frame, in the world. */
  const at = (a: number, b: number, c: number): Vector =>
    [0, 1, 2].map((k) => geom_xpos[3 * i + k] + a * axes[0][k] + b * axes[1][k] + c * axes[2][k]) as unknown as Vector;
  const centre = at(0, 0, 0);
  switch (geom_type[i]) {
    case kinds.sphere: {
      const [x, y] = onScreen(centre);
      const shape: Shape = { kind: "disc", x, y, radius: size[0], fill: shaded(geom_rgba, i, 1), opacity: 0.75 };
      return [{ depth: depth(centre), shape }];
    }
    case kinds.capsule: {
      const ends = [onScreen(at(0, 0, -size[1])), onScreen(at(0, 0, size[1]))];
      return [{ depth: depth(centre), shape: line(ends, 2 * size[0], shaded(geom_rgba, i, 1)) }];
    }
    case kinds.cylinder: {
      const rim = (z: number): Point[] =>
        Array.from({ length: 28 }, (_, k) => {
          const angle = (2 * Math.PI * k) / 28;
          return onScreen(at(size[0] * Math.cos(angle), size[0] * Math.sin(angle), z));
        });
      const upper = dot(axes[2], toEye) >= 0 ? size[1] : -size[1];
      const [near, far] = [rim(upper), rim(-upper)];
      const side = near.flatMap((p, k): Shape[] => {
        const next = (k + 1) % near.length;
        return [polygon([p, near[next], far[next], far[k]], shaded(geom_rgba, i, 0.78))];
      });
      const all = [...side, polygon(near, shaded(geom_rgba, i, 1))];
      return all.map((shape, k) => ({ depth: depth(centre) - 1e-6 * k, shape }));
    }
    case kinds.box:
      return faces(axes, size, at, (light) => shaded(geom_rgba, i, light), depth(centre));
    default:
      return [];
  }
}

/** The three faces of a box that can be seen, the top lightest. */
function faces(
  axes: readonly [Vector, Vector, Vector],
  size: ArrayLike<number>,
  at: (a: number, b: number, c: number) => Vector,
  colour: (light: number) => string,
  far: number,
): Drawn[] {
  return axes.map((normal, n): Drawn => {
    const side = dot(normal, toEye) >= 0 ? 1 : -1;
    const [u, v] = [(n + 1) % 3, (n + 2) % 3];
    const corner = (su: number, sv: number): Point => {
      const own = [0, 0, 0];
      own[n] = side * size[n];
      own[u] = su * size[u];
      own[v] = sv * size[v];
      return onScreen(at(own[0], own[1], own[2]));
    };
    const points = [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
    const light = 0.72 + 0.28 * Math.abs(normal[2]) + 0.1 * Math.abs(normal[1]);
    return { depth: far, shape: polygon(points, colour(light)) };
  });
}

/**
 * Two links from the pillar behind the table's near edge to the hand: for the eye only, as the hand moves along x, y, z by
 * motors of its own.
 */
function limbs(hand: Vector): Drawn[] {
  const shoulder: Vector = [0, 0.08, 0.08];
  const [dx, dy, dz] = [hand[0] - shoulder[0], hand[1] - shoulder[1], hand[2] - shoulder[2]];
  const elbow: Vector = [shoulder[0] + 0.4 * dx, shoulder[1] + 0.4 * dy, shoulder[2] + 0.4 * dz + 0.16];
  const limb = (a: Vector, b: Vector, width: number, colour: string): Drawn => ({
    depth: depth([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2]) - 0.05,
    shape: { kind: "line", points: [onScreen(a), onScreen(b)], width, stroke: colour, opacity: 0.45 },
  });
  return [limb(shoulder, elbow, 0.05, "#8d96a5"), limb(elbow, hand, 0.04, "#a3abb8")];
}
