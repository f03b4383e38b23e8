import { test } from "node:test";
import { concat } from "../joining.ts";
import { reductions } from "./reductions.ts";
import { assertComputes, assertCovered, assertSlopes, type Cases } from "./testing.ts";

const cases: Cases = {
  sum: { shapes: [[2, 3, 4]], f: (x) => x.sum([0, 2]).mul(x.sum()) },
  "sum over rows": { shapes: [[5, 3]], f: (x) => x.sum(0) },
  mean: { shapes: [[2, 3, 4]], f: (x) => x.mean(1, { keep: true }).mul(x) },
  variance: { shapes: [[4, 3]], f: (x) => x.variance(0) },
  max: { shapes: [[3, 4]], f: (x) => x.max(1) },
  min: { shapes: [[3, 4]], f: (x) => x.min(0, { keep: true }) },
  logsumexp: { shapes: [[3, 4]], f: (x) => x.mul(5).logsumexp(1) },
  softmax: { shapes: [[3, 4]], f: (x) => x.softmax() },
  "softmax over the first axis": { shapes: [[3, 4]], f: (x) => x.softmax(0) },
  logSoftmax: { shapes: [[3, 4]], f: (x) => x.logSoftmax() },
  cumsum: { shapes: [[3, 4]], f: (x) => x.cumsum(1) },
  "cumsum from the end": { shapes: [[3, 4]], f: (x) => x.cumsum(0, { reverse: true }).square() },
  prod: { shapes: [[2, 5, 3]], f: (x) => x.prod([0, 1]) },
  "prod where elements are 0": { shapes: [[2, 5]], f: (x) => concat([x, x.sub(x), x], 0).prod(0, { keep: true }) },
  cumprod: { shapes: [[2, 7]], f: (x) => x.cumprod() },
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
  assertCovered(reductions, cases);
});
