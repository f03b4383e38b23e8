/** What a program may be made of: its state, and its names. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndarray } from "./ndarray.ts";
import { trace } from "./program.ts";
import { runOnce } from "./runtime.ts";
import type { Tensor } from "./tensor.ts";
import type { Spec } from "./tree.ts";

const spec = (shape: readonly number[]): Spec => ({ shape, dtype: "float32" });

test("a step that returns another state than it was given is refused, by leaf", () => {
  const step = (next: (x: Tensor) => unknown) => () =>
    trace("step", { state: { x: spec([2]) }, inputs: {} }, ({ x }) => ({
      state: next(x) as { x: Tensor },
      outputs: {},
    }));
  assert.throws(
    step(() => ({})),
    { code: "tree-mismatch", message: /^step: missing x\. The state a step returns/ },
  );
  assert.throws(
    step((x) => ({ x, y: x })),
    { code: "tree-mismatch", message: /unexpected y/ },
  );
  assert.throws(
    step((x) => ({ x: x.sum() })),
    { code: "tree-leaf", message: /"x" is float32\[\]; wanted float32\[2\]/ },
  );
  assert.throws(
    step((x) => ({ x: x.cast("int32") })),
    { code: "tree-leaf" },
  );
  assert.throws(
    step(() => ({ x: 3 })),
    { code: "tree-leaf", message: /"x" is the number 3/ },
  );
});

test("an output may not take the name of an input, nor either of them a name of state or noise", () => {
  const named = (input: string, output: string) => () =>
    trace("p", { state: {}, inputs: { [input]: spec([2]) } }, (state, given) => ({
      state,
      outputs: { [output]: given[input].add(1) },
    }));
  assert.throws(named("x", "x"), { code: "bad-value", message: /^p: got "x"; wanted a name that no input has/ });
  for (const path of ["state/x", "next/x", "noise/x"]) {
    assert.throws(named("x", path), { code: "bad-value" });
    assert.throws(named(path, "y"), { code: "bad-value" });
  }
  for (const path of ["next", "noise", "stateful/x"]) assert.ok(named("x", path)());
});

test("any path is a name: those the compiler might use itself, too", async () => {
  const paths = ["t0", "c0", "t1", "batch", "0", "a b", "x/y", "ü"];
  const inputs = Object.fromEntries(paths.map((path, i) => [path, ndarray([i, 1])]));
  const program = trace("names", { state: {}, inputs }, (state, given) => {
    const total = Object.values(given as Record<string, Tensor>).reduce((sum, x) => sum.add(x.mul(2).add(3)));
    return { state, outputs: { c1: total.mul(2), t2: total.add(1), x: total.sub(1) } };
  });
  const got = (await runOnce(program, inputs)) as Record<string, NdArray>;
  assert.deepEqual([...got.t2.data], [73 + 1, 36 + 1]);
  assert.deepEqual([...got.c1.data], [73 * 2, 36 * 2]);
});
