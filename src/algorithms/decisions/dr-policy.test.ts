import assert from "node:assert/strict";
import { test } from "node:test";
import { asTrajectories } from "../../data/index.ts";
import type { Distribution } from "../../nn/index.ts";
import { sgd } from "../../tensor/index.ts";
import { bc } from "../demonstrations/bc.ts";
import { close, logOf, read, run } from "../testing.ts";
import { drPolicy } from "./dr-policy.ts";

const contexts = [
  [1, 0],
  [0, 1],
];
// The logging policy mostly makes the first choice, which is the best one nowhere.
const propensities = [0.8, 0.1, 0.1];
const rewards = [
  [0.5, 0.2, 0.9],
  [0.4, 1, 0.1],
];
const log = logOf(
  contexts.flatMap((context, x) =>
    rewards[x].map((reward, action) => ({
      ...{ context, action, reward, propensity: propensities[action] },
      times: propensities[action] * 10,
    })),
  ),
  3,
);

const probabilities = (policy: (rows: number[][]) => Distribution): number[] =>
  read((policy(contexts) as unknown as { probabilities(): Parameters<typeof read>[0] }).probabilities());
const best = [0, 0, 1, 0, 1, 0];
const sure = { entropy: 1e-3, weightDecay: 0 };

test("it finds the best choice in each context, where cloning repeats what was logged", async () => {
  const { policy, metrics } = await run(drPolicy, log, { options: sure });
  close(probabilities(policy), best, 0.02, "probability");
  assert.ok(Number.isFinite(metrics.value));
  const cloned = await run(bc, asTrajectories(log));
  close(probabilities(cloned.policy), [...propensities, ...propensities], 0.02, "cloned probability");
});

test("its own estimate of its value ends at the value of the best choices", async () => {
  const { values } = await run(drPolicy, log, { options: sure });
  const { metrics } = await run(drPolicy, log, { options: sure, from: values.state, updates: 1 });
  close([metrics.value], [(0.9 + 1) / 2], 0.02, "value");
});

for (const entropy of [0.3, 10]) {
  test(`entropy ${entropy}: the policy is the softmax of the rewards at that temperature`, async () => {
    const { policy } = await run(drPolicy, log, { options: { ...sure, entropy } });
    const softmax = rewards.flatMap((row) => {
      const weights = row.map((reward) => Math.exp(reward / entropy));
      return weights.map((weight) => weight / weights.reduce((a, b) => a + b));
    });
    close(probabilities(policy), softmax, 0.02, "probability");
  });
}

// The same method with a reward model that never learns: it says 0 of everything, and only the weights are left.
const blind: typeof drPolicy = {
  ...drPolicy,
  optimisers: (options) => ({ ...drPolicy.optimisers(options), reward: sgd(0) }),
};

test("with a reward model that knows nothing the weights alone still find the best choices", async () => {
  const { policy, nets, state, columns } = await run(blind, log, { options: sure });
  assert.ok(read(nets.reward(state.reward.params, columns.observation)).every((q) => q === 0));
  close(probabilities(policy), best, 0.05, "probability");
});

test("not so when maxWeight leaves nothing of the weights", async () => {
  const { policy } = await run(blind, log, { options: { ...sure, maxWeight: 0.01 } });
  const p = probabilities(policy);
  close([p[2], p[4]], [1 / 3, 1 / 3], 0.05, "probability of the best choice");
  // Where the cap bites on the rare choices alone, the frequent one wins: its weight may still grow.
  const { policy: biased } = await run(blind, log, { options: { ...sure, maxWeight: 1.25 } });
  assert.ok(probabilities(biased)[0] > 0.5);
});
