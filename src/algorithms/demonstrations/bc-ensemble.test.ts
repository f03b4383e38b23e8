import assert from "node:assert/strict";
import { test } from "node:test";
import { committee, members } from "../../nn/index.ts";
import { box } from "../../spaces/index.ts";
import { constant, mapTree, type NdArray, type Tensor } from "../../tensor/index.ts";
import { close, flat, read, rowsOf, run, worldOf } from "../testing.ts";
import { train } from "../train.ts";
import { bcEnsemble } from "./bc-ensemble.ts";

const row = (observation: readonly number[], action: readonly number[]) => ({ observation, action, terminated: true });

// Two answers here, one there; nobody was ever at (3, −3).
const recording = worldOf([
  row([1, 0], [0.8, -0.2]),
  row([1, 0], [0.2, -0.6]),
  row([0, 1], [-0.5, 0.3]),
  row([0, 1], [-0.5, 0.3]),
]);

test("the policy is each state's mean action; members agree there, and part where nothing was recorded", async () => {
  const { policy, metrics } = await run(bcEnsemble, recording, { updates: 800 });
  const at = policy([
    [1, 0],
    [0, 1],
    [3, -3],
  ]) as ReturnType<typeof committee>;
  close(read(at.mode()).slice(0, 4), [0.5, -0.4, -0.5, 0.3], 0.01, "mean");
  const each = read(at.members().transpose(1, 0, 2)); // [state, member, action]
  const spread = (state: number, axis: number): number => {
    const values = Array.from({ length: 5 }, (_, k) => each[(state * 5 + k) * 2 + axis]);
    const mean = values.reduce((a, b) => a + b, 0) / 5;
    return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 5);
  };
  for (const state of [0, 1]) assert.ok(spread(state, 0) < 0.01, `spread ${spread(state, 0)} in a known state`);
  assert.ok(spread(2, 0) + spread(2, 1) > 0.05, `spread ${spread(2, 0)}, ${spread(2, 1)} where nothing was recorded`);
  // What is left of the squared error: 0.3² and 0.2² in the first state, none in the second, over two numbers.
  const least = (0.09 + 0.04) / 4;
  assert.ok(metrics.policyLoss > least - 1e-3 && metrics.policyLoss < 2 * least, `loss ${metrics.policyLoss}`);
});

test("each member learns as it would alone", async () => {
  const together = await run(bcEnsemble, recording, { updates: 16, options: { members: 3 } });
  const from = (k: number): unknown =>
    mapTree(together.values.start, (leaf: NdArray) =>
      leaf.shape.length === 0 ? leaf : readBack(members([constant(leaf)], k, k + 1)[0] as Tensor, leaf),
    );
  for (const k of [0, 2]) {
    const alone = await run(bcEnsemble, recording, { updates: 16, options: { members: 1 }, from: from(k) });
    const after = new Map(flat(together.values.state));
    for (const [path, leaf] of flat(alone.values.state)) {
      if (!path.includes("params")) continue;
      const size = leaf.data.length;
      const wanted = Array.from((after.get(path) as NdArray).data, Number).slice(k * size, (k + 1) * size);
      close(Array.from(leaf.data, Number), wanted, 2e-5, `member ${k}, ${path}`);
    }
  }
});

const readBack = (tensor: Tensor, { dtype }: NdArray): NdArray => ({
  shape: tensor.shape,
  dtype,
  data: Float32Array.from(read(tensor)),
});

test("two updates move a linear member as squared error, tanh and Adam do by hand", async () => {
  const seen = [
    [0.5, 0.7],
    [-1, 0.1],
    [2, -0.9],
  ];
  const small = worldOf(seen.map(([x, a]) => row([x], [a])));
  const rate = 0.1;
  const { values } = await run(bcEnsemble, small, {
    updates: 2,
    options: { members: 2, hidden: [], learningRate: rate },
  });
  const numbers = (state: unknown, kind: string): number[] => {
    const found = flat(state).find(([path]) => path.includes("params") && path.endsWith(kind));
    return Array.from((found as [string, NdArray])[1].data, Number);
  };
  for (const k of [0, 1]) {
    const theta = [numbers(values.start, "weight")[k], numbers(values.start, "bias")[k]];
    const [m, v] = [
      [0, 0],
      [0, 0],
    ];
    for (const t of [1, 2]) {
      const slope = [0, 0];
      for (const [x, a] of seen) {
        const out = Math.tanh(theta[0] * x + theta[1]);
        const down = (2 * (out - a) * (1 - out * out)) / seen.length;
        slope[0] += down * x;
        slope[1] += down;
      }
      const decayed = (rate * (1 + Math.cos((Math.PI * (t - 1)) / 2))) / 2;
      for (const i of [0, 1]) {
        m[i] = 0.9 * m[i] + 0.1 * slope[i];
        v[i] = 0.999 * v[i] + 0.001 * slope[i] ** 2;
        theta[i] -= (decayed * (m[i] / (1 - 0.9 ** t))) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8);
      }
    }
    close([numbers(values.state, "weight")[k], numbers(values.state, "bias")[k]], theta, 1e-4, `member ${k}`);
  }
});

test("what is shipped says what each member would do, in the world's units, and acts with their mean", async () => {
  const wide = { ...recording, actionSpace: box([-4, -1], [4, 1]) };
  const options = { members: 3, hidden: [16], steps: 50, batchSize: 4 };
  await using policy = (await train(bcEnsemble, wide, { options, seed: 2 })).policy;
  const { action, info } = await policy.actBatch(recording.observation, { deterministic: true });
  assert.deepEqual(info.members.shape, [4, 3, 2]);
  const each = Array.from(info.members.data, Number);
  const mean = Array.from({ length: action.data.length }, (_, i) => {
    const [state, axis] = [Math.floor(i / 2), i % 2];
    return (each[state * 6 + axis] + each[state * 6 + 2 + axis] + each[state * 6 + 4 + axis]) / 3;
  });
  close(Array.from(action.data, Number), mean, 1e-5, "action");
  const one = await policy.act(Float32Array.of(1, 0), { deterministic: true });
  close(Array.from(one.info.members.data, Number), each.slice(0, 6), 1e-5, "one decision's members");
  const apart = committee(
    rowsOf([[1, 3]])
      .reshape(2, 1, 1)
      .named("member", "batch", "action"),
  );
  close(read(apart.mode()), [2], 1e-6, "mean of two");
});
