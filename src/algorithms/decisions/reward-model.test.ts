import { test } from "node:test";
import { close, logOf, read, run } from "../testing.ts";
import { rewardModel } from "./reward-model.ts";

const contexts = [
  [1, 0],
  [0, 1],
];
// Rewards of two rows each; the logging policy prefers the first choice, and a mean must not care.
const rewards = [
  [
    [0, 1],
    [0.4, 0.4],
    [0.9, 0.7],
  ],
  [
    [1, 1],
    [-1, 0],
    [0.2, 0.4],
  ],
];
const propensities = [0.7, 0.2, 0.1];
const log = logOf(
  contexts.flatMap((context, x) =>
    rewards[x].flatMap((both, action) =>
      both.map((reward) => ({
        ...{ context, action, reward, propensity: propensities[action] },
        times: propensities[action] * 10,
      })),
    ),
  ),
  3,
);
const means = rewards.flatMap((row) => row.map(([a, b]) => (a + b) / 2));

test("predictions are the mean reward of each choice in each context", async () => {
  const { nets, state, columns } = await run(rewardModel, log, { options: { weightDecay: 0 } });
  const everywhere = nets.reward(state.reward.params, columns.observation);
  const last = columns.observation.shape[0] - 1;
  close(read(everywhere.slice(0, 0, 1)), means.slice(0, 3), 0.01, "first context, choice");
  close(read(everywhere.slice(0, last, last + 1)), means.slice(3), 0.01, "second context, choice");
});

test("the policy is their softmax at the temperature", async () => {
  for (const temperature of [0.1, 1]) {
    const { policy } = await run(rewardModel, log, { options: { weightDecay: 0, temperature } });
    const distribution = policy(contexts) as unknown as { probabilities(): Parameters<typeof read>[0] };
    const softmax = [means.slice(0, 3), means.slice(3)].flatMap((row) => {
      const weights = row.map((mean) => Math.exp(mean / temperature));
      return weights.map((weight) => weight / weights.reduce((a, b) => a + b));
    });
    close(read(distribution.probabilities()), softmax, 0.02, "probability");
  }
});
