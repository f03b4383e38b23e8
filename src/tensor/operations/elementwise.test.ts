import assert from "node:assert/strict";
import { test } from "node:test";
import { asType, ndarray } from "../ndarray.ts";
import type { Tensor } from "../tensor.ts";
import { numbersOf } from "../testing.ts";
import { elementwise } from "./elementwise.ts";
import { erf } from "./expansions.ts";
import { assertComputes, assertCovered, assertSlopes, type Cases, computed } from "./testing.ts";

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

test("what is composed holds at the ends and near 0, in both precisions", async () => {
  const of: { readonly [name: string]: [f: (x: Tensor) => Tensor, exact: (x: number) => number] } = {
    expm1: [(x) => x.expm1(), Math.expm1],
    log1p: [(x) => x.log1p(), Math.log1p],
    softplus: [(x) => x.softplus(), (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))],
    sigmoid: [(x) => x.sigmoid(), (x) => 1 / (1 + Math.exp(-x))],
    silu: [(x) => x.silu(), (x) => x / (1 + Math.exp(-x))],
    elu: [(x) => x.elu(), (x) => (x > 0 ? x : Math.expm1(x))],
    erf: [(x) => x.erf(), erf],
  };
  const points = [
    -1,
    -0.999,
    -1e-3,
    -1e-7,
    -1e-12,
    0,
    1e-12,
    1e-7,
    1e-3,
    0.3,
    1,
    2.9,
    5.9,
    6.1,
    30,
    1e4,
    1e30,
    Infinity,
  ];
  const below = [-1e4, -700, -30, -6.1, -5.9, -2, -Infinity];
  for (const [name, [f, exact]] of Object.entries(of)) {
    for (const dtype of ["float32", "float64"] as const) {
      const given = asType(ndarray([...points, ...(name === "log1p" ? [] : below)], { dtype: "float64" }), dtype);
      const got = numbersOf(await computed(f, [given]));
      numbersOf(given).forEach((x, i) => {
        const wanted = dtype === "float32" ? Math.fround(exact(x)) : exact(x);
        if (name === "silu" && x === -Infinity) return; // −∞ · 0 has no value
        // Relative error, so that what lies near 0 keeps its digits; a sigmoid's own tail in ONNX Runtime is not relative.
        const error =
          Math.abs(got[i] - wanted) / (name === "expm1" || name === "log1p" ? Math.abs(wanted) : 1 + Math.abs(wanted));
        const close = Object.is(got[i] + 0, wanted + 0) || error <= (dtype === "float32" ? 1e-6 : 1e-14);
        assert.ok(close, `${name} of ${x} in ${dtype} is ${got[i]}, wanted ${wanted}`);
      });
    }
  }
});
