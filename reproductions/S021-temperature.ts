// Settings were found on seeds 1 and 101 to 104. With starts one to four steps from the near end and γ 0.97 a fixed 0.001 did as
// well as others: by lot alone the far end was seen often enough. With 14 cells the adapted temperature sometimes stayed at the
// near end where rewards are 0.1, less often when it began at 1 than at 0.1 or 3, so it begins at 1 and there are 12 cells.
// What the judged run showed: fixed temperatures of 0.001 and 0.01 went to the far end every time, too. Of fixed ones only three had
// been tried on one seed (101), where they stayed near; most likely the 100 steps by lot see the far end more often than not.
import { dqn, sacDiscrete, trainOnline } from "repertoire/algorithms";
import { type Environment, simulate, timeLimit } from "repertoire/envs";
import { evaluate } from "repertoire/evaluation";
import { box, discrete } from "repertoire/spaces";
import { all, defineReproduction, exceeds } from "./reproduction.ts";

const cells = 12;

/** A corridor whose near end, a step away, pays a tenth of what the far one pays; between them nothing is said. */
const corridor = (reward: number) => (): Environment =>
  timeLimit(
    simulate<Float32Array, number>({
      name: "TwoEnds",
      observationSpace: box(0, 1, { shape: [cells] }),
      actionSpace: discrete(2, { names: ["near", "far"] }),
      stateSize: 1,
      start(state) {
        state[0] = 1;
      },
      advance(state, action) {
        state[0] += 2 * action - 1;
        return state[0] === 0 ? reward / 10 : state[0] === cells - 1 ? reward : 0;
      },
      ended: ([cell]) => cell === 0 || cell === cells - 1,
      observe([cell]) {
        const seen = new Float32Array(cells);
        seen[cell] = 1;
        return seen;
      },
    }),
    40,
  ) as Environment;

/** What the far end pays: the same task to whoever takes the scale of rewards as it comes. */
const allScales = [0.1, 1, 10];

const shared = { hidden: [32], discount: 0.93, batchSize: 32 };
const sac = { ...shared, learningRate: 3e-3, targetRate: 0.05, entropyShare: 0.3 };
const schedule = { warmup: 100, every: 4, updates: 4 };

const temperatures = { "α 0.001": 0.001, "α 0.01": 0.01, "α 0.1": 0.1, "α 1": 1 } as const;
type Fixed = `sac-discrete: ${keyof typeof temperatures}`;
const fixed = Object.keys(temperatures).map((name) => `sac-discrete: ${name}` as Fixed);

const arms: { readonly [arm in "sac-discrete" | Fixed | "dqn"]: string } = {
  "sac-discrete": "the temperature moves until the entropy is three tenths of that of choosing by lot",
  ...(Object.fromEntries(fixed.map((arm) => [arm, "the same, its temperature fixed"])) as Record<Fixed, string>),
  dqn: "for comparison: ε falls from 1 to 0.05 over half of the run, double",
};
type Arm = keyof typeof arms;

export const reproduction = defineReproduction({
  id: "S021",
  name: "SAC for choices: a temperature that finds itself",
  claim:
    "How much entropy is worth depends on the size of rewards: a temperature that moves until the entropy is the wanted one serves rewards of any size, and each fixed one only some (Haarnoja and others 2018, arXiv:1812.05905, section 5; for choices Christodoulou 2019, arXiv:1910.07207).",
  metric:
    "return of the best actions, divided by what the far end pays, averaged over three sizes of reward (0.1, 1, 10): 1 is always to the far end, 0.1 always to the near one",
  relation:
    "with the temperature adapted at least 0.9, at least 0.2 above every fixed one, and no worse than DQN by 0.05, all with paired 95% intervals (Student t over seeds)",
  arms,
  seeds: [10, 11, 12, 13, 14],
  budget: { full: { steps: 6000, scales: 3 }, tiny: { steps: 150, scales: 1 } },
  async run({ arm, seed, budget: { steps, scales: count }, progress }) {
    const scales = allScales.slice(0, count);
    let sum = 0;
    for (const [i, scale] of scales.entries()) {
      const world = corridor(scale);
      const { policy: learned } = await (arm === "dqn"
        ? trainOnline(dqn, world, {
            seed,
            options: { ...shared, learningRate: 3e-3, targetEvery: 50, explorationShare: 0.5 },
            schedule: { steps, ...schedule },
          })
        : trainOnline(sacDiscrete, world, {
            seed,
            options: { ...sac, ...temperatureOf(arm) },
            schedule: { steps, ...schedule },
          }));
      await using policy = learned;
      sum += (await evaluate(policy, world, { episodes: 1 })).return.value / scale;
      progress((i + 1) / scales.length);
    }
    return sum / scales.length;
  },
  verdict(arms) {
    const named = { ...arms, "0.9": arms.dqn.map(() => 0.9) };
    return all<keyof typeof named>(
      exceeds("sac-discrete", "0.9"),
      ...fixed.map((arm) => exceeds<keyof typeof named>("sac-discrete", arm, 0.2)),
      exceeds("sac-discrete", "dqn", -0.05),
    )(named);
  },
});

const temperatureOf = (arm: Exclude<Arm, "dqn">) => {
  const name = arm.slice("sac-discrete: ".length);
  return name in temperatures
    ? { adaptTemperature: false, startTemperature: temperatures[name as keyof typeof temperatures] }
    : {};
};
