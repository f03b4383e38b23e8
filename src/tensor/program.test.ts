import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { einsum } from "./einsum.ts";
import { grad } from "./grad.ts";
import { evaluate } from "./interpret.ts";
import { concat, split } from "./joining.ts";
import type { Key } from "./key.ts";
import { asType, type Dtype, type NdArray, ndarray, takeRows, zeros } from "./ndarray.ts";
import { adam, descendWith, type Learner } from "./optimisers/index.ts";
import { sort } from "./order.ts";
import { optimise } from "./passes.ts";
import { type Program, trace } from "./program.ts";
import { fillNormal, fold, randomKey } from "./random.ts";
import { Compiled, runOnce, Store } from "./runtime.ts";
import { full, minimum, scalar, type Tensor } from "./tensor.ts";
import { normal } from "./testing.ts";
import { leavesOf, type Spec, type TreeOf } from "./tree.ts";

const spec = (shape: readonly number[], dtype: Dtype = "float32"): Spec => ({ shape, dtype });

/** Values of one tree as a list, for comparison bit for bit. */
const bitsOf = (tree: unknown): unknown[] =>
  [...leavesOf<NdArray>(tree)].map(([path, { data }]) => [
    path,
    [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)].join(),
  ]);

// ------------------------------------------------------------------------------------------- optimised = as traced

/**
 * A small grammar of programs over matrices 4 × 4. Every rule keeps the shape, and most give a pass something to do: neutral
 * elements, double negations, reshapes of reshapes, products with a bias, operands spread out beforehand.
 */
const rules: readonly ((x: Tensor, y: Tensor, row: Tensor) => Tensor)[] = [
  (x, y) => x.add(y),
  (x, y) => x.sub(y),
  (x, y) => x.mul(y).tanh(),
  (x, y) => x.div(y.square().add(1)),
  (x, y) => minimum(x, y),
  (x, y) => x.maximum(y),
  (x, y) => x.less(y).where(x, y),
  (x, y) => x.matmul(y).tanh(),
  (x, y, row) => x.matmul(y, { transposeRight: true }).add(row).sigmoid(),
  (x, y, row) => row.add(x.matmul(y)).relu().atMost(2),
  (x, y) => x.matmul(y.transpose()).sum(0, { keep: true }).tanh().broadcastTo(4, 4),
  (x) => x.sum(0).broadcastTo(4, 4).mul(0.1),
  (x) => x.mean(1, { keep: true }).broadcastLike(x),
  (x, y) => x.max(0, { keep: true }).mul(y).tanh(),
  (x) => x.logSoftmax(),
  (x, y) => x.add(y).softmax(0),
  (x) => x.neg().neg(),
  (x) => x.transpose().transpose(),
  (x) => x.transpose(),
  (x) => x.reshape(2, 8).reshape(16).reshape(4, 4),
  (x) => x.unsqueeze(1).squeeze(1),
  (x) => x.add(0).mul(1).sub(0).div(1),
  (x) => scalar(1, x.dtype).mul(scalar(0, x.dtype).add(x)),
  (x) => x.mul(2).mul(0.25),
  (x) => x.add(1).tanh(),
  (x) => x.sub(1).tanh(),
  (x, y) => x.mul(0).add(y),
  (x) => x.div(2),
  (x) => x.from(0),
  (x) => x.mul(full([4, 4], 0.5, x.dtype)).add(full([1, 4], 0.25, x.dtype)),
  (x, _y, row) => x.add(row.broadcastTo(4, 4)),
  (x) => x.mul(scalar(3, x.dtype).sqrt().exp().under(1)),
  (x) => x.slice(1, 0, 2).pad(1, 2, 0),
  (x) => x.stopGradient().mul(x).tanh(),
  (x, y) => x.abs().add(y.square()).add(0.1).log(),
  (x) => x.add(x.mul(1)).add(x),
  (x) => x.flip([0, 1]),
  (x) => x.tril(1).add(x.triu().mul(0.3)),
  (x, _y, row) => x.layerNorm(row, row, 0.1),
  (x, _y, row) => x.rmsNorm(row, 0.1),
  (x) => sort(x, 0),
  (x) => x.cumsum(0, { reverse: true }).mul(0.3),
  (x) => x.prod(0).broadcastTo(4, 4).tanh(),
  (x, y) => einsum("ij,kj->ki", x, y).tanh(),
  (x, y) =>
    x
      .reshape(1, 4, 4)
      .conv(y.reshape(4, 4, 1))
      .squeeze(0)
      .tanh(),
  (x, y) =>
    x
      .reshape(1, 4, 4)
      .convTranspose(y.transpose().reshape(4, 4, 1))
      .squeeze(0)
      .tanh(),
  (x) => x.unsqueeze(0).maxPool(3, { stride: 1, padding: 1 }).squeeze(0),
  (x) => x.unsqueeze(0).averagePool(3, { stride: 1, padding: 1 }).squeeze(0),
  (x, y) =>
    concat(
      split(x, 2, 0).map((part, i) => part.add(split(y, 2, 0)[1 - i])),
      0,
    ),
];

const instruction = fc.tuple(fc.nat(rules.length - 1), fc.nat(), fc.nat());
const programs = fc.record({ body: fc.array(instruction, { minLength: 1, maxLength: 14 }), seed: fc.nat(1000) });

/** The last matrix a program makes, and its slopes. */
function build(body: readonly (readonly [number, number, number])[], given: Inputs<Tensor>): Tensor[] {
  const result = ({ x, y, row }: Inputs<Tensor>): Tensor => {
    const made = [x, y];
    for (const [rule, i, j] of body)
      made.push(rules[rule](made[made.length - 1 - (i % made.length)], made[j % made.length], row));
    return made.slice(2).reduce((sum, t) => sum.add(t));
  };
  const slopes = grad((inputs: Inputs<Tensor>) => result(inputs).square().mean())(given);
  return [result(given), slopes.x, slopes.y, slopes.row];
}

interface Inputs<T> {
  readonly x: T;
  readonly y: T;
  readonly row: T;
}

const valuesAt = (seed: number): Inputs<NdArray> => ({
  x: normal(3 * seed, 4, 4),
  y: normal(3 * seed + 1, 4, 4),
  row: normal(3 * seed + 2, 4),
});

function close(got: NdArray, wanted: NdArray, error: number, what: string): void {
  assert.deepEqual([...got.shape], [...wanted.shape]);
  const size = Math.max(1, ...Array.from(wanted.data as ArrayLike<number>, (v) => Math.abs(Number(v))));
  for (let i = 0; i < wanted.data.length; i++) {
    const [a, b] = [Number(got.data[i]), Number(wanted.data[i])];
    assert.ok(Math.abs(a - b) <= error * size, `${what}: ${a} is not ${b}`);
  }
}

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
    ["add", "exp"],
  );
  assert.ok(
    !count((x, y) => x.matmul(x).add(y).mul(x.matmul(x))).includes("gemm"),
    "a product used twice is made once",
  );
  assert.deepEqual(
    count((x) => x.mul(2).mul(3)),
    ["mul"],
  );
  assert.deepEqual(count((x) => x.sum(0)).sort(), ["broadcastTo", "matmul", "reshape"]);
  assert.deepEqual(
    count((x) => x.mul(scalar(2).exp().add(1).log())),
    ["mul"],
  );
});

// ------------------------------------------------------------------------------------------- state

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

// ------------------------------------------------------------------------------------------- updates

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
    close(one.h, takeRows(seven.h, [i]), 1e-6, "row");
    close(one.parts, takeRows(seven.parts, [i]), 1e-6, "row");
  }
  const wanted = evaluate([...program.graph.values()], { x, w });
  [...program.graph.keys()].forEach((name, i) => {
    close(seven[name], wanted[i], 1e-5, name);
  });
});

test("a draw is named by its path: another draw beside it changes nothing", async () => {
  const draws = (both: boolean) =>
    trace("draws", { state: {}, inputs: {} }, (state, _inputs, draw) => {
      const before = both ? draw.at("other").uniform(5) : undefined;
      return {
        state,
        outputs: {
          noise: draw.at("noise").normal(5),
          again: draw.at("noise").normal(5),
          gumbel: draw.at("gumbel").gumbel(1000),
          ...(before ? { before } : {}),
        },
      };
    });
  const alone = await runOnce(draws(false), {}, { key, update: 3 });
  const beside = await runOnce(draws(true), {}, { key, update: 3 });
  assert.deepEqual(alone.noise, beside.noise);
  assert.deepEqual(alone.noise.data, alone.again.data);
  assert.notDeepEqual(alone.noise.data, (await runOnce(draws(false), {}, { key, update: 4 })).noise.data);
  assert.ok(Array.from(alone.gumbel.data as Float32Array).every(Number.isFinite));
});

test("one key drawn from in two shapes is refused: the numbers would repeat", () => {
  const drawn = (second: string) =>
    trace("drawn", { state: {}, inputs: {} }, (state, _, key) => ({
      state,
      outputs: { a: key.at("first").normal(3), b: key.at(second).normal(4) },
    }));
  assert.equal(drawn("second").noise.length, 2);
  assert.throws(
    () => drawn("first"),
    /the key at "first\/normal" is drawn from in two shapes, \[3\] and \[4\].* Split it by name/,
  );
});
