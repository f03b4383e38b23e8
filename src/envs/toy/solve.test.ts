import assert from "node:assert/strict";
import { test } from "node:test";
import { fold, randomKey } from "../../tensor/random.ts";
import { seedFrom } from "../seeds.ts";
import { deepSea } from "./deep-sea.ts";
import { randomLake } from "./frozen-lake.ts";
import { toy, transitions } from "./index.ts";
import { solve, solveWithin, startValue, valuesOf } from "./solve.ts";

const near = (a: number, b: number, tolerance: number, why = ""): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b} ± ${tolerance} ${why}`);

test("the optimum is the published one", () => {
  // Gymnasium's registry states 0.74 and 0.91 under the time limits, and 8.46 for Taxi (whose mean is 7.93 by its tables).
  const lake = transitions("FrozenLake-v1");
  near(startValue(lake, solveWithin(lake, 100).values), 0.74, 0.005);
  const large = transitions("FrozenLake8x8-v1");
  near(startValue(large, solveWithin(large, 200).values), 0.91, 0.005);
  // Without slipping: 13 steps along the edge, as in Sutton and Barto.
  const cliff = transitions("CliffWalking-v1");
  near(startValue(cliff, solve(cliff, 1).values), -13, 1e-9);
});

test("DeepSea's optimum is the closed form: 0.99, and where it is stochastic the cost is paid while the way is open", () => {
  for (const size of [5, 12]) {
    const still = deepSea({ size }).model();
    near(startValue(still, solve(still, 1).values), 0.99, 1e-12);
    const windy = deepSea({ size, stochastic: true }).model();
    // bsuite states q^(N−1) − 0.01; but who has failed once needs to pay no more.
    const q = 1 - 1 / size;
    const paid = Array.from({ length: size }, (_, k) => q ** k).reduce((a, b) => a + b, 0);
    near(startValue(windy, solve(windy, 1).values), q ** (size - 1) - (0.01 / size) * paid, 1e-9);
  }
});

test("value iteration, policy iteration and evaluating what they find agree", () => {
  for (const [name, discount] of [
    ["FrozenLake-v1", 0.95],
    ["Taxi-v4", 0.9],
    ["CliffWalkingSlippery-v1", 0.99],
    ["Catch-v0", 1],
  ] as const) {
    const model = transitions(name);
    const byValue = solve(model, discount);
    const byPolicy = solve(model, discount, { method: "policy" });
    const evaluated = valuesOf(model, byValue.policy, discount);
    for (let s = 0; s < model.states; s++) {
      near(byPolicy.values[s], byValue.values[s], 1e-8, `${name} state ${s}`);
      near(evaluated[s], byValue.values[s], 1e-8, `${name} state ${s}, evaluated`);
    }
  }
});

test("values satisfy Bellman's equation, and no policy beats them", () => {
  const model = transitions("FrozenLake-v1", { map: randomLake({ size: 5, seed: 4 }) });
  const { values, actionValues, policy } = solve(model, 0.97);
  for (let s = 0; s < model.states; s++) {
    near(values[s], Math.max(...actionValues.subarray(s * 4, s * 4 + 4)), 1e-9);
    near(values[s], actionValues[s * 4 + policy[s]], 1e-9);
  }
  const uniform = valuesOf(model, new Float64Array(model.states * 4).fill(0.25), 0.97);
  assert.ok(uniform.every((value, s) => value <= values[s] + 1e-9));
  assert.ok(startValue(model, uniform) < startValue(model, values));
});

test("a long time limit is no time limit, a short one costs", () => {
  const model = transitions("FrozenLake-v1");
  const free = startValue(model, solve(model, 1).values);
  near(startValue(model, solveWithin(model, 3000).values), free, 1e-6);
  assert.ok(startValue(model, solveWithin(model, 10).values) < free / 2);
  assert.equal(solveWithin(model, 5).values[0], 0, "the goal is six steps away");
});

test("under a time limit each step has a policy of its own, and together they are worth what is said", () => {
  const model = transitions("FrozenLake-v1");
  const { values, policy } = solveWithin(model, 30);
  // Backwards: what the policy of each step reaches with the steps that are left.
  let worth = new Float64Array(16);
  for (let step = 29; step >= 0; step--) {
    const next = worth;
    worth = Float64Array.from({ length: 16 }, (_, s) => {
      const pair = s * 4 + policy[step * 16 + s];
      let sum = 0;
      for (let i = model.offsets[pair]; i < model.offsets[pair + 1]; i++) {
        const later = model.terminated[i] === 1 ? 0 : next[model.next[i]];
        sum += model.probability[i] * (model.reward[i] + later);
      }
      return sum;
    });
  }
  worth.forEach((value, s) => {
    near(value, values[s], 1e-12);
  });
});

test("played, the policies are worth what the tables say", () => {
  const env = toy("FrozenLake-v1");
  const model = env.model();
  const { policy } = solve(model, 0.99);
  const value = startValue(model, valuesOf(model, policy, 1));
  let sum = 0;
  const episodes = 1500;
  for (let e = 0; e < episodes; e++) {
    let seen = env.reset({ seed: seedFrom(fold(randomKey(3), e)) }).observation as number;
    for (let ended = false; !ended; ) {
      const step = env.step(policy[seen]);
      seen = step.observation as number;
      sum += step.reward;
      ended = step.terminated;
    }
  }
  near(sum / episodes, value, 4 * Math.sqrt((value * (1 - value)) / episodes));
});

test("what never settles is refused in a sentence", () => {
  const model = transitions("CliffWalking-v1");
  assert.throws(() => valuesOf(model, new Int32Array(model.states), 1, { maxSweeps: 50 }), /some way never ends/);
  assert.throws(() => solve(model, 1.1), /a number in \[0, 1\]/);
  assert.throws(() => valuesOf(model, new Float64Array(3), 0.9), /here \[192\]/);
  assert.throws(() => solveWithin(model, 0), /a whole number from 1/);
});
