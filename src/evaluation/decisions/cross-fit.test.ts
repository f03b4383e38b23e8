import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../../tensor/ndarray.ts";
import { randomKey } from "../../tensor/random.ts";
import { crossFit } from "./cross-fit.ts";

test("each row is predicted once, by a fit that has not seen it, in its own place", async () => {
  const seen: Set<number>[] = [];
  const tested: number[] = [];
  const predictions = await crossFit(
    23,
    (train, held) => {
      seen.push(new Set(train));
      tested.push(...held);
      assert.equal(train.length + held.length, 23);
      assert.ok([...held].every((row) => !train.includes(row)));
      return ndarray(Float64Array.from([...held].flatMap((row) => [row, -row])), { shape: [held.length, 2] });
    },
    { key: randomKey(1), folds: 4 },
  );
  assert.deepEqual(predictions.shape, [23, 2]);
  assert.deepEqual([...predictions.data], Array.from({ length: 23 }, (_, row) => [row, -row]).flat());
  assert.deepEqual(
    tested.toSorted((a, b) => a - b),
    Array.from({ length: 23 }, (_, row) => row),
  );
  assert.deepEqual(
    seen.map((s) => s.size),
    [17, 17, 17, 18],
  );
});

test("folds follow the key, and wrong ones are refused", async () => {
  const foldsOf = async (seed: number) => {
    const held: number[][] = [];
    const predict = (_: Int32Array, test: Int32Array) => {
      held.push([...test]);
      return ndarray(Float64Array.from(test));
    };
    await crossFit(10, predict, { key: randomKey(seed), folds: 2 });
    return held;
  };
  assert.deepEqual(await foldsOf(1), await foldsOf(1));
  assert.notDeepEqual(await foldsOf(1), await foldsOf(2));
  await assert.rejects(
    crossFit(3, () => ndarray([1]), { key: randomKey(0) }),
    /"folds" is 5/,
  );
  await assert.rejects(
    crossFit(10, () => ndarray([1]), { key: randomKey(0) }),
    /fold 0: wanted \[2\]/,
  );
});
