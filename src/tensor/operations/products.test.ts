import { test } from "node:test";
import { apply } from "../tensor.ts";
import { products } from "./products.ts";
import { assertComputes, assertCovered, assertSlopes, type Cases } from "./testing.ts";

const cases: Cases = {
  matmul: {
    shapes: [
      [3, 4],
      [4, 2],
    ],
    f: (x, y) => x.matmul(y),
  },
  "matmul, left transposed": {
    shapes: [
      [4, 3],
      [4, 2],
    ],
    f: (x, y) => x.matmul(y, { transposeLeft: true }),
  },
  "matmul, right transposed": {
    shapes: [
      [3, 4],
      [2, 4],
    ],
    f: (x, y) => x.matmul(y, { transposeRight: true }),
  },
  "matmul, both transposed": {
    shapes: [
      [4, 3],
      [2, 4],
    ],
    f: (x, y) => x.matmul(y, { transposeLeft: true, transposeRight: true }),
  },
  "matmul of batches": {
    shapes: [
      [2, 3, 4],
      [2, 4, 5],
    ],
    f: (x, y) => x.matmul(y),
  },
  "matmul, one against an ensemble": {
    shapes: [
      [3, 4],
      [2, 4, 5],
    ],
    f: (x, y) => x.matmul(y),
  },
  "matmul of batches, right transposed": {
    shapes: [
      [2, 1, 3, 4],
      [5, 2, 4],
    ],
    f: (x, y) => x.matmul(y, { transposeRight: true }),
  },
  "matmul, many rows by one matrix": {
    shapes: [
      [2, 3, 4],
      [4, 2],
    ],
    f: (x, y) => x.matmul(y),
  },
  // In double precision the factor must stay a double: 0.3 is not the single nearest to it.
  "matmul of what a constant scales": {
    shapes: [
      [3, 4],
      [4, 2],
    ],
    f: (x, y) => x.matmul(y.mul(0.3)).tanh().mul(0.7),
  },
  gemm: {
    shapes: [[3, 4], [4, 2], [2]],
    f: (x, w, b) => apply("gemm", [x, w, b], { transposeLeft: false, transposeRight: false }),
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

test("every operation of the file has a case", () => {
  assertCovered(products, cases);
});
