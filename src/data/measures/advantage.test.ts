import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { box, discrete } from "../../spaces/make.ts";
import { fromEpisodes } from "../episodes.ts";
import { takeEpisodes } from "../views.ts";
import { episodeAdvantages, positiveSidedVariance, trajectoryWeights } from "./advantage.ts";
import { anyPushes, choices, close, pushes } from "./testing.ts";

/** Episodes by their start, return and length. */
const episodes = (...given: readonly (readonly [number, number, number])[]) =>
  fromEpisodes(
    given.map(([start, sum, length]) => ({
      observations: Array.from({ length: length + 1 }, (_, i) => [i === 0 ? start : -7]),
      actions: Array.from({ length }, () => 0),
      rewards: Array.from({ length }, (_, i) => (i === length - 1 ? sum : 0)),
      terminated: true,
    })),
    { observationSpace: box(-Infinity, Infinity), actionSpace: discrete(2) },
  );

test("advantage is the return less the line through starts and returns", () => {
  // Least squares through (0, 0), (1, 3), (2, 3): 0.5 + 1.5 x.
  const t = episodes([0, 0, 1], [1, 3, 2], [2, 3, 3]);
  assert.ok([...episodeAdvantages(t)].every((a, e) => close(a, [-0.5, 1, -0.5][e])));
  assert.ok(close(positiveSidedVariance(t), 1 / 3));
});

test("starts that never differ promise the mean return, and returns that are a line of the start leave nothing", () => {
  assert.ok(close(positiveSidedVariance(episodes([5, 0, 1], [5, 4, 1])), 2));
  assert.ok(close(positiveSidedVariance(episodes([0, 1, 1], [1, 3, 1], [4, 9, 1])), 0));
});

test("more numbers than episodes leave nothing either, and equal columns are no trouble", () => {
  const wide = (xs: number[], sum: number) => ({
    observations: [xs, xs],
    actions: [0],
    rewards: [sum],
    terminated: true,
  });
  const spaces = { observationSpace: box(-Infinity, Infinity, { shape: [3] }), actionSpace: discrete(2) };
  assert.ok(close(positiveSidedVariance(fromEpisodes([wide([1, 1, 0], 3), wide([2, 2, 5], 8)], spaces)), 0));
  const twice = fromEpisodes([wide([0, 0, 9], 0), wide([1, 1, 9], 3), wide([2, 2, 9], 3)], spaces);
  assert.ok(close(positiveSidedVariance(twice), 1 / 3));
});

test("the residuals of least squares: no linear function of the start is left in them", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 5, max: 12 }), (seed, n) => {
      const t = pushes(
        seed,
        Array.from({ length: n }, (_, e) => 1 + (e % 3)),
      );
      const left = episodeAdvantages(t);
      assert.ok(Math.abs(left.reduce((a, b) => a + b, 0)) < 1e-6);
      for (const d of [0, 1]) {
        const dot = left.reduce((sum, a, e) => sum + a * Number(t.observation.data[t.offsets[e] * 2 + d]), 0);
        assert.ok(Math.abs(dot) < 1e-6);
      }
    }),
    { numRuns: 50 },
  );
});

test("every step of an episode weighs exp(g/α) over the sum over all steps", () => {
  const t = episodes([0, 0, 1], [0, 5, 2], [0, 10, 3]);
  const [low, middle, high] = [1, Math.exp(5), Math.exp(10)];
  const total = low + 2 * middle + 3 * high;
  const wanted = [low, middle, middle, high, high, high].map((w) => w / total);
  const weights = trajectoryWeights(t, { by: "return" });
  assert.ok(weights.every((w, i) => close(w, wanted[i], 1e-12)));
  assert.ok(
    close(
      weights.reduce((a, b) => a + b),
      1,
    ),
  );
  assert.ok([...trajectoryWeights(t, { by: "return", temperature: 1e-6 })].every(Number.isFinite));
});

test("where the start decides the return, advantage prefers the skilled and return the near", () => {
  // Near starts always earn 10 or 11; far ones 0, and 5 with skill.
  const t = episodes([0, 10, 1], [0, 11, 1], [0, 10, 1], [9, 0, 1], [9, 0, 1], [9, 5, 1]);
  const [byReturn, byAdvantage] = (["return", "advantage"] as const).map((by) => trajectoryWeights(t, { by }));
  assert.ok(byReturn[0] > byReturn[5] && byAdvantage[5] > byAdvantage[0]);
});

test("weights go with their episodes, whatever the order", () => {
  fc.assert(
    fc.property(anyPushes, (t) => {
      const n = t.offsets.length - 1;
      const turned = takeEpisodes(
        t,
        Array.from({ length: n }, (_, e) => n - 1 - e),
      );
      const [a, b] = [trajectoryWeights(t, { by: "return" }), trajectoryWeights(turned, { by: "return" })];
      for (let e = 0; e < n; e++) assert.ok(close(a[t.offsets[e]], b[turned.offsets[n - 1 - e]]));
    }),
    { numRuns: 50 },
  );
});

test("equal returns weigh alike; a wrong question is one sentence", () => {
  assert.deepEqual([...trajectoryWeights(episodes([0, 3, 1], [1, 3, 3]), { by: "return" })], [0.25, 0.25, 0.25, 0.25]);
  const t = choices([{ steps: [[0, 0]] }]);
  assert.throws(() => trajectoryWeights(t, { by: "return", temperature: 0 }), /"temperature" is 0/);
  assert.throws(() => trajectoryWeights(t, { by: "luck" as "return" }), /"by" is "luck"/);
  assert.throws(() => positiveSidedVariance(takeEpisodes(t, [])), /nothing to measure/);
});
