import { bc, bcRnn, iql, train } from "repertoire/algorithms";
import { concat, filterEpisodes, split, type Trajectories } from "repertoire/data";
import { type Environment, make, type PushingDials, pushingDemonstrator } from "repertoire/envs";
import { evaluate } from "repertoire/evaluation";
import { collect, demonstratorPolicy, type Policy } from "repertoire/policies";
import { randomKey } from "repertoire/tensor";
import { all, defineReproduction, exceeds } from "./reproduction.ts";

// One target, and a hand and a table that forgive more than usual, so that small networks learn it in seconds.
const name = "PickPlacePaired-v0";
const world = (): Environment => {
  const env = make(name);
  env.perturb!({ graspTolerance: 0.05, tolerance: 0.12 });
  return env;
};

// Three kinds of people, of each one who takes the left handle and one who takes the right. What they do comes in hidden
// stretches of about 8 steps: a pace, a drift, a pause, a hesitation. So their next action depends on their last ones.
const people = {
  better: { skill: 1, speed: 1, human: { drift: 0.1, pause: 0.1, hesitation: 0.05 } },
  okay: { skill: 0.98, speed: 0.85, human: { drift: 0.2, pause: 0.15, hesitation: 0.15 } },
  worse: { skill: 0.93, speed: 0.75, human: { drift: 0.28, pause: 0.2, hesitation: 0.2 } },
} satisfies { readonly [kind: string]: PushingDials };
type Kind = keyof typeof people;
const styles = ["left", "right"] as const;
const machines = [0.1, 0.2, 0.4, 0.8];

async function recorded(dials: PushingDials, episodes: number, seed: number): Promise<Trajectories> {
  return await collect(demonstratorPolicy(pushingDemonstrator(name, dials)), world, { episodes, seed });
}

/** What people hand over: their first `wanted` successes. */
async function demonstrations(kind: Kind, style: (typeof styles)[number], wanted: number, seed: number) {
  const tried = await recorded({ ...people[kind], style }, 3 * wanted, seed);
  return filterEpisodes(
    filterEpisodes(tried, (it) => it.return > 0),
    ({ index }) => index < wanted,
  );
}

/** Successes, %, in the better of the two ways of acting: by chance, and by the best action. */
async function score(policy: Policy, episodes: number, seed: number): Promise<number> {
  const shares: number[] = [];
  for (const deterministic of [false, true]) {
    const { success } = await evaluate(policy, world, { episodes, seed, deterministic });
    shares.push(100 * (success?.value ?? 0));
  }
  return Math.max(...shares);
}

const arms = {
  "PH: bc": "cloning, one skilled person",
  "PH: bc-rnn": "cloning with a memory and five Gaussians, one skilled person",
  "PH: iql": "implicit Q-learning, one skilled person",
  "MH: bc": "cloning, six people",
  "MH: bc-rnn": "cloning with a memory, six people, the last checkpoint",
  "MH: bc-rnn, best by rollouts": "of five checkpoints the one that did best in other rollouts",
  "MH: bc-rnn, best by validation":
    "of five checkpoints the one with the least loss on a fifth of the demonstrations, kept apart",
  "MH: iql": "implicit Q-learning, six people",
  "MG: bc": "cloning, machines of four strengths, failures included",
  "MG: bc-rnn": "cloning with a memory, the same",
  "MG: iql": "implicit Q-learning, the same",
  "Paired: bc": "cloning, good and bad tosses that begin alike",
  "Paired: iql": "implicit Q-learning with the final reward, the same",
  "Better: bc-rnn": "cloning with a memory, the two better people",
  "Okay: bc-rnn": "cloning with a memory, the two okay people",
  "Worse: bc-rnn": "cloning with a memory, the two worse people",
} as const;
type Arm = keyof typeof arms;

// Not run yet: about 70 s of processor a seed. History: worlds and rates were chosen on seeds 0, 1 and 100. With the world's
// own tolerances and a target anywhere nothing was learned from 300 demonstrations at this size; weaker machines (success
// 24%) taught no method anything; with 800 updates on unscaled observations bc-rnn stayed at 0 to 4% everywhere, with 3,000 on
// scaled ones it reaches 68% on one person's. SAC does not learn this world in the budget, so MG is experts that err at
// random, in four strengths. There is no CQL for vectors of actions, so implicit Q-learning stands for offline RL alone.
export const reproduction = defineReproduction({
  id: "P117",
  name: "What matters in learning from human demonstrations (robomimic)",
  claim:
    "On people's demonstrations cloning with a memory and a mixture beats cloning and offline RL, on machines' data and paired data offline RL is ahead; validation loss selects checkpoints badly, and better operators teach better (Mandlekar and others 2021, arXiv:2108.03298).",
  metric: "episodes that succeed, %, higher is better",
  relation:
    "PH and MH: bc-rnn more than 15 above bc and more than 20 above iql; MG: iql above bc-rnn; Paired: iql more than 20 above bc; the checkpoint best by rollouts more than 5 above the one best by validation loss; Better above Okay above Worse",
  arms,
  seeds: [10, 11, 12, 13, 14],
  budget: {
    full: { demonstrations: 25, steps: 2000, recurrent: 600, rounds: 5, stretch: 10, unroll: 8, episodes: 50 },
    tiny: { demonstrations: 2, steps: 1, recurrent: 1, rounds: 2, stretch: 2, unroll: 1, episodes: 1 },
  },
  async together({ seed, budget, progress }) {
    const { demonstrations: each, steps, recurrent, rounds, stretch, unroll, episodes } = budget;
    const values = {} as Record<Arm, number>;
    const found = (arm: Arm, value: number): void => {
      values[arm] = value;
      progress(Object.keys(values).length / Object.keys(arms).length);
    };
    const flat = { steps, hidden: [64, 64], learningRate: 1e-3, batchSize: 128 };
    const cloned = async (arm: Arm, data: Trajectories): Promise<void> => {
      await using policy = (await train(bc, data, { seed, unroll, options: flat })).policy;
      found(arm, await score(policy, episodes, seed));
    };
    const improved = async (arm: Arm, data: Trajectories): Promise<void> => {
      const options = { ...flat, expectile: 0.8, inverseTemperature: 10, discount: 0.98 };
      await using policy = (await train(iql, data, { seed, unroll, options })).policy;
      found(arm, await score(policy, episodes, seed));
    };
    const memory = { memory: 64, stretch, batchSize: 32 };
    const remembered = async (arm: Arm, data: Trajectories): Promise<void> => {
      const options = { ...memory, steps: rounds * recurrent, learningRate: 3e-3 };
      await using policy = (await train(bcRnn, data, { seed, unroll, options })).policy;
      found(arm, await score(policy, episodes, seed));
    };

    const groups = {} as Record<Kind, Trajectories>;
    for (const [i, kind] of (["better", "okay", "worse"] as const).entries()) {
      const [left, right] = styles.map((style, k) => demonstrations(kind, style, each, 100 * seed + 2 * i + k));
      groups[kind] = concat(await left, await right);
    }
    const ph = await demonstrations("better", "left", 4 * each, 100 * seed + 10);
    const mh = concat(groups.better, groups.okay, groups.worse);
    const strengths: Trajectories[] = [];
    for (const [i, skill] of machines.entries())
      strengths.push(await recorded({ skill }, 2 * each, 100 * seed + 20 + i));
    const mg = concat(strengths[0], ...strengths.slice(1));
    const tosses = (toss: "good" | "bad") => recorded({ toss, style: "left" }, 3 * each, 100 * seed + 30);
    const paired = concat(await tosses("good"), await tosses("bad"));

    await cloned("PH: bc", ph);
    await improved("PH: iql", ph);
    await remembered("PH: bc-rnn", ph);
    await cloned("MH: bc", mh);
    await improved("MH: iql", mh);
    await cloned("MG: bc", mg);
    await improved("MG: iql", mg);
    await remembered("MG: bc-rnn", mg);
    await cloned("Paired: bc", paired);
    await improved("Paired: iql", paired);
    await remembered("Better: bc-rnn", groups.better);
    await remembered("Okay: bc-rnn", groups.okay);
    await remembered("Worse: bc-rnn", groups.worse);

    // A checkpoint a round; each round begins where the last one ended and lets its rate fall.
    const { learned, kept } = split(mh, { learned: 0.8, kept: 0.2 }, randomKey(seed));
    const checkpoints: { readonly chosenBy: number; readonly loss: number; readonly last: number }[] = [];
    let from: unknown;
    for (let round = 0; round < rounds; round++) {
      const options = { ...memory, steps: recurrent, learningRate: 3e-3 };
      const trained = await train(bcRnn, learned, {
        ...{ seed: seed + 1000 * round, unroll, options },
        ...(from ? { from } : {}),
      });
      from = trained.state;
      // A rate of almost nothing: what is left of training is the loss, here of what was kept apart. Its moments, by which
      // observations are scaled, are nearly those of the rest, and the same for every checkpoint.
      const still = { ...memory, steps: 2 * unroll, learningRate: 1e-12 };
      const { metrics } = await train(bcRnn, kept, { seed, unroll, options: still, from, logEvery: 2 * unroll });
      await using policy = trained.policy;
      const chosenBy = await score(policy, episodes, 5000 + seed);
      checkpoints.push({ chosenBy, loss: metrics.policyLoss, last: await score(policy, episodes, seed) });
    }
    const best = (by: (it: (typeof checkpoints)[number]) => number) =>
      checkpoints.reduce((a, b) => (by(b) > by(a) ? b : a)).last;
    found("MH: bc-rnn", checkpoints.at(-1)!.last);
    found(
      "MH: bc-rnn, best by rollouts",
      best(({ chosenBy }) => chosenBy),
    );
    found(
      "MH: bc-rnn, best by validation",
      best(({ loss }) => -loss),
    );
    return values;
  },
  verdict: all(
    ...(["PH", "MH"] as const).flatMap((data) => [
      exceeds<Arm>(`${data}: bc-rnn`, `${data}: bc`, 15),
      exceeds<Arm>(`${data}: bc-rnn`, `${data}: iql`, 20),
    ]),
    exceeds<Arm>("MG: iql", "MG: bc-rnn"),
    exceeds<Arm>("Paired: iql", "Paired: bc", 20),
    exceeds<Arm>("MH: bc-rnn, best by rollouts", "MH: bc-rnn, best by validation", 5),
    exceeds<Arm>("Better: bc-rnn", "Okay: bc-rnn"),
    exceeds<Arm>("Okay: bc-rnn", "Worse: bc-rnn"),
  ),
});
