import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { ndarray } from "../tensor/ndarray.ts";
import { timeWarping } from "./dtw.ts";

const sequence = fc.array(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 2 }), {
  minLength: 1,
  maxLength: 6,
});

const apart = (a: readonly number[], b: readonly number[]): number => Math.hypot(a[0] - b[0], a[1] - b[1]);

/** Every path there is. */
function byTryingAll(a: number[][], b: number[][], i = 0, j = 0): number {
  const here = apart(a[i], b[j]);
  if (i === a.length - 1 && j === b.length - 1) return here;
  const next: number[] = [];
  if (i + 1 < a.length) next.push(byTryingAll(a, b, i + 1, j));
  if (j + 1 < b.length) next.push(byTryingAll(a, b, i, j + 1));
  if (i + 1 < a.length && j + 1 < b.length) next.push(byTryingAll(a, b, i + 1, j + 1));
  return here + Math.min(...next);
}

test("no path costs less than the one found, and it costs what is said", () => {
  fc.assert(
    fc.property(sequence, sequence, (a, b) => {
      const { distance, path } = timeWarping(ndarray(a), ndarray(b));
      assert.ok(Math.abs(distance - byTryingAll(a, b)) < 1e-9);
      const along = path.reduce((sum, [i, j]) => sum + apart(a[i], b[j]), 0);
      assert.ok(Math.abs(distance - along) < 1e-9);
      assert.deepEqual(path[0], [0, 0]);
      assert.deepEqual(path.at(-1), [a.length - 1, b.length - 1]);
      for (let s = 1; s < path.length; s++) {
        const [di, dj] = [path[s][0] - path[s - 1][0], path[s][1] - path[s - 1][1]];
        assert.ok((di === 0 || di === 1) && (dj === 0 || dj === 1) && di + dj > 0);
      }
    }),
    { numRuns: 200 },
  );
});

test("the same way at half the pace costs nothing; a band that forbids the pace costs something", () => {
  const quick = ndarray([[0], [1], [2], [3]]);
  const slow = ndarray([[0], [0], [1], [1], [2], [2], [3], [3]]);
  assert.equal(timeWarping(quick, slow).distance, 0);
  const late = ndarray([[0], [0], [0], [0], [3]]);
  const early = ndarray([[0], [3], [3], [3], [3]]);
  assert.equal(timeWarping(late, early).distance, 0);
  assert.equal(timeWarping(late, early, { band: 0 }).distance, 9);
});

test("a wrong question is one sentence", () => {
  assert.throws(() => timeWarping(ndarray([[0]]), ndarray([[0, 1]])), /timeWarping: wanted two sequences/);
  assert.throws(() => timeWarping(ndarray([[0]]), ndarray([[0]]), { band: -1 }), /option "band" is -1/);
});
