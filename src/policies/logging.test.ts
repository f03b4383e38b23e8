import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { dosing } from "../envs/care/policies.ts";
import { icuSepsis, make, startValue, valuesOf } from "../envs/index.ts";
import { type RecommenderOptions, recommender } from "../envs/recommender/recommender.ts";
import { randomKey } from "../tensor/random.ts";
import { collect } from "./collect.ts";
import { dosingPolicy } from "./dosing-policy.ts";
import { rankingPolicy } from "./ranking-policy.ts";

const folder = fileURLToPath(new URL("../../../shared/data/icu-sepsis", import.meta.url));
const weights = [1, 0.5, 1, 0, 0.3] as const;

test("importance weighting of recorded clinicians finds the exact worth of another policy", {
  skip: existsSync(folder) ? false : "needs ../shared/data/icu-sepsis",
}, async () => {
  const env = icuSepsis({ folder });
  const behaviour = dosingPolicy(env, "clinicians", { skill: 0.6 });
  const log = await collect(behaviour, () => make("ICU-Sepsis-v2", { folder }), { episodes: 1500, seed: 1 });
  const target = dosing(env.tables, "clinicians", { skill: 0.7 });
  const propensity = log.extras.propensity.data as Float64Array;
  const states = log.observation.data as Int32Array;
  const doses = log.action.data as Int32Array;
  let [weighted, total] = [0, 0];
  for (let episode = 0; episode + 1 < log.offsets.length; episode++) {
    let ratio = 1;
    let earned = 0;
    for (let row = log.offsets[episode]; row < log.offsets[episode + 1]; row++) {
      ratio *= target[25 * states[row] + doses[row]] / propensity[row];
      earned += log.reward[row];
    }
    weighted += ratio * earned;
    total += ratio;
  }
  const model = env.model();
  const truth = startValue(model, valuesOf(model, target, 1, { tolerance: 1e-6 }));
  assert.ok(Math.abs(total / 1500 - 1) < 0.12, `mean weight ${total / 1500}`);
  assert.ok(Math.abs(weighted / total - truth) < 0.05, `${weighted / total} for ${truth}`);
  assert.throws(() => dosingPolicy(icuSepsis({ folder, observe: "features" }), "best"), /observe: "state"/);
});

test("a ranker's probabilities are those with which it acts", async () => {
  const often = async (options: RecommenderOptions, name: (action: unknown) => string) => {
    const env = recommender({ candidates: 4, ...options });
    const policy = rankingPolicy(env, { weights, temperature: 0.8 });
    const { observation } = env.reset({ seed: 1 });
    const counts = new Map<string, { n: number; probability: number }>();
    const draws = 4000;
    for (let i = 0; i < draws; i++) {
      const { action, probability } = await policy.act(observation, { key: randomKey(i) });
      const known = counts.get(name(action)) ?? { n: 0, probability: probability! };
      assert.ok(Math.abs(known.probability - probability!) < 1e-12);
      counts.set(name(action), { ...known, n: known.n + 1 });
    }
    let sum = 0;
    for (const { n, probability } of counts.values()) {
      sum += probability;
      assert.ok(Math.abs(n / draws - probability) < 5 * Math.sqrt((probability * (1 - probability)) / draws) + 1e-3);
    }
    assert.ok(sum > 0.99 && sum < 1 + 1e-9, String(sum));
  };
  await often({}, String);
  await often({ act: "slate", slate: 2 }, String);

  const env = recommender({ act: "weights" });
  const { observation } = env.reset({ seed: 1 });
  const policy = rankingPolicy(env, { weights, temperature: 0.25 });
  const { action, probability } = await policy.act(observation, { key: randomKey(3) });
  // Two weights are at the edge of [−1, 1]: half the room, twice the density.
  assert.ok(Math.abs(probability! - 2 * 2 * 2 ** 5) < 1e-9, String(probability));
  for (const [i, weight] of weights.entries()) assert.ok(Math.abs((action as Float32Array)[i] - weight) <= 0.25 + 1e-6);
  assert.deepEqual((await policy.act(observation, { deterministic: true })).action, Float32Array.from(weights));
});

test("logs of the recommender hold propensities, and better rankers please more", async () => {
  const worth = async (temperature: number): Promise<number> => {
    const policy = rankingPolicy(recommender(), { weights, temperature });
    const log = await collect(policy, () => make("Recommender-v0", { sessions: 3 }), { episodes: 60, seed: 2 });
    assert.equal((log.extras.propensity.data as Float64Array).length, log.reward.length);
    return log.reward.reduce((a, b) => a + b) / log.reward.length;
  };
  const [sharp, blunt] = [await worth(0.2), await worth(20)];
  assert.ok(sharp > 1.2 * blunt, `${sharp} ${blunt}`);
  assert.throws(() => rankingPolicy(make("CartPole-v1"), { weights }), /Recommender-v0/);
  assert.throws(() => rankingPolicy(recommender({ act: "weights" }), { weights: [2, 0, 0, 0, 0] }), /\[−1, 1\]/);
});
