import assert from "node:assert/strict";
import { test } from "node:test";
import { decisionLog } from "../../data/index.ts";
import { type Choice, type Policy, scripted } from "../../policies/index.ts";
import { Problem } from "../../problems.ts";
import { box, discrete } from "../../spaces/index.ts";
import { ndarray, randomKey } from "../../tensor/index.ts";
import { isRefusal } from "../estimate.ts";
import { doublyRobust } from "./doubly-robust.ts";
import { meanRewards } from "./mean-rewards.ts";
import { probabilitiesOf } from "./target.ts";

const rows = 5000;
const every = <T>(of: (row: number) => T): T[] => Array.from({ length: rows }, (_, row) => of(row));

/** Action row mod 2 at context row, by a fair coin; action 1 earns 1 and action 0 nothing. */
const log = decisionLog({
  context: { shape: [rows, 1], dtype: "float32", data: Float32Array.from(every((row) => row)) },
  actions: 2,
  action: every((row) => row % 2),
  propensity: every(() => 0.5),
  reward: every((row) => row % 2),
});

/** A policy that prefers action 1 by the context, as an artefact says it. */
function leaning(spaces: Pick<Policy, "observationSpace" | "actionSpace">, spoken = true): Policy {
  const plain = scripted({ name: "leaning", ...spaces, decide: (): Choice => ({ action: 1 }) });
  return {
    ...plain,
    async actBatch(observations) {
      const ones = Array.from(observations.data as Float32Array, (x) => x / rows);
      const probabilities = ndarray(Float32Array.from(ones.flatMap((p) => [1 - p, p])), { shape: [ones.length, 2] });
      return { action: ndarray(new Int32Array(ones.length).fill(1)), info: spoken ? { probabilities } : {} };
    },
  };
}
const spaces = { observationSpace: box(-Infinity, Infinity, { shape: [1] }), actionSpace: discrete(2) };
const refused = (sentence: RegExp) => (error: unknown) =>
  error instanceof Problem && error.code === "log-mismatch" && sentence.test(error.message);

test("a policy's probabilities are its own at every row, however many there are", async () => {
  const target = await probabilitiesOf(leaning(spaces), log);
  assert.deepEqual(target.shape, [rows, 2]);
  for (const row of [0, 1, 4095, 4096, rows - 1])
    assert.ok(Math.abs(Number(target.data[2 * row + 1]) - row / rows) < 1e-6);
});

test("a policy for other contexts or other choices is refused, and one that only acts", async () => {
  const wide = { ...spaces, observationSpace: box(-1, 1, { shape: [3] }) };
  await assert.rejects(probabilitiesOf(leaning(wide), log), refused(/observation space is Box\[3\]/));
  await assert.rejects(probabilitiesOf(leaning({ ...spaces, actionSpace: discrete(3) }), log), refused(/action space/));
  const named = { ...spaces, actionSpace: discrete(2, { names: ["left", "right"] }) };
  await assert.rejects(probabilitiesOf(leaning(named), log), refused(/left, right/));
  await assert.rejects(probabilitiesOf(leaning(spaces, false), log), refused(/one probability an action/));
});

test("mean rewards are each action's, and never a row's own", async () => {
  const predictions = await meanRewards(log, { key: randomKey(0) });
  assert.deepEqual([predictions.data[0], predictions.data[1]], [0, 1]);
  const lonely = {
    ...log,
    action: log.action
      .map((a, row) => (row === 7 ? 0 : a))
      .fill(1, 8)
      .fill(1, 0, 7),
  };
  const own = await meanRewards(lonely, { key: randomKey(0) });
  const lone = Number(own.data[14]);
  assert.ok(
    Math.abs(lone - 0.5) < 0.01,
    `the only row of action 0, which earned 1, is given the mean of the others: ${lone}`,
  );
  const target = await probabilitiesOf(leaning(spaces), log);
  const value = doublyRobust(log, target, predictions);
  assert.ok(!isRefusal(value));
  // The model is exact, so nothing is left to chance but the contexts.
  assert.ok(Math.abs(value.value - 0.4999) < 1e-6, `${value.value}`);
});
