import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { ndarray } from "../tensor/ndarray.ts";
import { generator, randomKey } from "../tensor/random.ts";
import { neighbours } from "./neighbours.ts";

/** Points with many ties: a few values an axis, so that equal distances and equal points are the rule. */
const cloud = fc
  .record({
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
    count: fc.integer({ min: 0, max: 90 }),
    width: fc.integer({ min: 1, max: 5 }),
    values: fc.constantFrom(2, 4, 1000),
    leafSize: fc.integer({ min: 1, max: 8 }),
    k: fc.integer({ min: 1, max: 12 }),
  })
  .map(({ seed, count, width, values, ...rest }) => {
    const random = generator(randomKey(seed));
    const data = Float64Array.from({ length: count * width }, () => random.integer(values) / 7);
    const query = Float64Array.from({ length: width }, () => random.integer(values) / 7 + random.integer(2) / 3);
    return { ...rest, points: ndarray(data, { shape: [count, width] }), query, radius: 2 * random.uniform() };
  });

function byLookingAtAll({ points, query }: { points: ReturnType<typeof ndarray>; query: Float64Array }) {
  const [count, width] = points.shape;
  return Array.from({ length: count }, (_, row) => {
    let sum = 0;
    for (let d = 0; d < width; d++) sum += (query[d] - Number(points.data[row * width + d])) ** 2;
    return { row, squared: sum };
  }).sort((a, b) => a.squared - b.squared || a.row - b.row);
}

test("the k nearest are those that looking at all finds, in the same order", () => {
  fc.assert(
    fc.property(cloud, fc.boolean(), (drawn, odd) => {
      const except = odd ? (row: number) => row % 2 === 1 : undefined;
      const wanted = byLookingAtAll(drawn)
        .filter(({ row }) => !except?.(row))
        .slice(0, drawn.k);
      const found = neighbours(drawn.points, drawn).nearest(drawn.query, drawn.k, except);
      assert.deepEqual(
        [...found.rows],
        wanted.map(({ row }) => row),
      );
      assert.deepEqual(
        [...found.distances],
        wanted.map(({ squared }) => Math.sqrt(squared)),
      );
    }),
    { numRuns: 400 },
  );
});

test("what lies within a radius is what looking at all finds, and is counted", () => {
  fc.assert(
    fc.property(cloud, (drawn) => {
      const index = neighbours(drawn.points, drawn);
      const wanted = byLookingAtAll(drawn)
        .filter(({ squared }) => squared <= drawn.radius * drawn.radius)
        .map(({ row }) => row)
        .sort((a, b) => a - b);
      assert.deepEqual([...index.within(drawn.query, drawn.radius)], wanted);
      assert.equal(index.countWithin(drawn.query, drawn.radius), wanted.length);
    }),
    { numRuns: 400 },
  );
});

test("a point on the sphere is within it, and the lower of two equal rows comes first", () => {
  const index = neighbours(
    ndarray([
      [3, 4],
      [0, 0],
      [3, 4],
    ]),
    { leafSize: 1 },
  );
  assert.deepEqual([...index.within([0, 0], 5)], [0, 1, 2]);
  const far = neighbours(
    ndarray([
      [3, 4],
      [3, 4],
      [-9, -9],
    ]),
    { leafSize: 1 },
  );
  assert.deepEqual([...far.within([0, 0], 5)], [0, 1]);
  assert.deepEqual([...index.nearest([3, 4], 1).rows], [0]);
  assert.deepEqual([...index.nearest([0, 0], 9).distances], [0, 5, 5]);
});

test("a wrong question is one sentence", () => {
  const index = neighbours(ndarray([[0, 0]]));
  assert.throws(() => index.nearest([1], 1), /neighbours query: wanted \[2\], got \[1\]/);
  assert.throws(() => index.nearest([1, 1], 0), /option "k" is 0/);
  assert.throws(() => neighbours(ndarray([[0], [Number.NaN]])), /got NaN at position 1/);
});
