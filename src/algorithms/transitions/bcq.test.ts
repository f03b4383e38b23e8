import assert from "node:assert/strict";
import { test } from "node:test";
import { dqn } from "../interaction/dqn.ts";
import { changed, close, read, rowsOf, run, worldOf } from "../testing.ts";
import { bcq } from "./bcq.ts";

const [first, second] = [
  [1, 0],
  [0, 1],
];
const made = (times: number, action: number, reward: number) =>
  Array.from({ length: times }, () => ({ observation: second, action, reward, terminated: true }));

// Two rooms. The first leads to the second, where the rarer a choice was the more it earned: 0 (8 times), ½ (4 times) and
// 1 (once); the fourth was never made. Shares of the likeliest: 1, 0.5, 0.125, 0.
const rooms = worldOf(
  [
    { observation: first, action: 0, next: second, terminated: false },
    ...made(8, 0, 0),
    ...made(4, 1, 0.5),
    ...made(1, 2, 1),
  ],
  { choices: 4 },
);
const fast = { discount: 0.5, targetEvery: 20, logitPenalty: 1e-4, hidden: [16] };

for (const [threshold, best, value] of [
  [0.06, 2, 1],
  [0.3, 1, 0.5],
  [0.8, 0, 0],
  [1, 0, 0],
]) {
  test(`at τ = ${threshold} the best choice with that share is ${best}, and the room before is worth γ times it`, async () => {
    const { nets, state, policy } = await run(bcq, rooms, { options: { ...fast, threshold }, updates: 600 });
    assert.equal(read(policy([second]).mode())[0], best);
    close(
      read(nets.value(state.value.params, rowsOf([first]))).slice(0, 1),
      [0.5 * value],
      0.02,
      "Q of the first room",
    );
    close(read(nets.value(state.value.params, rowsOf([second]))).slice(0, 3), [0, 0.5, 1], 0.02, "Q of the second");
  });
}

test("G is the recording's frequencies where scores cost nothing, and flatter where they do", async () => {
  const likely = async (logitPenalty: number) => {
    const { nets, state } = await run(bcq, rooms, { options: { ...fast, logitPenalty }, updates: 600 });
    return read(nets.behaviour(state.behaviour.params, rowsOf([second])).softmax());
  };
  close(await likely(0), [8 / 13, 4 / 13, 1 / 13, 0], 0.01, "probability");
  assert.ok((await likely(0.3))[3] > 0.03);
});

test("at τ = 0 its values are double DQN's, to the bit, from the same start", async () => {
  const given = { updates: 30, options: { discount: 0.5, targetEvery: 7 } };
  const value = (of: { values: { state: unknown } }) => (of.values.state as { value: unknown }).value;
  const plain = value(await run(dqn, rooms, given));
  const open = await run(bcq, rooms, { ...given, options: { ...given.options, threshold: 0 } });
  assert.deepEqual(changed(plain, value(open)), []);
  const closed = await run(bcq, rooms, { ...given, options: { ...given.options, threshold: 0.9 } });
  assert.notDeepEqual(changed(plain, value(closed)), []);
});
