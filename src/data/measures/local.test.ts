import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { box } from "../../spaces/make.ts";
import { generator, randomKey } from "../../tensor/random.ts";
import { concat } from "../concat.ts";
import { fromEpisodes } from "../episodes.ts";
import { moments } from "../replay.ts";
import type { Trajectories } from "../trajectories.ts";
import { takeEpisodes } from "../views.ts";
import { actionVariance, episodeMeans, stateSimilarity, transitionDiversity } from "./local.ts";
import { actionRows, nextStateRows, standardised, stateRows } from "./rows.ts";
import { anyPushes, choices, close, pushes } from "./testing.ts";

const rowsOf = (rows: ReturnType<typeof stateRows>): number[][] =>
  Array.from({ length: rows.shape[0] }, (_, i) =>
    Array.from({ length: rows.shape[1] }, (_, d) => Number(rows.data[i * rows.shape[1] + d])),
  );

const unit = (t: Trajectories) => rowsOf(standardised(stateRows(t), moments(stateRows(t))));
const apart = (a: readonly number[], b: readonly number[]): number => Math.hypot(...a.map((v, d) => v - b[d]));

/** The mean variance among the k nearest of the given points, by sorting all. */
function byLookingAtAll(points: number[][], values: number[][], k: number): number {
  const spreads = points.map((p) => {
    const near = points.map((q, i) => ({ i, far: apart(p, q) })).sort((a, b) => a.far - b.far);
    const rows = near.slice(0, k).map(({ i }) => values[i]);
    const columns = rows[0].map((_, d) => rows.map((row) => row[d]));
    const variances = columns.map((c) => {
      const mean = c.reduce((a, b) => a + b) / c.length;
      return c.reduce((sum, v) => sum + (v - mean) ** 2, 0) / c.length;
    });
    return variances.reduce((a, b) => a + b) / variances.length;
  });
  return spreads.reduce((a, b) => a + b) / spreads.length;
}

test("the measures are what looking at all pairs of rows gives", () => {
  fc.assert(
    fc.property(anyPushes, fc.integer({ min: 1, max: 6 }), (t, k) => {
      const states = unit(t);
      const actions = rowsOf(actionRows(t));
      assert.ok(close(actionVariance(t, { neighbours: k }).value, byLookingAtAll(states, actions, k)));
      const spread = moments(stateRows(t));
      const next = rowsOf(standardised(nextStateRows(t, Int32Array.from(states.keys())), spread));
      const change = next.map((row, i) => row.map((v, d) => v - states[i][d]));
      const done = rowsOf(standardised(actionRows(t), moments(actionRows(t))));
      const pairs = states.map((row, i) => [...row, ...done[i]]);
      assert.ok(close(transitionDiversity(t, { neighbours: k }).value, byLookingAtAll(pairs, change, k)));
      const others = (p: number[]) => states.filter((q) => apart(p, q) <= 0.8).length - 1;
      const wanted = states.reduce((sum, p) => sum + others(p) / Math.max(1, states.length - 1), 0) / states.length;
      if (states.length > 1) assert.ok(close(stateSimilarity(t, { radius: 0.8 }).value, wanted));
    }),
    { numRuns: 60 },
  );
});

test("one action a state has no variance; two by turns have that of a coin", () => {
  const steady = choices([
    {
      steps: [
        [0, 1],
        [1, 2],
        [0, 1],
        [1, 2],
      ],
    },
  ]);
  assert.equal(actionVariance(steady, { neighbours: 2 }).value, 0);
  // One-hot over four actions: two of the four numbers are a fair coin, of variance 1/4.
  const torn = choices([
    {
      steps: [
        [0, 1],
        [0, 2],
        [0, 1],
        [0, 2],
      ],
    },
  ]);
  assert.equal(actionVariance(torn, { neighbours: 4 }).value, 0.125);
});

test("all in one place are alike, and two places far apart halve it", () => {
  const states = (...of: number[]) => choices([{ steps: of.map((s) => [s, 0] as const) }]);
  assert.equal(stateSimilarity(states(3, 3, 3)).value, 1);
  assert.ok(close(stateSimilarity(states(3, 3, 4, 4)).value, 1 / 3));
  assert.equal(stateSimilarity(states(3)).value, 1);
});

/** A point pushed about, with noise in the world; every start and push comes many times. */
function world(noise: number, logged = 0) {
  const random = generator(randomKey(9));
  const episodes = Array.from({ length: 60 }, () => {
    const push = random.integer(2) === 0 ? -1 : 1;
    return {
      observations: [[0], [push + noise * random.normal()]],
      actions: [[push + logged * random.normal()]],
      rewards: [0],
      terminated: true,
    };
  });
  return fromEpisodes(episodes, { observationSpace: box(-Infinity, Infinity), actionSpace: box(-Infinity, Infinity) });
}

test("noise of the world shows as transition diversity, noise of the actor as action variance", () => {
  const still = world(0);
  const reference = pushes(1, [40]);
  assert.equal(transitionDiversity(still).value, 0);
  assert.ok(transitionDiversity(world(0.5)).value > 0.05);
  assert.ok(close(actionVariance(still, { neighbours: 60 }).value, 1, 0.1));
  assert.ok(actionVariance(world(0, 1), { neighbours: 60 }).value > 1.4);
  assert.ok(actionVariance(reference).value > 0);
});

test("measures do not depend on the order of episodes, and scale by a reference of the same spread alike", () => {
  fc.assert(
    fc.property(anyPushes, (t) => {
      const n = t.offsets.length - 1;
      const turned = takeEpisodes(
        t,
        Array.from({ length: n }, (_, e) => n - 1 - e),
      );
      for (const measure of [actionVariance, stateSimilarity, transitionDiversity]) {
        assert.ok(close(measure(turned).value, measure(t).value));
        assert.ok(close(measure(t, { scale: concat(t, t) }).value, measure(t).value, 1e-6));
      }
    }),
    { numRuns: 40 },
  );
});

test("a part of the rows stands for all, and each episode has the mean of its rows", () => {
  const t = pushes(
    8,
    Array.from({ length: 100 }, () => 20),
  );
  const all = actionVariance(t, { asked: Infinity });
  const some = actionVariance(t, { asked: 200 });
  assert.equal(some.rows.length, 200);
  assert.ok(close(some.value, all.value, 0.03));
  const means = episodeMeans(t, all);
  assert.ok(close(means[3], all.values.slice(60, 80).reduce((a, b) => a + b) / 20));
  assert.ok(Number.isNaN(episodeMeans(t, actionVariance(t, { asked: 1 }))[5]));
});

test("a wrong question is one sentence", () => {
  const none = takeEpisodes(pushes(1, [2]), []);
  assert.throws(() => actionVariance(none), /actionVariance: there is nothing to measure/);
  assert.throws(() => stateSimilarity(pushes(1, [2]), { radius: 0 }), /"radius" is 0/);
});
