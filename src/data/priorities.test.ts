import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { priorities } from "./priorities.ts";

/** Sums and searches as they are said, in a line. */
function inALine(rows: number) {
  const all = new Array<number>(rows).fill(0);
  return {
    all,
    get total() {
      return all.reduce((a, b) => a + b, 0);
    },
    get least() {
      return Math.min(...all.filter((p) => p > 0), Number.POSITIVE_INFINITY);
    },
    rowAt(point: number) {
      let left = point;
      for (let row = 0; row < rows; row++) {
        if (left < all[row]) return row;
        left -= all[row];
      }
      return all.findLastIndex((p) => p > 0);
    },
  };
}

// Whole numbers, so that both ways of adding are exact.
const change = fc.record({ row: fc.nat(40), priority: fc.integer({ min: 0, max: 5 }) });

test("totals, the least and where a point falls are those of a plain list, after any changes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 41 }), fc.array(change, { maxLength: 60 }), (rows, changes) => {
      const tree = priorities(rows);
      const line = inALine(rows);
      for (const { row, priority } of changes) {
        if (row >= rows) continue;
        tree.set(row, priority);
        line.all[row] = priority;
        assert.equal(tree.total, line.total);
        assert.equal(tree.least, line.least);
        for (let point = 0; point < line.total; point += 0.5) assert.equal(tree.rowAt(point), line.rowAt(point));
      }
      line.all.forEach((priority, row) => {
        assert.equal(tree.at(row), priority);
      });
    }),
    { numRuns: 60 },
  );
});

test("a point that rounding puts at the very end still falls on a row that has something", () => {
  const tree = priorities(6);
  tree.set(1, 0.1);
  tree.set(4, 0.2);
  assert.equal(tree.rowAt(tree.total), 4);
  assert.equal(tree.rowAt(10), 4);
  tree.set(4, 0);
  assert.equal(tree.rowAt(tree.total), 1);
});

test("a priority that is no number, or below 0, or of no row, is refused", () => {
  const tree = priorities(3);
  for (const [row, priority] of [
    [0, Number.NaN],
    [0, -1],
    [3, 1],
    [-1, 1],
  ])
    assert.throws(() => tree.set(row, priority));
});
