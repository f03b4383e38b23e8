import assert from "node:assert/strict";
import { test } from "node:test";
import { valueAndGrad } from "./grad.ts";
import { evaluate } from "./interpret.ts";
import { apply, type Tensor } from "./tensor.ts";

test("kinks: a tie's slope goes to the first, abs and relu are flat at 0, tied maxima share", () => {
  const x = apply("input", [], { name: "x", shape: [2], dtype: "float64" });
  const slopeAt = (f: (x: Tensor) => Tensor, ...values: number[]) => {
    const slope = valueAndGrad((p: Tensor) => f(p).sum())(x)[1];
    return [
      ...(evaluate([slope], { x: { shape: [2], dtype: "float64", data: Float64Array.from(values) } })[0]
        .data as Float64Array),
    ];
  };
  assert.deepEqual(
    slopeAt((p) => p.minimum(1), 1, 2),
    [1, 0],
  );
  assert.deepEqual(
    slopeAt((p) => p.maximum(1), 1, 0),
    [1, 0],
  );
  assert.deepEqual(
    slopeAt((p) => p.clip(-1, 1), -1, 1),
    [1, 1],
  );
  assert.deepEqual(
    slopeAt((p) => p.abs(), 0, -2),
    [0, -1],
  );
  assert.deepEqual(
    slopeAt((p) => p.relu(), 0, 3),
    [0, 1],
  );
  assert.deepEqual(
    slopeAt((p) => p.max(0), 3, 3),
    [0.5, 0.5],
  );
  assert.deepEqual(
    slopeAt((p) => p.mul(p.stopGradient()), 3, 4),
    [3, 4],
  );
});

test("what a loss closes over is constant, though it is the same tensor", () => {
  const x = apply("input", [], { name: "x", shape: [], dtype: "float64" });
  const slope = valueAndGrad((p: Tensor) => p.mul(x))(x)[1];
  assert.equal(evaluate([slope], { x: { shape: [], dtype: "float64", data: Float64Array.of(3) } })[0].data[0], 3);
});

test("an error names the operation, both shapes and the caller's line", () => {
  const [a, b] = [[3, 4], [5]].map((shape, i) => apply("input", [], { name: `x${i}`, shape, dtype: "float32" }));
  assert.throws(
    () => a.add(b),
    /add: wanted shapes that broadcast, got \[3, 4\] and \[5\]\. At .*operations\.test\.ts:\d+\./,
  );
  assert.throws(() => a.matmul(a), /matmul: wanted inner sizes that agree \(4 and 3 do not\)/);
  assert.throws(
    () => a.named("member", "batch").min("menber"),
    /min: there is no axis "menber"; the axes are member, batch/,
  );
  assert.throws(() => a.add(a.cast("int32")), /one element type/);
  assert.throws(() => valueAndGrad((p: Tensor) => p.mul(2))(a), /scalar loss.*got \[3, 4\]/);
});
