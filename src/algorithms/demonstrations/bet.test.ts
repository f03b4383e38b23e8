import assert from "node:assert/strict";
import { test } from "node:test";
import { randomKey } from "../../tensor/index.ts";
import { close, flat, read, rowsOf, run, worldOf } from "../testing.ts";
import { train } from "../train.ts";
import { bet } from "./bet.ts";

// On the left exactly, on the right by a quarter less the further ahead one is; a quarter go left.
const recording = worldOf(
  [0, 1].flatMap((ahead) =>
    [-0.8, 0.8 - 0.25 * ahead, 0.8 - 0.25 * ahead, 0.8 - 0.25 * ahead].map((a) => ({
      observation: [ahead],
      action: [a],
      terminated: true,
    })),
  ),
);

test("bins become the means of the actions nearest to them, and then stay", async () => {
  const options = { bins: 2, fitting: 200 };
  const { state } = await run(bet, recording, { options, updates: 300 });
  const codes = read(state.bins.codes).sort((a, b) => a - b);
  close(codes, [-0.8, 0.675], 1e-3, "bin");
  const { state: stopped } = await run(bet, recording, { options: { ...options, fitting: 3 }, updates: 4 });
  const { state: later } = await run(bet, recording, { options: { ...options, fitting: 3 }, updates: 40 });
  assert.deepEqual(read(stopped.bins.codes), read(later.bins.codes));
});

test("a bin and its offset are exact, and each way is drawn as often as it was gone", async () => {
  const options = { bins: 2, fitting: 100, focus: 0, hidden: [32], learningRate: 1e-2, normaliseObservations: false };
  const { policy } = await train(bet, recording, { options: { ...options, batchSize: 32, steps: 1000 } });
  for (const ahead of [0, 1]) {
    const observations = { shape: [400, 1], dtype: "float32", data: new Float32Array(400).fill(ahead) } as const;
    const drawn = Array.from((await policy.actBatch(observations, { key: randomKey(2) })).action.data, Number);
    const wanted = [-0.8, 0.8 - 0.25 * ahead];
    for (const a of drawn)
      assert.ok(
        wanted.some((way) => Math.abs(a - way) < 0.03),
        `${a} is neither way`,
      );
    close([drawn.filter((a) => a > 0).length / 400], [0.75], 0.1, "share on the right"); // four standard errors
    const best = await policy.actBatch(observations, { deterministic: true });
    close([Number(best.action.data[0])], [wanted[1]], 0.03, "the likelier way");
  }
  await policy[Symbol.asyncDispose]();
});

test("with one bin it is regression: the mean of what was done there", async () => {
  const { policy } = await run(bet, recording, { options: { bins: 1, fitting: 100 }, updates: 600 });
  close(read(policy([[0], [1]]).mode()), [0.4, 0.2125], 0.01, "action");
});

test("the focal loss flattens what is likely; at 0 it is cross-entropy", async () => {
  const share = async (focus: number) => {
    const { nets, state } = await run(bet, recording, { options: { bins: 2, fitting: 50, focus }, updates: 600 });
    const chances = read(
      nets
        .policy(state.policy.params, rowsOf([[0]]))
        .slice(-1, 0, 2)
        .softmax(),
    );
    return chances[read(state.bins.codes).findIndex((code) => code > 0)];
  };
  close([await share(0)], [0.75], 0.02, "share on the right");
  // The p at which −¾ (1 − p)² log p − ¼ p² log(1 − p) is least, from a grid.
  close([await share(2)], [0.6012], 0.02, "share on the right");
});

test("where one bin is certain the loss keeps its slope, whatever γ", async () => {
  const certain = worldOf([{ observation: [0], action: [0.5], terminated: true }]);
  for (const focus of [0, 0.5, 2]) {
    const { state } = await run(bet, certain, { options: { bins: 1, fitting: 5, focus }, updates: 20 });
    assert.ok(
      flat(state).every(([, leaf]) => read(leaf as never).every(Number.isFinite)),
      `γ = ${focus}`,
    );
  }
});
