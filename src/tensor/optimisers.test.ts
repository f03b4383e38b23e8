import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "./interpret.ts";
import { type NdArray, ndarray } from "./ndarray.ts";
import golden from "./optimisers.golden.json" with { type: "json" };
import {
  adam,
  adamw,
  blend,
  chain,
  clipByGlobalNorm,
  cosineDecay,
  descendWith,
  type Learner,
  learner,
  type Optimiser,
  rmsprop,
  scaledDown,
  sgd,
  warmUp,
} from "./optimisers.ts";
import { trace } from "./program.ts";
import { Compiled, runOnce, Store } from "./runtime.ts";
import { constant, scalar, type Tensor } from "./tensor.ts";
import { assertClose, numbersOf, wave } from "./testing.ts";
import { mapTree, type Spec } from "./tree.ts";

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
  const { net } = store.read() as unknown as { net: { params: Params<NdArray>; step: NdArray } };
  assert.equal(net.step.data[0], steps);
  return { losses, weight: numbersOf(net.params.weight), bias: numbersOf(net.params.bias) };
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
};

for (const [name, optimiser] of Object.entries(optimisers)) {
  test(`${name}: as in PyTorch`, async () => {
    const wanted = golden[name as keyof typeof golden];
    const got = await descent(optimiser, wanted.losses.length);
    for (const part of ["losses", "weight", "bias"] as const) {
      assertClose(got[part], wanted[part], part);
    }
  });
}

const numbers = (tensor: Tensor): number[] => numbersOf(evaluate([tensor])[0]);
const at = (rate: (step: Tensor) => Tensor, ...steps: number[]): number[] =>
  steps.map((step) => Number(numbers(rate(scalar(step, "float64")))[0].toFixed(9)));

test("schedules pass through their ends and stay there", () => {
  assert.deepEqual(at(cosineDecay(2, 10), 0, 5, 10, 1000), [2, 1, 0, 0]);
  assert.deepEqual(at(cosineDecay(2, 10, 0.25), 0, 5, 10, 11), [2, 1.25, 0.5, 0.5]);
  assert.deepEqual(at(warmUp(2, 4), 0, 1, 3, 4, 1000), [0.5, 1, 2, 2, 2]);
});

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
  for (const optimiser of [adam(0.1), rmsprop(0.1), chain(clipByGlobalNorm(1), sgd(0.1, { momentum: 0.9 }))]) {
    const { updates } = optimiser.update(zero, optimiser.init(zero), zero, scalar(0));
    assert.deepEqual(numbers((updates as typeof zero).w).map(Math.abs), [0, 0]);
  }
});

test("blend moves the share it is told", () => {
  const [from, towards] = [0, 4].map((v) => ({ w: constant(ndarray([v, 2 * v], { dtype: "float64" })) }));
  assert.deepEqual(numbers(blend(from, towards, 0.25).w), [1, 2]);
  assert.deepEqual(numbers(blend(from, towards, 1).w), [4, 8]);
});
