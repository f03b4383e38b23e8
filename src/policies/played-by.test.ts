import assert from "node:assert/strict";
import { test } from "node:test";
import { returns } from "../data/index.ts";
import { type Episode, make } from "../envs/index.ts";
import { playedBy } from "./played-by.ts";

test("what a person does is recorded, whole episodes and the one that was left", async () => {
  const over: Episode[] = [];
  let asked = 0;
  const env = make("CartPole-v1");
  const recording = await playedBy(
    "ana",
    env,
    async ({ observation, scene, step }) => {
      asked++;
      assert.ok(scene !== undefined && step >= 0);
      if (over.length === 2 && step === 3) return undefined;
      return (observation as Float32Array)[2] > 0 ? 1 : 0;
    },
    { seed: 4, tags: { site: "north" }, onEpisode: (episode) => void over.push(episode) },
  );
  assert.equal(recording.offsets.length - 1, 3);
  assert.equal(recording.reward.length, asked - 1);
  assert.deepEqual([...recording.tags.policy], ["ana", "ana", "ana"]);
  assert.deepEqual([...recording.tags.site], ["north", "north", "north"]);
  assert.equal(returns(recording)[2], 3);
  assert.deepEqual([recording.terminated.at(-1), recording.truncated.at(-1)], [0, 1]);
  assert.equal(recording.provenance.made?.name, "CartPole-v1");
});

test("a wrong action is a sentence, an early end leaves nothing to keep, and a fault loses no episode that was over", async () => {
  const env = () => make("CartPole-v1", { maxSteps: 5 });
  await assert.rejects(
    playedBy("ben", env(), async () => 7),
    /playedBy ben.*7/,
  );
  await assert.rejects(
    playedBy("ben", env(), async () => undefined),
    /at least one/,
  );
  const over: Episode[] = [];
  const failing = async ({ episode }: { readonly episode: number }) => {
    if (episode === 2) throw new Error("the cable was pulled");
    return 0;
  };
  await assert.rejects(playedBy("ben", env(), failing, { onEpisode: (e) => void over.push(e) }), /cable/);
  assert.equal(over.length, 2);
});
