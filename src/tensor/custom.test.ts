import assert from "node:assert/strict";
import { test } from "node:test";
import { customGradient, straightThrough } from "./custom.ts";
import { grad, valueAndGrad, vjp } from "./grad.ts";
import { evaluate } from "./interpret.ts";
import { ndarray } from "./ndarray.ts";
import { assertComputes, assertSlopes, computed } from "./operations/testing.ts";
import { apply, constant, onesOf, type Tensor } from "./tensor.ts";
import { numbersOf } from "./testing.ts";

const x = constant(ndarray([-1.5, 0.5, 2], { dtype: "float64" }));
const numbers = (tensor: Tensor): number[] => numbersOf(evaluate([tensor])[0]);

test("straight through: one's value, the other's slope, exactly", async () => {
  const rounded = (p: Tensor) => straightThrough(p.add(0.5).floor(), p.mul(3));
  assert.deepEqual(numbers(rounded(x)), [-1, 1, 2]);
  assert.deepEqual(numbers(grad((p: Tensor) => rounded(p).sum())(x)), [3, 3, 3]);
  assert.deepEqual(numbersOf(await computed(rounded, [ndarray([0.4, 1e9])])), [0, 1e9]);
  assert.throws(() => straightThrough(x, x.cast("float32")), /two tensors alike/);
  assert.throws(() => straightThrough(x, x.sum()), /two tensors alike, got \[3\] and \[\]/);
});

test("a pullback of one's own takes the place of the one the operations have, and is differentiated again", async () => {
  // x³ with its own slope written out: everything must agree with finite differences, twice.
  const cube = customGradient(
    (a: Tensor, b: Tensor) => a.square().stopGradient().mul(b),
    (slope, [a, b]) => [slope.mul(a).mul(b).mul(2), slope.mul(a.square())],
  );
  const given = { shapes: [[4], [4]], f: cube };
  await assertComputes("cube", given);
  assertSlopes("cube", given);
  const exponential = customGradient(
    (a: Tensor) => a.exp(),
    (slope, _inputs, output) => [slope.mul(output)],
  );
  assertSlopes("exponential", { shapes: [[4]], f: exponential });
  const clipped = customGradient(
    (a: Tensor) => a.mul(2),
    (slope, _inputs, output) => [slope.mul(output.less(2).cast("float64"))],
  );
  const [value, slope] = valueAndGrad((a: Tensor) => clipped(a).sum())(x);
  assert.deepEqual([numbers(value), numbers(slope)], [[2], [1, 1, 0]]);
  const closed = grad((a: Tensor) =>
    customGradient(
      (b: Tensor) => b.mul(a),
      (s) => [s],
    )(a).sum(),
  )(x);
  assert.deepEqual(numbers(closed), [1, 1, 1], "what f closes over gets no slope");
});

test("a slope that is not shaped like its argument is refused", () => {
  const wrong = customGradient(
    (a: Tensor) => a.mul(2),
    (slope) => [slope.sum()],
  );
  assert.throws(
    () => grad((a: Tensor) => wrong(a).sum())(x),
    /customGradient: wanted slopes shaped like.*\[3\], got \[\]/,
  );
});

test("vjp: the rows of a Jacobian, over trees on either side", () => {
  const f = (p: { a: Tensor; b: Tensor }) => ({ product: p.a.mul(p.b), sum: p.a.add(p.b).sum(), again: p.a });
  const [value, pullback] = vjp(f, { a: x, b: x.mul(2) });
  const seed = { product: onesOf([3], "float64"), sum: onesOf([], "float64").mul(10), again: x };
  const slope = pullback(seed);
  assert.deepEqual(numbers(value.product), [4.5, 0.5, 8]);
  assert.deepEqual(numbers(slope.a), [-3 + 10 - 1.5, 1 + 10 + 0.5, 4 + 10 + 2]);
  assert.deepEqual(numbers(slope.b), [8.5, 10.5, 12]);
  const twice = vjp((p: Tensor) => {
    const q = p.square();
    return [q, q];
  }, x)[1]([x, x]);
  assert.deepEqual(numbers(twice), numbers(x.square().mul(4)));
  assert.throws(() => pullback({ ...seed, sum: x }), /vjp: the leaf "sum" is float64\[3\]; wanted float64\[\]/);
});

test("a loss that is not a scalar is refused", () => {
  const input = apply("input", [], { name: "x", shape: [3], dtype: "float32" });
  assert.throws(() => grad((p: Tensor) => p.mul(2))(input), /grad: wanted a scalar loss/);
});
