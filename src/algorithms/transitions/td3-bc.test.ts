import assert from "node:assert/strict";
import { test } from "node:test";
import { members } from "../../nn/index.ts";
import { randomKey } from "../../tensor/index.ts";
import { changed, close, read, rowsOf, run, worldOf } from "../testing.ts";
import { train } from "../train.ts";
import { td3bc } from "./td3-bc.ts";

const plain = { targetRate: 0.05, normaliseObservations: false, smoothing: 0 };

// One decision. An action a in −0.6 … 0.2, on average −0.2, earns 2 + a: Q is known, and slopes upwards.
const logged = Array.from({ length: 17 }, (_, i) => -0.6 + i * 0.05);
const bandit = worldOf(logged.map((a) => ({ observation: [1], action: [a], reward: 2 + a, terminated: true })));

/** The summit of λ (2 + a) − (a + 0.2)², λ held at α / (2 + a): there (a + 0.2) (2 + a) = α / 2. */
const summit = (greed: number) => (Math.sqrt(3.24 + 2 * greed) - 2.2) / 2;

for (const greed of [1e-6, 0.5, 1]) {
  test(`greed ${greed}: the policy stands where the slope of λQ meets the pull of the log`, async () => {
    const { policy, nets, state } = await run(td3bc, bandit, { options: { ...plain, greed } });
    const q = read(nets.critic(state.critic.params, rowsOf([[1], [1]]), rowsOf([[-0.5], [0.1]])));
    close(q, [1.5, 2.1, 1.5, 2.1], 0.03, "Q");
    close(read(policy([[1]]).mode()), [summit(greed)], 0.03, "action");
  });
}

test("much greed climbs Q out of the log, up to the bound of the action", async () => {
  const { policy } = await run(td3bc, bandit, { options: { ...plain, greed: 50 } });
  assert.ok(read(policy([[1]]).mode())[0] > 0.95);
});

// A corridor without an end: every value is bootstrapped from what the target policy does next.
const corridor = worldOf(
  Array.from({ length: 24 }, (_, i) => {
    const x = i / 12 - 1;
    return { observation: [x, 1], action: [Math.sin(5 * x)], reward: x, next: [x + 0.1, 1], terminated: false };
  }),
);

test("the policy and the targets move every policyDelay updates, the critics at each", async () => {
  const moved = async (policyDelay: number, updates: number) => {
    const { values } = await run(td3bc, corridor, { options: { ...plain, policyDelay }, updates });
    return [...new Set(changed(values.start, values.state).map((path) => path.replace(/\/.*/, "")))];
  };
  assert.deepEqual(await moved(3, 1), ["critic"]);
  assert.deepEqual(await moved(3, 2), ["critic"]);
  assert.deepEqual(await moved(3, 3), ["critic", "policy", "targets"]);
  assert.deepEqual(await moved(1, 1), ["critic", "policy", "targets"]);
});

test("in one update the critics move first; the policy climbs the first of them; the targets follow both", async () => {
  const options = { ...plain, policyDelay: 1, greed: 3, discount: 0.9, targetRate: 0.3 };
  // Some way into a run, where targets trail behind, the critics disagree and Q has both signs.
  const from = (await run(td3bc, corridor, { options: { ...plain, discount: 0.5 }, updates: 60 })).values.state;
  const { start, state, nets, metrics, columns } = await run(td3bc, corridor, { options, updates: 1, from });
  const { observation: s, action: a, reward, nextObservation } = columns;
  const rows = reward.shape[0];
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value / values.length, 0);
  const next = read(
    nets.critic(start.targets.critic, nextObservation, nets.policy(start.targets.policy, nextObservation).mode()),
  );
  const target = read(reward).map((r, i) => r + 0.9 * Math.min(next[i], next[i + rows]));
  const critics = read(nets.critic(start.critic.params, s, a));
  const criticLoss = 2 * mean(critics.map((value, i) => (value - target[i % rows]) ** 2));
  close([metrics.criticLoss], [criticLoss], 1e-5, "criticLoss");
  const action = nets.policy(start.policy.params, s).mode();
  const q = read(nets.critic(members(state.critic.params, 0, 1), s, action));
  const scale = 3 / mean(q.map(Math.abs));
  const logAction = read(a);
  const policyLoss = mean(read(action).map((value, i) => (value - logAction[i]) ** 2)) - scale * mean(q);
  close([metrics.policyLoss], [policyLoss], 1e-5, "policyLoss");
  for (const part of ["policy", "critic"] as const) {
    const weights = [start.targets[part], state[part].params, state.targets[part]];
    const [old, moved, blended] = weights.map((params) => read(params.layers[0].weight));
    close(
      blended,
      old.map((value, i) => value + 0.3 * (moved[i] - value)),
      1e-6,
      `target of the ${part}`,
    );
    assert.notDeepEqual(moved, old);
  }
});

test("smoothing is noise on the target policy's action, bounded; at 0 there is none", async () => {
  const from = (await run(td3bc, corridor, { updates: 20, options: plain })).values.state;
  const after = async (smoothing: number, seed: number, smoothingBound = 0.5) => {
    const options = { ...plain, smoothing, smoothingBound };
    return (await run(td3bc, corridor, { from, options, key: randomKey(seed), updates: 4 })).values.state;
  };
  assert.deepEqual(changed(await after(0, 1), await after(0, 2)), []);
  assert.notDeepEqual(changed(await after(0.2, 1), await after(0.2, 2)), []);
  // Past the bound only the sign of the noise is left: ten times as much makes no difference.
  assert.deepEqual(changed(await after(1e6, 1, 0.1), await after(1e7, 1, 0.1)), []);
  assert.notDeepEqual(changed(await after(1e6, 1, 0.1), await after(1e6, 1, 0.2)), []);
  // And the action it is added to stays in [−1, 1]: beyond 2 a larger bound makes none either.
  assert.deepEqual(changed(await after(1e6, 1, 2), await after(1e6, 1, 4)), []);
});

test("the exported policy takes observations as they were recorded: their scale is inside it", async () => {
  // Two places a hand's breadth apart, a kilometre away.
  const places = [1000, 1000.1];
  const recording = worldOf(
    places.map((x, i) => ({ observation: [x, 7], action: [i - 0.5], reward: 1, terminated: true })),
  );
  const options = { hidden: [32], learningRate: 1e-2, greed: 1e-6, batchSize: 8, steps: 400 };
  const { policy } = await train(td3bc, recording, { options });
  const observations = { shape: [2, 2], dtype: "float32", data: Float32Array.of(1000, 7, 1000.1, 7) } as const;
  const { action } = await policy.actBatch(observations, { deterministic: true });
  close(Array.from(action.data, Number), [-0.5, 0.5], 0.03, "action");
  await policy[Symbol.asyncDispose]();
});
