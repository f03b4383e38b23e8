import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fold, generator, randomKey } from "../tensor/random.ts";
import { aggregate, interquartileMean, performanceProfile, probabilityOfImprovement } from "./aggregate.ts";
import type { Estimate } from "./estimate.ts";

type Golden = { value: number; interval: [number, number] };
const golden: {
  first: number[][];
  second: number[][];
  thresholds: number[];
  improvement: Golden;
  profile: Golden[];
} & {
  [name in "iqm" | "median" | "mean" | "optimalityGap"]: Golden;
} = JSON.parse(readFileSync(new URL("./aggregate.golden.json", import.meta.url), "utf8"));

const options = { key: randomKey(0), resamples: 6000 };

/** Points agree to rounding; interval ends within the Monte-Carlo error of 6,000 resamples, an eighth of a width at most. */
function agrees(got: Estimate, wanted: Golden, what: string): void {
  assert.ok(Math.abs(got.value - wanted.value) < 1e-12, `${what}: ${got.value} is not ${wanted.value}`);
  const width = wanted.interval[1] - wanted.interval[0];
  for (const i of [0, 1] as const) {
    const off = Math.abs(got.interval[i] - wanted.interval[i]);
    assert.ok(off <= width / 8 + 1e-12, `${what}: ${got.interval} is not ${wanted.interval}`);
  }
}

test("the aggregates equal rliable's", () => {
  const got = aggregate(golden.first, options);
  for (const name of ["iqm", "median", "mean", "optimalityGap"] as const) agrees(got[name], golden[name], name);
  assert.match(got.iqm.method, /^interquartile mean, bootstrap over seeds within tasks/);
  assert.equal(got.iqm.n, 30);
});

test("the probability of improvement equals rliable's, ties counting half", () => {
  const got = probabilityOfImprovement(golden.first, golden.second, options);
  agrees(got, golden.improvement, "improvement");
  const back = probabilityOfImprovement(golden.second, golden.first, { ...options, resamples: 100 });
  assert.ok(Math.abs(got.value + back.value - 1) < 1e-12);
  assert.equal(probabilityOfImprovement([[1, 1]], [[1]], options).value, 0.5);
});

test("the performance profile equals the published definition", () => {
  const got = performanceProfile(golden.first, golden.thresholds, options);
  got.forEach(({ threshold, share }, i) => {
    assert.equal(threshold, golden.thresholds[i]);
    agrees(share, golden.profile[i], `profile at ${threshold}`);
  });
});

test("a quarter is cut at each end, rounded down", () => {
  assert.equal(interquartileMean([[0, 10, 20, 1000]]), 15);
  assert.equal(
    interquartileMean([
      [-500, 1],
      [2, 3],
      [4, 5],
      [6, 700],
    ]),
    3.5,
  );
  assert.equal(interquartileMean([[1, 2, 9]]), 4);
});

test("the IQM's interval holds the truth about as often as it says, with ten seeds on each of five tasks", () => {
  const repeats = 300;
  let held = 0;
  for (let r = 0; r < repeats; r++) {
    const random = generator(fold(randomKey(2), r));
    // Equal symmetric tasks: the IQM's true value is their common mean.
    const scores = Array.from({ length: 5 }, () => Array.from({ length: 10 }, () => 0.6 + 0.2 * random.normal()));
    const { iqm } = aggregate(scores, { key: fold(randomKey(3), r), resamples: 200 });
    if (iqm.interval[0] <= 0.6 && 0.6 <= iqm.interval[1]) held++;
  }
  assert.ok(held / repeats > 0.89 && held / repeats < 0.985, `measured coverage ${held / repeats}`);
});

test("scores that do not fit say which task", () => {
  assert.throws(() => aggregate([[1, 2], [1]], options), /task 1 has 1 seed/);
  assert.throws(() => aggregate([], options), /nothing to measure/);
  assert.throws(() => aggregate([[1, Number.NaN]], options), /task 0: got NaN/);
  assert.throws(() => probabilityOfImprovement([[1]], [[1], [2]], options), /1 values and 2/);
  assert.deepEqual(
    aggregate(golden.first, { key: randomKey(1), resamples: 100 }),
    aggregate(golden.first, { key: randomKey(1), resamples: 100 }),
  );
});
