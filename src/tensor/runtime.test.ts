/** Running programs: state that stays, inputs that fit, calls in turn, batches of any size. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "./interpret.ts";
import { type NdArray, ndarray, takeRows } from "./ndarray.ts";
import { trace } from "./program.ts";
import { randomKey } from "./random.ts";
import { Compiled, runOnce, Store } from "./runtime.ts";
import { scalar, type Tensor } from "./tensor.ts";
import { assertClose, normal, numbersOf } from "./testing.ts";
import type { Spec } from "./tree.ts";

const spec = (shape: readonly number[]): Spec => ({ shape, dtype: "float32" });

test("a leaf the step returns as it came stays where it is; the others move", async () => {
  const state = { kept: spec([3]), moved: spec([3]), swapped: spec([3]) };
  const program = trace("step", { state, inputs: {} }, ({ kept, moved, swapped }) => ({
    state: { kept: kept.add(0), moved: moved.add(swapped), swapped: moved },
    outputs: { sum: moved.sum() },
  }));
  assert.deepEqual([...program.graph.keys()], ["sum", "next/moved", "next/swapped"]);
  const store = new Store<typeof state>({
    kept: ndarray([1, 2, 3]),
    moved: ndarray([1, 1, 1]),
    swapped: ndarray([0, 1, 2]),
  });
  const kept = store.at("kept");
  await using compiled = await Compiled.open(program);
  for (const sum of [3, 6, 9]) assert.equal(((await compiled.run({}, store)) as { sum: NdArray }).sum.data[0], sum);
  assert.equal(store.at("kept"), kept);
  const now = store.read();
  assert.deepEqual([...now.kept.data], [1, 2, 3]);
  assert.deepEqual([...now.moved.data], [3, 5, 7]);
  assert.deepEqual([...now.swapped.data], [2, 3, 4]);
});

test("a store takes copies and gives copies", async () => {
  const mine = ndarray([1, 2]);
  const store = new Store<{ x: Spec }>({ x: mine });
  mine.data[0] = 9;
  const out = store.read();
  assert.equal(out.x.data[0], 1);
  out.x.data[1] = 9;
  assert.equal(store.read().x.data[1], 2);
});

test("inputs of another tree, shape or type are refused, and so is noise without a key", async () => {
  const program = trace("draw", { state: {}, inputs: { x: spec([2]) } }, (state, { x }, key) => ({
    state,
    outputs: { y: x.add(key.normal(2)) },
  }));
  const given = { x: ndarray([1, 2]) };
  await assert.rejects(runOnce(program, given), { code: "bad-value", message: /draw: got "no key"/ });
  const at = { key: randomKey(1) };
  await assert.rejects(runOnce(program, {} as never, at), { code: "tree-mismatch" });
  await assert.rejects(runOnce(program, { x: ndarray([1, 2, 3]) }, at), { code: "tree-leaf" });
  await assert.rejects(runOnce(program, { x: ndarray([1, 2], { dtype: "int32" }) }, at), { code: "tree-leaf" });
  assert.deepEqual(await runOnce(program, given, at), await runOnce(program, given, at));
});

test("calls made at once are as calls made in turn, noise and state included; one that fails stops no other", async () => {
  const program = trace("walk", { state: { x: spec([2]) }, inputs: { by: spec([2]) } }, ({ x }, { by }, key) => ({
    state: { x: x.mul(2).add(by) },
    outputs: { draw: key.normal(2).add(0) },
  }));
  await using compiled = await Compiled.open(program);
  const fresh = () => new Store<{ x: Spec }>({ x: ndarray([1, 1]) });
  const [together, inTurn] = [fresh(), fresh()];
  const call = (store: Store<{ x: Spec }>, i: number) =>
    compiled.run({ by: ndarray([i, i]) }, store, { key: randomKey(i) });
  const numbers = [1, 2, 3, 4];
  const all = Promise.all(numbers.map((i) => call(together, i)));
  await assert.rejects(compiled.run({ by: ndarray([1]) }, together, { key: randomKey(1) }), { code: "tree-leaf" });
  const one: unknown[] = [];
  for (const i of numbers) one.push(await call(inTurn, i));
  assert.deepEqual(await all, one);
  assert.deepEqual(together.read(), inTurn.read());
});

test("an open batch axis takes any size, and a row does not depend on the others", async () => {
  const w = normal(5, 3, 4);
  const program = trace("policy", { state: {}, inputs: { x: spec([-1, 3]), w: spec([3, 4]) } }, (state, inputs) => {
    const { x, w: weight } = inputs as { x: Tensor; w: Tensor };
    const h = x.matmul(weight).tanh();
    const parts = h.reshape(-1, 2, 2).softmax(-1);
    const spread = scalar(0.5).broadcastLike(h);
    return { state, outputs: { h, parts, choice: h.argmax(), best: h.max(-1), spread, mean: h.mean(0) } };
  });
  await using compiled = await Compiled.open(program);
  await assert.rejects(compiled.run({ x: normal(6, 7, 4), w } as never), {
    message: /float32\[7,4\]; wanted float32\[any,3\]/,
  });
  const x = normal(6, 7, 3);
  const seven = (await compiled.run({ x, w } as never)) as Record<string, NdArray>;
  assert.deepEqual(Object.fromEntries(Object.entries(seven).map(([name, { shape }]) => [name, [...shape]])), {
    h: [7, 4],
    parts: [7, 2, 2],
    choice: [7],
    best: [7],
    spread: [7, 4],
    mean: [4],
  });
  for (let i = 0; i < 7; i++) {
    const one = (await compiled.run({ x: takeRows(x, [i]), w } as never)) as Record<string, NdArray>;
    assert.deepEqual([...one.choice.data], [...takeRows(seven.choice, [i]).data]);
    assertClose(numbersOf(one.h), numbersOf(takeRows(seven.h, [i])), "row");
    assertClose(numbersOf(one.parts), numbersOf(takeRows(seven.parts, [i])), "row");
  }
  const wanted = evaluate([...program.graph.values()], { x, w });
  [...program.graph.keys()].forEach((name, i) => {
    assertClose(numbersOf(seven[name]), numbersOf(wanted[i]), name);
  });
});
