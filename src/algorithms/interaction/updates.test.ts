/** Whole updates against an independent implementation in PyTorch: benchmarks/golden/interaction.py. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { leavesOf, type NdArray, ndarray, randomKey } from "../../tensor/index.ts";
import { assertClose, numbersOf, wave } from "../../tensor/testing.ts";
import type { AnyAlgorithm, Sizes } from "../define.ts";
import { type Options, resolveOptions } from "../options.ts";
import { closedForm, isParameter, midTraining } from "../testing.ts";
import { startTraining } from "../training.ts";
import { a2c } from "./a2c.ts";
import { dqn } from "./dqn.ts";
import { ppo } from "./ppo.ts";
import { ppoRecurrent } from "./ppo-recurrent.ts";
import { qrDqn } from "./qr-dqn.ts";
import { reinforce } from "./reinforce.ts";
import { sac } from "./sac.ts";
import { sacDiscrete } from "./sac-discrete.ts";
import { td3 } from "./td3.ts";
import golden from "./updates.golden.json" with { type: "json" };

interface Result {
  readonly leaves: { readonly [path: string]: readonly number[] };
  readonly metrics: { readonly [name: string]: number };
  readonly surprise?: readonly number[];
}

const batchSize = 16;
const rows = 2 * batchSize;
const column = (f: (row: number) => number): NdArray => ({
  shape: [rows],
  dtype: "float32",
  data: Float32Array.from({ length: rows }, (_, row) => f(row)),
});
const shifted = (by: number, x: NdArray): NdArray => ({ ...x, data: (x.data as Float32Array).map((v) => v + by) });

const seen = { observation: wave([rows, 3], 1001, 1.5) };
const [vectors, choices] = [
  wave([rows, 2], 1002, 0.9),
  ndarray(Int32Array.from({ length: rows }, (_, row) => row % 3)),
];
const transitions = {
  ...seen,
  reward: wave([rows], 1003, 2),
  nextObservation: wave([rows, 3], 1004, 1.5),
  continues: column((row) => (row % 5 === 4 ? 0 : 1)),
  span: column((row) => 1 + (row % 3)),
};
const weight = column((row) => 40 * (1 + 0.5 * Math.sin(row)));
const judged = {
  ...seen,
  advantage: shifted(0.3, wave([rows], 1006, 1.5)),
  value: wave([rows], 1007, 0.5),
  target: wave([rows], 1008, 2),
  played: column((row) => (row % 4 === 3 ? 0 : 1)),
};
const logProb = shifted(-3.1, wave([rows], 1005, 0.6));
const choiceLogProb = shifted(-1.1, wave([rows], 1005, 0.3));

const vector = { observation: 3, action: { kind: "continuous", size: 2 } } as const;
const choice = { observation: 3, action: { kind: "discrete", size: 3 } } as const;
const usual = { discount: 0.9, targetRate: 0.1, learningRate: 0.01, hidden: [6, 6], batchSize };

interface Given {
  readonly sizes: Sizes;
  readonly columns: { readonly [name: string]: NdArray };
  readonly options?: Record<string, unknown>;
  /** Rows of the columns that an update sees. */
  readonly batch?: number;
}

async function assertUpdates(algorithm: AnyAlgorithm, wanted: readonly Result[], given: Given): Promise<void> {
  const { sizes, columns, batch = batchSize } = given;
  const declared = algorithm.options as Options;
  const mine = Object.fromEntries(Object.entries(usual).filter(([name]) => name in declared));
  const options = resolveOptions(algorithm.name, declared, { ...mine, ...given.options });
  const noisy: AnyAlgorithm = {
    ...algorithm,
    step: (context, ...[state, rows]) => algorithm.step(context, state, rows, closedForm(context.turn)),
  };
  const setup = { algorithm: noisy, options, sizes, key: randomKey(1), unroll: 1 };
  const surprises: NdArray[] = [];
  const data = {
    columns,
    sampler: { indices: (update: number) => Int32Array.from({ length: batch }, (_, i) => update * batch + i) },
    batchSize: batch,
    heard: (_: number, { surprise }: { readonly [metric: string]: NdArray }) => void surprises.push(surprise),
  };
  const from = { state: await midTraining(setup), update: 0 };
  await using training = await startTraining(setup, data, from);
  for (const [update, { leaves, metrics, surprise }] of wanted.entries()) {
    const { surprise: _, ...got } = await training.advance(1);
    assert.deepEqual(Object.keys(got).sort(), Object.keys(metrics).sort());
    for (const [name, value] of Object.entries(metrics))
      assertClose([got[name]], [value], `${name} of update ${update}`);
    if (surprise) assertClose(numbersOf(surprises[update]), surprise, `surprise of update ${update}`);
    const parameters = new Map([...leavesOf<NdArray>(training.read())].filter(([path]) => isParameter(path)));
    assert.deepEqual([...parameters.keys()].sort(), Object.keys(leaves).sort());
    for (const [path, numbers] of Object.entries(leaves))
      assertClose(numbersOf(parameters.get(path) as NdArray), numbers, `${path} after update ${update}`);
  }
}

test("DQN: two updates, the second of which copies the target", async () => {
  const columns = { ...transitions, action: choices };
  const options = { double: false, targetEvery: 2 };
  await assertUpdates(dqn, golden.dqn, { sizes: choice, columns, options });
});

test("DQN: the same double, duelling, with weights, and with slopes that are cut to a norm of 10", async () => {
  const columns = { ...transitions, action: choices, weight };
  const options = { double: true, duelling: true, targetEvery: 2 };
  await assertUpdates(dqn, golden["dqn, double, duelling, weighted"], { sizes: choice, columns, options });
});

test("QR-DQN: an update with weights", async () => {
  const columns = { ...transitions, action: choices, weight };
  await assertUpdates(qrDqn, golden["qr-dqn"], { sizes: choice, columns, options: { quantiles: 5 } });
});

test("SAC: critics, policy, temperature and target in Stable-Baselines3's order", async () => {
  const columns = { ...transitions, action: vectors };
  await assertUpdates(sac, golden.sac, { sizes: vector, columns, options: { startTemperature: 0.7 } });
});

test("SAC for choices: the same, summed over choices", async () => {
  const columns = { ...transitions, action: choices };
  await assertUpdates(sacDiscrete, golden["sac-discrete"], {
    sizes: choice,
    columns,
    options: { startTemperature: 0.7 },
  });
});

test("TD3: two updates, the second of which moves the policy and the targets", async () => {
  await assertUpdates(td3, golden.td3, { sizes: vector, columns: { ...transitions, action: vectors } });
});

const clipping = { clip: 0.2, valueClip: 0.3, entropyBonus: 0.05, maxNorm: 0.05 };

test("PPO: a minibatch, with rate and clip on their way down, for vectors and for choices", async () => {
  const options = { ...clipping, valueWeight: 0.7, decay: true, steps: 1000, worlds: 1, horizon: 32, epochs: 2 };
  await assertUpdates(ppo, golden.ppo, { sizes: vector, columns: { ...judged, action: vectors, logProb }, options });
  const chosen = { ...judged, action: choices, logProb: choiceLogProb };
  await assertUpdates(ppo, golden["ppo, choices"], { sizes: choice, columns: chosen, options });
});

test("PPO with a memory: four stretches, some with an episode's end inside", async () => {
  const length = 4;
  const stretches = rows / length;
  const cut = ({ shape: [, ...rest], ...x }: NdArray): NdArray => ({ ...x, shape: [stretches, length, ...rest] });
  const steps = { ...judged, action: vectors, logProb, begins: column((row) => Number((row % batchSize) % 7 === 5)) };
  const columns = {
    ...Object.fromEntries(Object.entries(steps).map(([name, x]) => [name, cut(x)])),
    "memory/hidden": wave([stretches, 4], 1011, 0.8),
    "memory/cell": wave([stretches, 4], 1012, 0.8),
  };
  const options = { ...clipping, memory: 4, stretch: length };
  await assertUpdates(ppoRecurrent, golden["ppo-recurrent"], { sizes: vector, columns, options, batch: 4 });
});

test("A2C: an update", async () => {
  const options = { valueWeight: 0.7, entropyBonus: 0.05, maxNorm: 0.05 };
  await assertUpdates(a2c, golden.a2c, { sizes: vector, columns: { ...judged, action: vectors, logProb }, options });
});

test("REINFORCE: an update in which rows that were not played count for nothing", async () => {
  const options = { entropyBonus: 0.05, normaliseAdvantages: true };
  const columns = { ...judged, action: choices, logProb };
  await assertUpdates(reinforce, golden.reinforce, { sizes: choice, columns, options });
});
