import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Problem } from "../problems.ts";
import { box, discrete } from "../spaces/make.ts";
import { randomKey } from "../tensor/random.ts";
import { concat } from "./concat.ts";
import { decisionLog } from "./decision-log.ts";
import { type Episode, fromEpisodes } from "./episodes.ts";
import { split, splitByTime } from "./split.ts";
import type { Trajectories } from "./trajectories.ts";
import { asTrajectories, episodeLengths, filterEpisodes, relabelReward, returns, tag, takeEpisodes } from "./views.ts";

const spaces = { observationSpace: box(-Infinity, Infinity, { shape: [2] }), actionSpace: discrete(4) };

const episode: fc.Arbitrary<Episode> = fc
  .array(fc.record({ reward: fc.integer({ min: -9, max: 9 }), action: fc.nat(3) }), { minLength: 1, maxLength: 5 })
  .chain((steps) =>
    fc.boolean().map((terminated) => ({
      observations: Array.from({ length: steps.length + 1 }, (_, i) => [i, steps.length]),
      actions: steps.map((s) => s.action),
      rewards: steps.map((s) => s.reward),
      terminated,
      tags: { long: steps.length > 2 },
    })),
  );

const recording = fc.array(episode, { minLength: 1, maxLength: 6 }).map((episodes) => fromEpisodes(episodes, spaces));

const picked = recording.chain((t) =>
  fc.array(fc.nat(t.offsets.length - 2), { maxLength: 6 }).map((indices) => ({ t, indices })),
);

/** Every column of an episode, as plain values. */
const contentsOf = (t: Trajectories, e: number) => ({
  observation: [...t.observation.data.slice(t.offsets[e] * 2, t.offsets[e + 1] * 2)],
  final: [...t.finalObservation.data.slice(e * 2, e * 2 + 2)],
  action: [...t.action.data.slice(t.offsets[e], t.offsets[e + 1])],
  reward: [...t.reward.slice(t.offsets[e], t.offsets[e + 1])],
  terminated: [...t.terminated.slice(t.offsets[e], t.offsets[e + 1])],
  truncated: [...t.truncated.slice(t.offsets[e], t.offsets[e + 1])],
  long: t.tags.long[e],
});

test("taking episodes takes every column of them, and commutes with returns", () => {
  fc.assert(
    fc.property(picked, ({ t, indices }) => {
      const part = takeEpisodes(t, indices);
      indices.forEach((from, e) => {
        assert.deepEqual(contentsOf(part, e), contentsOf(t, from));
      });
      const all = returns(t, 0.9);
      assert.deepEqual(
        [...returns(part, 0.9)],
        indices.map((i) => all[i]),
      );
    }),
  );
});

test("returns are discounted from each episode's first step", () => {
  const t = fromEpisodes(
    [
      {
        observations: [
          [0, 0],
          [0, 0],
          [0, 0],
        ],
        actions: [0, 0],
        rewards: [1, 10],
        terminated: true,
      },
      {
        observations: [
          [0, 0],
          [0, 0],
        ],
        actions: [0],
        rewards: [4],
        terminated: true,
      },
    ],
    spaces,
  );
  assert.deepEqual([...returns(t, 0.5)], [6, 4]);
  assert.deepEqual([...returns(t)], [11, 4]);
  assert.deepEqual([...episodeLengths(t)], [2, 1]);
});

test("a run of episodes shares memory; a choice of them does not", () => {
  const one = {
    observations: [
      [0, 0],
      [0, 0],
    ],
    actions: [0],
    rewards: [4],
    terminated: true,
  };
  const t = fromEpisodes([one, one, one], spaces);
  assert.equal(takeEpisodes(t, [1, 2]).reward.buffer, t.reward.buffer);
  assert.notEqual(takeEpisodes(t, [2, 1]).reward.buffer, t.reward.buffer);
});

test("filtering, then joining what was kept and what was not, loses nothing", () => {
  fc.assert(
    fc.property(recording, (t) => {
      const kept = filterEpisodes(t, (e) => e.return > 0);
      const rest = filterEpisodes(t, (e) => !(e.return > 0));
      const both = concat(kept, rest);
      assert.deepEqual([...returns(both)].sort(), [...returns(t)].sort());
      assert.equal(both.reward.length, t.reward.length);
      assert.ok(returns(kept).every((r) => r > 0));
    }),
  );
});

test("split parts are disjoint, cover the recording and depend on the key alone", () => {
  const one = (reward: number) => ({
    observations: [
      [0, 0],
      [0, 0],
    ],
    actions: [0],
    rewards: [reward],
    terminated: true,
  });
  const t = fromEpisodes(
    Array.from({ length: 50 }, (_, i) => one(i)),
    spaces,
  );
  const shares = { train: 0.6, validation: 0.2, test: 0.2 };
  const parts = split(t, shares, randomKey(3));
  assert.deepEqual(
    [parts.train, parts.validation, parts.test].map((p) => p.reward.length),
    [30, 10, 10],
  );
  const all = [parts.train, parts.validation, parts.test].flatMap((p) => [...p.reward]).sort((a, b) => a - b);
  assert.deepEqual(
    all,
    Array.from({ length: 50 }, (_, i) => i),
  );
  const rewards = [...parts.train.reward];
  assert.deepEqual(
    rewards,
    [...rewards].sort((a, b) => a - b),
    "each part keeps the recording's order",
  );
  assert.deepEqual([...split(t, shares, randomKey(3)).test.reward], [...parts.test.reward]);
  assert.notDeepEqual([...split(t, shares, randomKey(4)).test.reward], [...parts.test.reward]);
  assert.throws(() => split(t, { train: 0.9, test: 0.2 }, randomKey(0)), Problem);
});

test("a split by time puts the oldest rows first and keeps whole rows", () => {
  const log = decisionLog({
    context: [[0], [1], [2], [3]],
    actions: 2,
    action: [0, 1, 0, 1],
    propensity: [0.5, 0.5, 0.5, 0.5],
    reward: [0, 1, 2, 3],
    extras: { timestamp: [40, 10, 30, 20] },
  });
  const { train, test: held } = splitByTime(log, { train: 0.5, test: 0.5 });
  assert.deepEqual([...train.reward], [1, 3]);
  assert.deepEqual([...held.context.data], [2, 0]);
  assert.throws(() => splitByTime(log, { all: 1 }, "time"), /there are: timestamp/);
});

test("every operation is in the lineage, oldest first, and changes the fingerprint only with the contents", () => {
  const one = {
    observations: [
      [0, 0],
      [0, 0],
    ],
    actions: [0],
    rewards: [4],
    terminated: true,
  };
  const t = fromEpisodes([one, one], spaces);
  const made = relabelReward(tag(takeEpisodes(t, [0]), "player", "ann"), (_, r) => r - 1, "penalty 1 a step");
  assert.deepEqual(made.provenance.lineage, ["fromEpisodes()", "take 1 of 2", "tag player", "penalty 1 a step"]);
  assert.deepEqual([...made.reward], [3]);
  assert.deepEqual([...t.reward], [4, 4]);
  assert.equal(takeEpisodes(t, [0, 1]).provenance.fingerprint, t.provenance.fingerprint);
  assert.notEqual(made.provenance.fingerprint, t.provenance.fingerprint);
  assert.throws(() => relabelReward(t, [1, Number.NaN]), /row 1/);
  assert.throws(() => takeEpisodes(t, [2]), /0 … 1/);
});

test("concat refuses other spaces; a tag or extra that one lacks is null or left out", () => {
  const one = {
    observations: [
      [0, 0],
      [0, 0],
    ],
    actions: [0],
    rewards: [4],
    terminated: true,
  };
  const t = fromEpisodes([one], spaces);
  const wider = fromEpisodes([{ ...one, actions: [0] }], { ...spaces, actionSpace: discrete(5) });
  assert.throws(() => concat(t, wider), /another action space/);
  const both = concat(tag(t, "player", "ann"), fromEpisodes([{ ...one, extras: { p: [1] } }], spaces));
  assert.deepEqual(both.tags, { player: ["ann", null] });
  assert.deepEqual(both.extras, {});
});

test("a decision log as trajectories: every row an episode that terminates", () => {
  const log = decisionLog({ context: [[5], [6]], actions: 2, action: [0, 1], propensity: [0.5, 1], reward: [0, 1] });
  const t = asTrajectories(log);
  assert.deepEqual([...t.offsets], [0, 1, 2]);
  assert.deepEqual([...t.terminated], [1, 1]);
  assert.deepEqual([...t.extras.propensity.data], [0.5, 1]);
  assert.deepEqual([...returns(t)], [...returns(log)]);
});
