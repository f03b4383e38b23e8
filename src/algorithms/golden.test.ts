/** Whole updates against an independent implementation in PyTorch: benchmarks/golden/updates.py. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { leavesOf, type NdArray, randomKey } from "../tensor/index.ts";
import { assertClose, numbersOf, wave } from "../tensor/testing.ts";
import type { AnyAlgorithm } from "./define.ts";
import { type Options, resolveOptions } from "./options.ts";
import { closedForm, isParameter, midTraining } from "./testing.ts";
import { startTraining, type TrainingSetup } from "./training.ts";
import { iql } from "./transitions/iql.ts";
import { td3bc } from "./transitions/td3-bc.ts";
import golden from "./updates.golden.json" with { type: "json" };

interface Result {
  readonly leaves: { readonly [path: string]: readonly number[] };
  readonly metrics: { readonly [name: string]: number };
}

const batchSize = 16;
const rows = 2 * batchSize;
const column = (f: (row: number) => number): NdArray => ({
  shape: [rows],
  dtype: "float32",
  data: Float32Array.from({ length: rows }, (_, row) => f(row)),
});
const columns = {
  observation: wave([rows, 3], 1001, 1.5),
  action: wave([rows, 2], 1002, 0.9),
  reward: wave([rows], 1003, 2),
  nextObservation: wave([rows, 3], 1004, 1.5),
  continues: column((row) => (row % 5 === 4 ? 0 : 1)),
  span: column((row) => 1 + (row % 3)),
};
const sampler = {
  indices: (update: number) => Int32Array.from({ length: batchSize }, (_, i) => update * batchSize + i),
};

async function assertUpdates(algorithm: AnyAlgorithm, wanted: readonly Result[], given: Record<string, unknown>) {
  const options = resolveOptions(algorithm.name, algorithm.options as Options, {
    ...{ discount: 0.9, targetRate: 0.1, learningRate: 0.01, hidden: [8, 8], batchSize },
    ...given,
  });
  const setup: TrainingSetup = {
    algorithm: {
      ...algorithm,
      step: (context, ...[state, batch]) => algorithm.step(context, state, batch, closedForm(context.turn)),
    },
    options,
    sizes: { observation: 3, action: { kind: "continuous", size: 2 } },
    key: randomKey(1),
  };
  const data = { columns, sampler, batchSize };
  const from = { state: await midTraining(setup), update: 0 };
  await using training = await startTraining(setup, data, from);
  for (const [update, { leaves, metrics }] of wanted.entries()) {
    const got = await training.advance(1);
    assert.deepEqual(Object.keys(got).sort(), Object.keys(metrics).sort());
    for (const [name, value] of Object.entries(metrics))
      assertClose([got[name]], [value], `${name} of update ${update}`);
    const parameters = new Map([...leavesOf<NdArray>(training.read())].filter(([path]) => isParameter(path)));
    assert.deepEqual([...parameters.keys()].sort(), Object.keys(leaves).sort());
    for (const [path, numbers] of Object.entries(leaves)) {
      assertClose(numbersOf(parameters.get(path) as NdArray), numbers, `${path} after update ${update}`);
    }
  }
  // The same updates in one call are the same to the bit.
  await using together = await startTraining(setup, data, from);
  await together.advance(wanted.length);
  assert.deepEqual(leavesOf(together.read()), leavesOf(training.read()));
}

test("an update of IQL moves every parameter as the authors' order of updates does", async () => {
  await assertUpdates(iql, golden.iql, { inverseTemperature: 3, maxWeight: 3, expectile: 0.7, steps: 48 });
});

test("two updates of TD3+BC, the second of which moves the policy and the targets, do as well", async () => {
  await assertUpdates(td3bc, golden["td3-bc"], {});
});
