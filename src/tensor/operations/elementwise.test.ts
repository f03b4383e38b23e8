import { test } from "node:test";
import { elementwise } from "./elementwise.ts";
import { assertComputes, assertCovered, assertSlopes, type Cases } from "./testing.ts";

const cases: Cases = {
  add: { shapes: [[3, 4], [4]], f: (x, y) => x.add(y) },
  "add, both spread": {
    shapes: [
      [3, 1],
      [1, 4],
    ],
    f: (x, y) => x.add(y),
  },
  sub: { shapes: [[2, 3], []], f: (x, y) => x.sub(y) },
  mul: {
    shapes: [
      [2, 3, 4],
      [3, 1],
    ],
    f: (x, y) => x.mul(y),
  },
  div: {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    f: (x, y) => x.div(y),
    between: [0.5, 2],
  },
  pow: { shapes: [[5], [5]], f: (x, y) => x.pow(y), between: [0.5, 2] },
  "pow of a number": { shapes: [[5]], f: (x) => x.pow(3) },
  minimum: { shapes: [[6], [6]], f: (x, y) => x.minimum(y) },
  maximum: { shapes: [[6], [6]], f: (x, y) => x.maximum(y) },
  clip: { shapes: [[8]], f: (x) => x.clip(-0.5, 0.7) },
  "comparisons and logic": {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    f: (x, y) =>
      x
        .less(y)
        .and(x.greaterEqual(-1))
        .or(x.equal(y).not().and(x.lessEqual(y)))
        .cast("float32"),
    flat: true,
  },
  where: { shapes: [[3, 4], [4]], f: (x, y) => x.greater(0).where(x.mul(2), y.square()) },
  neg: { shapes: [[3]], f: (x) => x.neg().square() },
  abs: { shapes: [[5]], f: (x) => x.abs() },
  sign: { shapes: [[5]], f: (x) => x.sign(), flat: true },
  floor: { shapes: [[5]], f: (x) => x.mul(3).floor(), flat: true },
  exp: { shapes: [[5]], f: (x) => x.exp() },
  log: { shapes: [[5]], f: (x) => x.log(), between: [0.2, 3] },
  sqrt: { shapes: [[5]], f: (x) => x.sqrt(), between: [0.2, 3] },
  tanh: { shapes: [[5]], f: (x) => x.tanh() },
  sigmoid: { shapes: [[5]], f: (x) => x.sigmoid() },
  softplus: { shapes: [[5]], f: (x) => x.mul(4).softplus() },
  relu: { shapes: [[7]], f: (x) => x.relu() },
  silu: { shapes: [[7]], f: (x) => x.silu() },
  gelu: { shapes: [[7]], f: (x) => x.gelu() },
  erf: { shapes: [[7]], f: (x) => x.mul(2).erf() },
  "sin and cos": { shapes: [[5]], f: (x) => x.sin().mul(x.cos()) },
  cast: { shapes: [[5]], f: (x) => x.mul(3).cast("int32").cast("float32"), flat: true },
  elu: { shapes: [[7]], f: (x) => x.elu() },
  "elu, steep": { shapes: [[7]], f: (x) => x.elu(1.7) },
  expm1: { shapes: [[5]], f: (x) => x.expm1() },
  log1p: { shapes: [[5]], f: (x) => x.log1p(), between: [-0.8, 3] },
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
  assertCovered(elementwise, cases);
});
