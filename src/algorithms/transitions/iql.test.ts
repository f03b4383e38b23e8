import assert from "node:assert/strict";
import { test } from "node:test";
import { transitions } from "../../data/index.ts";
import { randomKey } from "../../tensor/index.ts";
import { bc } from "../demonstrations/bc.ts";
import { changed, close, read, rowsOf, run, worldOf } from "../testing.ts";
import { iql } from "./iql.ts";

const [first, second] = [
  [1, 0],
  [0, 1],
];

// Two rooms. The first has one thing to do, and it leads to the second, where one action earns 1, the other 0, and the
// episode ends. Every value below follows from equations (5) to (7) by hand.
const rooms = {
  continuous: worldOf([
    { observation: first, action: [0], next: second, terminated: false },
    { observation: second, action: [1], reward: 1, terminated: true },
    { observation: second, action: [-1], reward: 0, terminated: true },
  ]),
  discrete: worldOf(
    [
      { observation: first, action: 0, next: second, terminated: false },
      { observation: second, action: 1, reward: 1, terminated: true },
      { observation: second, action: 0, reward: 0, terminated: true },
    ],
    { choices: 2 },
  ),
};
const fast = { targetRate: 0.05, discount: 0.5 };

for (const [expectile, inverseTemperature] of [
  [0.5, 0],
  [0.7, 1],
  [0.9, 3],
]) {
  test(`vectors, τ = ${expectile}, β = ${inverseTemperature}: V is τ and γτ, the policy leans by tanh(β / 2)`, async () => {
    const options = { ...fast, expectile, inverseTemperature };
    const { nets, state, policy } = await run(iql, rooms.continuous, { options });
    close(read(nets.value(state.value.params, rowsOf([first, second]))), [0.5 * expectile, expectile], 0.01, "V");
    const q = nets.critic(state.critic.params, rowsOf([first, second, second]), rowsOf([[0], [1], [-1]]));
    close(read(q.min("member")), [0.5 * expectile, 1, 0], 0.01, "Q");
    // At inverse temperature 3 the second action has weight e³ to 1.
    close(read(policy([first, second]).mode()), [0, Math.tanh(inverseTemperature / 2)], 0.02, "action");
  });

  test(`choices, τ = ${expectile}, β = ${inverseTemperature}: V is τ and γτ, the odds are e^β`, async () => {
    const options = { ...fast, expectile, inverseTemperature };
    const { nets, state, policy } = await run(iql, rooms.discrete, { options });
    close(read(nets.value(state.value.params, rowsOf([first, second]))), [0.5 * expectile, expectile], 0.01, "V");
    const chance = read(
      policy([second, second])
        .logProb(
          rowsOf([[0, 1]])
            .squeeze(0)
            .cast("int32"),
        )
        .exp(),
    );
    const odds = Math.exp(inverseTemperature);
    close(chance, [1 / (1 + odds), odds / (1 + odds)], 0.02, "probability");
  });
}

test("a weight stops at maxWeight: the policy leans by the capped ratio", async () => {
  const options = { ...fast, expectile: 0.5, inverseTemperature: 3, maxWeight: 1.5 };
  const { policy, metrics } = await run(iql, rooms.continuous, { options });
  const [most, least] = [1.5, Math.exp(-1.5)]; // uncapped, e^1.5 = 4.48
  close(read(policy([second]).mode()), [(most - least) / (most + least)], 0.02, "action");
  assert.ok(metrics.weight < 1.5);
});

test("at β = 0 IQL's policy is behaviour cloning's, to the bit, from the same start", async () => {
  for (const [seed, recording] of [rooms.continuous, rooms.discrete].entries()) {
    // `train` gives each method a key of its own name; here both have the same key, hence the same start.
    const given = { updates: 8, key: randomKey(seed) };
    const policyAfter = async (method: typeof bc | typeof iql, options = {}) =>
      ((await run(method as typeof iql, recording, { ...given, options })).values.state as { policy: unknown }).policy;
    const cloned = await policyAfter(bc);
    assert.deepEqual(changed(cloned, await policyAfter(iql, { inverseTemperature: 0 })), [], `seed ${seed}`);
    assert.notDeepEqual(changed(cloned, await policyAfter(iql, { inverseTemperature: 1 })), []);
  }
});

test("a transition of two steps discounts by γ²; a time limit keeps the future and an end does not", async () => {
  const at = (room: number) => [0, 1, 2, 3].map((i) => Number(i === room));
  // Room 0 leads to room 1 by two steps or to room 2 by one; room 3 by either kind of end to room 1, which is worth 1.
  const recording = worldOf([
    { observation: at(0), action: [0], next: at(1), terminated: false },
    { observation: at(1), action: [0], reward: 1, terminated: true },
    { observation: at(2), action: [0], reward: 0.25, next: at(1), terminated: false },
    { observation: at(3), action: [0], reward: 0.25, next: at(1), terminated: true },
  ]);
  const columns = {
    ...transitions(recording).columns,
    span: { shape: [4], dtype: "float32", data: Float32Array.of(2, 1, 1, 1) },
  } as const;
  const options = { ...fast, discount: 0.5 };
  const { nets, state } = await run(iql, recording, { options, columns });
  const value = read(nets.value(state.value.params, rowsOf([at(0), at(1), at(2), at(3)])));
  close(value, [0.5 ** 2, 1, 0.25 + 0.5, 0.25], 0.01, "V");
});

test("in one update V moves first, π and Q are measured against the new V, and the target moves last", async () => {
  const options = { ...fast, expectile: 0.8, inverseTemperature: 2, maxWeight: 100, targetRate: 0.3 };
  const { start, state, nets, metrics, columns, policy } = await run(iql, rooms.continuous, { options, updates: 1 });
  const { observation: s, action: a, reward, nextObservation, continues } = columns;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value / values.length, 0);
  const members = read(nets.critic(start.target, s, a)); // [2, 3]
  const q = [0, 1, 2].map((i) => Math.min(members[i], members[i + 3]));
  const [before, after] = [start, state].map((of) => read(nets.value(of.value.params, s)));
  const next = read(nets.value(state.value.params, nextObservation));
  const advantage = q.map((value, i) => value - after[i]);
  const weight = advantage.map((value) => Math.exp(2 * value));
  const logProb = read(policy([first, second, second], start).logProb(a));
  const target = read(reward).map((r, i) => r + 0.5 * read(continues)[i] * next[i]);
  const near = (metric: string, wanted: number) => close([metrics[metric]], [wanted], 1e-5, metric);
  near("valueLoss", mean(q.map((value, i) => (value > before[i] ? 0.8 : 0.2) * (value - before[i]) ** 2)));
  near("advantage", mean(advantage));
  near("weight", mean(weight));
  near("policyLoss", -mean(weight.map((value, i) => value * logProb[i])));
  const critics = read(nets.critic(start.critic.params, s, a));
  near("criticLoss", 2 * mean(critics.map((value, i) => (value - target[i % 3]) ** 2))); // summed over the two members
  const [old, moved, blended] = [start.target, state.critic.params, state.target].map((of) =>
    read(of.layers[0].weight),
  );
  close(
    blended,
    old.map((value, i) => value + 0.3 * (moved[i] - value)),
    1e-6,
    "target",
  );
  assert.notDeepEqual(moved, old);
});
