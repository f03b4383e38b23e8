/**
 * Dynamic time warping: two sequences laid against each other so that they differ least, each running forward at its own
 * pace. Sakoe and Chiba (1978), "Dynamic programming algorithm optimization for spoken word recognition".
 */
import { problem } from "../problems.ts";
import { type NdArray, sizeOf } from "../tensor/ndarray.ts";

export interface Warping {
  /** Sum over the path of the Euclidean distances between the rows laid together. */
  readonly distance: number;
  /** [i, j] pairs from [0, 0] to the last rows; each step goes one row on in the first, the second or both. */
  readonly path: readonly (readonly [number, number])[];
}

export interface WarpingOptions {
  /** Most rows by which the two may be apart, beyond their difference in length; Sakoe and Chiba's band. Default: any. */
  readonly band?: number;
}

/**
 * The best path between two sequences of rows, and its cost. Of equally good steps the one on in both is taken.
 * Time and memory grow with the product of the lengths.
 * @param a [n, …numbers], n at least 1
 * @param b [m, …numbers] of the same numbers a row
 * @throws Problem "shape" when rows differ in size or a sequence is empty; "bad-option" for a band below 0
 */
export function timeWarping(a: NdArray, b: NdArray, { band = Infinity }: WarpingOptions = {}): Warping {
  const [n, m] = [a.shape[0], b.shape[0]];
  const width = sizeOf(a.shape.slice(1));
  if (n === 0 || m === 0 || width !== sizeOf(b.shape.slice(1))) {
    throw problem("shape", {
      where: "timeWarping",
      wanted: "two sequences of at least one row, with as many numbers a row",
      got: [a.shape, b.shape],
    });
  }
  if (!(band >= 0))
    throw problem("bad-option", { where: "timeWarping", name: "band", given: band, wanted: "at least 0" });
  const reach = band + Math.abs(n - m);
  const cost = new Float64Array(n * m).fill(Infinity);
  for (let i = 0; i < n; i++) {
    for (let j = Math.max(0, i - reach); j <= Math.min(m - 1, i + reach); j++) {
      let squares = 0;
      for (let d = 0; d < width; d++) squares += (Number(a.data[i * width + d]) - Number(b.data[j * width + d])) ** 2;
      const before = i === 0 && j === 0 ? 0 : cheapest(cost, m, i, j)[2];
      cost[i * m + j] = Math.sqrt(squares) + before;
    }
  }
  const path: (readonly [number, number])[] = [[n - 1, m - 1]];
  for (let i = n - 1, j = m - 1; i > 0 || j > 0; ) {
    [i, j] = cheapest(cost, m, i, j);
    path.push([i, j]);
  }
  return { distance: cost[n * m - 1], path: path.reverse() };
}

/** The place before (i, j) with the least cost, and that cost. */
function cheapest(cost: Float64Array, m: number, i: number, j: number): readonly [number, number, number] {
  const both = i > 0 && j > 0 ? cost[(i - 1) * m + j - 1] : Infinity;
  const first = i > 0 ? cost[(i - 1) * m + j] : Infinity;
  const second = j > 0 ? cost[i * m + j - 1] : Infinity;
  if (both <= first && both <= second) return [i - 1, j - 1, both];
  return first <= second ? [i - 1, j, first] : [i, j - 1, second];
}
