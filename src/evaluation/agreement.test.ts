import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { generator, randomKey } from "../tensor/random.ts";
import { agreement, intervalDifference, nominalDifference } from "./agreement.ts";
import { type Estimate, isRefusal } from "./estimate.ts";

const key = randomKey(1);
const sure = (answer: ReturnType<typeof agreement>): Estimate =>
  isRefusal(answer) ? assert.fail(answer.reason) : answer;

/** Krippendorff 2011, section C: what four observers said of twelve units; 0 where one said nothing. */
const observers = [
  [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
  [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
  [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
  [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
];
const units = observers[0].map((_, unit) => observers.map((said) => said[unit]).filter((value) => value > 0));

test("alpha is what Krippendorff computes by hand", () => {
  const named = sure(agreement(units, { key, difference: nominalDifference }));
  const scaled = sure(agreement(units, { key, difference: intervalDifference }));
  assert.equal(named.value.toFixed(3), "0.743");
  assert.equal(scaled.value.toFixed(3), "0.849");
  assert.equal(named.n, 11, "a unit with one judgement says nothing of agreement");
  for (const {
    value,
    interval: [low, high],
  } of [named, scaled])
    assert.ok(low < value && value < high && high <= 1);
});

test("1 where all agree, about 0 where judgements are dealt out, whoever says them", () => {
  const random = generator(randomKey(2));
  const dealt = Array.from({ length: 400 }, () => [random.integer(3), random.integer(3), random.integer(3)]);
  const {
    value,
    interval: [low, high],
  } = sure(agreement(dealt, { key, difference: nominalDifference }));
  assert.ok(low < 0 && high > 0 && Math.abs(value) < 0.08, String(value));
  const same = Array.from({ length: 20 }, (_, i) => [i % 4, i % 4]);
  assert.deepEqual(sure(agreement(same, { key })).interval, [1, 1]);
  fc.assert(
    fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }), { maxLength: 30 }), (judged) => {
      const one = agreement(judged, { key });
      // Neither the order of people, nor of things, nor where the scale begins matters.
      const other = agreement(judged.map((values) => values.toReversed().map((v) => 7 - 3 * v)).toReversed(), { key });
      assert.equal(isRefusal(one), isRefusal(other));
      if (!isRefusal(one) && !isRefusal(other)) assert.ok(Math.abs(one.value - other.value) < 1e-9);
    }),
  );
});

test("too few shared things, or no two judgements that differ, are refused", () => {
  const few = agreement([[1, 2], [1], [2], [3, 3]], { key });
  assert.match(isRefusal(few) ? few.reason : "", /^2 of 4 were judged by more than one person; wanted at least 10/);
  const flat = agreement(new Array(12).fill([5, 5]), { key });
  assert.match(isRefusal(flat) ? flat.reason : "", /All judgements are the same/);
});
