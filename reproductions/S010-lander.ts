// Settings are those of the published run (Stable-Baselines3-zoo, hyperparams/a2c.yml); none was tuned here. History: S006
// ran the same without the fall of the rate, which A2C could not do then: IQM -10.6 [-86.4, 108].
import { a2c, trainOnline } from "repertoire/algorithms";
import { publishedScores } from "./published.ts";

export const reproduction = publishedScores({
  id: "S010",
  name: "A2C in the lander at its published score",
  claim:
    "A2C (Mnih and others 2016, arXiv:1602.01783) reaches the score that Stable-Baselines3-zoo publishes for it in LunarLander, after as many steps.",
  scores: {
    "LunarLander-v3, A2C": {
      world: "LunarLander-v3",
      what: "A2C, γ 0.995, rate 8.3e-4 falling to 0, entropy bonus 1e-5",
      score: 155.751,
      source: "Stable-Baselines3-zoo, benchmark.md, 200k steps, one run, in LunarLander-v2",
      steps: 200_000,
      learn: ({ seed, steps, world }) =>
        trainOnline(a2c, world, {
          seed,
          options: { steps, discount: 0.995, learningRate: 8.3e-4, decay: true, entropyBonus: 1e-5 },
        }),
    },
  },
});
