import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ndarray } from "./ndarray.ts";
import { fold, generator, randomKey } from "./random.ts";
import { normal, numbersOf } from "./testing.ts";
import type { Spec } from "./tree.ts";
import { type ColumnSource, type UpdateRule, Updates } from "./updates.ts";

interface State {
  readonly w: Spec;
  readonly seen: Spec;
}
interface Inputs {
  readonly rate: Spec;
}

const rows = 50;
const columns = { x: normal(1, rows, 3), row: ndarray(Float32Array.from({ length: rows }, (_, i) => i)) };
const draws = (update: number): Int32Array => {
  const random = generator(fold(randomKey(2), update));
  return Int32Array.from({ length: 4 }, () => random.integer(rows));
};

/** Three kinds of update in turn: only the first draws noise, only the last reports how often it came. */
const rule = (more: Partial<UpdateRule<State, Inputs>> = {}): UpdateRule<State, Inputs> => ({
  name: "walk",
  columns,
  batchSize: 4,
  rows: draws,
  inputs: { rate: { ...ndarray([0.5]), shape: [] } },
  key: randomKey(3),
  cycle: 3,
  step({ w, seen }, { x, row }, { rate }, key, turn) {
    const moved = w.mul(0.9).add(x.mean(0).mul(rate)).tanh();
    const next = turn === 0 ? moved.add(key.at("noise").normal(3)) : moved;
    const metrics = { w: next.mean(), rows: row.sum(), ...(turn === 2 ? { last: seen.add(0) } : {}) };
    return { state: { w: next, seen: seen.add(1) }, metrics };
  },
  ...more,
});

const start = { w: ndarray([0.1, 0.2, 0.3]), seen: { ...ndarray([0]), shape: [] } };
const open = (from = { state: start, update: 0 }, more: Partial<UpdateRule<State, Inputs>> = {}) =>
  new Updates<State, Inputs>(rule(more), from as never);

test("updates are the same however they are cut into calls, unrolled, stopped and resumed", async () => {
  await using straight = open();
  await straight.advance(20);
  const wanted = straight.read();
  assert.equal(numbersOf(wanted.seen as never)[0], 20);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 4 }),
      fc.integer({ min: 1, max: 9 }),
      async (cuts, unroll) => {
        let state: unknown = start;
        let update = 0;
        for (const cut of [...cuts, 20]) {
          const size = Math.min(cut, 20 - update);
          if (size === 0) continue;
          // A new one each time: nothing but the state and its number is carried over.
          await using part = open({ state: state as typeof start, update }, { unroll });
          await part.advance(size);
          assert.equal(part.unroll % 3, 0);
          update = part.update;
          state = part.read();
        }
        assert.equal(update, 20);
        assert.deepEqual(state, wanted);
      },
    ),
    { numRuns: 12 },
  );
});

test("an update sees the rows of its own number, and every metric is the mean of the updates that had it", async () => {
  await using updates = open();
  await updates.advance(2);
  for (const size of [1, 13, 9]) {
    const first = updates.update;
    const numbers = Array.from({ length: size }, (_, k) => first + k);
    const got = await updates.advance(size);
    const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    assert.ok(
      Math.abs(got.rows - mean(numbers.map((n) => draws(n).reduce((a, b) => a + b)))) < 1e-4,
      `rows of ${numbers}`,
    );
    const last = numbers.filter((n) => n % 3 === 2);
    if (last.length === 0) assert.equal(got.last, undefined);
    else assert.ok(Math.abs(got.last - mean(last)) < 1e-5, `last is ${got.last}, of ${last}`);
  }
});

test("other keys and other inputs make other updates; the turn comes round", async () => {
  const after = async (more: Partial<UpdateRule<State, Inputs>>): Promise<unknown> => {
    await using updates = open(undefined, more);
    await updates.advance(4);
    return updates.read();
  };
  const wanted = await after({});
  assert.deepEqual(await after({}), wanted);
  assert.notDeepEqual(await after({ key: randomKey(4) }), wanted);
  assert.notDeepEqual(await after({ inputs: { rate: { ...ndarray([0.6]), shape: [] } } as never }), wanted);
  assert.notDeepEqual(await after({ cycle: 4 }), wanted);
});

test("columns that are replaced: every update sees the part that serves it, however calls are cut", async () => {
  const asked: number[] = [];
  const part = (update: number) => Math.floor(update / 5);
  const source: ColumnSource = async (update) => {
    asked.push(update);
    const row = Float32Array.from({ length: rows }, (_, i) => i + 1000 * part(update));
    return { columns: { x: columns.x, row: ndarray(row) }, until: 5 * (part(update) + 1) };
  };
  for (const unroll of [1, 3, 12]) {
    await using updates = open(undefined, { columns: source, unroll });
    for (const size of [1, 7, 14]) {
      const first = updates.update;
      const numbers = Array.from({ length: size }, (_, k) => first + k);
      const sums = numbers.map((n) => draws(n).reduce((a, b) => a + b) + 4 * 1000 * part(n));
      const got = await updates.advance(size);
      assert.ok(Math.abs(got.rows - sums.reduce((a, b) => a + b) / size) < 1e-2, `rows of ${numbers}`);
    }
  }
  assert.ok([0, 5, 10, 15, 20].every((start) => asked.includes(start)));
});
