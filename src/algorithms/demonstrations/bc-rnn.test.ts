import assert from "node:assert/strict";
import { test } from "node:test";
import { fromEpisodes } from "../../data/index.ts";
import { openPolicy } from "../../policies/index.ts";
import { box, discrete } from "../../spaces/index.ts";
import { ndarray } from "../../tensor/index.ts";
import { train } from "../train.ts";
import { bc } from "./bc.ts";
import { bcRnn } from "./bc-rnn.ts";

// What is seen first, and never again, is what must be done to the end: 1 or 0, after a first step without meaning.
const length = 6;
const episodes = Array.from({ length: 20 }, (_, e) => ({
  observations: Array.from({ length: length + 1 }, (_, t) => Float32Array.of(t === 0 ? (e % 2) * 2 - 1 : 0)),
  actions: Array.from({ length }, (_, t) => (t === 0 ? 0 : e % 2)),
  rewards: Array.from({ length }, () => 0),
  terminated: true,
}));
const recording = fromEpisodes(episodes, { observationSpace: box([-1], [1]), actionSpace: discrete(2) });
const options = {
  memory: 16,
  stretch: length,
  learningRate: 1e-2,
  normaliseObservations: false,
  batchSize: 60,
  steps: 300,
};
const seen = (x: number) => ndarray(Float32Array.of(x, x), { shape: [2, 1] });

test("what was seen first decides to the end, which cloning without a memory cannot", async () => {
  const { policy } = await train(bcRnn, recording, { options });
  await using reopened = await openPolicy(policy.bytes);
  for (const first of [-1, 1]) {
    let memory: Awaited<ReturnType<typeof policy.actBatch>>["memory"];
    for (let t = 0; t < length; t++) {
      const given = { deterministic: true, ...(memory ? { memory } : {}) };
      const decisions = await reopened.actBatch(seen(t === 0 ? first : 0), given);
      const wanted = t === 0 ? 0 : (first + 1) / 2;
      assert.deepEqual([...decisions.action.data].map(Number), [wanted, wanted], `first ${first}, step ${t}`);
      memory = decisions.memory;
    }
    // After a stretch the memory is empty, as it was at the start.
    const again = await reopened.actBatch(seen(0), { deterministic: true, memory: memory! });
    const fresh = await reopened.actBatch(seen(0), { deterministic: true });
    assert.deepEqual(again.info.probabilities.data, fresh.info.probabilities.data);
  }
  const { policy: plain } = await train(bc, recording, { options: { hidden: [16], steps: 300, learningRate: 1e-2 } });
  const { info, memory } = await plain.actBatch(seen(0), { deterministic: true });
  assert.ok(Math.abs(Number(info.probabilities.data[0]) - 0.5) < 0.05);
  assert.equal(memory, undefined);
});
