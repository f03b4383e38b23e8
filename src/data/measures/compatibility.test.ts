import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { ndarray } from "../../tensor/ndarray.ts";
import { generator, randomKey } from "../../tensor/random.ts";
import { takeEpisodes } from "../views.ts";
import {
  compatibility,
  compatibilityThresholds,
  compatibleEpisodes,
  disagreement,
  nearestDemonstration,
  worstMoments,
} from "./compatibility.ts";
import { close, pushes } from "./testing.ts";

test("error and novelty by hand", () => {
  // Two members, two rows, two action numbers.
  const predictions = ndarray([
    [
      [0, 0],
      [1, 1],
    ],
    [
      [4, 0],
      [1, 1],
    ],
  ]);
  const { error, novelty } = disagreement(
    predictions,
    ndarray([
      [0, 0],
      [1, 4],
    ]),
  );
  assert.deepEqual([...error], [4, 4.5], "((0 + 16) + (0 + 0)) / 4 and ((0 + 9) + (0 + 9)) / 4");
  assert.deepEqual([...novelty], [1, 0], "std of 0 and 4 is 2, and of equals 0, mean over the two numbers");
});

test("a sample is bad where the base knows the place and does otherwise; where it knows nothing all is welcome", () => {
  const judged = { error: Float64Array.of(0.1, 0.5, 2, 2), novelty: Float64Array.of(0, 0, 0, 1) };
  const { value, bad } = compatibility(judged, { error: 1, novelty: 0.5 });
  assert.deepEqual([...value], [0.9, 0.5, 0, 1]);
  assert.deepEqual([...bad], [0, 0, 1, 0]);
  assert.deepEqual(
    [...compatibility(judged, { error: 1, novelty: Infinity }).bad],
    [0, 0, 1, 1],
    "the gate is what saves it",
  );
});

test("thresholds are quantiles of what the base makes of its own", () => {
  const base = { error: Float64Array.of(4, 1, 3, 2, 0), novelty: Float64Array.of(0, 10, 20, 30, 40) };
  assert.deepEqual(compatibilityThresholds(base, { error: 0.5, novelty: 0.75 }), { error: 2, novelty: 30 });
});

test("about as much of the base is large as the quantile says", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
      const random = generator(randomKey(seed));
      const judged = {
        error: Float64Array.from({ length: 200 }, () => random.uniform()),
        novelty: Float64Array.from({ length: 200 }, () => random.uniform()),
      };
      const { bad, value } = compatibility(judged, compatibilityThresholds(judged, { error: 0.9, novelty: 1 }));
      assert.ok(Math.abs(bad.reduce((a, b) => a + b, 0) - 20) <= 1);
      assert.ok(value.every((v) => v >= 0 && v <= 1));
    }),
    { numRuns: 30 },
  );
});

test("episodes are kept by their share of bad samples and their mean compatibility", () => {
  const t = pushes(2, [4, 2]);
  const judged = { value: Float64Array.of(1, 1, 1, 0, 0.5, 0.5), bad: Uint8Array.of(0, 0, 0, 1, 0, 0) };
  assert.deepEqual(compatibleEpisodes(t, judged), [false, true]);
  assert.deepEqual(compatibleEpisodes(t, judged, { mostBad: 0.25 }), [true, true]);
  assert.deepEqual(compatibleEpisodes(t, judged, { mostBad: 1, leastMean: 0.6 }), [true, false]);
});

test("the worst moments are shown once, worst first, within their episode", () => {
  const t = pushes(2, [3, 12]);
  const error = Float64Array.from({ length: 15 }, (_, i) => (i === 3 ? 5 : i === 4 ? 9 : i === 12 ? 7 : 0));
  const bad = error.map((e) => Number(e > 0));
  const found = worstMoments(
    t,
    1,
    { error, novelty: error },
    { value: error, bad: Uint8Array.from(bad) },
    { around: 2 },
  );
  assert.deepEqual(found, [
    { from: 0, to: 4, error: 9 },
    { from: 7, to: 12, error: 7 },
  ]);
});

test("the nearest demonstration is the one that goes the same way, at any pace", () => {
  const t = pushes(4, [5, 6, 7]);
  const found = nearestDemonstration(takeEpisodes(t, [1]), 0, t);
  assert.equal(found.episode, 1);
  assert.ok(close(found.distance, 0));
  assert.equal(nearestDemonstration(takeEpisodes(t, [1]), 0, takeEpisodes(t, [2, 1])).episode, 1);
});

test("a wrong question is one sentence", () => {
  const t = pushes(1, [2]);
  assert.throws(() => disagreement(ndarray([[[1]]]), ndarray([[1, 2]])), /wanted predictions \[members, 1, 2\]/);
  assert.throws(() => compatibilityThresholds({ error: new Float64Array(0), novelty: new Float64Array(0) }), /nothing/);
  assert.throws(
    () => compatibilityThresholds({ error: Float64Array.of(1), novelty: Float64Array.of(1) }, { error: 95 }),
    /"error" is 95; wanted a share/,
  );
  assert.throws(
    () => compatibleEpisodes(t, { value: new Float64Array(1), bad: new Uint8Array(1) }),
    /wanted \[2\], got \[1\]/,
  );
  assert.throws(() => nearestDemonstration(t, 0, takeEpisodes(t, [])), /nothing to measure/);
});
