import assert from "node:assert/strict";
import { test } from "node:test";
import { einsum } from "./einsum.ts";
import { topological } from "./interpret.ts";
import type { NdArray } from "./ndarray.ts";
import { assertComputes, assertSlopes, type Cases } from "./operations/testing.ts";
import { trace } from "./program.ts";
import { runOnce } from "./runtime.ts";
import { onesOf } from "./tensor.ts";
import { wave } from "./testing.ts";

const term = (specification: string, ...shapes: (readonly number[])[]) => ({
  shapes,
  f: (...x: Parameters<typeof einsum> extends [string, ...infer T] ? T : never) => einsum(specification, ...x),
});

const cases: Cases = {
  "a product": term("ij,jk->ik", [3, 4], [4, 2]),
  "attention, keys read transposed": term("bqhd,bkhd->bhqk", [2, 3, 2, 4], [2, 5, 2, 4]),
  "left transposed": term("ki,kj->ij", [4, 3], [4, 2]),
  "an outer product": term("i,jk->kij", [3], [2, 4]),
  "a trace": term("ii->", [4, 4]),
  "a diagonal inside a product": term("iij,jk->ki", [3, 3, 2], [2, 4]),
  "a sum and a transpose": term("abc->ca", [2, 3, 4]),
  "implicit output, in alphabetical order": term("ba", [2, 3]),
  "three operands": term("i,ij,j->", [3], [3, 4], [4]),
  "leading axes that broadcast": term("...ij,...jk->...ik", [5, 2, 3], [1, 3, 4]),
  "leading axes of different number": term("i...,j->...j", [2, 3, 4], [5]),
  "elementwise, then summed": term("ab,ab->a", [3, 4], [3, 4]),
};

for (const [name, given] of Object.entries(cases)) {
  test(`einsum, ${name}: ONNX Runtime computes what the reference computes`, async () => {
    await assertComputes(name, given);
    await assertComputes(name, given, "float64");
  });
  test(`einsum, ${name}: slopes`, () => {
    assertSlopes(name, given);
  });
}

test("what a product can read transposed is not transposed", () => {
  const [q, k] = [onesOf([2, 3, 4]), onesOf([2, 5, 4])];
  const used = topological([einsum("bqd,bkd->bqk", q, k)]).map(({ operation }) => operation);
  assert.ok(used.includes("matmul") && !used.includes("transpose") && !used.includes("mul"), `${used}`);
});

test("an open batch stays open", async () => {
  const inputs = { x: { shape: [-1, 3, 2], dtype: "float32" } as const };
  const program = trace("open", { state: {}, inputs }, (state, { x }) => ({
    state,
    outputs: { out: einsum("nij,jk->nik", x, onesOf([2, 4])), rows: einsum("nij->jn", x) },
  }));
  const got = (await runOnce(program, { x: wave([5, 3, 2], 1) })) as { out: NdArray; rows: NdArray };
  assert.deepEqual(
    [got.out.shape, got.rows.shape],
    [
      [5, 3, 4],
      [2, 5],
    ],
  );
});

test("what cannot be read is refused in a sentence", () => {
  const x = onesOf([2, 3]);
  assert.throws(() => einsum("ij,jk->ik", x), /einsum: got "ij,jk->ik"; wanted 1 terms/);
  assert.throws(() => einsum("ijk->i", x), /wanted 2 labels in "ijk", one for each axis of \[2,3\]/);
  assert.throws(() => einsum("ij->k", x), /an output whose labels occur in the terms/);
  assert.throws(() => einsum("i1->i", x), /letters/);
  assert.throws(() => einsum("ij,ij->i", x, onesOf([2, 4])), /one size for j, got \[2, 3\] and \[2, 4\]/);
});
