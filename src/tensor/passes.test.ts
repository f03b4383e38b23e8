import assert from "node:assert/strict";
import { test } from "node:test";
import { optimise } from "./passes.ts";
import { trace } from "./program.ts";
import { scalar, type Tensor } from "./tensor.ts";
import type { Spec } from "./tree.ts";

const spec = (shape: readonly number[]): Spec => ({ shape, dtype: "float32" });

test("passes do what they are for", () => {
  const count = (f: (x: Tensor, y: Tensor) => Tensor): string[] => {
    const operations: string[] = [];
    trace("p", { state: {}, inputs: { x: spec([4, 4]), y: spec([4]) } }, (state, inputs) => {
      const { x, y } = inputs as { x: Tensor; y: Tensor };
      const seen = new Set<Tensor>();
      const walk = (t: Tensor): void => {
        if (seen.has(t)) return;
        seen.add(t);
        if (t.operation !== "input" && t.operation !== "constant") operations.push(t.operation);
        t.inputs.forEach(walk);
      };
      walk(optimise([f(x, y)])[0]);
      return { state, outputs: {} };
    });
    return operations;
  };
  assert.deepEqual(
    count((x) => x.add(0).mul(1).neg().neg().transpose().transpose().div(1)),
    [],
  );
  assert.deepEqual(
    count((x, y) => x.matmul(x).add(y)),
    ["gemm"],
  );
  assert.deepEqual(
    count((x, y) => x.add(y.broadcastTo(4, 4))),
    ["add"],
  );
  assert.deepEqual(
    count((x) => x.exp().add(x.exp())),
    ["mul", "exp"],
  );
  assert.ok(
    !count((x, y) => x.matmul(x).add(y).mul(x.matmul(x))).includes("gemm"),
    "a product used twice is made once",
  );
  assert.deepEqual(
    count((x) => x.mul(2).mul(3)),
    ["mul"],
  );
  assert.deepEqual(
    count((x) => x.mul(scalar(2).exp().add(1).log())),
    ["mul"],
  );
});
