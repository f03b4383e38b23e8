/**
 * Shortest ways through a maze: exact any-angle distances over the visibility graph of the walls' corners (Lozano-Pérez
 * and Wesley 1979, "An algorithm for planning collision-free paths among polyhedral obstacles").
 */
import { centreOf, isWall, type MazeMap } from "./map.ts";
import { keptClear, sees } from "./walls.ts";

export interface Planner {
  readonly map: MazeMap;
  /**
   * Length of the shortest way from a place to a goal that keeps `clearance` from walls, in cells; Infinity from inside
   * a wall or where no way exists.
   */
  distance(x: number, y: number, goalX: number, goalY: number): number;
  /** The places at which the shortest way bends, the goal last; empty where no way exists. */
  way(x: number, y: number, goalX: number, goalY: number): readonly (readonly [x: number, y: number])[];
}

/** Distances from every corner to one goal, and the corner that follows (−1: the goal itself). */
interface Field {
  readonly distance: Float64Array;
  readonly next: Int32Array;
}

const remembered = 64;

/** @param clearance half-width of the body that must pass, below 0.5 */
export function planner(map: MazeMap, clearance = 0.1): Planner {
  const corners = cornersOf(map, clearance + 1e-6);
  const fields = new Map<string, Field>();
  let lengths: Float64Array | undefined;
  const score = new Float64Array(corners.length);

  const fieldOf = (goalX: number, goalY: number): Field => {
    const name = `${goalX},${goalY}`;
    let field = fields.get(name);
    if (field === undefined) {
      lengths ??= visibilityLengths(map, corners, clearance);
      field = shortest(map, corners, lengths, goalX, goalY, clearance);
      if (fields.size >= remembered) fields.delete(fields.keys().next().value!);
      fields.set(name, field);
    }
    return field;
  };

  /** The first bend (−1: none before the goal, −2: no way) and the length from here. */
  const first = (x: number, y: number, goalX: number, goalY: number): readonly [number, number] => {
    if (sees(map, x, y, goalX, goalY, clearance)) return [-1, Math.hypot(goalX - x, goalY - y)];
    const field = fieldOf(goalX, goalY);
    for (let i = 0; i < corners.length; i++) {
      score[i] = Math.hypot(corners[i][0] - x, corners[i][1] - y) + field.distance[i];
    }
    // Ways are tried from the shortest on, so the first that is visible is the answer.
    for (;;) {
      let best = -1;
      for (let i = 0; i < score.length; i++) {
        if (score[i] < Infinity && (best < 0 || score[i] < score[best])) best = i;
      }
      if (best < 0) return [-2, Infinity];
      if (sees(map, x, y, corners[best][0], corners[best][1], clearance)) return [best, score[best]];
      score[best] = Infinity;
    }
  };

  const placed = (x: number, y: number): readonly [number, number] => keptClear(map, x, y, clearance);

  return {
    map,
    distance(x, y, goalX, goalY) {
      if (isWall(map, x, y) || isWall(map, goalX, goalY)) return Infinity;
      const [cx, cy] = placed(x, y);
      const [gx, gy] = placed(goalX, goalY);
      return first(cx, cy, gx, gy)[1] + Math.hypot(cx - x, cy - y);
    },
    way(x, y, goalX, goalY) {
      if (isWall(map, x, y) || isWall(map, goalX, goalY)) return [];
      const [cx, cy] = placed(x, y);
      const [gx, gy] = placed(goalX, goalY);
      let [bend] = first(cx, cy, gx, gy);
      if (bend === -2) return [];
      const bends: (readonly [number, number])[] = [];
      for (; bend >= 0; bend = fieldOf(gx, gy).next[bend]) bends.push(corners[bend]);
      return [...bends, [goalX, goalY]];
    },
  };
}

/** Where shortest ways can bend: outside corners of walls, moved off by the clearance. */
function cornersOf(map: MazeMap, offset: number): (readonly [number, number])[] {
  const corners: (readonly [number, number])[] = [];
  for (let row = 1; row < map.rows; row++) {
    for (let column = 1; column < map.columns; column++) {
      const walls: (readonly [number, number])[] = [];
      for (const dy of [-1, 1]) {
        for (const dx of [-1, 1]) if (isWall(map, column + dx / 2, row + dy / 2)) walls.push([dx, dy]);
      }
      if (walls.length === 1) corners.push([column - walls[0][0] * offset, row - walls[0][1] * offset]);
    }
  }
  return corners;
}

/** [corners × corners] lengths between corners that see each other, Infinity elsewhere. */
function visibilityLengths(
  map: MazeMap,
  corners: readonly (readonly [number, number])[],
  clearance: number,
): Float64Array {
  const n = corners.length;
  const lengths = new Float64Array(n * n).fill(Infinity);
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const [[ax, ay], [bx, by]] = [corners[i], corners[j]];
      if (!sees(map, ax, ay, bx, by, clearance)) continue;
      lengths[i * n + j] = Math.hypot(bx - ax, by - ay);
      lengths[j * n + i] = lengths[i * n + j];
    }
  }
  return lengths;
}

/** Dijkstra over a dense graph, from the goal outwards. */
function shortest(
  map: MazeMap,
  corners: readonly (readonly [number, number])[],
  lengths: Float64Array,
  goalX: number,
  goalY: number,
  clearance: number,
): Field {
  const n = corners.length;
  const distance = Float64Array.from(corners, ([x, y]) =>
    sees(map, x, y, goalX, goalY, clearance) ? Math.hypot(goalX - x, goalY - y) : Infinity,
  );
  const next = new Int32Array(n).fill(-1);
  const settled = new Uint8Array(n);
  for (;;) {
    let at = -1;
    for (let i = 0; i < n; i++) {
      if (!settled[i] && distance[i] < Infinity && (at < 0 || distance[i] < distance[at])) at = i;
    }
    if (at < 0) return { distance, next };
    settled[at] = 1;
    for (let i = 0; i < n; i++) {
      const through = distance[at] + lengths[at * n + i];
      if (through < distance[i]) {
        distance[i] = through;
        next[i] = at;
      }
    }
  }
}

/** Distance from the middle of each cell to a goal, [rows × columns]; Infinity in walls. For heat maps and tables. */
export function distanceMap(plan: Planner, goalX: number, goalY: number): Float64Array {
  const { map } = plan;
  return Float64Array.from({ length: map.rows * map.columns }, (_, cell) => {
    const [x, y] = centreOf(map, cell);
    return plan.distance(x, y, goalX, goalY);
  });
}
