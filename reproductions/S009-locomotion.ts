// Settings are those of the published runs (Tianshou, examples/mujoco/mujoco_ppo.py) as far as PPO here has them; none was
// tuned. Departures: advantages are standardised and not computed anew each epoch, rewards are divided by the spread of the
// return and not the values, the rate stays (theirs falls by 3% over these steps), and the worlds are v5 (theirs: v3), in
// which Hopper and HalfCheetah have the same bodies, rewards and ends. History: the first run of this judged by best actions
// 884 in Hopper and 411 in HalfCheetah. But Tianshou judged PPO by drawn actions: its curve begins at -275 in HalfCheetah,
// as play by lot does, where that of its SAC, judged by best actions, begins at -2. Nor did it begin with the spread that
// theirs has (e^-0.5), and its Gaussian's mean went through tanh, which theirs does not.
import { ppo, trainOnline } from "repertoire/algorithms";
import { publishedScores } from "./published.ts";

const curve = (spread: number): string =>
  `Tianshou, examples/mujoco/benchmark/*/ppo/test_rew_10seeds.csv, 92,160 steps, mean of 10 runs, ± ${spread}, in v3`;

const common = {
  what: "PPO, 8 worlds of 256 steps, spread e^-0.5 at the start, observations and rewards on one scale",
  steps: 92_160,
  drawn: true,
  learn: ({ seed, steps, world }: { readonly seed: number; readonly steps: number; readonly world: string }) =>
    trainOnline(ppo, world, {
      seed,
      options: {
        ...{ steps, worlds: 8, horizon: Math.min(256, Math.floor(steps / 8)) },
        ...{ spread: Math.exp(-0.5), valueWeight: 0.25, normaliseObservations: true, normaliseRewards: true },
      },
    }),
} as const;

export const reproduction = publishedScores({
  id: "S009",
  name: "PPO in locomotion at published scores",
  claim:
    "PPO (Schulman and others 2017, arXiv:1707.06347) is in Hopper and HalfCheetah after 92,160 steps where Tianshou's published learning curve of it is.",
  episodes: 10,
  scores: {
    "Hopper-v5, PPO": { ...common, world: "Hopper-v5", score: 368.9201, source: curve(45.9) },
    "HalfCheetah-v5, PPO": { ...common, world: "HalfCheetah-v5", score: 909.6493, source: curve(304) },
  },
});
