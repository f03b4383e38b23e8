import assert from "node:assert/strict";
import { test } from "node:test";
import { onesOf } from "../tensor.ts";
import { normalisations } from "./normalisations.ts";
import { assertComputes, assertCovered, assertSlopes, type Cases } from "./testing.ts";

const cases: Cases = {
  layerNorm: { shapes: [[2, 3, 5], [5], [5]], f: (x, scale, bias) => x.layerNorm(scale, bias) },
  "layerNorm of one row": { shapes: [[5], [5], [5]], f: (x, scale, bias) => x.layerNorm(scale, bias, 0.1) },
  rmsNorm: { shapes: [[2, 3, 5], [5]], f: (x, scale) => x.rmsNorm(scale) },
  "rmsNorm of one row": { shapes: [[5], [5]], f: (x, scale) => x.rmsNorm(scale, 0.1) },
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
  assertCovered(normalisations, cases);
});

test("vectors that do not fit the last axis are refused in a sentence", () => {
  const [x, short] = [onesOf([2, 3]), onesOf([2])];
  assert.throws(
    () => x.layerNorm(short, short),
    /layerNorm: wanted x \[… n\] and vectors \[n\] beside it, got \[2, 3\]/,
  );
  assert.throws(() => x.rmsNorm(onesOf([3], "float64")), /rmsNorm: wanted one float type, got float32, float64/);
});
