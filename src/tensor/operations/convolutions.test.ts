import assert from "node:assert/strict";
import { test } from "node:test";
import { grad } from "../grad.ts";
import { asType, type NdArray } from "../ndarray.ts";
import { trace } from "../program.ts";
import { runOnce } from "../runtime.ts";
import { apply, onesOf, type Tensor } from "../tensor.ts";
import { wave } from "../testing.ts";
import { convolutions } from "./convolutions.ts";
import { assertComputes, assertCovered, assertSlopes, type Cases } from "./testing.ts";

const cases: Cases = {
  "conv over lines": {
    shapes: [
      [2, 3, 7],
      [4, 3, 3],
    ],
    f: (x, w) => x.conv(w),
  },
  "conv over images, strided, padded unevenly, dilated": {
    shapes: [
      [2, 2, 7, 6],
      [3, 2, 3, 2],
    ],
    f: (x, w) =>
      x.conv(w, {
        stride: [2, 3],
        padding: [
          [1, 2],
          [0, 1],
        ],
        dilation: [1, 2],
      }),
  },
  "conv over images with many taps, whose stride leaves something over": {
    shapes: [
      [2, 2, 8, 9],
      [3, 2, 3, 4],
    ],
    f: (x, w) => x.conv(w, { stride: [2, 3], padding: [1, 0], dilation: [2, 1] }),
  },
  "conv in groups": {
    shapes: [
      [2, 4, 5, 4],
      [6, 2, 2, 3],
    ],
    f: (x, w) => x.conv(w, { groups: 2, padding: "same" }),
  },
  "conv of each channel alone": {
    shapes: [
      [2, 3, 8],
      [3, 1, 4],
    ],
    f: (x, w) => x.conv(w, { groups: 3, stride: 3 }),
  },
  "conv over volumes": {
    shapes: [
      [1, 2, 3, 4, 3],
      [2, 2, 2, 2, 2],
    ],
    f: (x, w) => x.conv(w, { stride: [1, 2, 1] }),
  },
  "convTranspose over lines": {
    shapes: [
      [2, 3, 4],
      [3, 2, 3],
    ],
    f: (x, w) => x.convTranspose(w, { stride: 2 }),
  },
  "convTranspose over images, strided, padded, dilated": {
    shapes: [
      [1, 2, 3, 4],
      [2, 3, 3, 2],
    ],
    f: (x, w) =>
      x.convTranspose(w, {
        stride: [2, 3],
        padding: [
          [1, 0],
          [0, 1],
        ],
        dilation: [2, 1],
        outputPadding: [1, 2],
      }),
  },
  "convTranspose in groups": {
    shapes: [
      [2, 4, 3],
      [4, 3, 2],
    ],
    f: (x, w) => x.convTranspose(w, { groups: 2, padding: 1 }),
  },
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

for (const [name, given] of Object.entries(cases)) {
  if (!name.startsWith("conv ")) continue;
  test(`${name}: ONNX Runtime computes the weight's slope as the reference does`, async () => {
    const slopeOf = (x: Tensor, w: Tensor): Tensor => grad((at: Tensor) => given.f(x, at).square().sum())(w);
    await assertComputes(`${name}, slope`, { ...given, f: slopeOf });
  });
}

test("every operation of the file has a case", () => {
  assertCovered(convolutions, cases);
});

test("an open batch stays open through convolutions", async () => {
  const x = apply("input", [], { name: "x", shape: [-1, 2, 6], dtype: "float32" });
  const [w, back] = [onesOf([4, 1, 3]), onesOf([4, 1, 3])];
  const out = x.conv(w, { groups: 2, stride: 2, padding: 1 }).convTranspose(back, { stride: 2, groups: 4 });
  assert.deepEqual(out.shape, [-1, 4, 7]);
  for (const dtype of ["float32", "float64"] as const) {
    const program = trace(
      "open",
      { state: {}, inputs: { x: { shape: [-1, 2, 6], dtype } } },
      (state, { x: given }) => ({
        state,
        outputs: { out: given.conv(w.cast(dtype), { groups: 2 }).convTranspose(back.cast(dtype), { stride: 2 }) },
      }),
    );
    const { out: got } = (await runOnce(program, { x: asType(wave([5, 2, 6], 1), dtype) } as never)) as {
      out: NdArray;
    };
    assert.deepEqual(got.shape, [5, 1, 9]);
  }
});

test("what does not fit a convolution is refused in a sentence", () => {
  const [x, w] = [onesOf([2, 3, 5]), onesOf([4, 3, 3])];
  assert.throws(() => x.conv(onesOf([4, 2, 3])), /conv: wanted x \[N, C, …\] and weight/);
  assert.throws(() => x.conv(onesOf([4, 3, 7])), /a window of \[7\] fits in, got \[2, 3, 5\]/);
  assert.throws(() => x.conv(onesOf([4, 3])), /conv: wanted a weight/);
  assert.throws(() => x.conv(w.cast("float64")), /one float type/);
  assert.throws(() => x.conv(w, { stride: 0 }), /option "stride" is 0; wanted an integer of at least 1/);
  assert.throws(() => x.conv(w, { padding: [1, 1] }), /option "padding"/);
  assert.throws(() => x.convTranspose(onesOf([3, 2, 2]), { outputPadding: 1 }), /"outputPadding" is 1; wanted less/);
});
