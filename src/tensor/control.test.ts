import assert from "node:assert/strict";
import { test } from "node:test";
import { repeat, scan } from "./control.ts";
import { grad } from "./grad.ts";
import { evaluate } from "./interpret.ts";
import { ndarray } from "./ndarray.ts";
import { assertComputes, assertSlopes, type Case } from "./operations/testing.ts";
import { apply, constant, onesOf, type Tensor } from "./tensor.ts";
import { numbersOf } from "./testing.ts";

const numbers = (tensor: Tensor): number[] => numbersOf(evaluate([tensor])[0]);
const given = (...values: number[]): Tensor => constant(ndarray(values, { dtype: "float64" }));
const one = given(1).squeeze(0);

/** h ← tanh(h w + x), its states and twice its sums. */
const recurrent = (xs: Tensor, h: Tensor, w: Tensor, options = {}) =>
  scan(
    xs,
    h,
    (state, x) => {
      const next = state.matmul(w).add(x).tanh();
      return { state: next, outputs: { next, sum: next.sum(1).mul(2) } };
    },
    options,
  );

const cases: { readonly [name: string]: Case } = {
  repeat: {
    shapes: [[3]],
    f: (x) => repeat(3, { a: x, b: x.mul(2) }, ({ a, b }, turn) => ({ a: b.sin(), b: a.add(turn) })).b,
  },
  "scan, its outputs": {
    shapes: [
      [4, 2, 3],
      [2, 3],
      [3, 3],
    ],
    f: (xs, h, w) => recurrent(xs, h, w).outputs.next,
  },
  "scan, its state": {
    shapes: [
      [4, 2, 3],
      [2, 3],
      [3, 3],
    ],
    f: (xs, h, w) => recurrent(xs, h, w).state,
  },
  "scan, in reverse": {
    shapes: [
      [4, 2, 3],
      [2, 3],
      [3, 3],
    ],
    f: (xs, h, w) => recurrent(xs, h, w, { reverse: true }).outputs.sum,
  },
};

for (const [name, it] of Object.entries(cases)) {
  test(`${name}: values and slopes`, async () => {
    await assertComputes(name, it);
    assertSlopes(name, it);
  });
}

test("scan in reverse goes from the last to the first, and outputs keep the place of their inputs", () => {
  const running = (reverse: boolean) => {
    const body = (state: Tensor, x: Tensor) => ({ state: state.add(x), outputs: state.add(x) });
    return scan(given(1, 2, 4), one.mul(0), body, { reverse });
  };
  assert.deepEqual(numbers(running(false).outputs), [1, 3, 7]);
  assert.deepEqual(numbers(running(true).outputs), [7, 6, 4]);
  assert.deepEqual(numbers(running(true).state), [7]);
});

test("truncated, slopes reach back to the last cut and no further; values do not change", () => {
  const last = (xs: Tensor, truncate?: number) =>
    scan(xs, one, (state, x) => ({ state: state.mul(x), outputs: state }), truncate ? { truncate } : {}).state;
  const xs = given(2, 3, 5, 7, 11);
  assert.deepEqual(numbers(last(xs, 2)), [2310]);
  assert.deepEqual(numbers(grad((x: Tensor) => last(x))(xs)), [1155, 770, 462, 330, 210]);
  assert.deepEqual(numbers(grad((x: Tensor) => last(x, 2))(xs)), [0, 0, 0, 0, 210], "cut before steps 2 and 4");
  assert.deepEqual(numbers(grad((x: Tensor) => last(x, 3))(xs)), [0, 0, 0, 330, 210], "cut before step 3");
  assert.deepEqual(numbers(grad((x: Tensor) => last(x, 5))(xs)), [1155, 770, 462, 330, 210]);
});

test("a body that changes the form of its state, and lengths that differ, are refused", () => {
  const xs = onesOf([3, 2]);
  const step = (state: Tensor) => ({ state: state.sum(), outputs: state });
  assert.throws(() => scan(xs, onesOf([2]), step), /scan: the leaf "value" is float32\[\]; wanted float32\[2\]/);
  assert.throws(() => repeat(2, { a: xs }, ({ a }) => ({ a: a.cast("int32") })), /repeat: the leaf "a" is int32/);
  assert.throws(() => scan({ xs, y: onesOf([4]) }, xs, (state) => ({ state, outputs: state })), /got "lengths 3,4"/);
  const openly = apply("input", [], { name: "x", shape: [-1, 2], dtype: "float32" });
  assert.throws(() => scan(openly, xs, (state) => ({ state, outputs: state })), /one known length/);
  assert.throws(() => repeat(1.5, xs, (s) => s), /repeat: got 1.5/);
  assert.throws(() => scan(xs, xs, (state) => ({ state, outputs: state }), { truncate: 0 }), /"truncate" is 0/);
});
