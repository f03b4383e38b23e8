import { drPolicy, rewardModel, train } from "repertoire/algorithms";
import { type DecisionLog, decisionLog } from "repertoire/data";
import type { Policy } from "repertoire/policies";
import { fold, generator, type NdArray, randomKey } from "repertoire/tensor";
import { beats, defineReproduction } from "./reproduction.ts";

// Five choices, two numbers of context. What a choice earns bends with the context in a way that a linear model cannot
// follow, and the logging policy prefers what earns less, so that a model fitted to its choices is led astray.
const choices = 5;

const expected = (x: readonly [number, number], a: number): number =>
  0.5 + 0.5 * Math.sin(2.5 * (Math.cos(2 * a) * x[0] + Math.sin(2 * a) * x[1]) + a);

const logging = (x: readonly [number, number]): number[] => {
  const scores = Array.from({ length: choices }, (_, a) => Math.exp(-3 * expected(x, a)));
  const total = scores.reduce((sum, s) => sum + s, 0);
  return scores.map((s) => 0.2 / choices + (0.8 * s) / total);
};

function contexts(rows: number, seed: number, name: string): readonly (readonly [number, number])[] {
  const random = generator(fold(randomKey(seed), name));
  return Array.from({ length: rows }, () => [random.between(-1, 1), random.between(-1, 1)] as const);
}

const arrayOf = (xs: readonly (readonly [number, number])[]): NdArray => ({
  shape: [xs.length, 2],
  dtype: "float32",
  data: Float32Array.from(xs.flat()),
});

function logged(rows: number, seed: number): DecisionLog {
  const xs = contexts(rows, seed, "logged");
  const random = generator(fold(randomKey(seed), "choices"));
  const action = Int32Array.from(xs, (x) => random.choice(logging(x)));
  return decisionLog({
    context: arrayOf(xs),
    actions: choices,
    action,
    propensity: Float64Array.from(xs, (x, i) => logging(x)[action[i]]),
    reward: Float64Array.from(xs, (x, i) => (random.uniform() < expected(x, action[i]) ? 1 : 0)),
  });
}

/** The true mean reward of the policy's best choices, over contexts it has not seen. */
async function trueValue(policy: Policy, seed: number): Promise<number> {
  const xs = contexts(10_000, seed, "judged");
  const { action } = await policy.actBatch(arrayOf(xs), { deterministic: true });
  return xs.reduce((sum, x, i) => sum + expected(x, Number(action.data[i])), 0) / xs.length;
}

// History: the first setting (no uniform share in the logging policy, weights capped at 50) was inconclusive, −0.002
// [−0.034, 0.030]. Setting and cap were then chosen on seeds 0 to 2, and seeds 10 to 14 judged: inconclusive, 0.024
// [0.004, 0.043]. Five seeds were too few for the spread of the method: these thirty were fixed before any of them ran.
export const reproduction = defineReproduction({
  id: "S004",
  name: "Doubly robust policy optimisation",
  claim:
    "Where the reward model is wrong and the propensities are right, learning by the doubly robust estimate finds a better policy than trusting the model does (Dudík, Langford, Li 2011, arXiv:1103.4601).",
  metric: "true mean reward of the policy's choices in 10,000 fresh contexts, higher is better",
  relation: "the doubly robust policy's mean over seeds lies above the regression's, 95% intervals apart",
  arms: {
    "dr-policy": "doubly robust policy optimisation; policy and model linear in the context",
    "dr-policy, no weights": "the same with the correction switched off (weights capped at 0.001)",
    "reward-model": "the best choice by a regression, linear in the context too",
    "reward-model, tuned":
      "the same with a hidden layer of 64, which can follow the rewards: shown, no part of the relation",
    logging: "the policy that made the log",
  },
  seeds: Array.from({ length: 30 }, (_, i) => 20 + i),
  budget: { full: { steps: 3000, rows: 10_000 }, tiny: { steps: 40, rows: 200 } },
  async run({ arm, seed, budget, progress }) {
    const { steps, rows } = budget;
    if (arm === "logging") {
      const xs = contexts(10_000, seed, "judged");
      const value = (x: readonly [number, number]) => logging(x).reduce((sum, p, a) => sum + p * expected(x, a), 0);
      return xs.reduce((sum, x) => sum + value(x), 0) / xs.length;
    }
    const log = logged(rows, seed);
    const linear = { steps, hidden: [], learningRate: 1e-2 };
    progress(0.1);
    const learned = arm.startsWith("reward-model")
      ? await train(rewardModel, log, {
          seed,
          options: arm === "reward-model" ? linear : { steps, hidden: [64], learningRate: 3e-3 },
        })
      : await train(drPolicy, log, {
          seed,
          options: { ...linear, entropy: 0.001, maxWeight: arm === "dr-policy" ? 10 : 0.001 },
        });
    await using policy = learned.policy;
    return await trueValue(policy, seed);
  },
  verdict: beats("dr-policy", "reward-model"),
});
