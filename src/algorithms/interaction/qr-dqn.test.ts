import assert from "node:assert/strict";
import { test } from "node:test";
import { close, read, rowsOf, run, worldOf } from "../testing.ts";
import { qrDqn } from "./qr-dqn.ts";

const here = [1];
const hidden = [16, 16];

// The first choice earns 0 once and 4 three times in four; the second always 2.8.
const gamble = worldOf(
  [
    ...[0, 4, 4, 4].map((reward) => ({ observation: here, action: 0, reward, terminated: true })),
    ...Array.from({ length: 4 }, () => ({ observation: here, action: 1, reward: 2.8, terminated: true })),
  ],
  { choices: 2 },
);

test("quantiles of a reward of two points are where Huber's quantile loss has them", async () => {
  const first = await run(qrDqn, gamble, { options: { quantiles: 5, hidden }, updates: 500 });
  const settling = { quantiles: 5, hidden, learningRate: 1e-3 };
  const { nets, state, policy } = await run(qrDqn, gamble, {
    options: settling,
    updates: 300,
    from: first.values.state,
  });
  // Within 1 of a point the loss is quadratic. At level τ the pulls of both points balance at 3τ / (1 − τ) above the
  // lower one where that is below 1, else at (1 − τ) / 3τ below the upper.
  const balance = (level: number): number =>
    3 * level < 1 - level ? (3 * level) / (1 - level) : 4 - (1 - level) / (3 * level);
  const levels = [0.1, 0.3, 0.5, 0.7, 0.9];
  close(
    read(nets.value(state.value.params, rowsOf([here]))),
    [...levels.map(balance), 2.8, 2.8, 2.8, 2.8, 2.8],
    0.03,
    "quantile",
  );
  // Its mean is 3.01 to 2.8.
  assert.deepEqual(read(policy([here]).mode()), [0]);
});

test("what is sure one step later is sure now, discounted", async () => {
  const later = [0];
  const world = worldOf(
    [
      { observation: here, action: 0, reward: 1, next: later, terminated: false },
      { observation: later, action: 0, reward: 8, terminated: true },
    ],
    { choices: 1 },
  );
  for (const double of [false, true]) {
    const options = { quantiles: 3, discount: 0.5, targetEvery: 20, double, hidden };
    const { nets, state } = await run(qrDqn, world, { options, updates: 500 });
    close(read(nets.value(state.value.params, rowsOf([here, later]))), [5, 5, 5, 8, 8, 8], 0.05, "quantile");
  }
});
