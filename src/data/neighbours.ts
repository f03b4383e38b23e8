/**
 * Exact nearest neighbours: a k-d tree (Bentley 1975, "Multidimensional binary search trees used for associative
 * searching") with a box around each node, over one typed array. In few dimensions a query costs about the logarithm of
 * the points; above about ten it tends to looking at all of them, and is then still exact.
 */
import { problem } from "../problems.ts";
import { type NdArray, sizeOf } from "../tensor/ndarray.ts";

/** Points found, nearest first; of equally near ones the lower row first. */
export interface Found {
  readonly rows: Int32Array;
  /** Euclidean. */
  readonly distances: Float64Array;
}

export interface Neighbours {
  /** How many points there are. */
  readonly count: number;
  /** Numbers a point has. */
  readonly width: number;
  /** The k nearest points to a query, fewer when there are fewer; rows for which `except` holds are passed over. */
  nearest(query: ArrayLike<number>, k: number, except?: (row: number) => boolean): Found;
  /** Rows no farther than the radius, in ascending order. */
  within(query: ArrayLike<number>, radius: number): Int32Array;
  /** How many points are no farther than the radius. */
  countWithin(query: ArrayLike<number>, radius: number): number;
}

/**
 * An index over points [rows, …numbers], which are copied.
 * @param leafSize points below which looking at all is quicker than dividing further
 * @example neighbours(ndarray([[0, 0], [3, 4]])).nearest([0, 1], 1).rows // => Int32Array [0]
 * @throws Problem "not-finite" when a point has a number that is not; "bad-option" for a leaf size below 1
 */
export function neighbours(points: NdArray, { leafSize = 16 }: { readonly leafSize?: number } = {}): Neighbours {
  const count = points.shape[0];
  const width = sizeOf(points.shape.slice(1));
  wholeAtLeast1("leafSize", leafSize);
  const data = Float64Array.from(points.data as Float64Array, Number);
  const bad = data.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) throw problem("not-finite", { where: "neighbours", index: Math.floor(bad / width), given: data[bad] });
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const root = count === 0 ? undefined : divided(data, width, order, 0, count, leafSize);
  // The points in the tree's order, so that a leaf is one run of memory.
  const placed = new Float64Array(data.length);
  for (let i = 0; i < count; i++) placed.set(data.subarray(order[i] * width, (order[i] + 1) * width), i * width);

  /** Squared distance of the point at a place, or anything above `most` once it is. */
  const squared = (query: ArrayLike<number>, place: number, most: number): number => {
    let sum = 0;
    for (let d = 0, at = place * width; d < width && sum <= most; d++, at++) sum += (query[d] - placed[at]) ** 2;
    return sum;
  };
  const checked = (query: ArrayLike<number>): void => {
    if (query.length === width) return;
    throw problem("shape", { where: "neighbours query", wanted: `[${width}]`, got: [[query.length]] });
  };
  /** Calls `leaf` for runs of places, and `whole` for nodes that lie inside the ball. */
  const ball = (
    query: ArrayLike<number>,
    radius: number,
    each: (from: number, to: number, inside: boolean) => void,
  ) => {
    checked(query);
    const most = radius * radius;
    const visit = (node: Node): void => {
      if (!(nearestOf(node, query) <= most)) return;
      if (farthestOf(node, query) <= most) each(node.from, node.to, true);
      else if (node.below === undefined) each(node.from, node.to, false);
      else {
        visit(node.below);
        visit(node.above as Node);
      }
    };
    if (root !== undefined && radius >= 0) visit(root);
  };
  return {
    count,
    width,
    nearest(query, k, except) {
      checked(query);
      wholeAtLeast1("k", k);
      const best = queue(Math.min(k, count));
      const visit = (node: Node): void => {
        if (node.below === undefined) {
          for (let place = node.from; place < node.to; place++) {
            if (except?.(order[place])) continue;
            const distance = squared(query, place, best.most());
            if (distance <= best.most()) best.offer(distance, order[place]);
          }
          return;
        }
        const { below, above } = node as Required<Node>;
        const [a, b] = [nearestOf(below, query), nearestOf(above, query)];
        // A node as far as the farthest found may still hold a lower row at that distance.
        for (const [child, distance] of a <= b
          ? ([
              [below, a],
              [above, b],
            ] as const)
          : ([
              [above, b],
              [below, a],
            ] as const)) {
          if (distance <= best.most()) visit(child);
        }
      };
      if (root !== undefined) visit(root);
      return best.sorted();
    },
    within(query, radius) {
      const rows: number[] = [];
      const most = radius * radius;
      ball(query, radius, (from, to, inside) => {
        for (let place = from; place < to; place++) {
          if (inside || squared(query, place, most) <= most) rows.push(order[place]);
        }
      });
      return Int32Array.from(rows).sort();
    },
    countWithin(query, radius) {
      let found = 0;
      const most = radius * radius;
      ball(query, radius, (from, to, inside) => {
        if (inside) found += to - from;
        else for (let place = from; place < to; place++) if (squared(query, place, most) <= most) found++;
      });
      return found;
    },
  };
}

function wholeAtLeast1(name: string, given: number): void {
  if (Number.isSafeInteger(given) && given >= 1) return;
  throw problem("bad-option", { where: "neighbours", name, given, wanted: "a whole number of at least 1" });
}

/** Places [from, to) and the smallest box around their points. */
interface Node {
  readonly from: number;
  readonly to: number;
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly below?: Node;
  readonly above?: Node;
}

function divided(data: Float64Array, width: number, order: Int32Array, from: number, to: number, leaf: number): Node {
  const low = new Float64Array(width).fill(Infinity);
  const high = new Float64Array(width).fill(-Infinity);
  for (let i = from; i < to; i++) {
    for (let d = 0, at = order[i] * width; d < width; d++, at++) {
      if (data[at] < low[d]) low[d] = data[at];
      if (data[at] > high[d]) high[d] = data[at];
    }
  }
  let axis = 0;
  for (let d = 1; d < width; d++) if (high[d] - low[d] > high[axis] - low[axis]) axis = d;
  const flat = width === 0 || high[axis] === low[axis];
  if (to - from <= leaf || flat) return { from, to, low, high };
  const middle = (from + to) >>> 1;
  select(order, from, to - 1, middle, (row) => data[row * width + axis]);
  const below = divided(data, width, order, from, middle, leaf);
  return { from, to, low, high, below, above: divided(data, width, order, middle, to, leaf) };
}

/** Hoare's selection: afterwards nothing left of `middle` has a greater value, and nothing right of it a smaller one. */
function select(order: Int32Array, left: number, right: number, middle: number, value: (row: number) => number): void {
  while (left < right) {
    const pivot = value(order[(left + right) >>> 1]);
    let i = left;
    let j = right;
    while (i <= j) {
      while (value(order[i]) < pivot) i++;
      while (value(order[j]) > pivot) j--;
      if (i > j) break;
      const held = order[i];
      order[i++] = order[j];
      order[j--] = held;
    }
    if (middle <= j) right = j;
    else if (middle >= i) left = i;
    else return;
  }
}

/** Squared distance to the nearest place of a node's box: rounded as distances are, so never above one of its points'. */
function nearestOf({ low, high }: Node, query: ArrayLike<number>): number {
  let sum = 0;
  for (let d = 0; d < low.length; d++) {
    const q = query[d];
    if (q < low[d]) sum += (q - low[d]) ** 2;
    else if (q > high[d]) sum += (q - high[d]) ** 2;
  }
  return sum;
}

function farthestOf({ low, high }: Node, query: ArrayLike<number>): number {
  let sum = 0;
  for (let d = 0; d < low.length; d++) sum += Math.max((query[d] - low[d]) ** 2, (query[d] - high[d]) ** 2);
  return sum;
}

/** The k least of what is offered, by distance and then by row: a heap with the worst on top. */
function queue(k: number) {
  const rows = new Int32Array(k);
  const distances = new Float64Array(k);
  let size = 0;
  const worse = (a: number, b: number): boolean =>
    distances[a] > distances[b] || (distances[a] === distances[b] && rows[a] > rows[b]);
  const swap = (a: number, b: number): void => {
    [rows[a], rows[b]] = [rows[b], rows[a]];
    [distances[a], distances[b]] = [distances[b], distances[a]];
  };
  const down = (): void => {
    for (let at = 0; ; ) {
      let worst = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < size && worse(child, worst)) worst = child;
      if (worst === at) return;
      swap(at, worst);
      at = worst;
    }
  };
  return {
    /** Nothing farther than this is wanted any more. */
    most: (): number => (size < k ? Infinity : k === 0 ? -1 : distances[0]),
    offer(distance: number, row: number): void {
      if (size === k) {
        if (distance > distances[0] || (distance === distances[0] && row > rows[0])) return;
        distances[0] = distance;
        rows[0] = row;
        down();
        return;
      }
      distances[size] = distance;
      rows[size] = row;
      for (let at = size++; at > 0 && worse(at, (at - 1) >> 1); at = (at - 1) >> 1) swap(at, (at - 1) >> 1);
    },
    sorted(): Found {
      const places = Array.from({ length: size }, (_, i) => i).sort((a, b) => (worse(a, b) ? 1 : -1));
      return {
        rows: Int32Array.from(places, (i) => rows[i]),
        distances: Float64Array.from(places, (i) => Math.sqrt(distances[i])),
      };
    },
  };
}
