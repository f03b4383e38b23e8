import { test } from "node:test";
import { argsort, sort, topK } from "../order.ts";
import { order } from "./order.ts";
import { assertComputes, assertCovered, assertSlopes, type Cases } from "./testing.ts";

const cases: Cases = {
  argmax: { shapes: [[3, 4]], f: (x) => x.argmax().cast("float32"), flat: true },
  argmin: { shapes: [[3, 4]], f: (x) => x.argmin(0).cast("float32"), flat: true },
  sort: { shapes: [[3, 5]], f: (x) => sort(x).square() },
  "sort, descending, over the first axis": { shapes: [[4, 3]], f: (x) => sort(x, 0, { descending: true }).cumsum(0) },
  argsort: { shapes: [[3, 5]], f: (x) => argsort(x).cast("float32"), flat: true },
  "argsort of equals, both ways": {
    shapes: [[4, 6]],
    f: (x) => {
      const few = x.greater(0).cast(x.dtype);
      return argsort(few)
        .add(argsort(few, -1, { descending: true }).mul(10))
        .cast("float32");
    },
    flat: true,
  },
  "topK, largest": { shapes: [[3, 5, 2]], f: (x) => topK(x, 2, 1).values },
  "topK, smallest": { shapes: [[3, 5]], f: (x) => topK(x, 3, -1, { smallest: true }).values },
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
  assertCovered(order, cases);
});
