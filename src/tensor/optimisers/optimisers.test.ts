import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../interpret.ts";
import { asType, type NdArray, ndarray } from "../ndarray.ts";
import { trace } from "../program.ts";
import { Compiled, runOnce, Store } from "../runtime.ts";
import { decode, encode } from "../safetensors.ts";
import { constant, scalar, type Tensor } from "../tensor.ts";
import { assertClose, normal, numbersOf, wave } from "../testing.ts";
import { leavesOf, mapTree, type Spec, zipTree } from "../tree.ts";
import {
  accumulating,
  adagrad,
  adam,
  adamax,
  adamw,
  amsgrad,
  averageOf,
  averaging,
  blend,
  chain,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  cosineDecay,
  descendWith,
  frozen,
  type Learner,
  lamb,
  learner,
  muon,
  nadam,
  type Optimiser,
  orthogonalised,
  partition,
  rmsprop,
  scaledDown,
  sgd,
  skipNonFinite,
  warmUp,
} from "./index.ts";
import golden from "./optimisers.golden.json" with { type: "json" };

interface Params<T> {
  readonly weight: T;
  readonly bias: T;
}

/** The same twenty steps as benchmarks/golden/optimisers.py makes. */
async function descent(optimiser: Optimiser, steps: number) {
  const specs = <T>(tree: T) => mapTree(tree, ({ shape, dtype }: Spec) => ({ shape, dtype }));
  const start = trace(
    "start",
    { state: {}, inputs: { weight: wave([4, 3], 3), bias: wave([3], 4) } },
    (state, params) => ({
      state,
      outputs: learner(params as unknown as Params<Tensor>, optimiser) as unknown,
    }),
  );
  const state = await runOnce(start, { weight: wave([4, 3], 3), bias: wave([3], 4) } as never);
  const program = trace("descend", { state: specs({ net: state }), inputs: {} }, ({ net }) => {
    const [x, y] = [constant(wave([6, 4], 1)), constant(wave([6, 3], 2))];
    const [moved, loss] = descendWith(optimiser, net as unknown as Learner<Params<Tensor>>, ({ weight, bias }) =>
      x.matmul(weight).add(bias).tanh().sub(y).square().mean().mul(10),
    );
    return { state: { net: moved } as never, outputs: { loss } };
  });
  const store = new Store({ net: state } as never);
  await using compiled = await Compiled.open(program);
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) losses.push(Number((await compiled.run({}, store as never)).loss.data[0]));
  const { net } = store.read() as unknown as { net: Learner<Params<NdArray>> };
  assert.equal((net.step as unknown as NdArray).data[0], steps);
  const { weight, bias } = optimiser === optimisers.averaging ? averageOf(net) : net.params;
  return { losses, weight: numbersOf(weight), bias: numbersOf(bias) };
}

const optimisers: { readonly [name in keyof typeof golden]: Optimiser } = {
  adam: adam(0.05),
  "adam, other moments": adam(0.05, { momentum: 0.5, squares: 0.9, epsilon: 1e-3 }),
  adamw: adamw(0.05, 0.1),
  sgd: sgd(0.1),
  momentum: sgd(0.05, { momentum: 0.8 }),
  nesterov: sgd(0.05, { momentum: 0.8, nesterov: true }),
  rmsprop: rmsprop(0.02, { decay: 0.9 }),
  clipped: chain(clipByGlobalNorm(1), scaledDown(0.1)),
  warm: sgd(warmUp(0.1, 8)),
  cosine: adam(cosineDecay(0.05, 15, 0.1)),
  amsgrad: amsgrad(0.3, { squares: 0.9 }),
  nadam: nadam(0.05),
  adamax: adamax(0.05),
  adagrad: adagrad(0.1),
  "adamw, masked": adamw(0.05, 0.1, { where: () => true }),
  "by value": chain(clipByValue(0.05), scaledDown(0.1)),
  "by leaf": chain(clipByNorm(0.3), scaledDown(0.1)),
  partition: partition((path) => (path === "bias" ? "fast" : "slow"), {
    fast: sgd(0.1, { momentum: 0.8 }),
    slow: adam(0.05),
    idle: clipByGlobalNorm(1),
  }),
  lamb: lamb(0.05, 0.1),
  muon: muon(0.05, { otherRate: 0.02 }),
  "muon, plain": muon(0.05, { momentum: 0.8, nesterov: false, decay: 0.2 }),
  accumulating: accumulating(adam(0.05), 3),
  averaging: averaging(adam(0.05), 0.6),
};

for (const [name, optimiser] of Object.entries(optimisers)) {
  test(`${name}: as in PyTorch or its paper`, async () => {
    const wanted = golden[name as keyof typeof golden];
    const got = await descent(optimiser, wanted.losses.length);
    for (const part of ["losses", "weight", "bias"] as const) {
      // Newton–Schulz magnifies a small singular value, and its rounding, 3.4⁵ times.
      assertClose(got[part], wanted[part], part, name.startsWith("muon") ? { error: 1e-4 } : {});
    }
  });
}

const numbers = (tensor: Tensor): number[] => numbersOf(evaluate([tensor])[0]);
test("the global norm is of all leaves together, and only its length changes", () => {
  const slopes = {
    a: constant(ndarray([3, 0], { dtype: "float64" })),
    b: constant(ndarray([[0], [4]], { dtype: "float64" })),
  };
  const clip = (norm: number) => {
    const { updates } = clipByGlobalNorm(norm).update(slopes, {}, slopes, scalar(0));
    const { a, b } = updates as typeof slopes;
    return [...numbers(a), ...numbers(b)].map((v) => Number(v.toFixed(9)));
  };
  assert.deepEqual(clip(1), [0.6, 0, 0, 0.8]);
  assert.deepEqual(clip(10), [3, 0, 0, 4]);
});

test("a slope of nothing leaves parameters where they are, and finite", () => {
  const zero = { w: constant(ndarray([0, 0])) };
  for (const optimiser of [
    adam(0.1),
    rmsprop(0.1),
    chain(clipByGlobalNorm(1), sgd(0.1, { momentum: 0.9 })),
    lamb(0.1, 0.1),
    muon(0.1),
    nadam(0.1),
    adamax(0.1),
    amsgrad(0.1),
    adagrad(0.1),
  ]) {
    const { updates } = optimiser.update(zero, optimiser.init(zero), zero, scalar(0));
    assert.deepEqual(numbers((updates as typeof zero).w).map(Math.abs), [0, 0]);
  }
});

test("blend moves the share it is told", () => {
  const [from, towards] = [0, 4].map((v) => ({ w: constant(ndarray([v, 2 * v], { dtype: "float64" })) }));
  assert.deepEqual(numbers(blend(from, towards, 0.25).w), [1, 2]);
  assert.deepEqual(numbers(blend(from, towards, 1).w), [4, 8]);
});

test("a partition moves each leaf by its own optimiser, leaves the frozen, and knows its names", () => {
  const params = { body: [constant(ndarray([1, 1]))], head: constant(ndarray([2])) };
  const parts = { still: frozen, plain: sgd(0.5) };
  const apart = partition((path) => (path.startsWith("body/") ? "still" : "plain"), parts);
  const { updates } = apart.update(params, apart.init(params), params, scalar(0));
  const { body, head } = updates as typeof params;
  assert.deepEqual([numbers(body[0]), numbers(head)], [[0, 0], [-1]]);
  const wrong = partition((path) => (path === "head" ? "plain" : "stil"), parts);
  assert.throws(() => wrong.init(params), { message: 'body/0: there is no optimiser "stil". Known: still, plain.' });
});

test("Newton–Schulz brings every singular value near 1 and keeps the directions, whichever side is longer", () => {
  for (const [rows, columns] of [
    [3, 8],
    [8, 3],
  ]) {
    const x = constant(normal(7, 2, rows, columns));
    const y = orthogonalised(x);
    const squares = numbers(y.square().sum([-2, -1]));
    // Three singular values a matrix, each between 0.68 and 1.13 after five turns.
    for (const sum of squares) assert.ok(sum > 3 * 0.68 ** 2 && sum < 3 * 1.13 ** 2, `${sum}`);
    // The nearest orthogonal matrix U Vᵀ makes (U Vᵀ) xᵀ symmetric.
    const product = rows < columns ? y.matmul(x, { transposeRight: true }) : y.matmul(x, { transposeLeft: true });
    const skew = numbers(product.sub(product.transpose()).abs().max());
    assert.ok(skew[0] < 1e-6, `${skew}`);
  }
});

/** A learner of one number after each of these slopes. */
function driven(optimiser: Optimiser, slopes: readonly number[]) {
  const fixed = (tree: unknown): unknown =>
    mapTree(tree, (leaf: Tensor) => constant(asType(evaluate([leaf])[0], leaf.dtype)));
  let params = { w: constant(ndarray([0])) };
  let memory = optimiser.init(params);
  return slopes.map((slope, step) => {
    const next = optimiser.update({ w: constant(ndarray([slope])) }, memory, params, scalar(step));
    memory = fixed(next.memory);
    params = fixed(zipTree(params, next.updates, (p: Tensor, u: Tensor) => p.add(u))) as typeof params;
    return { at: numbers(params.w)[0], memory: memory as { readonly skipped: Tensor } };
  });
}

test("a step whose slope is no number is not taken, and is counted", () => {
  const momentum = sgd(0.5, { momentum: 0.5 });
  const sound = driven(momentum, [1, 2, 3]).map(({ at }) => at);
  const broken = driven(skipNonFinite(momentum), [1, Number.NaN, 2, Number.POSITIVE_INFINITY, -Infinity, 3]);
  assert.deepEqual(
    broken.map(({ at }) => at),
    [sound[0], sound[0], sound[1], sound[1], sound[1], sound[2]],
  );
  assert.deepEqual(
    broken.map(({ memory }) => numbers(memory.skipped)[0]),
    [0, 1, 1, 2, 3, 3],
  );
});

test("accumulated slopes move parameters at the last of them, and schedules count moves", () => {
  const rates = (step: Tensor): Tensor => step.add(1);
  assert.deepEqual(
    driven(accumulating(sgd(rates), 2), [1, 3, 5, 7, 9]).map(({ at }) => at),
    [0, -2, -2, -14, -14],
  );
});

test("a learner of any optimiser goes through a file and goes on as if it had not", () => {
  const start = { body: [{ w: constant(wave([3, 2], 1)) }], bias: constant(wave([2], 2)) };
  const slopes = { body: [{ w: constant(wave([3, 2], 3)) }], bias: constant(wave([2], 4)) };
  const fixed = (tree: unknown): unknown => mapTree(tree, (leaf: Tensor) => asType(evaluate([leaf])[0], leaf.dtype));
  for (const [name, optimiser] of Object.entries(optimisers)) {
    const once = optimiser.update(slopes, optimiser.init(start), start, scalar(0));
    const memory = fixed(once.memory);
    const { leaves } = decode(encode(memory as never), name);
    assert.deepEqual([...leaves.keys()].sort(), [...leavesOf(memory).keys()].sort(), name);
    const read = mapTree(memory, (_: NdArray, path) => constant(leaves.get(path) as NdArray));
    const [a, b] = [mapTree(memory, constant), read].map((from) =>
      fixed(optimiser.update(slopes, from, start, scalar(1)).updates),
    );
    assert.deepEqual(b, a, name);
  }
});

test("averageOf says so where there is no average", () => {
  const plain = learner({ w: constant(ndarray([0])) }, adam(0.1));
  assert.throws(() => averageOf(plain), { code: "bad-value" });
});
