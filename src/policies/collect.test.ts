import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { concat, readRecording, writeRecording } from "../data/index.ts";
import { type Environment, make, makeFrom, seedFrom } from "../envs/index.ts";
import { readRow } from "../spaces/index.ts";
import { ndarray } from "../tensor/ndarray.ts";
import { fold, randomKey } from "../tensor/random.ts";
import { type CollectOptions, collect } from "./collect.ts";
import { controlExpert } from "./control-experts.ts";
import { mazeDemonstrator } from "./maze-demonstrator.ts";
import type { Policy } from "./policy.ts";
import { randomPolicy } from "./scripted.ts";

const cartPole = () => make("CartPole-v1");

test("the result does not depend on how many environments run side by side", async () => {
  const amounts: { episodes?: number; steps?: number }[] = [{ episodes: 9 }, { steps: 7 }];
  for (let steps = 50; steps <= 500; steps += 50) amounts.push({ steps });
  for (const amount of amounts) {
    const [first, ...others] = await Promise.all(
      [1, 3, 16].map((parallel) => collect(randomPolicy(cartPole()), cartPole, { ...amount, seed: 3, parallel })),
    );
    for (const other of others) assert.deepEqual(other, first);
    if (amount.steps) assert.equal(first.reward.length, amount.steps);
    else assert.equal(first.offsets.length, 10);
    assert.equal(
      new Set((first.action.data as Int32Array).slice(0, first.offsets[1])).size,
      2,
      "chance is drawn anew each step",
    );
  }
});

test("a recording replays: the same seed and actions lead to what was recorded", async () => {
  const name = "PointMaze-medium-v0";
  const noisy = () => make(name, { noise: 0.2 });
  const policy = mazeDemonstrator({ map: name, skill: 0.8, noise: 0.2 });
  const recording = await collect(policy, noisy, { episodes: 5, seed: 11, tags: { quality: "fair" } });
  const arrived = Array.from({ length: 5 }, (_, e) => recording.terminated[recording.offsets[e + 1] - 1] === 1);
  assert.deepEqual(recording.tags, {
    success: arrived,
    policy: Array(5).fill(policy.name),
    quality: Array(5).fill("fair"),
  });
  assert.equal(recording.provenance.environment, name);
  const { propensity } = recording.extras;
  assert.deepEqual([propensity.shape, propensity.dtype], [[recording.reward.length], "float64"]);
  const env = noisy();
  for (let e = 0; e < 5; e++) {
    let { observation } = env.reset({ seed: seedFrom(fold(randomKey(11), "episode", e)) });
    for (let row = recording.offsets[e]; row < recording.offsets[e + 1]; row++) {
      assert.deepEqual(readRow(recording.observationSpace, recording.observation, row), observation);
      const step = env.step(readRow(recording.actionSpace, recording.action, row));
      assert.equal(recording.reward[row], step.reward);
      assert.equal(recording.terminated[row], Number(step.terminated));
      assert.equal(recording.truncated[row], Number(step.truncated));
      observation = step.observation;
    }
    assert.deepEqual(readRow(recording.observationSpace, recording.finalObservation, e), observation);
  }
});

test("a recording says how its environment was made, through files too, and what is made from that plays the same", async () => {
  const tilted = () => {
    const env = make("CartPole-v1", { maxSteps: 30 });
    env.perturb!({ gravity: 12 });
    return env;
  };
  const played = await collect(controlExpert("CartPole-v1"), tilted, { episodes: 4, seed: 2, parallel: 2 });
  const made = { name: "CartPole-v1", maxSteps: 30, parameters: { gravity: 12 } };
  assert.deepEqual(played.provenance.made, made);
  const folder = await mkdtemp(join(tmpdir(), "repertoire-"));
  try {
    for (const file of ["a.jsonl", "a.parquet"]) {
      await writeRecording(join(folder, file), played);
      const read = (await readRecording(join(folder, file))) as typeof played;
      assert.deepEqual(read.provenance.made, made);
      const again = await collect(controlExpert("CartPole-v1"), () => makeFrom(read.provenance.made!), {
        episodes: 4,
        seed: 2,
      });
      assert.equal(again.provenance.fingerprint, played.provenance.fingerprint);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  const upright = await collect(controlExpert("CartPole-v1"), cartPole, { episodes: 2, seed: 2 });
  assert.equal(concat(played, upright).provenance.made, undefined);
  assert.deepEqual(concat(played, played).provenance.made, made);
  let i = 0;
  const mixed = () => (i++ === 0 ? tilted() : cartPole());
  const both = await collect(controlExpert("CartPole-v1"), mixed, { episodes: 4, seed: 2 });
  assert.equal(both.provenance.made, undefined);
});

test("steps cut the last episode off, with what would have come next as its final observation", async () => {
  const whole = await collect(controlExpert("CartPole-v1"), cartPole, { episodes: 1, seed: 1 });
  const cut = await collect(controlExpert("CartPole-v1"), cartPole, { steps: 20, seed: 1 });
  assert.deepEqual([...cut.offsets], [0, 20]);
  assert.equal(cut.truncated[19], 1);
  assert.deepEqual(cut.finalObservation.data, whole.observation.data.slice(80, 84));
  const random = await collect(randomPolicy(cartPole()), cartPole, { episodes: 8, seed: 1 });
  const steps = random.offsets[4] + 3;
  const shorter = await collect(randomPolicy(cartPole()), cartPole, { steps, seed: 1 });
  assert.deepEqual([...shorter.offsets], [...random.offsets.slice(0, 5), steps]);
  assert.deepEqual(shorter.observation.data, random.observation.data.slice(0, 4 * steps));
  assert.deepEqual(shorter.finalObservation.data.slice(16), random.observation.data.slice(4 * steps, 4 * steps + 4));
});

/** Acts by how often it has acted in this episode, which its memory counts. */
function counting(): Policy {
  const { observationSpace, actionSpace } = cartPole();
  const actBatch: Policy["actBatch"] = async ({ shape: [rows] }, { memory } = {}) => {
    const count = memory?.count.data ?? new Int32Array(rows);
    const action = ndarray(Int32Array.from(count as Int32Array, (c) => (c >> 1) & 1));
    return { action, info: {}, memory: { count: ndarray(Int32Array.from(count as Int32Array, (c) => c + 1)) } };
  };
  return {
    name: "counting",
    observationSpace,
    actionSpace,
    actBatch,
    act: () => Promise.reject(new Error("not used")),
    [Symbol.asyncDispose]: async () => {},
  };
}

test("a policy's memory belongs to its episode and starts anew with it", async () => {
  const recording = await collect(counting(), cartPole, { episodes: 7, seed: 2, parallel: 3 });
  for (let e = 0; e < 7; e++) {
    for (let row = recording.offsets[e]; row < recording.offsets[e + 1]; row++) {
      assert.equal(recording.action.data[row], ((row - recording.offsets[e]) >> 1) & 1);
    }
  }
  assert.deepEqual(recording.extras, {}, "no propensity where the policy gives none");
});

test("what the environment says beside each observation is kept as a step column, whether episodes end or are cut off", async () => {
  let saying = 0;
  const counted = () => {
    const env = cartPole();
    return {
      ...env,
      reset: (options?: { readonly seed?: number }) => ({ ...env.reset(options), info: { before: 0, word: "none" } }),
      step(action: number) {
        const step = env.step(action);
        saying = (env.save!() as { own: number }).own;
        return { ...step, info: { before: saying, word: "some" } };
      },
    } as ReturnType<typeof cartPole>;
  };
  const recording = await collect(randomPolicy(cartPole()), counted, { steps: 40, seed: 1, info: ["before"] });
  const { before, propensity } = recording.extras;
  assert.equal(propensity.data.length, 40);
  recording.offsets.subarray(0, -1).forEach((first, e) => {
    const steps = Array.from({ length: recording.offsets[e + 1] - first }, (_, t) => t);
    assert.deepEqual([...before.data.subarray(first, recording.offsets[e + 1])], steps);
  });
  await assert.rejects(
    collect(randomPolicy(cartPole()), counted, { episodes: 1, info: ["word"] }),
    /"info" is "word"; wanted names of numbers in what CartPole-v1 says: before, word/,
  );
});

test("what cannot be collected is refused in a sentence", async () => {
  const refused = (options: CollectOptions, pattern: RegExp) =>
    assert.rejects(collect(randomPolicy(cartPole()), cartPole, options), pattern);
  await refused({}, /episodes, or steps, one of the two/);
  await refused({ episodes: 1, steps: 1 }, /one of the two/);
  await refused({ episodes: 0 }, /"episodes" is 0/);
  await refused({ steps: 5, parallel: 0 }, /"parallel" is 0/);
  await assert.rejects(
    collect(randomPolicy(cartPole()), () => make("Acrobot-v1"), { episodes: 1 }),
    /random in Acrobot-v1: the policy's observation space is Box\[4\].*, the environment's is Box\[6\]/,
  );
});

test("the environments it played in are closed at the end, also where it fails", async () => {
  let open = 0;
  const holding = (): Environment => {
    open++;
    return { ...make("CartPole-v1"), close: () => void open-- };
  };
  const policy = randomPolicy(make("CartPole-v1"));
  await collect(policy, holding, { episodes: 5, parallel: 3, onEpisode: () => assert.equal(open, 3) });
  assert.equal(open, 0);
  await assert.rejects(collect(randomPolicy(make("Acrobot-v1")), holding, { episodes: 1 }), /space/);
  const breaking = { ...policy, actBatch: () => Promise.reject(new Error("no hands")) };
  await assert.rejects(collect(breaking, holding, { episodes: 4 }), /no hands/);
  assert.equal(open, 0);
});
