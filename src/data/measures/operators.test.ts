import assert from "node:assert/strict";
import test from "node:test";
import { box } from "../../spaces/make.ts";
import { generator, randomKey } from "../../tensor/random.ts";
import { type Episode, fromEpisodes } from "../episodes.ts";
import { operatorTiers, pathRegularity } from "./operators.ts";
import { close } from "./testing.ts";

const spaces = { observationSpace: box(-Infinity, Infinity, { shape: [2] }), actionSpace: box(-9, 9, { shape: [2] }) };

/** Someone who goes to the right at a pace, with a shaking hand; slow people need more steps. */
function way(operator: string, seed: number, shake: number, pace: number, success: boolean): Episode {
  const random = generator(randomKey(seed));
  const length = Math.round(10 / pace);
  const actions = Array.from({ length }, () => [pace + shake * random.normal(), shake * random.normal()]);
  let at = [0, 0];
  const observations = [at];
  for (const [x, y] of actions) {
    at = [at[0] + x, at[1] + y];
    observations.push(at);
  }
  return { observations, actions, rewards: actions.map(() => 0), terminated: success, tags: { operator, success } };
}

const crew = fromEpisodes(
  Array.from({ length: 6 }, (_, i) => [
    way("ann", i, 0.02, 1, true),
    way("bob", 50 + i, 0.3, 0.5, i > 0),
    way("cid", 90 + i, 0.8, 0.25, i > 3),
  ]).flat(),
  spaces,
);

test("operators are sorted by what they did, with the numbers behind it", () => {
  const tiers = operatorTiers(crew, { operator: "operator" });
  assert.deepEqual(
    tiers.map((o) => [o.operator, o.tier, o.score]),
    [
      ["ann", "better", 1],
      ["bob", "okay", 0.5],
      ["cid", "worse", 0],
    ],
  );
  const [ann, bob, cid] = tiers;
  assert.deepEqual([ann.success, bob.success, cid.success], [1, 5 / 6, 1 / 3]);
  assert.deepEqual([ann.length, bob.length, cid.length], [10, 20, 40]);
  assert.ok(ann.actionVariance < bob.actionVariance && bob.actionVariance < cid.actionVariance);
  assert.ok(ann.regularity > 0.9 && cid.regularity < 0.5);
});

test("operators who do the same are okay, and so is one alone", () => {
  const twins = fromEpisodes([way("a", 1, 0.1, 1, true), way("b", 1, 0.1, 1, true)], spaces);
  assert.deepEqual(
    operatorTiers(twins, { operator: "operator" }).map((o) => o.tier),
    ["okay", "okay"],
  );
  const alone = fromEpisodes([way("a", 1, 0.1, 1, true)], spaces);
  assert.deepEqual(
    operatorTiers(alone, { operator: "operator" }).map((o) => [o.tier, o.score]),
    [["okay", 0.5]],
  );
});

test("without success the return is compared, and length is not", () => {
  const paid = (operator: string, reward: number, length: number): Episode => ({
    observations: Array.from({ length: length + 1 }, (_, i) => [i, 0]),
    actions: Array.from({ length }, () => [1, 0]),
    rewards: Array.from({ length }, () => reward),
    terminated: true,
    tags: { operator },
  });
  const t = fromEpisodes([paid("long", 1, 9), paid("short", 1, 3)], spaces);
  const tiers = operatorTiers(t, { operator: "operator" });
  assert.equal(tiers[0].operator, "long");
  assert.deepEqual([tiers[0].success, tiers[0].length, tiers[0].meanReturn], [null, 9, 9]);
});

const path = (...points: [number, number][]) =>
  fromEpisodes(
    [
      {
        observations: [...points, [0, 0]],
        actions: points.map(() => [0, 0]),
        rewards: points.map(() => 0),
        terminated: true,
      },
    ],
    spaces,
  );

test("a straight path is regular, a turned one less, to and fro not at all", () => {
  assert.ok(close(pathRegularity(path([0, 0], [1, 0], [2, 0], [5, 0])), 1));
  assert.ok(close(pathRegularity(path([0, 0], [1, 0], [0, 0], [1, 0])), -1));
  assert.ok(close(pathRegularity(path([0, 0], [1, 0], [1, 1])), 0));
  assert.ok(close(pathRegularity(path([0, 0], [1, 0], [1, 0], [2, 0])), 1), "standing still is passed over");
});

test("a wrong question is one sentence", () => {
  assert.throws(() => operatorTiers(crew, { operator: "who" }), /there is no tag "who". Known: .*operator/);
});
