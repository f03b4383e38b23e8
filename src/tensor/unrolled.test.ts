/** Updates unrolled into one program are the same updates, to the bit, on any number of threads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Key } from "./key.ts";
import { type Dtype, type NdArray, zeros } from "./ndarray.ts";
import { adam, descendWith, type Learner } from "./optimisers/index.ts";
import { type Program, trace } from "./program.ts";
import { fillNormal, fold, randomKey } from "./random.ts";
import { Compiled, Store } from "./runtime.ts";
import type { Tensor } from "./tensor.ts";
import { normal } from "./testing.ts";
import { leavesOf, type Spec, type TreeOf } from "./tree.ts";

const spec = (shape: readonly number[], dtype: Dtype = "float32"): Spec => ({ shape, dtype });

/** Values of one tree as a list, for comparison bit for bit. */
const bitsOf = (tree: unknown): unknown[] =>
  [...leavesOf<NdArray>(tree)].map(([path, { data }]) => [
    path,
    [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)].join(),
  ]);

interface Net<T> {
  readonly first: T;
  readonly second: T;
}

const sizes = { inputs: 5, hidden: 32, batch: 64 };
const rows = 256;
const data = { x: normal(1, rows, sizes.inputs), y: normal(2, rows) };

/** K updates of a small network on noisy inputs: every kind of draw, Adam, and rows gathered inside. */
function updates(size: number, { hidden = sizes.hidden, batch = sizes.batch } = {}): Program {
  const params: Net<Spec> = { first: spec([sizes.inputs, hidden]), second: spec([hidden, 1]) };
  const optimiser = adam(1e-2);
  const state = { net: { params, memory: [{ mean: params, square: params }, {}], step: spec([], "int32") } };
  const inputs = { x: spec(data.x.shape), y: spec(data.y.shape) };
  return trace(`updates ${size}`, { state, inputs }, (first, given, key) => {
    const { x, y } = given as { x: Tensor; y: Tensor };
    const losses: Tensor[] = [];
    let net = first.net as unknown as Learner<Net<Tensor>>;
    for (let k = 0; k < size; k++) {
      const draw: Key = key.later(k);
      const chosen = draw.at("rows").integers(rows, batch);
      const noisy = x.gather(chosen).add(draw.at("noise").normal(batch, sizes.inputs).mul(0.1));
      const kept = draw.at("drop").uniform(batch, hidden).less(0.9).cast("float32");
      const [next, loss] = descendWith(optimiser, net, (p) =>
        noisy.matmul(p.first).relu().mul(kept).matmul(p.second).squeeze(-1).sub(y.gather(chosen)).square().mean(),
      );
      net = next;
      losses.push(loss);
    }
    return { state: { net } as never, outputs: { losses: losses.reduce((a, b) => a.add(b)) } };
  }) as Program;
}

const startOf = (program: Program, seed = 3): Store => {
  const values = [...leavesOf<Spec>(program.state)].map(([path, leaf], i) => {
    const value = zeros(leaf.shape, leaf.dtype);
    if (path.includes("params")) fillNormal(value.data as Float32Array, fold(randomKey(seed), i));
    return [path, value] as const;
  });
  const at = new Map(values);
  const build = (node: unknown, path: string): unknown =>
    at.get(path) ??
    (Array.isArray(node)
      ? node.map((child, i) => build(child, `${path}/${i}`))
      : Object.fromEntries(
          Object.entries(node as object).map(([name, child]) => [
            name,
            build(child, path === "" ? name : `${path}/${name}`),
          ]),
        ));
  return new Store(build(program.state, "") as TreeOf<unknown, NdArray>);
};

const key = randomKey(11);

test("K updates in one program are K single calls, bit for bit, noise included", async () => {
  const single = updates(1);
  await using one = await Compiled.open(single);
  const slow = startOf(single);
  for (let update = 0; update < 8; update++) await one.run(data as never, slow, { key, update });

  for (const size of [2, 8]) {
    const unrolled = updates(size);
    await using many = await Compiled.open(unrolled);
    const fast = startOf(unrolled);
    for (let update = 0; update < 8; update += size) await many.run(data as never, fast, { key, update });
    assert.deepEqual(bitsOf(fast.read()), bitsOf(slow.read()), `unrolled ${size}`);
  }
  const other = startOf(single);
  for (let update = 1; update < 9; update++) await one.run(data as never, other, { key, update });
  assert.notDeepEqual(bitsOf(other.read()), bitsOf(slow.read()));
});

test("one thread or two: the same bits", async () => {
  const program = updates(2, { hidden: 256, batch: 256 });
  const after = await Promise.all(
    [1, 2].map(async (threads) => {
      await using compiled = await Compiled.open(program, { threads });
      const store = startOf(program);
      for (let update = 0; update < 6; update += 2) await compiled.run(data as never, store, { key, update });
      return bitsOf(store.read());
    }),
  );
  assert.deepEqual(after[0], after[1]);
});
