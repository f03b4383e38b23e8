import assert from "node:assert/strict";
import { test } from "node:test";
import { dqn } from "../interaction/dqn.ts";
import { changed, close, read, rowsOf, run, worldOf } from "../testing.ts";
import { cql } from "./cql.ts";

const [first, second] = [
  [1, 0],
  [0, 1],
];
const counts = [5, 4, 1];
const earned = [0.2, 0.3, 0.6];
const total = counts.reduce((a, b) => a + b);
const share = counts.map((n) => n / total);

// The first room leads to the second as often as anything is done there, where each choice earns something and ends.
const rooms = worldOf(
  [
    { observation: first, action: 0, next: second, terminated: false },
    ...counts.flatMap((n, action) =>
      Array.from({ length: n }, () => ({ observation: second, action, reward: earned[action], terminated: true })),
    ),
  ],
  { choices: 3 },
);
const fast = { discount: 0.5, targetEvery: 20, hidden: [16] };
const softmax = (q: readonly number[]): number[] => {
  const sum = q.reduce((a, x) => a + Math.exp(x), 0);
  return q.map((x) => Math.exp(x) / sum);
};

/** Where α (softmax − p) + p (Q − r) is 0, by descending it in double precision: Huber's loss is half a square here. */
function resting(alpha: number): number[] {
  let q = [0, 0, 0];
  for (let i = 0; i < 20_000; i++) {
    const chance = softmax(q);
    q = q.map((x, a) => x - 0.05 * (alpha * (chance[a] - share[a]) + share[a] * (x - earned[a])));
  }
  return q;
}

for (const alpha of [0, 0.05, 0.2]) {
  test(`α = ${alpha}: Q comes to rest α (softmax / p − 1) below what was earned`, async () => {
    const wanted = resting(alpha);
    softmax(wanted).forEach((chance, a) => {
      assert.ok(Math.abs(earned[a] - alpha * (chance / share[a] - 1) - wanted[a]) < 1e-9);
    });
    const { nets, state, policy } = await run(cql, rooms, { options: { ...fast, conservatism: alpha }, updates: 800 });
    const q = read(nets.value(state.value.params, rowsOf([second])));
    close(q, wanted, 0.01, "Q");
    const best = wanted.indexOf(Math.max(...wanted));
    assert.equal(read(policy([second]).mode())[0], best);
    // The rare best choice is found while α is small, and given up for one that was made more often.
    assert.equal(best, alpha < 0.2 ? 2 : 1);
  });
}

test("as α grows Q's softmax becomes the recording's frequencies: cloning", async () => {
  const { nets, state, policy } = await run(cql, rooms, { options: { ...fast, conservatism: 100 }, updates: 500 });
  close(softmax(read(nets.value(state.value.params, rowsOf([second])))), share, 0.02, "probability");
  assert.equal(read(policy([second]).mode())[0], 0);
});

test("at α = 0 it is double DQN, to the bit, from the same start", async () => {
  const given = { updates: 30, options: { discount: 0.5, targetEvery: 7 } };
  const plain = await run(dqn, rooms, given);
  const after = async (conservatism: number) =>
    (await run(cql, rooms, { ...given, options: { ...given.options, conservatism } })).values.state;
  assert.deepEqual(changed(plain.values.state, await after(0)), []);
  assert.notDeepEqual(changed(plain.values.state, await after(0.1)), []);
});
