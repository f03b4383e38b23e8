import assert from "node:assert/strict";
import { test } from "node:test";
import { generator, randomKey } from "../../tensor/random.ts";
import { type Independent, klBetween, selfPacedStep, spdlTeacher } from "./spdl.ts";

const near = (a: number, b: number, by: number): void => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`);

/** Plays a Gaussian's tasks: rows [...task, score]. */
function played({ mean, spread }: Independent, score: (task: readonly number[]) => number, n = 400): number[][] {
  const random = generator(randomKey(1));
  return Array.from({ length: n }, () => {
    const task = mean.map((m, i) => m + spread[i] * random.normal());
    return [...task, score(task)];
  });
}

test("the divergence is the textbook's, by numbers and by an integral", () => {
  const [p, q] = [
    { mean: [0.2], spread: [0.1] },
    { mean: [0.5], spread: [0.3] },
  ];
  near(klBetween(p, q), Math.log(3) + (0.01 + 0.09) / (2 * 0.09) - 0.5, 1e-12);
  assert.equal(klBetween(q, q), 0);
  const density = ({ mean: [m], spread: [s] }: Independent, x: number): number =>
    Math.exp(-0.5 * ((x - m) / s) ** 2) / (s * Math.sqrt(2 * Math.PI));
  let sum = 0;
  for (let x = -1; x < 1.4; x += 1e-3) sum += 1e-3 * density(p, x) * Math.log(density(p, x) / density(q, x));
  near(klBetween(p, q), sum, 1e-6);
});

test("a small step goes along the natural gradient, which finite differences give too", () => {
  const now = { mean: [0.3, 0.6], spread: [0.1, 0.2] };
  const target = { mean: [0.5, 0.5], spread: [0.25, 0.25] };
  const alpha = 0.03;
  const rows = played(now, ([x, y]) => 0.5 + x - 0.7 * y + x * y);
  const baseline = rows.reduce((sum, row) => sum + row[2], 0) / rows.length;
  const logDensity = ({ mean, spread }: Independent, row: readonly number[]): number =>
    mean.reduce((sum, m, i) => sum - ((row[i] - m) / spread[i]) ** 2 / 2 - Math.log(spread[i]), 0);
  /** What is maximised, at a mean and the logarithms of spreads. */
  const gain = ([a, b, c, d]: readonly number[]): number => {
    const next = { mean: [a, b], spread: [Math.exp(c), Math.exp(d)] };
    const scores = rows.map((row) => Math.exp(logDensity(next, row) - logDensity(now, row)) * (row[2] - baseline));
    return scores.reduce((sum, x) => sum + x, 0) / rows.length - alpha * klBetween(next, target);
  };
  const at = [...now.mean, ...now.spread.map(Math.log)];
  const slope = at.map((x, i) => (gain(at.with(i, x + 1e-6)) - gain(at.with(i, x - 1e-6))) / 2e-6);
  // The Fisher information of a mean is 1 / σ², that of a logarithm of a spread 2.
  const natural = slope.map((g, i) => (i < 2 ? g * now.spread[i] ** 2 : g / 2));
  const bound = 1e-8;
  const next = selfPacedStep(now, target, rows, { alpha, maxDivergence: bound });
  const moved = [...next.mean, ...next.spread.map(Math.log)].map((x, i) => x - at[i]);
  for (let i = 0; i < 4; i++) near(moved[i] / moved[0], natural[i] / natural[0], 2e-3);
  assert.ok(moved[0] * natural[0] > 0);
  const divergence = klBetween(now, next);
  assert.ok(divergence <= bound && divergence > bound / 4.1, `${divergence}`);
});

test("with nothing to gain but nearness it reaches the target, never faster than the bound, nearer at every update", () => {
  const target = { mean: [0.7, 0.4], spread: [0.2, 0.2] };
  let now: Independent = { mean: [0.2, 0.2], spread: [0.05, 0.05] };
  for (let update = 0; update < 60; update++) {
    const rows = played(now, () => 0.5, 20);
    const next = selfPacedStep(now, target, rows, { alpha: 0.1, maxDivergence: 0.2 });
    assert.ok(klBetween(now, next) <= 0.2);
    assert.ok(klBetween(next, target) <= klBetween(now, target));
    now = next;
  }
  near(klBetween(now, target), 0, 0.01);
  const rows = played(now, () => 0.5, 20);
  const still = { mean: [0.2, 0.2], spread: [0.1, 0.1] };
  assert.equal(selfPacedStep(still, target, rows, { alpha: 0, maxDivergence: 1 }), still);
});

test("the pace is the learner's: a teacher stays while nothing succeeds, and moves on when all does", () => {
  const initial = { task: [0.1, 0.1], spread: 0.05 };
  const target = { task: [0.8, 0.8], spread: 0.1 };
  const after = (score: number, offset = 0): Independent => {
    const teacher = spdlTeacher(2, { initial, target, updateEvery: 20, maxDivergence: 0.5, offset });
    const random = generator(randomKey(2));
    for (let i = 0; i < 60 * 20; i++) {
      const task = teacher.sampleTask(random);
      teacher.episodicUpdate({ task, score }, random);
    }
    return (teacher.save() as { now: Independent }).now;
  };
  assert.deepEqual(after(0).mean, [0.1, 0.1]);
  const there = after(1);
  for (const m of there.mean) near(m, 0.8, 0.02);
  for (const s of there.spread) near(s, 0.1, 0.02);
  assert.deepEqual(after(1, 100).mean, [0.1, 0.1], "nearness does not count yet");
  assert.throws(() => spdlTeacher(2, { initial: { task: [0.5], spread: 0.1 } }), /2 numbers from 0 to 1/);
  assert.throws(() => spdlTeacher(1, { target: { task: [0.5], spread: 0 } }), /target.spread/);
  assert.throws(() => spdlTeacher(1, { maxDivergence: 0 }), /maxDivergence/);
});

test("without nearness it goes where scores are, as far as the bound", () => {
  const now = { mean: [0.5], spread: [0.1] };
  const freely = { alpha: 0, maxDivergence: 0.5 };
  const right = played(now, ([x]) => Number(x > 0.55));
  assert.ok(selfPacedStep(now, now, right, freely).mean[0] > 0.55);
  // Of a Gaussian that narrows, the divergence is more than its quadratic form says.
  const middle = played(now, ([x]) => Number(Math.abs(x - 0.5) < 0.05));
  const narrow = selfPacedStep(now, now, middle, freely);
  assert.ok(narrow.spread[0] < 0.09, `${narrow.spread}`);
  assert.ok(klBetween(now, narrow) <= 0.5, `${klBetween(now, narrow)}`);
});
