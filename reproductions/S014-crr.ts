import { bc, crr, train } from "repertoire/algorithms";
import { all, beats, defineReproduction } from "./reproduction.ts";
import { climbed, discount, walked, walkers } from "./ridge.ts";

const steps = "vectors";
const nets = { hidden: [64, 64], learningRate: 1e-3, batchSize: 128 };

// History: settings were chosen on seeds 100 to 104. β = 0.3 earned less; at 0.1 the critic was followed off the ridge in one
// seed of three, and with the binary filter in every one.
export const reproduction = defineReproduction({
  id: "S014",
  name: "Critic-regularised regression",
  claim:
    "Where a recording mixes good and bad actions, regression onto those that a critic finds better than the policy's own finds a better policy than regression onto all of them (Wang and others 2020, arXiv:2006.15134).",
  metric: "mean discounted return (γ = 0.95) of 100 episodes on the ridge, 10 on the summit, higher is better",
  relation: "the mean over seeds lies above cloning's and above that of the same without a filter, 95% intervals apart",
  arms: {
    crr: "CRR, filter exp, β = 0.2",
    "crr, β = 10⁶": "the same with the mechanism switched off: every action imitated alike",
    "crr, binary": "CRR, filter binary: shown, no part of the relation",
    bc: "cloning with the same network and updates",
    walkers: "those who were recorded",
  },
  seeds: [10, 11, 12, 13, 14],
  budget: { full: { steps: 4000, recorded: 100, episodes: 100 }, tiny: { steps: 40, recorded: 2, episodes: 1 } },
  async run({ arm, seed, budget, progress }) {
    const { steps: updates, recorded, episodes } = budget;
    if (arm === "walkers") return await climbed(walkers(steps), steps, seed, episodes);
    const recording = await walked(steps, seed, recorded);
    progress(0.1);
    const filter = arm === "crr, binary" ? "binary" : "exp";
    const temperature = arm === "crr" ? 0.2 : 1e6;
    const { policy } =
      arm === "bc"
        ? await train(bc, recording, { seed, options: { ...nets, steps: updates } })
        : await train(crr, recording, {
            seed,
            options: { ...nets, discount, filter, temperature, drawnActions: 4, steps: updates },
          });
    await using learned = policy;
    return await climbed(learned, steps, seed, episodes);
  },
  verdict: all(beats("crr", "bc"), beats("crr", "crr, β = 10⁶")),
});
