import assert from "node:assert/strict";
import { test } from "node:test";
import { changed, close, flat, read, rowsOf, run, type SmallStep, worldOf } from "../testing.ts";
import { sac } from "./sac.ts";
import { sacMultiTask } from "./sac-multi-task.ts";

const [left, right] = [
  [1, 0],
  [0, 1],
];

/** One step that earns −steepness (a − top)². */
const hill = (observation: readonly number[], top: number, steepness: number): SmallStep[] =>
  Array.from({ length: 21 }, (_, i) => {
    const action = i / 10 - 1;
    return { observation, action: [action], reward: -steepness * (action - top) ** 2, terminated: true };
  });
const hills = worldOf([...hill(left, -0.3, 2), ...hill(right, 0.3, 4)]);

test("with one task it is soft actor-critic, number for number", async () => {
  const leading = { observation: [-1, 1], action: [0.4], reward: 1, next: [0.5, 1], terminated: false };
  const world = worldOf([...hill([0.5, 1], 0.2, 2), leading]);
  const options = { hidden: [8], startTemperature: 0.3, discount: 0.9, entropyPerAction: 0.5 };
  const wanted = await run(sac, world, { options, updates: 8 });
  for (const separateHeads of [true, false]) {
    const got = await run(sacMultiTask, world, { options: { ...options, tasks: 1, separateHeads }, updates: 8 });
    const mine = new Map(flat(got.values.state));
    for (const [path, { data }] of flat(wanted.values.state)) {
      close(Array.from(mine.get(path)!.data, Number), Array.from(data, Number), 1e-4, path);
    }
    close(Object.values(got.metrics), Object.values(wanted.metrics), 1e-4, "metric");
  }
});

test("each task's temperature goes to where its own policy has the wanted entropy", async () => {
  const wanted = 0.5;
  const options = { hidden: [24, 24], entropyPerAction: wanted, startTemperature: 0.3 };
  const first = await run(sacMultiTask, hills, { options, updates: 500 });
  const settling = { ...options, learningRate: 1e-3 };
  const { policy, state, metrics } = await run(sacMultiTask, hills, {
    options: settling,
    updates: 150,
    from: first.values.state,
  });
  close(read(policy([left, right]).mode()), [-0.3, 0.3], 0.06, "action");
  close([metrics.entropy], [-wanted], 0.1, "entropy of both");
  const [gentle, steep] = read(state.temperature.params.log);
  // The variance that goes with an entropy is α / (2 · steepness): twice as steep, twice as dear.
  close([steep - gentle], [Math.log(2)], 0.35, "log of the temperatures' ratio");
});

test("a task's rows leave the other's heads and temperature as they were, and move what is shared", async () => {
  const alone = worldOf(hill(left, -0.3, 2));
  const { values } = await run(sacMultiTask, alone, { options: { hidden: [8] }, updates: 3 });
  const moved = new Set(changed(values.start, values.state));
  assert.ok(moved.has("policy/params/layers/0/weight") && moved.has("critic/params/layers/0/weight"));
  const numbers = (state: unknown, path: string) => Array.from(new Map(flat(state)).get(path)!.data as Float32Array);
  const difference = (path: string): number[] => {
    const before = numbers(values.start, path);
    return numbers(values.state, path).map((x, i) => x - before[i]);
  };
  // Outputs of the policy: mean and spread of the first task, then of the second; of the critics: one a task.
  const [policy, critic, log] = [
    "policy/params/layers/1/bias",
    "critic/params/layers/1/bias",
    "temperature/params/log",
  ];
  assert.deepEqual(
    difference(policy).map((x) => x !== 0),
    [true, true, false, false],
  );
  assert.deepEqual(
    difference(critic).map((x) => x !== 0),
    [true, false, true, false],
  );
  assert.deepEqual(
    difference(log).map((x) => x !== 0),
    [true, false],
  );
});

test("more tasks than an observation has numbers are refused", async () => {
  await assert.rejects(run(sacMultiTask, hills, { options: { tasks: 3 }, updates: 1 }), /"tasks" is 3.*at most 2/);
});

test("what a task's critic learns is its own: the values of both hills at once", async () => {
  const options = { hidden: [24, 24], entropyPerAction: 1 };
  const { nets, state } = await run(sacMultiTask, hills, { options, updates: 500 });
  const q = nets.critic(state.critic.params, rowsOf([left, right]), rowsOf([[-0.3], [-0.3]]), rowsOf([left, right]));
  close(read(q.min("member")), [0, -4 * 0.36], 0.12, "Q");
});
