// Settings are those of the published runs (Tianshou, examples/mujoco/mujoco_sac.py and mujoco_td3.py); none was tuned. Steps
// there are counted from behind the steps that are played by lot: 10,000 for SAC, 25,000 for TD3. The worlds are v5 (theirs:
// v3), in which HalfCheetah has the same body, reward and end.
import { sac, td3, trainOnline } from "repertoire/algorithms";
import { publishedScores } from "./published.ts";

const curve = (method: string, steps: string, spread: number): string =>
  `Tianshou, examples/mujoco/benchmark/HalfCheetah-v3/${method}/test_rew_10seeds.csv, ${steps} steps behind those by lot, mean of 10 runs, ± ${spread}, in v3`;

/** As many of the steps by lot as fit. */
const lot = (steps: number, wanted: number): number => Math.min(wanted, Math.floor(0.9 * steps));

export const reproduction = publishedScores({
  id: "S030",
  name: "SAC and TD3 in locomotion at published scores",
  claim:
    "SAC (Haarnoja and others 2018, arXiv:1812.05905) and TD3 (Fujimoto and others 2018, arXiv:1802.09477) are in HalfCheetah after 20,000 updates where Tianshou's published learning curves of them are.",
  episodes: 10,
  scores: {
    "HalfCheetah-v5, SAC": {
      world: "HalfCheetah-v5",
      what: "SAC, 256 × 256, rate 1e-3, α 0.2 throughout, 10,000 steps by lot, then 20,000 steps with an update each",
      score: 2641.1068,
      source: curve("sac", "20,000", 503),
      steps: 30_000,
      learn: ({ seed, steps, world }) =>
        trainOnline(sac, world, {
          seed,
          options: { learningRate: 1e-3, adaptTemperature: false, startTemperature: 0.2 },
          schedule: { steps, warmup: lot(steps, 10_000) },
        }),
    },
    "HalfCheetah-v5, TD3": {
      world: "HalfCheetah-v5",
      what: "TD3, 256 × 256, rate 3e-4, 25,000 steps by lot, then 20,000 steps with an update each",
      score: 1252.1263,
      source: curve("td3", "20,000", 496),
      steps: 45_000,
      learn: ({ seed, steps, world }) =>
        trainOnline(td3, world, {
          seed,
          options: { learningRate: 3e-4 },
          schedule: { steps, warmup: lot(steps, 25_000) },
        }),
    },
  },
});
