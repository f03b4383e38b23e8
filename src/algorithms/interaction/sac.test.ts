import assert from "node:assert/strict";
import { test } from "node:test";
import { close, read, rowsOf, run, worldOf } from "../testing.ts";
import { sac } from "./sac.ts";
import { sacDiscrete } from "./sac-discrete.ts";

const here = [1];
const hidden = [24, 24];
const curvature = 2;

// One step: the reward is −2 (a − 0.3)². The best policy at temperature α is a normal around 0.3 of variance α / 4, as long
// as the bounds at ±1 are far away.
const hill = worldOf(
  Array.from({ length: 21 }, (_, i) => {
    const action = i / 10 - 1;
    return { observation: here, action: [action], reward: -curvature * (action - 0.3) ** 2, terminated: true };
  }),
);
const entropyOf = (variance: number): number => 0.5 * Math.log(2 * Math.PI * Math.E * variance);

test("at a fixed temperature the policy is the Boltzmann distribution of the reward", async () => {
  const alpha = 0.05;
  const options = { hidden, adaptTemperature: false, startTemperature: alpha };
  const { metrics, state, policy, values } = await run(sac, hill, { options, updates: 300 });
  const { metrics: settled } = await run(sac, hill, {
    options: { ...options, learningRate: 1e-3 },
    updates: 120,
    from: values.state,
  });
  close(read(policy([here]).mode()), [0.3], 0.04, "action");
  close([settled.entropy], [entropyOf(alpha / (2 * curvature))], 0.1, "entropy");
  assert.ok(Math.abs(metrics.temperature - alpha) < 1e-6);
  close(read(state.temperature.params.log), [0], 0, "log α");
});

test("the temperature goes to where the policy has the wanted entropy, which here is known", async () => {
  const wanted = 0.5;
  const options = { hidden, entropyPerAction: wanted, startTemperature: 0.3 };
  const first = await run(sac, hill, { options, updates: 400 });
  const settling = { ...options, learningRate: 1e-3 };
  const { metrics } = await run(sac, hill, { options: settling, updates: 120, from: first.values.state });
  close([metrics.entropy], [-wanted], 0.08, "entropy");
  const variance = Math.exp(-2 * wanted) / (2 * Math.PI * Math.E);
  // The critics' hill is made of flat pieces: at this scale its curvature is right to a half.
  close([metrics.temperature / (2 * curvature * variance)], [1], 0.5, "temperature, as a share of the known one");
});

const there = [0];
// The first place leads to the second; there one choice earns 1, the other 0.
const places = worldOf(
  [
    { observation: here, action: 0, next: there, terminated: false },
    { observation: here, action: 1, next: there, terminated: false },
    { observation: there, action: 0, terminated: true },
    { observation: there, action: 1, reward: 1, terminated: true },
  ],
  { choices: 2 },
);

test("choices at a fixed temperature: softmax of reward over α, and the soft value α log Σ e^(r/α) one step before", async () => {
  for (const alpha of [0.2, 1]) {
    const options = { adaptTemperature: false, startTemperature: alpha, discount: 0.5, targetRate: 0.05, hidden };
    const { nets, state, policy } = await run(sacDiscrete, places, { options, updates: 400 });
    const soft = alpha * Math.log(1 + Math.exp(1 / alpha));
    // In the first place both choices are alike, and the policy gains nothing but its entropy.
    close(
      read(nets.critic(state.critic.params, rowsOf([here, there])).min("member")),
      [soft / 2, soft / 2, 0, 1],
      0.01,
      "Q",
    );
    const chance = read(
      policy([here, there])
        .logProb(
          rowsOf([[1, 1]])
            .squeeze(0)
            .cast("int32"),
        )
        .exp(),
    );
    close(chance, [0.5, 1 / (1 + Math.exp(-1 / alpha))], 0.02, "chance");
  }
});

test("choices: the temperature goes to where the entropy is the wanted share of choosing by lot", async () => {
  // In the first place the choice is even (a share of 1), so that 0.75 in all is 0.5 in the second.
  const options = { entropyShare: 0.75, discount: 0.5, targetRate: 0.05, startTemperature: 1, hidden };
  const { policy, state } = await run(sacDiscrete, places, { options, updates: 600 });
  const chance = read(
    policy([there])
      .logProb(
        rowsOf([[1]])
          .squeeze(0)
          .cast("int32"),
      )
      .exp(),
  )[0];
  const entropy = -(chance * Math.log(chance) + (1 - chance) * Math.log(1 - chance));
  close([entropy / Math.LN2], [0.5], 0.05, "share");
  close([Math.exp(read(state.temperature.params.log)[0])], [1 / Math.log(chance / (1 - chance))], 0.05, "temperature");
});
