import assert from "node:assert/strict";
import { test } from "node:test";
import { checkEnvironment } from "../check.ts";
import type { Environment } from "../environment.ts";
import { toSvg } from "../scene.ts";
import { paymentWorld } from "./payment-world.ts";
import { type KnownOutcome, logPayments, oracleRouting, payments, uniformRouting } from "./payments.ts";

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

test("outcomes arrive once each, after their delay, as the chances say", () => {
  const env = payments({ delay: 12, first: 100 });
  let { observation } = env.reset({ seed: 4 });
  const sent = new Map<number, { readonly step: number; readonly provider: number }>();
  const waits: number[] = [];
  let expected = 0;
  let approvals = 0;
  let rewards = 0;
  for (let step = 0; step < 4000; step++) {
    const provider = Array.from(observation.available).indexOf(1);
    sent.set(100 + step, { step, provider });
    const next = env.step(provider);
    observation = next.observation;
    rewards += next.reward;
    expected += next.info.expected as number;
    assert.ok((next.info.expected as number) <= (next.info.best as number) + 1e-12);
    for (const outcome of next.info.outcomes as readonly KnownOutcome[]) {
      const from = sent.get(outcome.request)!;
      assert.equal(outcome.provider, from.provider);
      sent.delete(outcome.request);
      waits.push(step - from.step);
      approvals += Number(outcome.approved);
    }
  }
  assert.equal(rewards, approvals);
  assert.ok(sent.size > 0 && sent.size <= 36);
  // The whole part of an exponential of mean 12 cut off at 36: E min(X, 36) − ½, nearly.
  const wanted = 12 * (1 - Math.exp(-3)) - 0.5;
  assert.ok(Math.abs(mean(waits) - wanted) < 0.6, `${mean(waits)} for ${wanted}`);
  assert.ok(Math.max(...waits) <= 36);
  assert.ok(Math.abs(approvals / waits.length - expected / 4000) < 0.025);
});

test("what is not available declines, and without delay the outcome is there at once", () => {
  const env = payments({ delay: 0, reward: "chosen", availability: 0 });
  let { observation } = env.reset({ seed: 1 });
  for (let i = 0; i < 50; i++) {
    assert.equal(mean(observation.available) * 8, 2);
    const step = env.step(Array.from(observation.available).indexOf(0));
    const [outcome] = step.info.outcomes as readonly KnownOutcome[];
    assert.deepEqual([step.reward, step.info.expected, outcome.approved], [0, 0, false]);
    observation = step.observation;
  }
});

test("a log holds true propensities, and importance weighting finds a policy's truth in it", () => {
  const count = 6000;
  const log = logPayments(oracleRouting(0.5), { count, world: 2, seed: 1 });
  const world = paymentWorld(2, 8);
  let weighted = 0;
  let truth = 0;
  for (let row = 0; row < count; row++) {
    const request = world.request(row, 0.7);
    const chances = world.chances(request, 0.5, 1);
    const target = uniformRouting(request, chances);
    weighted += (target[log.action[row]] / log.propensity[row]) * log.reward[row];
    truth += target.reduce((sum, chance, i) => sum + chance * chances[i], 0);
  }
  assert.ok(Math.abs(weighted - truth) / count < 0.03, `${weighted / count} for ${truth / count}`);
  assert.ok(Math.abs(mean(log.reward) - mean(log.extras.expected.data as Float64Array)) < 0.015);
  const uniform = logPayments(uniformRouting, { count, world: 2 });
  const [random, best] = [mean(uniform.reward), mean(uniform.extras.best.data as Float64Array)];
  assert.ok(random > 0.74 && random < 0.86 && best > 0.94 && best < 0.975, `${random} ${best}`);
});

test("chances drift, curve and depend on the world alone", () => {
  const world = paymentWorld(0, 8);
  const early = world.request(0, 1);
  const late = { ...early, index: 12_000 };
  assert.notDeepEqual(world.chances(early, 0.5, 1), world.chances(late, 0.5, 1));
  assert.deepEqual(world.chances(early, 0, 1), world.chances(late, 0, 1));
  // Without curvature log-odds are linear: the mixed second difference over amount and customer is nought.
  const logit = (curvature: number, amount: number, returning: number): number => {
    const context = early.context.slice();
    context[9] = amount;
    context[12] = returning;
    const chance = world.chances({ ...early, context }, 0, curvature)[3];
    return Math.log(chance / (1 - chance));
  };
  const bend = (curvature: number): number =>
    logit(curvature, 1, 1) - logit(curvature, 1, 0) - logit(curvature, 0, 1) + logit(curvature, 0, 0);
  assert.ok(Math.abs(bend(0)) < 1e-9 && Math.abs(bend(1)) > 0.01);
  assert.deepEqual(paymentWorld(0, 8).request(77, 0.7), world.request(77, 0.7));
  assert.notDeepEqual(paymentWorld(1, 8).request(77, 0.7), world.request(77, 0.7));
});

test("the interface and options", () => {
  const env = payments();
  assert.deepEqual(checkEnvironment(env as Environment), []);
  assert.match(toSvg(env.scene!()), /^<svg.*<\/svg>$/);
  assert.throws(() => payments({ providers: 1 }), /providers.*2 to 64/);
  assert.throws(() => payments({ delay: 1000 }), /delay.*from 0 to 100/);
  assert.throws(() => logPayments(uniformRouting, { count: 0 }), /count/);
});
