import assert from "node:assert/strict";
import { test } from "node:test";
import { fromEpisodes } from "../../data/index.ts";
import { type Memory, openPolicy } from "../../policies/index.ts";
import { box } from "../../spaces/index.ts";
import { ndarray, randomKey } from "../../tensor/index.ts";
import { train } from "../train.ts";
import { diffusionPolicy } from "./diffusion-policy.ts";

// Four steps to one side or four to the other, near and far in turn: neither shows in what is seen.
const out = [0.4, 0.8, 0.4, 0.8];
const recording = fromEpisodes(
  Array.from({ length: 40 }, (_, e) => ({
    observations: Array.from({ length: 5 }, (_, t) => Float32Array.of(t === 0 ? 1 : 0)),
    actions: out.map((a) => Float32Array.of(e % 2 === 0 ? -a : a)),
    rewards: out.map(() => 0),
    terminated: true,
  })),
  { observationSpace: box([-1], [1]), actionSpace: box([-1], [1]) },
);
const options = {
  history: 2,
  horizon: 4,
  execute: 4,
  noiseSteps: 50,
  drawingSteps: 10,
  averageRate: 0.02,
  hidden: [64, 64],
  learningRate: 3e-3,
  normaliseObservations: false,
  batchSize: 64,
  steps: 2000,
};

const worlds = 100;
const seen = (x: number) => ndarray(new Float32Array(worlds).fill(x), { shape: [worlds, 1] });

test("a plan keeps to its side, and the exported file carries it on from step to step", async () => {
  const { policy } = await train(diffusionPolicy, recording, { options });
  await using reopened = await openPolicy(policy.bytes);
  const did: number[][] = [];
  let memory: Memory | undefined;
  for (const step of [0, 1, 2, 3]) {
    // After the first step anything may be seen: the plan is already made.
    const decisions = await reopened.actBatch(seen(step === 0 ? 1 : -1), {
      key: randomKey(step),
      ...(memory ? { memory } : {}),
    });
    did.push(Array.from(decisions.action.data, Number));
    memory = decisions.memory;
  }
  const sides = did[0].map(Math.sign);
  const left = sides.filter((side) => side < 0).length;
  assert.ok(left > 30 && left < 70, `${left} of 100 plans go left`);
  const near = did.flatMap((actions, t) => actions.map((a, i) => Math.abs(a - sides[i] * out[t]) < 0.2));
  assert.ok(
    near.filter(Boolean).length > 0.8 * near.length,
    `${near.filter(Boolean).length} of 400 actions as planned`,
  );

  // With the plan done another follows, of a draw of its own.
  const [again, other] = await Promise.all(
    [8, 9].map((key) => reopened.actBatch(seen(1), { key: randomKey(key), memory: memory! })),
  );
  assert.notDeepEqual(again.action.data, other.action.data);
});

test("a plan is made anew after `execute` actions, from the observations before", async () => {
  const recorded = { ...options, history: 3, execute: 2, steps: 8 };
  const { policy } = await train(diffusionPolicy, recording, { options: recorded });
  const decide = (x: number, key: number, memory?: Memory) =>
    policy.actBatch(seen(x), { key: randomKey(key), ...(memory ? { memory } : {}) });
  const first = await decide(1, 0);
  const second = await decide(0.5, 1, first.memory);
  assert.deepEqual((await decide(0.5, 7, first.memory)).action.data, second.action.data); // no new plan yet
  const third = await decide(-0.5, 2, second.memory);
  assert.notDeepEqual((await decide(-0.5, 7, second.memory)).action.data, third.action.data);
  assert.deepEqual([...second.memory!.seen.data].slice(0, 3), [1, 1, 0.5]); // the first observation stands for what was not seen
  assert.deepEqual([...third.memory!.seen.data].slice(0, 3), [1, 0.5, -0.5]);
  await policy[Symbol.asyncDispose]();
});

test("the paper's network learns it too", async () => {
  const convolutions = { ...options, convolutions: true, hidden: [8], drawingSteps: 2, steps: 8 };
  const { policy, metrics } = await train(diffusionPolicy, recording, { options: convolutions });
  assert.ok(metrics.denoisingLoss > 0);
  await policy[Symbol.asyncDispose]();
});

test("doing more of a plan than there is is refused in a sentence", async () => {
  await assert.rejects(
    train(diffusionPolicy, recording, { options: { ...options, execute: 5 } }),
    /execute.*at most the horizon, 4/,
  );
});
