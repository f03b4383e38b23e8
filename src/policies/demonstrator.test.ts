import assert from "node:assert/strict";
import { test } from "node:test";
import { pushingDemonstrator } from "../envs/pushing/demonstrators.ts";
import { make } from "../envs/registry.ts";
import { randomKey } from "../tensor/random.ts";
import { collect } from "./collect.ts";
import { demonstratorPolicy } from "./demonstrator.ts";

const policy = demonstratorPolicy(pushingDemonstrator("Stack-v0", { human: true }));

test("a demonstrator is recorded with what it remembers: the same however many play side by side", async () => {
  const record = (parallel: number) => collect(policy, () => make("Stack-v0"), { episodes: 6, seed: 4, parallel });
  const [one, many] = [await record(1), await record(4)];
  assert.deepEqual(many, one);
  assert.deepEqual([...one.terminated].filter((ended) => ended === 1).length, 6);
});

test("good and bad tosses recorded with one seed are pairs that begin alike", async () => {
  const record = (toss: "good" | "bad") =>
    collect(
      demonstratorPolicy(pushingDemonstrator("PickPlacePaired-v0", { toss, style: "left" })),
      () => make("PickPlacePaired-v0"),
      { episodes: 3, seed: 1 },
    );
  const [good, bad] = [await record("good"), await record("bad")];
  for (let episode = 0; episode < 3; episode++) {
    const first = (data: typeof good) => {
      const row = data.offsets[episode] * 29;
      return [...(data.observation as { data: Float32Array }).data.subarray(row, row + 10 * 29)];
    };
    assert.deepEqual(first(good), first(bad));
  }
});

test("a demonstrator by chance needs a key, and an observation of its own space", async () => {
  const { observation } = make("Stack-v0").reset({ seed: 1 });
  await assert.rejects(() => policy.act(observation), /needs a key/);
  await assert.rejects(() => policy.act(3, { key: randomKey(1) }), /wanted a value of Box/);
  const [first, second] = [
    await policy.act(observation, { deterministic: true }),
    await policy.act(observation, { key: randomKey(1) }),
  ];
  assert.deepEqual(first.memory?.memory.shape, [1, second.memory?.memory.shape[1]]);
});
