// Settings are those of the published run (Stable-Baselines3-zoo, hyperparams/dqn.yml), except for the networks: 64 × 64 in
// place of 256 × 256, to fit two cores. None was tuned here. Our target is copied after so many updates, not steps. Two seeds
// of five find the top. One run at the published width, on another seed (100), gave -163; whether Stable-Baselines3 itself
// comes nearer in this world than ours was not measured.
import { dqn, trainOnline } from "repertoire/algorithms";
import { publishedScores } from "./published.ts";

const hidden = [64, 64];

export const reproduction = publishedScores({
  id: "S011",
  name: "DQN in MountainCar at its published score",
  claim:
    "DQN (Mnih and others 2015) reaches the score that Stable-Baselines3-zoo publishes for it in MountainCar, where the reward is silent until the top is found by chance, after as many steps.",
  scores: {
    "MountainCar-v0, DQN": {
      world: "MountainCar-v0",
      what: "DQN without double, 64 × 64, 8 updates of 128 rows every 16 steps, target copied every 300 updates, γ 0.98, rate 4e-3",
      score: -100.849,
      source: "Stable-Baselines3-zoo, benchmark.md, 120k steps, one run",
      steps: 120_000,
      learn: ({ seed, steps, world }) =>
        trainOnline(dqn, world, {
          seed,
          options: {
            ...{ hidden, double: false, discount: 0.98, learningRate: 4e-3, batchSize: 128, targetEvery: 300 },
            ...{ explorationShare: 0.2, finalExploration: 0.07 },
          },
          schedule: { steps, capacity: 10_000, warmup: Math.min(1000, steps / 2), every: 16, updates: 8 },
        }),
    },
  },
});
