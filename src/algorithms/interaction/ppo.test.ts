import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../evaluation/index.ts";
import { sgd } from "../../tensor/index.ts";
import type { AnyAlgorithm } from "../define.ts";
import { trainOnline } from "../online/train-online.ts";
import { close } from "../testing.ts";
import { a2c } from "./a2c.ts";
import { ppo, updatesOf } from "./ppo.ts";
import { reinforce } from "./reinforce.ts";
import { arms, type HandmadeRows, moved, updated } from "./testing.ts";

const choice = { observation: 1, action: { kind: "discrete", size: 2 } } as const;
const plain = { normaliseAdvantages: false, entropyBonus: 0, clip: 0.2 };

/** A fresh policy chooses by lot, so that a choice that was as likely as e^logProb has ratio ½ e^−logProb. */
const rowsWith = (ratio: number, advantage: number): HandmadeRows => ({
  observation: [[1], [-1]],
  action: [0, 1],
  logProb: [Math.log(0.5 / ratio), Math.log(0.5 / ratio)],
  advantage: [advantage, advantage],
});

test("beyond the clip nothing is gained, and the policy stays where it is; on the other side it moves", async () => {
  for (const [ratio, advantage, still] of [
    [1.3, 1, true],
    [1.3, -1, false],
    [0.7, -1, true],
    [0.7, 1, false],
    [1.1, 1, false],
    [0.9, -1, false],
  ] as const) {
    const result = await updated(ppo, choice, rowsWith(ratio, advantage), plain);
    assert.equal(moved("agent/params/policy", result) === 0, still, `w = ${ratio}, A = ${advantage}`);
    close([result.metrics.clipped], [Number(Math.abs(ratio - 1) > 0.2)], 1e-6, "clipped");
    close([result.metrics.divergence], [ratio - 1 - Math.log(ratio)], 5e-3, "divergence");
  }
});

test("V stays where it is while V near what it was is further off the target, and moves otherwise", async () => {
  for (const [value, target, valueClip, still] of [
    [-2, 5, 0.3, true], // V is about 0: 2 above what it was, and held at −1.7
    [2, 5, 0.3, false], // held at 1.7 it is nearer the target than it is
    [-2, 5, 0, false], // no bound
    [-0.1, 5, 3, false], // within the bound
  ] as const) {
    const rows = { ...rowsWith(1, 1), value: [value, value], target: [target, target] };
    const result = await updated(ppo, choice, rows, { ...plain, valueClip });
    assert.equal(
      moved("agent/params/value", result) === 0,
      still,
      `value ${value}, target ${target}, bound ${valueClip}`,
    );
  }
});

test("advantages count by how far they are from the others of the minibatch, unless told otherwise", async () => {
  const rows = { ...rowsWith(1, 0), advantage: [5, 5] };
  const policy = "agent/params/policy";
  assert.equal(moved(policy, await updated(ppo, choice, rows, { ...plain, normaliseAdvantages: true })), 0);
  assert.notEqual(moved(policy, await updated(ppo, choice, rows, plain)), 0);
});

test("rate and clip fall to 0 by the last of all updates", async () => {
  // 3 rollouts of 2 rows, each learned from twice in batches of 1: 12 updates.
  const plan = { steps: 6, worlds: 1, horizon: 2, epochs: 2, batchSize: 1 };
  assert.equal(updatesOf(plan), 12);
  const options = { ...plain, ...plan, decay: true };
  const after = async (updates: number) => (await updated(ppo, choice, rowsWith(1, 1), options, updates)).after;
  const [eleventh, last, beyond] = [await after(11), await after(12), await after(13)];
  assert.ok(moved("agent/params", { before: eleventh, after: last }) > 0);
  assert.equal(moved("agent/params", { before: last, after: beyond }), 0);
});

test("with λ = 1 and the same simple descent, A2C and REINFORCE move the policy alike", async () => {
  const descending = (method: AnyAlgorithm): AnyAlgorithm => ({
    ...method,
    optimisers: () => ({ agent: sgd(0.1) }),
  });
  const rows: HandmadeRows = {
    observation: [[0.3], [-1], [2], [0.7]],
    action: [0, 1, 1, 0],
    advantage: [1, -2, 0.5, 3],
    target: [1, 2, 3, 4],
  };
  const options = { entropyBonus: 0.1, normaliseAdvantages: false };
  const [one, other] = [
    await updated(descending(a2c), choice, rows, options),
    await updated(descending(reinforce), choice, rows, options),
  ];
  assert.ok(moved("agent/params/policy", one) > 0.01);
  assert.ok(moved("agent/params/policy", { before: one.after, after: other.after }) < 1e-7);
  close([one.metrics.policyLoss], [other.metrics.policyLoss], 1e-6, "loss");
});

const quick: { readonly [name: string]: Record<string, unknown> } = {
  ppo: { worlds: 4, horizon: 16, batchSize: 32, epochs: 4, learningRate: 1e-2, hidden: [8], steps: 1500 },
  a2c: { worlds: 8, horizon: 4, learningRate: 1e-2, hidden: [8], steps: 3000 },
  reinforce: { worlds: 16, horizon: 1, learningRate: 2e-2, hidden: [8], steps: 3000 },
};
for (const method of [ppo, a2c, reinforce]) {
  test(`${method.name} finds the better of two arms, each other one by what it sees`, async () => {
    const { policy } = await trainOnline(method as AnyAlgorithm, arms, { options: quick[method.name], seed: 2 });
    // By lot: 0.5; always the better one: 0.8.
    const { return: earned } = await evaluate(policy, arms, { episodes: 400, deterministic: false });
    assert.ok(earned.interval[0] > 0.65, `${earned.value}`);
  });
}
