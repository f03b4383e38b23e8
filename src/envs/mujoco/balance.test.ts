import assert from "node:assert/strict";
import { test } from "node:test";
import { generator, randomKey } from "../../tensor/random.ts";
import { make, prepare } from "../registry.ts";
import { type BalanceOptions, balanceDemonstrator } from "./balance.ts";

await prepare("InvertedPendulum-v5");

/** The return of an episode. */
function returned(name: string, seed: number, dials?: BalanceOptions): number {
  const env = make(name);
  const hand = balanceDemonstrator(name, dials);
  const random = dials && generator(randomKey(seed));
  let { observation } = env.reset({ seed });
  let total = 0;
  for (let over = false; !over; ) {
    const step = env.step(hand.decide(observation as Float64Array, new Float64Array(0), random));
    observation = step.observation;
    total += step.reward;
    over = step.terminated || step.truncated;
  }
  return total;
}

test("the regulators balance whole episodes, and pass Gymnasium's thresholds", () => {
  for (const seed of [0, 1, 2]) {
    assert.equal(returned("InvertedPendulum-v5", seed), 1000);
    assert.ok(returned("InvertedDoublePendulum-v5", seed) > 9300);
  }
});

test("skill and noise are dials", () => {
  const at = (skill: number, noise = 0) => returned("InvertedDoublePendulum-v5", 1, { skill, noise });
  assert.ok(at(1, 0.02) > 9000);
  assert.ok(at(0.1) < 1000);
  assert.throws(() => balanceDemonstrator("Hopper-v5"), /no pendulum "Hopper-v5"\. Known: Inverted/);
  assert.throws(() => balanceDemonstrator("InvertedPendulum-v5", { skill: -1 }), /"skill" is -1/);
  assert.throws(() => balanceDemonstrator("InvertedPendulum-v5", { noise: -1 }), /"noise" is -1/);
});
