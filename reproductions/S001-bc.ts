import { bc, train } from "repertoire/algorithms";
import { make } from "repertoire/envs";
import { evaluate } from "repertoire/evaluation";
import { collect, controlExpert, randomPolicy } from "repertoire/policies";
import { all, beats, defineReproduction, exceeds } from "./reproduction.ts";

const environment = "CartPole-v1";

export const reproduction = defineReproduction({
  id: "S001",
  name: "Behaviour cloning",
  claim:
    "A network that imitates a competent driver's recorded actions drives as the driver does (Pomerleau 1991, Neural Computation 3(1)).",
  metric: "mean return of 100 episodes of CartPole-v1 (at most 500), higher is better",
  relation: "the clone's mean return is within 25 (5%) of the expert's, paired by seed, and above random's",
  arms: {
    expert: "the scripted expert itself",
    bc: "a clone of 50 of its episodes, in which it acted at random one time in ten",
    random: "uniformly random actions",
  },
  seeds: [0, 1, 2, 3, 4],
  budget: { full: { steps: 4000, recorded: 50, episodes: 100 }, tiny: { steps: 40, recorded: 4, episodes: 4 } },
  async run({ arm, seed, budget, progress }) {
    const { steps, recorded, episodes } = budget;
    const world = () => make(environment);
    const score = async (policy: Parameters<typeof evaluate>[0], deterministic: boolean) =>
      (await evaluate(policy, world, { episodes, seed: 1000 + seed, deterministic })).return.value;
    if (arm === "expert") return await score(controlExpert(environment), true);
    if (arm === "random") return await score(randomPolicy(world()), false);
    const recording = await collect(controlExpert(environment, { skill: 0.9 }), world, { episodes: recorded, seed });
    progress(0.2);
    const { policy } = await train(bc, recording, { seed, options: { steps, hidden: [64, 64], learningRate: 1e-3 } });
    await using clone = policy;
    return await score(clone, true);
  },
  verdict: all(exceeds("bc", "expert", -25), beats("bc", "random")),
});
