/** Rows drawn in proportion to numbers that change: a tree of sums, so that a draw and a change cost log n. */
import { unreachable } from "../problems.ts";

export interface Priorities {
  /** Of a row; at least 0. */
  at(row: number): number;
  set(row: number, priority: number): void;
  readonly total: number;
  /** The smallest above 0 so far set and not overwritten; Infinity where there is none. */
  readonly least: number;
  /** The row on which a point in [0, total) falls. */
  rowAt(point: number): number;
}

/** All rows begin at 0. */
export function priorities(rows: number): Priorities {
  const leaves = 2 ** Math.ceil(Math.log2(Math.max(1, rows)));
  const sums = new Float64Array(2 * leaves);
  const least = new Float64Array(2 * leaves).fill(Number.POSITIVE_INFINITY);
  return {
    at: (row) => sums[leaves + row],
    set(row, priority) {
      if (!(priority >= 0) || row < 0 || row >= rows) unreachable(`priority ${priority} of row ${row}`);
      let node = leaves + row;
      sums[node] = priority;
      least[node] = priority > 0 ? priority : Number.POSITIVE_INFINITY;
      for (node >>= 1; node >= 1; node >>= 1) {
        sums[node] = sums[2 * node] + sums[2 * node + 1];
        least[node] = Math.min(least[2 * node], least[2 * node + 1]);
      }
    },
    get total() {
      return sums[1];
    },
    get least() {
      return least[1];
    },
    rowAt(point) {
      let left = point;
      let node = 1;
      while (node < leaves) {
        node *= 2;
        // Rounding may leave a point beyond the last row that has any: stay where there is something.
        if (left >= sums[node] && sums[node + 1] > 0) {
          left -= sums[node];
          node += 1;
        }
      }
      return node - leaves;
    },
  };
}
