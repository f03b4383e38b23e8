import assert from "node:assert/strict";
import { test } from "node:test";
import { grad } from "../grad.ts";
import { concat, split, stack } from "../joining.ts";
import { onesOf, type Tensor } from "../tensor.ts";
import { layout } from "./layout.ts";
import { assertComputes, assertCovered, assertSlopes, type Cases } from "./testing.ts";

const cases: Cases = {
  reshape: { shapes: [[3, 4]], f: (x) => x.reshape(2, -1) },
  transpose: { shapes: [[2, 3, 4]], f: (x) => x.transpose(2, 0, 1) },
  broadcastTo: { shapes: [[3, 1]], f: (x) => x.broadcastTo(2, 3, 4) },
  broadcastLike: { shapes: [[4], [3, 4]], f: (x, y) => x.broadcastLike(y) },
  "unsqueeze and squeeze": { shapes: [[3, 1, 4]], f: (x) => x.squeeze(1).unsqueeze(0).unsqueeze(-1) },
  slice: { shapes: [[5, 4]], f: (x) => x.slice(0, 1, -1).at(1, -2) },
  pad: { shapes: [[2, 3]], f: (x) => x.pad(1, 2, 1) },
  // ONNX Runtime moves transposes past what follows them where that saves one, as it does here.
  "pad between transposes": {
    shapes: [[4, 4]],
    f: (x) => {
      const turned = (y: Tensor) => y.transpose().add(y.transpose().slice(1, 0, 2).pad(1, 2, 0).mul(2));
      return turned(x).add(grad((y: Tensor) => turned(y).square().mean())(x));
    },
  },
  concat: {
    shapes: [
      [2, 3],
      [4, 3],
    ],
    f: (x, y) => concat([x, y.square()], 0),
  },
  stack: {
    shapes: [
      [2, 3],
      [2, 3],
    ],
    f: (x, y) => stack([x, y], 1),
  },
  flip: { shapes: [[2, 3, 4]], f: (x) => x.flip([0, -1]).mul(x) },
  split: { shapes: [[6, 2]], f: (x) => split(x, 3, 0).reduce((a, b) => a.mul(b)) },
  "split into unequal parts": {
    shapes: [[2, 6]],
    f: (x) =>
      split(x, [1, 3, 2])
        .map((p) => p.sum(1))
        .reduce((a, b) => a.mul(b)),
  },
  tril: { shapes: [[2, 3, 4]], f: (x) => x.tril().square() },
  triu: { shapes: [[4, 3]], f: (x) => x.triu(-1).mul(x.tril(1)) },
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
  assertCovered(layout, cases);
});

test("a split that does not come out even is refused", () => {
  assert.throws(() => split(onesOf([2, 5]), 2), /split: wanted 2 equal parts along axis 1, got \[2, 5\]/);
  assert.throws(() => split(onesOf([2, 5]), [2, 2]), /parts of 2,2 along axis 1/);
});
