import { test } from "node:test";
import { apply } from "../tensor.ts";
import { leaves } from "./leaves.ts";
import { assertComputes, assertCovered, assertSlopes, type Cases } from "./testing.ts";

const cases: Cases = {
  named: { shapes: [[3, 4]], f: (x) => x.named("member", "batch").min("member") },
  custom: {
    shapes: [[3]],
    f: (x) => apply("custom", [x.sin(), x], { pullback: (slope, [given]) => [slope.mul(given.cos())] }),
  },
  stopGradient: { shapes: [[3]], f: (x) => x.stopGradient(), flat: true },
};

for (const [name, given] of Object.entries(cases)) {
  test(`${name}: ONNX Runtime computes what the reference computes`, async () => {
    await assertComputes(name, given);
  });
  if (!given.flat) {
    test(`${name}: the slope agrees with finite differences, and so does the slope of the slope`, () => {
      assertSlopes(name, given);
    });
  }
}

test("every operation of the file has a case", () => {
  assertCovered(leaves, cases);
});
