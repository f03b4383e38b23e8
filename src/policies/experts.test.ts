import assert from "node:assert/strict";
import { test } from "node:test";
import { environmentNames, make, prepare } from "../envs/index.ts";
import { collect } from "./collect.ts";
import { demonstrate } from "./demonstrate.ts";
import { expertFor, hasExpert } from "./experts.ts";

/** One of each kind; the families' own tests say how good their experts are. */
const some = [
  "CartPole-v1",
  "PointMaze-medium-v0",
  "GridMaze-umaze-v0",
  "PointMaze_UMaze-v3",
  "InvertedPendulum-v5",
  "Avoid-v0",
  "PickPlacePaired-v0",
  "MiniMeta-reach-v0",
  "Tabletop-pour-v0",
  "MiniGrid-Empty-5x5-v0",
  "FrozenLake-v1",
  "Taxi-v3",
  "LunarLander-v3",
  "JumpTrack-v0",
];

for (const world of some) {
  test(`${world}: its expert acts in it, and differs from chance`, async () => {
    await prepare(world);
    const expert = expertFor(world);
    const recording =
      "policy" in expert
        ? await collect(expert.policy, () => make(world), { episodes: 1, deterministic: true })
        : demonstrate(expert.name, () => make(world), expert.actor, { episodes: 1 });
    assert.ok(recording.reward.length > 0);
    const { success } = recording.tags;
    // FrozenLake is slippery: the best policy fails one time in four.
    if (success !== undefined && world !== "FrozenLake-v1") assert.equal(success[0], true);
  });
}

test("an expert says which dials it has, and a world without one says so", () => {
  assert.throws(() => expertFor("CartPole-v1", { style: "left" }), /has no option "style"\. It has: skill/);
  assert.throws(() => expertFor("Hopper-v5"), /No expert comes along for Hopper-v5.*train one/);
  assert.equal(environmentNames().filter(hasExpert).length > 100, true);
});
