import assert from "node:assert/strict";
import { test } from "node:test";
import { fromEpisodes } from "../../data/index.ts";
import { simulate, timeLimit } from "../../envs/index.ts";
import { box, discrete } from "../../spaces/index.ts";
import { constant, type NdArray, ndarray, randomKey, type Tensor } from "../../tensor/index.ts";
import type { AnyAlgorithm } from "../define.ts";
import { line, walked } from "../online/testing.ts";
import { trainOnline } from "../online/train-online.ts";
import { type Options, resolveOptions } from "../options.ts";
import { close, flat, read } from "../testing.ts";
import { frozen, initialState, scalarsOf, startTraining, tracedOptions } from "../training.ts";
import { gaifo, takenForOwn } from "./gaifo.ts";
import { ppo } from "./ppo.ts";

const sizes = { observation: 1, action: { kind: "discrete", size: 2 } } as const;
const scalars = (...values: number[]): NdArray => ndarray(Float32Array.from(values));
const rows = (...values: number[]): NdArray => ndarray(Float32Array.from(values), { shape: [values.length, 1] });

/** Four steps from 0: three of one's own went to 1, and one of those shown. */
const columns = {
  observation: rows(0, 0, 0, 0),
  action: ndarray(Int32Array.of(1, 1, 1, 0)),
  logProb: scalars(-0.7, -0.6, -0.7, -0.8),
  advantage: scalars(1, -1, 0.5, 2),
  value: scalars(0, 0, 0, 0),
  target: scalars(1, 2, 3, 4),
  played: scalars(1, 1, 1, 1),
  nextObservation: rows(1, 1, 1, -1),
  "shown/observation": rows(0, 0, 0, 0),
  "shown/nextObservation": rows(1, -1, -1, -1),
};

async function learned(algorithm: AnyAlgorithm, given: Record<string, unknown>, updates: number) {
  const options = resolveOptions(algorithm.name, algorithm.options as Options, { hidden: [8], ...given });
  const setup = { algorithm, options, sizes, key: randomKey(4) };
  const data = { columns, sampler: { indices: () => Int32Array.of(0, 1, 2, 3) }, batchSize: 4 };
  const start = { state: await initialState(setup), update: 0 };
  await using training = await startTraining(setup, data, start);
  const metrics = await training.advance(updates);
  return { setup, metrics, state: training.read() };
}

const steps = fromEpisodes(
  [1, -1].map((to) => ({ observations: [[0], [to]], actions: [0], rewards: [0], terminated: true })),
  { observationSpace: box(-1, 1), actionSpace: discrete(2) },
);

test("D becomes the share of one's own among all steps of a kind", async () => {
  const { state } = await learned(gaifo, { restraint: 0, discriminatorRate: 1e-2 }, 400);
  close([...takenForOwn(state, steps, [8])], [3 / 4, 1 / 4], 0.01, "D");
});

test("restraint keeps D near a half: its logit minimises cross-entropy and its own square", async () => {
  const { state } = await learned(gaifo, { restraint: 0.5, discriminatorRate: 1e-2 }, 400);
  // At a step of which own and shown are ¾ and ¼ of the rows: σ(l) − ¾ + 2 · 0.5 · l = 0.
  let logit = 0;
  for (let i = 0; i < 200; i++) logit -= 0.1 * (1 / (1 + Math.exp(-logit)) - 0.75 + logit);
  const wanted = 1 / (1 + Math.exp(-logit));
  close([...takenForOwn(state, steps, [8])], [wanted, 1 - wanted], 0.01, "D");
});

test("policy and value move as PPO moves them", async () => {
  const given = { entropyBonus: 0.02, clip: 0.1, learningRate: 1e-2 };
  const parts = async (algorithm: AnyAlgorithm) =>
    flat((await learned(algorithm, given, 3)).state).filter(([path]) => path.startsWith("agent/params"));
  const [ours, theirs] = [await parts(gaifo), new Map(await parts(ppo))];
  assert.ok(ours.length > 0);
  for (const [path, { data }] of ours)
    close([...data].map(Number), [...theirs.get(path)!.data].map(Number), 1e-6, path);
});

test("the reward is −log D of what happened, whatever the world paid", async () => {
  const { setup, state } = await learned(gaifo, { restraint: 0, discriminatorRate: 1e-2 }, 100);
  const options = tracedOptions({ ...setup.options, discount: 0 }, frozen(scalarsOf(setup)) as never);
  const context = {
    options: { ...(options as object), discount: 0 },
    nets: gaifo.networks(sizes, setup.options as never),
    sizes,
  };
  const grid = (...values: number[]): Tensor => constant(ndarray(Float32Array.from(values), { shape: [2, 1] }));
  const rollout = {
    observation: constant(ndarray(Float32Array.of(0, 0), { shape: [2, 1, 1] })),
    nextObservation: constant(ndarray(Float32Array.of(1, -1), { shape: [2, 1, 1] })),
    action: constant(ndarray(Int32Array.of(1, 0), { shape: [2, 1] })),
    reward: grid(77, -77),
    continues: grid(1, 1),
    truncated: grid(0, 0),
    played: grid(1, 1),
    memory: {},
  };
  const { steps: said } = gaifo.online!.judge(context as never, frozen(state) as never, rollout);
  const [own, shown] = takenForOwn(state, steps, [8]);
  close(read(said.target.reshape(-1)), [-Math.log(own), -Math.log(shown)], 1e-4, "with γ = 0 the target");
  assert.deepEqual(read(said.nextObservation.reshape(-1)), [1, -1]);
});

test("without being told what was done, the imitator does it as often", async () => {
  // One step from 0, to where the choice says; of those shown four in five went to 1.
  const world = () =>
    timeLimit(
      simulate<Float32Array, number>({
        name: "Fork",
        observationSpace: box(-1, 1),
        actionSpace: discrete(2),
        stateSize: 1,
        start: (state) => {
          state[0] = 0;
        },
        advance(state, choice) {
          state[0] = 2 * choice - 1;
          return 0;
        },
        ended: () => true,
        observe: (state) => Float32Array.from(state),
      }),
      2,
    );
  const demonstrations = fromEpisodes(
    Array.from({ length: 10 }, (_, e) => ({
      observations: [[0], [e < 8 ? 1 : -1]],
      actions: [0],
      rewards: [0],
      terminated: true,
    })),
    { observationSpace: box(-1, 1), actionSpace: discrete(2) },
  );
  const options = { worlds: 8, horizon: 32, batchSize: 256, epochs: 4, hidden: [8], steps: 38_400 };
  const rates = { learningRate: 3e-3, discriminatorRate: 1e-2, entropyBonus: 0, restraint: 0 };
  const { policy } = await trainOnline(gaifo, world, {
    demonstrations,
    options: { ...options, ...rates },
    seed: 1,
  });
  const { info } = await policy.actBatch(ndarray(Float32Array.of(0), { shape: [1, 1] }), { key: randomKey(0) });
  const [, right] = info.probabilities.data;
  assert.ok(Math.abs(Number(right) - 0.8) < 0.12, `goes to 1 with probability ${right}`);
  await policy[Symbol.asyncDispose]();
});

test("what cannot be imitated is said", async () => {
  const world = () => line("continuous");
  await assert.rejects(trainOnline(gaifo, world), /gaifo imitates while it plays, and was shown nothing/);
  await assert.rejects(trainOnline(ppo, world, { demonstrations: walked() }), /ppo imitates nobody/);
  await assert.rejects(trainOnline(gaifo, world, { demonstrations: steps }), /observations of the world/);
  const demonstrations = walked();
  const few = trainOnline(gaifo, world, { demonstrations, demonstrationWeights: [1] });
  await assert.rejects(few, /weights.*is 1; wanted 72, one a row/);
});
