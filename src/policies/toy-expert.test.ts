import assert from "node:assert/strict";
import { test } from "node:test";
import { make } from "../envs/registry.ts";
import { transitions } from "../envs/toy/index.ts";
import { solve, startValue, valuesOf } from "../envs/toy/solve.ts";
import { collect } from "./collect.ts";
import { toyExpert } from "./toy-expert.ts";

async function meanReturn(name: string, skill: number, episodes: number, options = {}): Promise<number> {
  const env = () => make(name, { ...options, maxSteps: 2000 });
  const { reward } = await collect(toyExpert(name, { skill, options }), env, { episodes, seed: 1 });
  return reward.reduce((a, b) => a + b, 0) / episodes;
}

test("experts reach the optimum of the tables", async () => {
  assert.equal(await meanReturn("CliffWalking-v1", 1, 3), -13);
  assert.ok(Math.abs((await meanReturn("DeepSea-v0", 1, 3, { size: 8, mappingSeed: 5 })) - 0.99) < 1e-6);
  assert.equal(await meanReturn("Catch-v0", 1, 30), 1);
  const taxi = transitions("Taxi-v4");
  const optimum = startValue(taxi, solve(taxi, 1).values);
  assert.ok(Math.abs((await meanReturn("Taxi-v4", 1, 200)) - optimum) < 0.7);
});

test("skill and probability are those of the stochastic policy they name", async () => {
  const model = transitions("FrozenLake-v1", { slippery: false });
  const { policy } = solve(model, 0.99);
  const chances = new Float64Array(model.states * 4).fill(0.1);
  policy.forEach((action, state) => {
    chances[state * 4 + action] = 0.7;
  });
  const value = startValue(model, valuesOf(model, chances, 1));
  const mean = await meanReturn("FrozenLake-v1", 0.6, 800, { slippery: false });
  assert.ok(Math.abs(mean - value) < 4 * Math.sqrt((value * (1 - value)) / 800), `${mean} for ${value}`);
  const expert = toyExpert("FrozenLake-v1", { skill: 0.6, options: { slippery: false } });
  const { action, probability } = await expert.act(0, { key: { hi: 1, lo: 2 } });
  assert.ok(Math.abs(probability! - (action === policy[0] ? 0.7 : 0.1)) < 1e-12);
  assert.throws(() => toyExpert("FrozenLake-v1", { skill: -1 }), /a number in \[0, 1\]/);
});
