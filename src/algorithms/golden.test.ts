/** Whole updates against an independent implementation in PyTorch: benchmarks/golden/updates.py and choices.py. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { leavesOf, type NdArray, randomKey } from "../tensor/index.ts";
import { assertClose, numbersOf, wave } from "../tensor/testing.ts";
import choiceGolden from "./choices.golden.json" with { type: "json" };
import type { AnyAlgorithm, Sizes } from "./define.ts";
import { type Options, resolveOptions } from "./options.ts";
import { closedForm, isParameter, midTraining } from "./testing.ts";
import { startTraining, type TrainingSetup } from "./training.ts";
import { bcq } from "./transitions/bcq.ts";
import { cql } from "./transitions/cql.ts";
import { cqlSac } from "./transitions/cql-sac.ts";
import { crr } from "./transitions/crr.ts";
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
const vectors = { sizes: { observation: 3, action: { kind: "continuous", size: 2 } }, columns } as const;
const choices = {
  sizes: { observation: 3, action: { kind: "discrete", size: 3 } },
  columns: {
    ...columns,
    action: { shape: [rows], dtype: "int32", data: Int32Array.from({ length: rows }, (_, i) => i % 3) },
  },
} as const;
const sampler = {
  indices: (update: number) => Int32Array.from({ length: batchSize }, (_, i) => update * batchSize + i),
};

const usual = { discount: 0.9, targetRate: 0.1, learningRate: 0.01, hidden: [8, 8], batchSize };

async function assertUpdates(
  algorithm: AnyAlgorithm,
  wanted: readonly Result[],
  given: Record<string, unknown>,
  { sizes, columns }: { readonly sizes: Sizes; readonly columns: { readonly [name: string]: NdArray } } = vectors,
) {
  const declared = algorithm.options as Options;
  const mine = Object.fromEntries(Object.entries(usual).filter(([name]) => name in declared));
  const options = resolveOptions(algorithm.name, declared, { ...mine, ...given });
  const setup: TrainingSetup = {
    algorithm: {
      ...algorithm,
      step: (context, ...[state, batch]) => algorithm.step(context, state, batch, closedForm(context.turn)),
    },
    options,
    sizes,
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

test("two updates of CQL for vectors, between which α moves, do as well", async () => {
  const given = { conservatism: 0.8, drawnActions: 2, dualRate: 0.05, wantedGap: 0.5, startTemperature: 0.7 };
  await assertUpdates(cqlSac, golden["cql-sac"], { ...given, policyRate: 0.005 });
});

test("two updates of BCQ, the second of which copies the target, do as well", async () => {
  await assertUpdates(
    bcq,
    choiceGolden.bcq,
    { hidden: [8], threshold: 0.7, logitPenalty: 0.05, targetEvery: 2 },
    choices,
  );
});

test("two updates of CQL do as well", async () => {
  await assertUpdates(cql, choiceGolden.cql, { hidden: [8], conservatism: 0.7, targetEvery: 2 }, choices);
});

test("two updates of CRR do as well, with either filter", async () => {
  const options = { hidden: [8], temperature: 0.5, maxWeight: 1.1, drawnActions: 2, targetEvery: 2 };
  await assertUpdates(crr, choiceGolden["crr, binary"], { ...options, filter: "binary" }, choices);
  await assertUpdates(crr, choiceGolden["crr, exp"], { ...options, filter: "exp" }, choices);
});
