/** The WebAssembly runtime beside the native one (it runs in Node too), and what either says of a provider it lacks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  adam,
  type Backend,
  descendWith,
  fold,
  generator,
  type Learner,
  learner,
  type NdArray,
  ndarray,
  nodeRuntime,
  open,
  type Provider,
  randomKey,
  repeat,
  Store,
  type Tensor,
  trace,
  Updates,
  webRuntime,
} from "./index.ts";
import type { UpdateRule } from "./updates.ts";

interface Line {
  readonly slope: Tensor;
  readonly height: Tensor;
}

const key = randomKey(3);
const random = generator(fold(key, "data"));
const x = Float32Array.from({ length: 64 }, () => random.between(-1, 1));
const column = (data: Float32Array): NdArray => ndarray(data, { shape: [64, 1] });
const optimiser = adam(0.05);
const rule: UpdateRule<Learner<Line>, object> = {
  name: "line",
  columns: { x: column(x), y: column(x.map((at) => 3 * at - 1)) },
  batchSize: 8,
  rows: (update) => Int32Array.from({ length: 8 }, (_, i) => (update * 5 + i * 7) % 64),
  inputs: {},
  key,
  unroll: 4,
  step(state, batch, _inputs, draw) {
    const noise = draw.at("noise").normal(8, 1).mul(0.01);
    const loss = ({ slope, height }: Line) => batch.x.mul(slope).add(height).sub(batch.y).add(noise).square().mean();
    const [next, value] = descendWith(optimiser, state as unknown as Learner<Line>, loss);
    return { state: next as never, metrics: { loss: value } };
  },
};

async function losses(backend: Backend): Promise<{ readonly losses: number[]; readonly slope: number }> {
  const start = trace("start", { state: {}, inputs: {} }, (state, _inputs, draw) => ({
    state,
    outputs: learner({ slope: draw.at("slope").normal(1), height: draw.at("height").normal(1) }, optimiser),
  }));
  await using first = await open(start);
  const state = await first.run({}, undefined, { key });
  await using updates = new Updates(rule, { state: state as never, update: 0 }, { backend });
  const seen: number[] = [];
  for (const size of [4, 4, 3, 5, 184]) seen.push((await updates.advance(size)).loss);
  return {
    losses: seen,
    slope: Number((updates.read() as unknown as { params: { slope: NdArray } }).params.slope.data[0]),
  };
}

test("updates in WebAssembly, whose rows are cut beforehand, are those of native code", async () => {
  const [native, web] = [await losses(nodeRuntime), await losses(webRuntime)];
  web.losses.forEach((loss, i) => {
    assert.ok(Math.abs(loss - native.losses[i]) < 1e-5, `${loss} and ${native.losses[i]}`);
  });
  assert.ok(Math.abs(web.slope - native.slope) < 1e-5);
  assert.ok(Math.abs(web.slope - 3) < 0.1, `${web.slope}`);
});

test("a loop in WebAssembly turns as in native code", async () => {
  const inputs = { x: { shape: [-1, 3], dtype: "float32" } } as const;
  const program = trace("loop", { state: {}, inputs }, (state, { x }, draw) => {
    const turn = (now: Tensor, i: number): Tensor =>
      now
        .mul(1 - i / 100)
        .add(draw.at(i).normal(-1, 3).mul(0.1))
        .sub(x.mul(0.1))
        .tanh();
    return { state, outputs: { y: repeat(1000, x, turn) } };
  });
  assert.ok([...program.graph.values()].some(({ operation }) => operation === "loop"));
  const run = async (backend: Backend) => {
    await using compiled = await open(program, { backend });
    return (await compiled.run({ x: ndarray([[1, 2, 3]]) }, undefined, { key })).y;
  };
  const [native, web] = [await run(nodeRuntime), await run(webRuntime)];
  web.data.forEach((value, i) => {
    assert.ok(Math.abs(Number(value) - Number(native.data[i])) < 1e-5, `${value} and ${native.data[i]}`);
  });
});

test("state is written where the store keeps it, for every element type", async () => {
  const state = {
    float32: ndarray([1, 2]),
    float64: ndarray([1, 2], { dtype: "float64" }),
    int32: ndarray([1, 2], { dtype: "int32" }),
    int64: ndarray([1, 2], { dtype: "int64" }),
    bool: ndarray([0, 1], { dtype: "bool" }),
  };
  const specs = Object.fromEntries(Object.entries(state).map(([name, { shape, dtype }]) => [name, { shape, dtype }]));
  const program = trace("next", { state: specs, inputs: {} }, (now) => ({
    state: Object.fromEntries(
      Object.entries(now as Record<string, Tensor>).map(([name, leaf]) => [
        name,
        name === "bool" ? leaf.not() : leaf.add(1),
      ]),
    ) as never,
    outputs: {},
  }));
  const store = new Store(state);
  await using compiled = await open(program, { backend: webRuntime });
  for (let call = 0; call < 3; call++) await compiled.run({}, store as never);
  const read = store.read() as unknown as Record<string, NdArray>;
  assert.deepEqual(
    Object.values(read).map(({ data }) => Array.from(data, Number)),
    [
      [4, 5],
      [4, 5],
      [4, 5],
      [4, 5],
      [1, 0],
    ],
  );
});

test("a provider that is not there is refused by name, and never replaced", async () => {
  const program = trace(
    "one",
    { state: {}, inputs: { x: { shape: [1], dtype: "float32" as const } } },
    (state, { x }) => ({
      state,
      outputs: { y: x.add(1) },
    }),
  );
  const refused = async (backend: Backend, provider: Provider, sentence: RegExp) =>
    await assert.rejects(open(program, { backend, provider }), {
      name: "Problem",
      code: "no-provider",
      message: sentence,
    });
  await refused(
    nodeRuntime,
    "wasm",
    /^onnxruntime-node: the execution provider "wasm" .* choose one of: cpu, cuda, webgpu\.$/,
  );
  await refused(webRuntime, "cpu", /^onnxruntime-web: the execution provider "cpu" .* choose one of: wasm, webgpu\.$/);
  await refused(webRuntime, "webgpu", /has no WebGPU/);

  // These depend on the machine: they run, or say what they need.
  for (const [provider, need] of [
    ["cuda", /NVIDIA/],
    ["webgpu", /Vulkan/],
  ] as const) {
    const outcome = await open(program, { provider }).then(
      async (compiled) => {
        await using opened = compiled;
        const { y } = await opened.run({ x: ndarray([1]) });
        return `y = ${y.data[0]}`;
      },
      ({ code, message }) => `${code}: ${message}`,
    );
    assert.ok(outcome === "y = 2" || (outcome.startsWith("no-provider: ") && need.test(outcome)), outcome);
  }
});
