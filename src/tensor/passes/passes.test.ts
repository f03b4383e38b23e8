import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { evaluate, topological } from "../interpret.ts";
import { concat } from "../joining.ts";
import { type NdArray, ndarray } from "../ndarray.ts";
import { passes } from "../passes.ts";
import { apply, scalar, type Tensor } from "../tensor.ts";
import { numbersOf } from "../testing.ts";
import { build, close, programs, valuesAt } from "./testing.ts";

const input = (name: string, shape: readonly number[], dtype: "float32" | "float64" | "int32" = "float64"): Tensor =>
  apply("input", [], { name, shape, dtype });
const given = { x: input("x", [4, 4]), y: input("y", [4, 4]), row: input("row", [4]) };

for (const { name, run } of passes) {
  test(`"${name}" by itself changes no value of any program`, () => {
    fc.assert(
      fc.property(programs, ({ body, seed }) => {
        const before = build(body, given);
        const feeds = { ...valuesAt(seed) };
        const wanted = evaluate(before, feeds);
        evaluate(run(before), feeds).forEach((got, i) => void close(got, wanted[i], 1e-12, `output ${i}`));
      }),
      { numRuns: 150 },
    );
  });
}

/** The operations of what a pass makes of tensors, in order, without inputs and constants. */
const after = (name: string, ...outputs: Tensor[]): string[] => {
  const pass = passes.find((it) => it.name === name);
  assert.ok(pass, name);
  const operations = topological(pass.run(outputs)).map(({ operation }) => operation);
  return operations.filter((it) => it !== "input" && it !== "constant").sort();
};

test("simplify: signs go into sums, doubles and counters into factors and counts", () => {
  const { x, y } = given;
  assert.deepEqual(after("simplify", x.add(y.neg())), ["sub"]);
  assert.deepEqual(after("simplify", x.neg().add(y)), ["sub"]);
  assert.deepEqual(after("simplify", x.sub(y.neg())), ["add"]);
  assert.deepEqual(after("simplify", x.mul(3).neg()), ["mul"]);
  const triple = x.mul(y);
  assert.deepEqual(after("simplify", triple.add(triple)), ["mul", "mul"]);
  const scaled = x.mul(3);
  assert.deepEqual(after("simplify", scaled.add(scaled)), ["mul", "mul"]);
  const step = input("step", [], "int32");
  assert.deepEqual(after("simplify", step.add(1).add(1).add(1)), ["add"]);
});

test("rejoin: parts that lay beside each other are one part, what was whole is the whole", () => {
  const whole = input("whole", [9]);
  const cut = (from: number, to: number): Tensor => whole.slice(0, from, to);
  assert.deepEqual(after("rejoin", concat([cut(0, 3), cut(3, 5), cut(5, 9)], 0)), []);
  assert.deepEqual(after("rejoin", concat([cut(2, 3), cut(3, 5)], 0)), ["slice"]);
  const apart = concat([cut(3, 5), cut(0, 3)], 0);
  assert.deepEqual(after("rejoin", apart), ["concat", "slice", "slice"]);
  assert.deepEqual(after("rejoin", concat([concat([cut(0, 2), cut(4, 5)], 0), cut(5, 9)], 0)), [
    "concat",
    "slice",
    "slice",
  ]);
});

test("reduce: a reduction keeps or drops its axis by itself, if nobody else wants it as it was", () => {
  const { x } = given;
  assert.deepEqual(after("reduce", x.sum(0).unsqueeze(0)), ["sum"]);
  assert.deepEqual(after("reduce", x.mean(1, { keep: true }).squeeze(1)), ["mean"]);
  const shared = x.min(1);
  assert.deepEqual(after("reduce", shared.unsqueeze(1), shared.exp()).sort(), ["exp", "expandDims", "min"]);
});

test("side by side: what each of several updates makes of its step number is one vector, to the bit", () => {
  const step = input("step", [], "int32");
  const seen = [1, 2, 3, 4, 5].map((k) => {
    const t = step.add(k).cast("float32");
    return scalar(0.999).pow(t).from(1).sqrt().under(0.1);
  });
  const used = seen.map((rate) => given.row.cast("float32").mul(rate));
  const operations = after("side by side", ...used);
  assert.equal(operations.filter((it) => it === "pow").length, 1);
  assert.ok(!operations.includes("squeeze"), "a vector of one stands for the scalar");
  const feeds: Record<string, NdArray> = {
    step: { ...ndarray([41], { dtype: "int32" }), shape: [] },
    row: ndarray([1, 2, 3, 4]),
  };
  const side = passes.find(({ name }) => name === "side by side");
  assert.deepEqual(evaluate(side?.run(used) ?? [], feeds).map(numbersOf), evaluate(used, feeds).map(numbersOf));
});

test("side by side: fewer than four, and what differs in kind, stay as they are", () => {
  const x = input("x", []);
  const three = [1, 2, 3].map((k) => x.add(k));
  assert.deepEqual(after("side by side", ...three), ["add", "add", "add"]);
  assert.deepEqual(after("side by side", x.add(1), x.sub(1), x.mul(2), x.div(3)), ["add", "div", "mul", "sub"]);
});
