import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate, topological } from "../interpret.ts";
import type { NdArray } from "../ndarray.ts";
import { trace } from "../program.ts";
import type { Tensor } from "../tensor.ts";
import { normal, numbersOf } from "../testing.ts";
import { leavesOf, mapTree } from "../tree.ts";
import { chain, descendWith, joined, type Learner, learner, type Optimiser, scaleByAdam, scaledDown } from "./index.ts";

const params = { first: normal(1, 3, 4), second: [normal(2, 4), normal(3, 2, 2)] };
const specs = mapTree(params, ({ shape, dtype }: NdArray) => ({ shape, dtype }));
const leafByLeaf: Optimiser = chain(scaleByAdam(), scaledDown(1e-2));

/** Three updates in one program, from a start that has no memory. */
const threeUpdates = (optimiser: Optimiser) =>
  trace("three", { state: {}, inputs: specs }, (state, inputs) => {
    const loss = (p: typeof inputs): Tensor =>
      [...leavesOf<Tensor>(p).values()].map((leaf) => leaf.sin().mul(leaf).sum()).reduce((a, b) => a.add(b));
    let now: Learner<typeof inputs> = learner(inputs, optimiser);
    for (let i = 0; i < 3; i++) [now] = descendWith(optimiser, now, loss);
    return { state, outputs: now as unknown };
  });

test("joined leaves move as they would apart, to the bit, and what is remembered keeps its names", () => {
  const feeds = Object.fromEntries(leavesOf<NdArray>(params));
  const [apart, together] = [leafByLeaf, joined(leafByLeaf)].map((optimiser) => {
    const { graph } = threeUpdates(optimiser);
    const values = evaluate([...graph.values()], feeds);
    return new Map([...graph.keys()].map((path, i) => [path, numbersOf(values[i])]));
  });
  assert.deepEqual([...together.keys()], [...apart.keys()]);
  assert.ok(together.has("memory/0/mean/second/1"));
  for (const [path, numbers] of apart) assert.deepEqual(together.get(path), numbers, path);
});

test("between updates nothing is taken apart and joined again, and there is less to do", () => {
  const count = (optimiser: Optimiser, ...wanted: string[]) =>
    topological([...threeUpdates(optimiser).graph.values()]).filter(
      ({ operation }) => wanted.length === 0 || wanted.includes(operation),
    ).length;
  // The slopes are joined at each of the three updates; the parameters, and the moments that are both the same zeros, at the
  // first alone.
  assert.equal(count(joined(leafByLeaf), "concat"), 3 + 1 + 1);
  assert.ok(count(joined(leafByLeaf), "div", "sqrt") < count(leafByLeaf, "div", "sqrt"));
});

test("past the limit, and for a single leaf, it is the optimiser it was given", () => {
  const graphOf = (optimiser: Optimiser) => threeUpdates(optimiser).graph.size;
  assert.equal(graphOf(joined(leafByLeaf, 1)), graphOf(leafByLeaf));
  const operations = (optimiser: Optimiser) =>
    topological([...threeUpdates(optimiser).graph.values()]).map(({ operation }) => operation);
  assert.deepEqual(operations(joined(leafByLeaf, 1)), operations(leafByLeaf));
});
