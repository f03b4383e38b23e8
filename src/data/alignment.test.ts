import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ndarray } from "../tensor/ndarray.ts";
import { alignedSteps } from "./alignment.ts";

const line = (...places: number[]) => ndarray(places.map((x) => [x]));
const kept = (sequences: readonly number[][], tolerance?: number): number[][] =>
  alignedSteps(
    sequences.map((places) => line(...places)),
    tolerance === undefined ? {} : { tolerance },
  ).kept.map((rows) => [...rows]);

test("what all have in common is kept, and what one has alone is jumped over", () => {
  const clean = [0, 1, 2, 3, 4];
  // Between 1 and 2 the second one visits 9.
  assert.deepEqual(kept([clean, [0, 1, 9, 9.1, 9, 2, 3, 4], clean], 1), [
    [0, 1, 2, 3, 4],
    [0, 1, 5, 6, 7],
    [0, 1, 2, 3, 4],
  ]);
});

test("one round by hand: votes, the mean of the candidates, and a jump", () => {
  // Round 1. The others are at 0 and 0: of rows 4, 1, 3 the nearest is 1; of 2, 3 it is 2; of 5 it is 5.
  // The mean of 1, 2 and 5 is 8/3: the nearest later rows are 3, 3 and 5, the last rows of all.
  const places = [
    [0, 4, 1, 3],
    [0, 2, 3],
    [0, 5],
  ];
  const aligned = alignedSteps(
    places.map((own) => line(...own)),
    { tolerance: 1 },
  );
  assert.deepEqual(
    aligned.kept.map((rows) => [...rows]),
    [
      [0, 3],
      [0, 2],
      [0, 1],
    ],
  );
  assert.deepEqual([...aligned.confidence], [1]);
  // With a tolerance of 2 the first may go to 4 (|4 − 8/3|) rather than 3, because it comes earlier, and the second to 2.
  assert.deepEqual(kept(places)[0].slice(0, 2), [0, 1]);
  assert.deepEqual(kept(places)[1].slice(0, 2), [0, 1]);
});

test("of candidates with as many votes the earliest stands", () => {
  // One other says 1, one says 9: with 1 the mean is 1, with 9 it would be 11/3, next to the 4.
  assert.deepEqual(
    kept(
      [
        [0, 1, 9, 4],
        [0, 1],
        [9, 1],
      ],
      1,
    )[0].slice(0, 2),
    [0, 1],
  );
});

test("the reference is a mean, a mean weighed by votes, or a median", () => {
  // One of five is elsewhere: its candidate is 100 where the others' are 1. The mean of all is 20.8, the median 1, and
  // weighed by votes (four each, for each has one later row) the mean again.
  const places = [
    [0, 1, 20, 30],
    [0, 1, 20, 30],
    [0, 1, 20, 30],
    [0, 1, 20, 30],
    [0, 100],
  ];
  const second = (reference: "mean" | "weighted" | "median"): number => {
    const sequences = places.map((own) => line(...own));
    return alignedSteps(sequences, { tolerance: 1, reference }).kept[0][1];
  };
  assert.deepEqual([second("mean"), second("weighted"), second("median")], [2, 2, 1]);
  // The first's candidate is 9, with two votes of three; the others' are 1, with all: the mean is 3, weighed it is 27/11.
  const split = [line(0, 1, 9, 2.5, 3), line(0, 1), line(9, 1), line(9, 1)];
  const reached = (reference: "mean" | "weighted"): number =>
    alignedSteps(split, { tolerance: 1, reference }).kept[0][1];
  assert.deepEqual([reached("mean"), reached("weighted")], [4, 3]);
});

test("confidence is the share of votes that the candidates got", () => {
  // The first three are asked about the fourth's rows 10 and 20: two say 10, one says 20.
  const { confidence } = alignedSteps([line(11, 10), line(12, 10), line(19, 10), line(0, 10, 20)], { tolerance: 1 });
  assert.equal(confidence[0], (3 + 3 + 3 + 2) / 12);
});

test("whatever comes: from the first row to the last, ascending, and the same from anywhere and for copies", () => {
  const sequence = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(
      fc.array(sequence, { minLength: 2, maxLength: 4 }),
      fc.integer({ min: 1, max: 3 }),
      (them, tolerance) => {
        const rows = kept(them, tolerance);
        rows.forEach((own, i) => {
          assert.equal(own[0], 0);
          assert.equal(own.at(-1), them[i].length - 1);
          own.forEach((row, k) => {
            assert.ok(k === 0 || row > own[k - 1]);
          });
        });
        // Whole numbers, so that moving all of them is exact.
        const moved = them.map((own) => own.map((x) => x + 1024));
        const order = them.map((_, i) => them.length - 1 - i);
        if (them.length === 2 || them.length === 4) assert.deepEqual(kept(moved, tolerance), rows);
        if (them.length === 2)
          assert.deepEqual(
            kept(
              order.map((i) => them[i]),
              tolerance,
            ),
            order.map((i) => rows[i]),
          );
      },
    ),
  );
});

test("equal sequences without repeats keep every row", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }), (steps) => {
      let at = 0;
      const own = steps.map((step) => {
        at += step;
        return at;
      });
      assert.deepEqual(
        kept([own, own, own], 1),
        Array.from({ length: 3 }, () => [...own.keys()]),
      );
    }),
  );
});

test("what cannot be aligned is said", () => {
  assert.throws(() => alignedSteps([line(1)]), /"1 sequences"; wanted at least two/);
  assert.throws(() => alignedSteps([line(1), ndarray([[1, 2]])]), /as many numbers a row/);
  assert.throws(() => alignedSteps([line(1), ndarray(new Float32Array(0), { shape: [0, 1] })]), /at least one row/);
  assert.throws(() => alignedSteps([line(1), line(2)], { tolerance: 0 }), /tolerance.*at least 1/);
});
