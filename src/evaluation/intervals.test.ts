import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { Problem } from "../problems.ts";
import { fold, generator, randomKey } from "../tensor/random.ts";
import { bcaInterval, bootstrap, percentileInterval } from "./bootstrap.ts";
import type { Estimate } from "./estimate.ts";
import { differenceOfMeans, meanEstimate, pairedDifference, proportion } from "./intervals.ts";

type Case = { level: number; interval: [number, number] };
const golden: {
  first: number[];
  second: number[];
  third: number[];
  distribution: number[];
  mean: Case[];
  welch: Case[];
  paired: Case[];
  percentile: Case[];
  bca: Case[];
  proportion: (Case & { successes: number; n: number })[];
} = JSON.parse(readFileSync(new URL("./intervals.golden.json", import.meta.url), "utf8"));

function close(got: readonly [number, number], wanted: readonly [number, number], tolerance = 1e-9): void {
  for (const i of [0, 1] as const) {
    assert.ok(Math.abs(got[i] - wanted[i]) <= tolerance * Math.max(1, Math.abs(wanted[i])), `${got} is not ${wanted}`);
  }
}

test("Student, Welch, paired and Clopper–Pearson intervals equal scipy's", () => {
  for (const { level, interval } of golden.mean) close(meanEstimate(golden.first, { level }).interval, interval);
  for (const { level, interval } of golden.welch)
    close(differenceOfMeans(golden.first, golden.third, { level }).interval, interval);
  for (const { level, interval } of golden.paired)
    close(pairedDifference(golden.first, golden.second, { level }).interval, interval);
  for (const { successes, n, level, interval } of golden.proportion)
    close(proportion(successes, n, { level }).interval, interval);
});

const std = (x: ArrayLike<number>): number => {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < x.length; i++) sum += x[i];
  for (let i = 0; i < x.length; i++) squares += (x[i] - sum / x.length) ** 2;
  return Math.sqrt(squares / x.length);
};

test("percentile and BCa intervals of a given resampling equal scipy's", () => {
  const distribution = Float64Array.from(golden.distribution);
  const jackknife = Float64Array.from(golden.third, (_, left) => std(golden.third.filter((_, i) => i !== left)));
  for (const { level, interval } of golden.percentile) close(percentileInterval(distribution, level), interval);
  for (const { level, interval } of golden.bca)
    close(bcaInterval(distribution, std(golden.third), jackknife, level), interval);
});

test("bootstrap is a function of its key, and its two methods differ on a skewed sample", () => {
  const run = (seed: number, method: "percentile" | "bca") =>
    bootstrap(golden.third, std, { key: randomKey(seed), method, resamples: 500 });
  assert.deepEqual(run(1, "bca"), run(1, "bca"));
  assert.notDeepEqual(run(1, "bca").interval, run(2, "bca").interval);
  const [percentile, bca] = [run(1, "percentile"), run(1, "bca")];
  assert.ok(bca.interval[1] > percentile.interval[1], "BCa reaches further into the long tail");
  assert.equal(bca.value, std(golden.third));
  const rows = golden.first.map((a, i) => ({ a, b: golden.third[i] }));
  const ratio = bootstrap(rows, (s) => s.reduce((t, r) => t + r.a, 0) / s.reduce((t, r) => t + r.b, 0), {
    key: randomKey(0),
  });
  assert.ok(ratio.interval[0] < ratio.value && ratio.value < ratio.interval[1]);
});

/** The share of simulated experiments whose interval holds the truth. */
function coverage(
  repeats: number,
  truth: number,
  experiment: (draw: ReturnType<typeof generator>) => Estimate,
): number {
  let held = 0;
  for (let r = 0; r < repeats; r++) {
    const { interval } = experiment(generator(fold(randomKey(7), "coverage", r)));
    if (interval[0] <= truth && truth <= interval[1]) held++;
  }
  return held / repeats;
}

// Three standard errors of a coverage of 0.95 (0.9) measured on 4,000 (600) repeats: 0.010 (0.037).
test("a 95% interval holds the truth in 95% of simulated experiments", () => {
  const normals = (draw: ReturnType<typeof generator>, n: number, mean = 0, scale = 1) =>
    Float64Array.from({ length: n }, () => mean + scale * draw.normal());
  const near = (measured: number, wanted: number, tolerance: number, what: string) =>
    assert.ok(
      Math.abs(measured - wanted) <= tolerance,
      `${what}: measured coverage ${measured}, wanted ${wanted} ± ${tolerance}`,
    );

  near(
    coverage(4000, 2, (draw) => meanEstimate(normals(draw, 6, 2, 3))),
    0.95,
    0.01,
    "Student",
  );
  near(
    coverage(4000, 1, (draw) => differenceOfMeans(normals(draw, 6, 3, 4), normals(draw, 20, 2, 1))),
    0.95,
    0.012,
    "Welch",
  );
  const pairs = coverage(4000, 0.5, (draw) => {
    const shared = normals(draw, 8, 0, 10);
    return pairedDifference(
      shared.map((v) => v + 0.5 + 0.3 * draw.normal()),
      shared,
    );
  });
  near(pairs, 0.95, 0.01, "paired");
  const median = coverage(600, 0, (draw) =>
    bootstrap(normals(draw, 41), (s) => s.toSorted((a, b) => a - b)[20], {
      key: randomKey(draw.integer(1e9)),
      resamples: 300,
      level: 0.9,
    }),
  );
  near(median, 0.9, 0.037, "bootstrap percentile of a median");
  // BCa of a skewed sample's mean is known to fall short of its level by a point or two at n = 80; it must stay above the percentile's.
  const exponential = (method: "bca" | "percentile") =>
    coverage(600, 1, (draw) => {
      const sample = Float64Array.from({ length: 80 }, () => -Math.log(1 - draw.uniform()));
      const mean = (s: readonly number[]) => s.reduce((t, v) => t + v, 0) / s.length;
      return bootstrap(sample, mean, { key: randomKey(draw.integer(1e9)), resamples: 300, level: 0.9, method });
    });
  const bca = exponential("bca");
  near(bca, 0.9, 0.045, "BCa of an exponential mean");
  assert.ok(bca >= exponential("percentile"));
  for (const p of [0.03, 0.4]) {
    const share = coverage(4000, p, (draw) => {
      let successes = 0;
      for (let i = 0; i < 40; i++) if (draw.uniform() < p) successes++;
      return proportion(successes, 40);
    });
    assert.ok(share >= 0.945, `Clopper–Pearson covers at least its level; measured ${share} at p = ${p}`);
  }
});

test("what cannot be estimated says so", () => {
  assert.throws(() => meanEstimate([]), /nothing to measure/);
  assert.throws(() => meanEstimate([1, Number.NaN]), /NaN at position 1/);
  assert.throws(() => meanEstimate([1, 2], { level: 95 }), /level/);
  assert.throws(() => proportion(4, 3), Problem);
  assert.throws(() => pairedDifference([1], [1, 2]), /1 values and 2/);
  assert.throws(() => bootstrap([1, 2], () => Number.NaN, { key: randomKey(0) }), /statistic/);
  assert.deepEqual(meanEstimate([3]).interval, [-Infinity, Infinity]);
  assert.deepEqual(meanEstimate([3, 3, 3]).interval, [3, 3]);
});

test("a wider level gives a wider interval that holds the narrower", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 30 }),
      (values) => {
        const [narrow, wide] = [meanEstimate(values, { level: 0.8 }), meanEstimate(values, { level: 0.99 })];
        return wide.interval[0] <= narrow.interval[0] && narrow.interval[1] <= wide.interval[1];
      },
    ),
  );
});
