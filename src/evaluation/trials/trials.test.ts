import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fold, generator, randomKey } from "../../tensor/index.ts";
import {
  blindComparison,
  holm,
  letters,
  probabilityBetter,
  rateEstimate,
  sequentialTest,
  successPosterior,
} from "./index.ts";

test("posteriors: the flat prior, its interval, and who is better", () => {
  const none = successPosterior(0, 0);
  assert.equal(rateEstimate(none).value, 0.5);
  assert.ok(Math.abs(rateEstimate(none).interval[0] - 0.025) < 1e-9);
  // 9 of 10: Beta(10, 2); scipy.stats.beta.ppf([0.025, 0.975], 10, 2)
  const [low, high] = rateEstimate(successPosterior(9, 10)).interval;
  assert.ok(Math.abs(low - 0.5872) < 1e-4 && Math.abs(high - 0.9772) < 1e-4, `${low} ${high}`);
  assert.ok(Math.abs(probabilityBetter(none, none) - 0.5) < 1e-6);
  // P(Beta(2, 1) > Beta(1, 2)) = ∫ 2x (1 − (1 − x)²) dx = 5/6.
  assert.ok(Math.abs(probabilityBetter(successPosterior(1, 1), successPosterior(0, 1)) - 5 / 6) < 1e-6);
  assert.throws(() => successPosterior(3, 2), /3 of 2/);
});

/** The share of runs in which a test says that one is better though both are alike, looking after every trial. */
const wrong = (alpha: number, rate: number): number => {
  const repetitions = 2000;
  let said = 0;
  for (let r = 0; r < repetitions; r++) {
    const random = generator(fold(randomKey(5), r));
    const outcomes = sequentialTest({ alpha });
    for (let t = 0; t < 200 && outcomes.verdict === "undecided"; t++) {
      outcomes.add(Number(random.uniform() < rate), Number(random.uniform() < rate));
    }
    said += Number(outcomes.verdict !== "undecided");
  }
  return said / repetitions;
};

test("looking after every trial does not make the sequential test wrong more often than it says", () => {
  for (const rate of [0.5, 0.9]) assert.ok(wrong(0.1, rate) <= 0.1, `at a rate of ${rate}`);
});

test("a real difference is found, in the right direction, and the verdict stays", () => {
  const random = generator(randomKey(2));
  const outcomes = sequentialTest();
  while (outcomes.verdict === "undecided") outcomes.add(Number(random.uniform() < 0.9), Number(random.uniform() < 0.4));
  assert.equal(outcomes.verdict, "first is better");
  assert.ok(outcomes.trials < 100 && outcomes.p.first <= 0.025 && outcomes.p.second === 1);
  for (let i = 0; i < 50; i++) outcomes.add(0, 1);
  assert.equal(outcomes.verdict, "first is better");
  assert.throws(() => outcomes.add(2, 0), /from 0 to 1/);
});

test("Holm: steps down, and stops at the first that stands", () => {
  assert.deepEqual(holm([0.01, 0.04, 0.03]), [true, false, false]);
  assert.deepEqual(holm([0.01, 0.02, 0.03]), [true, true, true]);
  assert.deepEqual(holm([]), []);
});

test("letters: two things share one exactly when they were not told apart", () => {
  assert.deepEqual(
    letters(3, (i, j) => i === 0 && j === 2),
    ["a", "ab", "b"],
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(fc.boolean(), { minLength: 36, maxLength: 36 }), (n, bits) => {
      const display = letters(n, (i, j) => bits[i * 6 + j]);
      for (let i = 0; i < n; i++) {
        for (let j = i + 1; j < n; j++) {
          const shared = [...display[i]].some((letter) => display[j].includes(letter));
          assert.equal(shared, !bits[i * 6 + j]);
        }
      }
    }),
  );
});

test("a blind comparison hides who is who until all is scored, and pairs every start", () => {
  const plan = blindComparison(["old", "new"], [11, 12, 13], { seed: 4 });
  assert.deepEqual(blindComparison(["old", "new"], [11, 12, 13], { seed: 4 }).trials, plan.trials);
  assert.equal(new Set(plan.trials.map(({ code }) => code)).size, 6);
  assert.throws(() => plan.unblind(), /6 trials without a score/);
  for (const trial of plan.trials) plan.score(trial.code, { success: plan.policyOf(trial) === "new" });
  assert.throws(() => plan.score(plan.trials[0].code, { success: true }), /no score yet/);
  const [old, fresh] = plan.unblind();
  assert.ok(old.outcomes.every(({ success }) => !success) && fresh.outcomes.every(({ success }) => success));
  assert.deepEqual(old.outcomes.map(({ start }) => start).sort(), [11, 12, 13]);
  // Neither policy always goes first.
  const firsts = blindComparison(
    ["old", "new"],
    Array.from({ length: 20 }, (_, i) => i),
  );
  const share = firsts.trials.filter((trial, i) => i % 2 === 0 && firsts.policyOf(trial) === "old").length;
  assert.ok(share > 4 && share < 16);
  assert.throws(() => blindComparison(["one"], [1]), /two policies/);
});
