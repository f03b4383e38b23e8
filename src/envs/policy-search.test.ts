import assert from "node:assert/strict";
import { test } from "node:test";
import {
  adam,
  cmaEs,
  type EvolutionStrategy,
  fold,
  type NdArray,
  openAiEs,
  randomKey,
  zeros,
} from "../tensor/index.ts";
import { cartPole } from "./control/cartpole.ts";

interface Linear {
  /** [4] the sign of weight · observation chooses the side */
  readonly weight: NdArray;
}

const start: Linear = { weight: zeros([4]) };
const limit = 500;

/** Steps the pole stands in an episode of its own seed. */
function standing({ weight }: Linear, seed: number): number {
  const environment = cartPole();
  let { observation } = environment.reset({ seed });
  for (let step = 1; ; step++) {
    const push = observation.reduce((sum, v, i) => sum + v * Number(weight.data[i]), 0);
    const result = environment.step(push > 0 ? 1 : 0);
    if (result.terminated || step === limit) return step;
    observation = result.observation;
  }
}

const mean = (policy: Linear, seeds: readonly number[]): number =>
  seeds.reduce((sum, seed) => sum + standing(policy, seed), 0) / seeds.length;

/** The mean's return on episodes that the search never saw. */
function found<S>(search: EvolutionStrategy<Linear, S>, generations: number, seed: number): number {
  let state = search.start(fold(randomKey(seed), "search"));
  for (let g = 0; g < generations; g++) {
    const episodes = [0, 1, 2].map((i) => 3 * g + i);
    state = search.tell(
      state,
      search.ask(state).map((policy) => -mean(policy, episodes)),
    );
  }
  return mean(search.mean(state), [10_001, 10_002, 10_003, 10_004, 10_005, 10_006, 10_007, 10_008]);
}

test("CMA-ES balances CartPole's pole for 400 steps and more, in 20 generations of 8 policies", () => {
  for (const seed of [1, 2, 3]) {
    const steps = found(cmaEs(start, { spread: 0.5, population: 8 }), 20, seed);
    assert.ok(steps >= 400, `seed ${seed}: ${steps}`);
  }
});

test("OpenAI-ES balances it too, in 25 generations of 16 policies", () => {
  for (const seed of [1, 2, 3]) {
    const steps = found(openAiEs(start, { spread: 0.2, population: 16, optimiser: adam(0.1) }), 25, seed);
    assert.ok(steps >= 400, `seed ${seed}: ${steps}`);
  }
});
