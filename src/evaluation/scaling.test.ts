import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { generator, randomKey } from "../tensor/random.ts";
import { scalingFit } from "./scaling.ts";

const key = randomKey(1);
const amounts = [1, 2, 4, 8, 16, 32];
const close = (a: number, b: number, within = 1e-9): boolean => Math.abs(a - b) <= within;

test("a law without noise is found exactly, whatever it is", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.05, max: 2, noNaN: true }),
      fc.double({ min: 0.1, max: 5, noNaN: true }),
      (alpha, b) => {
        const fit = scalingFit(
          amounts,
          amounts.map((m) => [b * m ** -alpha]),
          { key, resamples: 100 },
        );
        assert.ok(close(fit.exponent.value, alpha) && close(fit.factor, b, 1e-8) && close(fit.r, -1));
        assert.deepEqual(fit.exponent.interval, [-Infinity, Infinity], "one seed says nothing about its spread");
        assert.ok(fit.saturating.floor < 1e-3 * b * 32 ** -alpha);
      },
    ),
    { numRuns: 30 },
  );
});

test("a floor is found where there is one, and is worth its parameter there only", () => {
  const law = (floor: number, seed: number) => {
    const random = generator(randomKey(seed));
    return amounts.map((m) =>
      Array.from({ length: 8 }, () => (floor + 0.8 * m ** -0.9) * Math.exp(0.03 * random.normal())),
    );
  };
  const saturates = scalingFit(amounts, law(0.2, 3), { key }).saturating;
  assert.ok(close(saturates.floor, 0.2, 0.02), `${saturates.floor}`);
  assert.ok(close(saturates.exponent, 0.9, 0.1));
  assert.ok(saturates.gain !== null && saturates.gain > 5);
  const gains = [4, 5, 6, 7].map((seed) => scalingFit(amounts, law(0, seed), { key }).saturating.gain ?? 1);
  assert.ok(
    gains.every((gain) => gain < 0),
    gains.join(),
  );
  assert.equal(scalingFit([1, 2, 4], [[4], [2], [1]], { key }).saturating.gain, null);
});

/** numpy: polyfit(log m, log e, 1) and corrcoef of m = 1, 2, 5, 10 and e = .9, .6, .45, .2 */
test("the line agrees with numpy's", () => {
  const fit = scalingFit([1, 2, 5, 10], [[0.9], [0.6], [0.45], [0.2]], { key });
  assert.ok(close(fit.exponent.value, 0.60683459, 1e-7), `${fit.exponent.value}`);
  assert.ok(close(fit.r, -0.96528008, 1e-7), `${fit.r}`);
});

test("the interval over seeds covers the exponent about as often as it says", () => {
  const times = 60;
  let covered = 0;
  for (let i = 0; i < times; i++) {
    const random = generator(randomKey(1000 + i));
    // A seed shifts all of its errors, as a lucky initialisation does.
    const seeds = Array.from({ length: 10 }, () => [0.5 + 0.1 * random.normal(), random.normal()]);
    const errors = amounts.map((m) => seeds.map(([alpha, shift]) => m ** -alpha * Math.exp(0.1 * shift)));
    const [low, high] = scalingFit(amounts, errors, { key: randomKey(i), resamples: 300 }).exponent.interval;
    if (low <= 0.5 && 0.5 <= high) covered++;
  }
  assert.ok(covered >= 48, `${covered} of ${times}`);
});

test("a seed without an error at some amount is no obstacle; a wrong question is one sentence", () => {
  const some = scalingFit(
    [1, 2, 4],
    [
      [0.5, 0.4],
      [0.3, 0.2],
      [0, 0.1],
    ],
    { key },
  );
  assert.ok(some.exponent.interval.every(Number.isFinite));
  assert.throws(() => scalingFit([1, 1, 2], [[1], [1], [1]], { key }), /three different amounts/);
  assert.throws(() => scalingFit([1, 2, 4], [[1], [1], [0]], { key }), /errors at 4: got "0"; .*try more episodes/);
  assert.throws(() => scalingFit([1, 2, 4], [[1], [1, 2], [1]], { key }), /task 1 has 2 seeds/);
  assert.throws(() => scalingFit([1, 2, 4], [[1]], { key }), /got 3 values and 1/);
});
