import assert from "node:assert/strict";
import { test } from "node:test";
import { grad } from "../grad.ts";
import { type NdArray, ndarray } from "../ndarray.ts";
import { trace } from "../program.ts";
import { runOnce } from "../runtime.ts";
import { apply, onesOf, type Tensor } from "../tensor.ts";
import { numbersOf } from "../testing.ts";
import { pooling } from "./pooling.ts";
import { assertComputes, assertCovered, assertSlopes, type Cases } from "./testing.ts";

const cases: Cases = {
  "maxPool over lines": { shapes: [[2, 3, 7]], f: (x) => x.maxPool(2) },
  "maxPool over images, overlapping, padded": {
    shapes: [[2, 2, 5, 6]],
    f: (x) =>
      x
        .maxPool([3, 2], {
          stride: [2, 1],
          padding: [
            [1, 1],
            [0, 1],
          ],
        })
        .square(),
  },
  "maxPool, dilated": { shapes: [[1, 2, 6, 7]], f: (x) => x.maxPool(2, { stride: 1, dilation: 3, padding: [1, 0] }) },
  "places of maxPool": {
    shapes: [[2, 3, 4, 5]],
    f: (x) =>
      apply("maxPoolPlaces", [x], { size: [2, 2], stride: [2, 1], before: [0, 1], after: [0, 0], dilation: [1, 1] }),
    flat: true,
  },
  "places of maxPool where elements are equal": {
    shapes: [[2, 3, 8]],
    f: (x) =>
      apply("maxPoolPlaces", [x.greater(0).cast(x.dtype)], {
        ...{ size: [3], stride: [1], before: [1], after: [1], dilation: [1] },
      }),
    flat: true,
  },
  "averagePool over lines": { shapes: [[2, 3, 7]], f: (x) => x.averagePool(3, { stride: 2, padding: 1 }).square() },
  "averagePool over images": { shapes: [[2, 2, 5, 6]], f: (x) => x.averagePool([2, 3]) },
  "averagePool, dilated": { shapes: [[1, 2, 7]], f: (x) => x.averagePool(2, { stride: 1, dilation: 3 }) },
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
  assertCovered(pooling, cases);
});

test("padding as wide as the window is refused, and so are whole numbers", () => {
  assert.throws(
    () => onesOf([1, 1, 4]).maxPool(2, { padding: 2 }),
    /option "padding" is 2; wanted less than the window/,
  );
  assert.throws(() => onesOf([1, 1, 4], "int32").averagePool(2), /averagePool: wanted float32 or float64, got int32/);
});

test("an open batch stays open through a pool, forward and back", async () => {
  const inputs = { x: { shape: [-1, 2, 6], dtype: "float32" } as const };
  const program = trace("open", { state: {}, inputs }, (state, { x }) => {
    const pooled = (given: Tensor) => given.maxPool(2).averagePool(3);
    return { state, outputs: { out: pooled(x), slope: grad((given: Tensor) => pooled(given).sum())(x) } };
  });
  const values = ndarray(
    [
      [1, 2, 4, 3, 5, 5],
      [0, 0, 0, 1, -1, 0],
    ].map((line) => [line, line]),
  );
  const { out, slope } = (await runOnce(program, { x: values })) as { out: NdArray; slope: NdArray };
  assert.deepEqual(out.shape, [2, 2, 1]);
  const third = Math.fround(1 / 3);
  const [first, second] = [
    [0, third, third, 0, third, 0],
    [third, 0, 0, third, 0, third],
  ];
  // A tie's slope goes to the first of its window: the 5s, and the 0s.
  assert.deepEqual(numbersOf(slope), [first, first, second, second].flat());
});
