import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, onesOf } from "../tensor.ts";
import { indexing } from "./indexing.ts";
import { assertComputes, assertCovered, assertSlopes, type Cases, indices } from "./testing.ts";

const cases: Cases = {
  gather: { shapes: [[4, 3]], f: (x) => x.gather(indices(3, 0, 3)) },
  takeAlong: { shapes: [[3, 4]], f: (x) => x.takeAlong(1, indices(3, 1, 0).unsqueeze(-1)) },
  choose: { shapes: [[3, 4]], f: (x) => x.choose(indices(2, 2, 0)) },
  scatterAdd: {
    shapes: [
      [5, 2],
      [3, 2],
    ],
    f: (x, y) => x.scatterAdd(indices(4, 1, 4), y).square(),
  },
  "scatterAdd into a vector": {
    shapes: [[4], [2, 3]],
    f: (x, y) => x.scatterAdd(indices(0, 3, 3, 1, 0, 0).reshape(2, 3), y),
  },
  scatterRows: { shapes: [[3, 2]], f: (x) => apply("scatterRows", [indices(4, 1, 4), x], { rows: 5 }) },
  scatterAlong: {
    shapes: [[1, 4]],
    f: (x) => apply("scatterAlong", [indices(1, 1, 0, 2).unsqueeze(0), x], { axis: 1, size: 3 }),
  },
  oneHot: { shapes: [[3, 4]], f: (x) => x.matmul(indices(1, 0, 2, 2).oneHot(3, x.dtype)) },
};

for (const [name, given] of Object.entries(cases)) {
  test(`${name}: ONNX Runtime computes what the reference computes`, async () => {
    await assertComputes(name, given);
    await assertComputes(name, given, "float64");
  });
  if (!given.flat) {
    test(`${name}: the slope agrees with finite differences, and so does the slope of the slope`, () => {
      assertSlopes(name, given);
    });
  }
}

test("every operation of the file has a case", () => {
  assertCovered(indexing, cases);
});

test("what does not fit a scatter is refused in a sentence", () => {
  const x = onesOf([4, 2]);
  assert.throws(
    () => x.scatterAdd(indices(1, 2), onesOf([3, 2])),
    /scatterAdd: wanted x \[n, …d\], .*got \[4, 2\] and \[2\] and \[3, 2\]/,
  );
  assert.throws(() => x.scatterAdd(onesOf([2]), onesOf([2, 2])), /int32 or int64 indices, got float32/);
});
