/** Random programs: the passes change no value, and the runtime gives what the interpreter gives. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { evaluate } from "./interpret.ts";
import { asType, type Dtype, type NdArray } from "./ndarray.ts";
import { build, close, type Inputs, programs, valuesAt } from "./passes/testing.ts";
import { trace } from "./program.ts";
import { runOnce } from "./runtime.ts";
import type { Tensor } from "./tensor.ts";
import type { Spec } from "./tree.ts";

const spec = (shape: readonly number[], dtype: Dtype = "float32"): Spec => ({ shape, dtype });

function tracedFrom(body: readonly (readonly [number, number, number])[], dtype: Dtype) {
  let before: Tensor[] = [];
  const inputs = { x: spec([4, 4], dtype), y: spec([4, 4], dtype), row: spec([4], dtype) };
  const program = trace("random", { state: {}, inputs }, (state, given) => {
    before = build(body, given as Inputs<Tensor>);
    return { state, outputs: Object.fromEntries(before.entries()) };
  });
  return { before, program };
}

test("passes change no value: any program gives what it gave as traced", () => {
  fc.assert(
    fc.property(programs, ({ body, seed }) => {
      const { before, program } = tracedFrom(body, "float64");
      const feeds = { ...valuesAt(seed) };
      const wanted = evaluate(before, feeds);
      const got = evaluate([...program.graph.values()], feeds);
      [...program.graph.keys()].forEach((path, i) => {
        close(got[i], wanted[Number(path)], 1e-12, `output ${path}`);
      });
      assert.equal(got.length, before.length);
    }),
    { numRuns: 300 },
  );
});

test("the runtime gives what the interpreter gives", async () => {
  await fc.assert(
    fc.asyncProperty(programs, async ({ body, seed }) => {
      const { before, program } = tracedFrom(body, "float32");
      const feeds = valuesAt(seed);
      const got = (await runOnce(program, feeds as never)) as Record<string, NdArray>;
      // A float32 sum may fall on the other side of a kink than a float64 one; values, not slopes, are continuous there.
      close(got[0], evaluate([before[0]], { ...feeds })[0], 1e-4, "output");
    }),
    { numRuns: 40 },
  );
  await fc.assert(
    fc.asyncProperty(programs, async ({ body, seed }) => {
      const { before, program } = tracedFrom(body, "float64");
      const { x, y, row } = valuesAt(seed);
      const feeds = { x: asType(x, "float64"), y: asType(y, "float64"), row: asType(row, "float64") };
      const got = (await runOnce(program, feeds as never)) as Record<string, NdArray>;
      const wanted = evaluate(before, { ...feeds });
      wanted.forEach((value, i) => {
        close(got[i], value, 1e-8, `output ${i} in double precision, slopes among them`);
      });
    }),
    { numRuns: 40 },
  );
});
