/** Every distribution a policy may return survives export: the file acts by chance and without, for any batch. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bernoulli,
  beta,
  betaPolicy,
  categorical,
  cvae,
  type Distribution,
  diffusion,
  energyHead,
  flowMatching,
  type Generative,
  gaussian,
  generated,
  karrasDiffusion,
  mixture,
  mlpDenoiser,
  multiDiscrete,
  tanhGaussian,
  tanhGaussianPolicy,
  truncatedNormal,
  unetDenoiser,
} from "../nn/index.ts";
import { type Box, contains, type Discrete, type MultiDiscrete } from "../spaces/index.ts";
import { constant, mapTree, ndarray, randomKey, runOnce, type Tensor, trace } from "../tensor/index.ts";
import { assertClose, normal, numbersOf } from "../tensor/testing.ts";
import { type ExportOptions, exportPolicy, openPolicy } from "./artefact.ts";

const box = (shape: number[], low: number, high: number): Box => {
  const size = shape.reduce((a, b) => a * b, 1);
  const bounds = { low: Array<number>(size).fill(low), high: Array<number>(size).fill(high) };
  return { kind: "box", shape, ...bounds, dtype: "float32" };
};
const pair = box([2], -2, 4);
const scaleFor = (size: number) => ({
  centre: new Float32Array(size).fill(1),
  half: new Float32Array(size).fill(3),
});
const choices: Discrete = { kind: "discrete", n: 4, start: 10 };
const several: MultiDiscrete = { kind: "multi-discrete", sizes: [2, 3] };
const switches: MultiDiscrete = { kind: "multi-discrete", sizes: [2, 2] };

const denoiser = (sizes: Parameters<typeof mlpDenoiser>[0]) => mlpDenoiser(sizes, { hidden: [8] });
const head = { event: [3, 2], condition: 3 };
const heads = {
  diffusion: diffusion({ ...head, denoiser, sampleSteps: 4, eta: 1, bound: 1 }),
  "diffusion of 64 steps": diffusion({ ...head, denoiser, sampleSteps: 64, eta: 1, bound: 1 }),
  karras: karrasDiffusion({ ...head, denoiser, sampleSteps: 3, churn: { amount: 1 } }),
  flow: flowMatching({ ...head, denoiser, sampleSteps: 3, guidance: { dropout: 0.1, weight: 2 } }),
  unet: flowMatching({
    event: [4, 2],
    condition: 3,
    denoiser: (sizes) => unetDenoiser(sizes, { widths: [4, 8], time: 8, groups: 2 }),
    sampleSteps: 2,
  }),
  cvae: cvae({ ...head, latent: 2, hidden: [8], spreadDraws: true, spread: 0.3 }),
  energy: energyHead({ ...head, hidden: [8], candidates: 8, rounds: 1, langevinSteps: 1 }),
} as unknown as { readonly [name: string]: Generative<object> };

/** Parameters as numbers, which is what an exported policy holds. */
async function drawn<P>(init: Pick<Generative<P>, "init">): Promise<P> {
  const program = trace("init", { state: {}, inputs: {} }, (state, _, key) => ({
    state,
    outputs: { params: init.init(key) },
  }));
  const { params } = await runOnce(program, {}, { key: randomKey(5) });
  return mapTree(params, constant) as P;
}

const squashed = tanhGaussianPolicy(3, 2, { hidden: [8] });
const squashedParams = await drawn(squashed);
const bounded = betaPolicy(3, 2, { hidden: [8] });
const boundedParams = await drawn(bounded);

/** Three observed numbers. */
const densities: { readonly [name: string]: (o: Tensor) => Distribution } = {
  gaussian: (o) => gaussian(o.slice(1, 0, 2).tanh(), o.slice(1, 1, 3).mul(0.1).sub(1)),
  tanhGaussian: (o) => tanhGaussian(o.slice(1, 0, 2), o.slice(1, 1, 3).mul(0.1).sub(1)),
  beta: (o) => beta(o.slice(1, 0, 2).softplus().add(1), o.slice(1, 1, 3).softplus().add(1), { low: -1, high: 1 }),
  truncatedNormal: (o) => truncatedNormal(o.slice(1, 0, 2), o.slice(1, 1, 3).mul(0.1), { low: -1, high: 1 }),
  "a squashed head": (o) => squashed(squashedParams, o),
  "a beta head": (o) => bounded(boundedParams, o),
  mixture: (o) =>
    mixture({
      weights: o.slice(1, 0, 2),
      mean: o
        .slice(1, 0, 2)
        .unsqueeze(1)
        .add(constant(ndarray([[-0.5], [0.5]])))
        .tanh(),
      logSpread: constant(ndarray([[-2, -2]])),
    }),
};
const masses: { readonly [name: string]: readonly [Discrete | MultiDiscrete, (o: Tensor) => Distribution] } = {
  "categorical with a mask": [
    choices,
    (o) =>
      categorical(
        o.matmul(
          constant(
            ndarray([
              [1, 0, 0, 1],
              [0, 1, 0, 1],
              [0, 0, 1, 1],
            ]),
          ),
        ),
        {
          available: o
            .at(1, 0)
            .unsqueeze(1)
            .greater(constant(ndarray([-9, -9, 0, 9]))),
        },
      ),
  ],
  multiDiscrete: [
    several,
    (o) =>
      multiDiscrete(
        o.matmul(
          constant(
            ndarray([
              [1, 0, 0, 1, 0],
              [0, 1, 0, 1, 1],
              [0, 0, 1, 1, 2],
            ]),
          ),
        ),
        several.sizes,
      ),
  ],
  bernoulli: [switches, (o) => bernoulli(o.slice(1, 0, 2))],
};

const provenance: ExportOptions["provenance"] = {
  method: "test",
  options: {},
  recording: "none",
  environment: "none",
  updates: 0,
  seed: 0,
  version: "0",
};
const observations = normal(1, 6, 3);
const exporting = { provenance, examples: observations };
const observationSpace = box([3], -10, 10);

/** Exported, opened again from its bytes, and asked: without chance, by chance, one row alone. */
async function asked(policy: Parameters<typeof exportPolicy>[0]) {
  await using first = await exportPolicy(policy, exporting);
  await using opened = await openPolicy(first.bytes);
  const keys = Array.from({ length: 6 }, (_, i) => randomKey(i));
  const best = await opened.actBatch(observations, { deterministic: true });
  const again = await opened.actBatch(observations, { deterministic: true, keys });
  assert.deepEqual(again.action.data, best.action.data);
  const chosen = await opened.actBatch(observations, { keys });
  assert.deepEqual((await opened.actBatch(observations, { keys })).action.data, chosen.action.data);
  const alone = await opened.act(Float32Array.from(observations.data.slice(0, 3) as Float32Array), {
    key: randomKey(0),
  });
  assert.ok(contains(policy.actionSpace, alone.action));
  const width = chosen.action.data.length / 6;
  const row = typeof alone.action === "number" ? [alone.action] : Array.from(alone.action as Float32Array);
  assertClose(row, numbersOf(chosen.action).slice(0, width), "one row alone");
  assert.notDeepEqual(chosen.action.data, best.action.data, "chance changes something");
  return { best, chosen, alone };
}

for (const [name, decide] of Object.entries(densities)) {
  test(`a policy with ${name} keeps its chance and its density`, async () => {
    const { chosen } = await asked({ name, observationSpace, actionSpace: pair, actionScale: scaleFor(2), decide });
    const inner = numbersOf(chosen.action).map((a) => (a - 1) / 3);
    const { p } = await runOnce(
      trace("density", { state: {}, inputs: {} }, (state) => ({
        state,
        outputs: {
          p: decide(constant(observations))
            .logProb(constant(ndarray(Float32Array.from(inner), { shape: [6, 2] })))
            .exp()
            .div(9),
        },
      })),
      {},
    );
    assertClose([...chosen.probability!], numbersOf(p), "density in the space's units", { error: 1e-3 });
  });
}

for (const [name, [actionSpace, decide]] of Object.entries(masses)) {
  test(`a policy with ${name} says how likely each choice was`, async () => {
    const { best, chosen } = await asked({ name, observationSpace, actionSpace, decide });
    const sizes = actionSpace.kind === "discrete" ? [actionSpace.n] : actionSpace.sizes;
    const start = actionSpace.kind === "discrete" ? actionSpace.start : 0;
    const total = sizes.reduce((a, b) => a + b);
    const table = numbersOf(chosen.info.probabilities);
    for (let row = 0; row < 6; row++) {
      let [at, likely, most] = [row * total, 1, true];
      sizes.forEach((n, i) => {
        const own = table.slice(at, at + n);
        assertClose([own.reduce((a, b) => a + b)], [1], "sum");
        likely *= own[Number(chosen.action.data[row * sizes.length + i]) - start];
        most &&= own[Number(best.action.data[row * sizes.length + i]) - start] === Math.max(...own);
        at += n;
      });
      assertClose([chosen.probability![row]], [likely], "probability");
      assert.ok(most, "the best is the most likely");
    }
    assert.deepEqual([...best.probability!], Array(6).fill(1));
  });
}

for (const [name, model] of Object.entries(heads)) {
  test(`a policy that is a ${name} head takes its noise as inputs`, async () => {
    const length = name === "unet" ? 4 : 3;
    const params = await drawn(model);
    const decide = (o: Tensor): Distribution => generated(model, params, o);
    const { best, chosen } = await asked({
      name,
      observationSpace,
      actionSpace: box([length, 2], -2, 4),
      actionScale: scaleFor(2 * length),
      decide,
    });
    assert.deepEqual(chosen.action.shape, [6, length, 2]);
    assert.deepEqual([best.probability, chosen.probability], [undefined, undefined]);
  });
}

test("a diffusion policy of 100 steps is hardly larger than one of 25", async () => {
  const sizeWith = async (sampleSteps: number): Promise<number> => {
    const model = diffusion({ ...head, denoiser, sampleSteps, eta: 1 }) as unknown as Generative<object>;
    const params = await drawn(model);
    await using policy = await exportPolicy(
      {
        name: "long",
        observationSpace,
        actionSpace: box([3, 2], -2, 4),
        actionScale: scaleFor(6),
        decide: (o) => generated(model, params, o),
      },
      exporting,
    );
    return policy.bytes.length;
  };
  const [short, long] = [await sizeWith(25), await sizeWith(100)];
  // What a step adds: its numbers, and the names of its draw.
  assert.ok((long - short) / 75 < 200, `${short} and ${long} bytes`);
});

test("a policy that draws one number for all its rows is refused: they would depend on each other", async () => {
  const decide = (o: Tensor): Distribution => {
    const plain = gaussian(o.slice(1, 0, 2).tanh(), o.slice(1, 1, 3));
    return { ...plain, sample: (key) => plain.mode().add(key.normal(2)) };
  };
  await assert.rejects(
    exportPolicy({ name: "shared", observationSpace, actionSpace: pair, actionScale: scaleFor(2), decide }, exporting),
    { message: /^shared: got "a draw of fixed shape \[2\] at "normal""; wanted draws whose first axis is the batch/ },
  );
});
