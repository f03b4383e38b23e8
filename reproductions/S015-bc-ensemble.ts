import { bcEnsemble, bcMixture, train } from "repertoire/algorithms";
import type { Trajectories } from "repertoire/data";
import { make, pushingDemonstrator } from "repertoire/envs";
import { collect, demonstratorPolicy, type Policy } from "repertoire/policies";
import { type NdArray, randomKey, takeRows } from "repertoire/tensor";
import { all, beats, defineReproduction } from "./reproduction.ts";

const world = () => make("Avoid-v0", { rows: [1, 1, 1] });

/** A person, with a person's pauses and drifts, who passes every obstacle on one side. */
const passing = (style: "0-0-0" | "1-1-1", seed: number, episodes: number): Promise<Trajectories> =>
  collect(
    demonstratorPolicy(pushingDemonstrator("Avoid-v0", { style, human: true, options: { rows: [1, 1, 1] } })),
    world,
    {
      episodes,
      seed,
    },
  );

/** What was seen beside the obstacles and beyond the first of them, where the two sides have nothing in common. */
function beside({ observation }: Trajectories): NdArray {
  const data = observation.data as Float32Array;
  const rows = Array.from({ length: observation.shape[0] }, (_, row) => row);
  return takeRows(
    observation,
    rows.filter((row) => data[4 * row + 1] > 0.28 && data[4 * row + 1] < 0.8),
  );
}

/** How far several answers [rows, size] to each row lie apart: the root of their variance, summed over numbers. */
function spread(answers: readonly ArrayLike<number>[], size: number): Float64Array {
  const variances = Array.from(answers[0], (_, at) => {
    const mean = answers.reduce((sum, answer) => sum + answer[at] / answers.length, 0);
    return answers.reduce((sum, answer) => sum + (answer[at] - mean) ** 2 / answers.length, 0);
  });
  const rows = variances.length / size;
  return Float64Array.from({ length: rows }, (_, row) =>
    Math.sqrt(variances.slice(row * size, (row + 1) * size).reduce((sum, variance) => sum + variance)),
  );
}

/** How far the members part, over actions. */
async function disagreement(policy: Policy, observations: NdArray): Promise<Float64Array> {
  const { members } = (await policy.actBatch(observations, { deterministic: true })).info;
  const [rows, count, size] = members.shape;
  const answers = Array.from({ length: count }, (_, member) =>
    Float64Array.from({ length: rows * size }, (_, at) =>
      Number(members.data[(Math.floor(at / size) * count + member) * size + (at % size)]),
    ),
  );
  return spread(answers, size);
}

/** How wide one network says its actions are, by draws of them. */
async function predictedSpread(policy: Policy, observations: NdArray): Promise<Float64Array> {
  const answers: Float64Array[] = [];
  for (let draw = 0; draw < 64; draw++)
    answers.push(
      Float64Array.from((await policy.actBatch(observations, { key: randomKey(draw) })).action.data, Number),
    );
  return spread(answers, 2);
}

/** Area under the curve: the chance that something unfamiliar scores above something familiar, ties counting half. */
function area(familiar: Float64Array, unfamiliar: Float64Array): number {
  const sorted = familiar.slice().sort();
  const below = (value: number, orEqual: boolean): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const at = (low + high) >> 1;
      if (sorted[at] < value || (orEqual && sorted[at] === value)) low = at + 1;
      else high = at;
    }
    return low;
  };
  const wins = unfamiliar.reduce((sum, value) => sum + (below(value, false) + below(value, true)) / 2, 0);
  return wins / (familiar.length * unfamiliar.length);
}

// History: settings were tried on seeds 100 and 101 and left as they were; ten seeds, as one network's own spread is worth 0.9 in
// one and 0.36 in the other.
export const reproduction = defineReproduction({
  id: "S015",
  name: "Cloning with an ensemble",
  claim:
    "Where networks with starts of their own, trained on the same demonstrations, part in what they would do, the observation is new to them: their disagreement tells unfamiliar observations from familiar ones (Gandhi, Karamcheti, Liao, Sadigh 2022, arXiv:2210.08073, section 4.1).",
  metric:
    "area under the curve of telling what somebody saw who passes obstacles on the other side from what the demonstrator sees in fresh episodes: 1 is always, 0.5 is by lot",
  relation:
    "the disagreement's mean over seeds lies above that of one network's own spread and above that of one member, 95% intervals apart",
  arms: {
    "bc-ensemble": "the spread of five members",
    "bc-ensemble, one member": "the same of one: the mechanism switched off",
    "bc-mixture, one part": "the spread that one network predicts, a Gaussian's",
  },
  seeds: [10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
  budget: { full: { steps: 2000, recorded: 40, judged: 20 }, tiny: { steps: 40, recorded: 2, judged: 2 } },
  async run({ arm, seed, budget, progress }) {
    const { steps, recorded, judged } = budget;
    const recording = await passing("0-0-0", 10 * seed, recorded);
    const familiar = beside(await passing("0-0-0", 10 * seed + 1, judged));
    const unfamiliar = beside(await passing("1-1-1", 10 * seed + 2, judged));
    progress(0.1);
    const options = { hidden: [64, 64], learningRate: 1e-3, batchSize: 128, steps };
    const { policy } =
      arm === "bc-mixture, one part"
        ? await train(bcMixture, recording, { seed, options: { ...options, parts: 1 } })
        : await train(bcEnsemble, recording, { seed, options: { ...options, members: arm === "bc-ensemble" ? 5 : 1 } });
    await using learned = policy;
    const score = arm === "bc-mixture, one part" ? predictedSpread : disagreement;
    return area(await score(learned, familiar), await score(learned, unfamiliar));
  },
  verdict: all(beats("bc-ensemble", "bc-mixture, one part"), beats("bc-ensemble", "bc-ensemble, one member")),
});
