import { bc, bcMixture, train } from "repertoire/algorithms";
import { concat } from "repertoire/data";
import { make } from "repertoire/envs";
import { evaluate } from "repertoire/evaluation";
import { collect, mazeDemonstrator } from "repertoire/policies";
import { beats, defineReproduction } from "./reproduction.ts";

const environment = "PointMaze-ring-v0";

export const reproduction = defineReproduction({
  id: "S005",
  name: "Cloning with a mixture of Gaussians",
  claim:
    "Where demonstrators solve a task in several ways, a policy with several modes imitates them and a policy with one does not (Mandlekar et al. 2021, arXiv:2108.03298; Bishop 1994).",
  metric: "share of 100 stochastic episodes that reach the goal in the ring maze, higher is better",
  relation: "the mixture's mean over seeds lies above the single Gaussian's, 95% intervals apart",
  arms: {
    "bc-mixture": "cloning with five Gaussians",
    "bc-mixture, one part": "the same network with one Gaussian: the mechanism switched off",
    bc: "cloning with one Gaussian of fixed spread",
  },
  seeds: [0, 1, 2, 3, 4],
  budget: { full: { steps: 6000, recorded: 60, episodes: 100 }, tiny: { steps: 40, recorded: 2, episodes: 4 } },
  async run({ arm, seed, budget, progress }) {
    const { steps, recorded, episodes } = budget;
    const world = () => make(environment);
    const way = (style: "left" | "right", by: number) =>
      collect(mazeDemonstrator({ map: environment, style, noise: 0.05 }), world, {
        episodes: recorded / 2,
        seed: 2 * seed + by,
      });
    const recording = concat(await way("left", 0), await way("right", 1));
    progress(0.1);
    const options = { steps, hidden: [64, 64], learningRate: 1e-3 };
    const learned =
      arm === "bc"
        ? await train(bc, recording, { seed, options })
        : await train(bcMixture, recording, { seed, options: { ...options, parts: arm === "bc-mixture" ? 5 : 1 } });
    await using policy = learned.policy;
    const { success } = await evaluate(policy, world, { episodes, seed: 1000 + seed, deterministic: false });
    return success?.value ?? 0;
  },
  verdict: beats("bc-mixture", "bc-mixture, one part"),
});
