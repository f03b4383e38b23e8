import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fold, type NdArray, ndarray, randomKey } from "../tensor/index.ts";
import { type PlayedStep, type ReplayMemoryOptions, replayMemory } from "./replay-memory.ts";

const rowsOf = (rows: readonly (readonly number[])[]): NdArray =>
  ndarray(Float32Array.from(rows.flat()), { shape: [rows.length, rows[0].length] });

interface Moment {
  readonly reward: number;
  readonly end: "goes on" | "ended" | "cut" | "ended and cut";
}

/** Each world's play as steps: what is seen is told apart by world and time, also across an end. */
function played(moments: readonly (readonly Moment[])[]): PlayedStep[] {
  return moments.map((worlds, t) => ({
    observation: rowsOf(worlds.map((_, w) => [w, t])),
    action: rowsOf(worlds.map((_, w) => [10 * w + t / 8])),
    reward: worlds.map(({ reward }) => reward),
    nextObservation: rowsOf(worlds.map((_, w) => [w, t + 0.5])),
    terminated: worlds.map(({ end }) => Number(end.startsWith("ended"))),
    truncated: worlds.map(({ end }) => Number(end.endsWith("cut"))),
  }));
}

interface Row {
  readonly observation: readonly number[];
  readonly action: number;
  readonly reward: number;
  readonly nextObservation: readonly number[];
  readonly continues: number;
  readonly span: number;
}

/** The same, looked up from the whole history: for each step the sum of what follows, up to n steps or the episode's end. */
function fromHistory(moments: readonly (readonly Moment[])[], n: number, discount: number): Row[] {
  const rows: { readonly at: number; readonly world: number; readonly from: number; readonly row: Row }[] = [];
  for (let w = 0; w < (moments[0]?.length ?? 0); w++) {
    for (let t = 0; t < moments.length; t++) {
      let reward = 0;
      for (let k = 0; k < n && t + k < moments.length; k++) {
        const { reward: earned, end } = moments[t + k][w];
        reward += discount ** k * earned;
        if (end === "goes on" && k + 1 < n) continue;
        const row = {
          observation: [w, t],
          action: Math.fround(10 * w + t / 8),
          reward: Math.fround(reward),
          nextObservation: [w, t + k + 0.5],
          continues: end.startsWith("ended") ? 0 : 1,
          span: k + 1,
        };
        rows.push({ at: t + k, world: w, from: t, row });
        break;
      }
    }
  }
  // They are written when their span is over: by time, then world, then by where they began.
  return rows.sort((a, b) => a.at - b.at || a.world - b.world || a.from - b.from).map(({ row }) => row);
}

const held = ({ columns }: ReturnType<typeof replayMemory>, row: number): Row => {
  const { observation, action, reward, nextObservation, continues, span } = columns;
  const numbers = (x: NdArray): number[] => {
    const width = x.data.length / x.shape[0];
    return Array.from(x.data.slice(row * width, (row + 1) * width), Number);
  };
  return {
    observation: numbers(observation),
    action: numbers(action)[0],
    reward: numbers(reward)[0],
    nextObservation: numbers(nextObservation),
    continues: numbers(continues)[0],
    span: numbers(span)[0],
  };
};

const shape = { observation: 2, action: { shape: [1], dtype: "float32" } } as const;
const moment = fc.record({
  reward: fc.integer({ min: -3, max: 3 }),
  end: fc.constantFrom("goes on", "goes on", "goes on", "ended", "cut", "ended and cut"),
});
const histories = fc.integer({ min: 1, max: 3 }).chain((worlds) =>
  fc.array(fc.array(moment, { minLength: worlds, maxLength: worlds }), { maxLength: 20 }).map((moments) => ({
    worlds,
    moments: moments as Moment[][],
  })),
);

test("what is held is the last rows of the whole history, whatever the spans, ends, worlds and room", () => {
  fc.assert(
    fc.property(
      histories,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 12 }),
      ({ worlds, moments }, nStep, room) => {
        const capacity = worlds + room;
        const memory = replayMemory({ ...shape, capacity, worlds, nStep, discount: 0.5 });
        for (const step of played(moments)) memory.add(step);
        const all = fromHistory(moments, nStep, 0.5);
        assert.equal(memory.count, Math.min(capacity, all.length));
        all.forEach((row, i) => {
          if (i >= all.length - capacity) assert.deepEqual(held(memory, i % capacity), row);
        });
      },
    ),
    { numRuns: 150 },
  );
});

test("a memory taken up again goes on as if it had never been put down, to the bit", () => {
  const options = fc.integer({ min: 1, max: 3 });
  fc.assert(
    fc.property(histories, options, fc.integer({ min: 0, max: 20 }), ({ worlds, moments }, nStep, at) => {
      const given = { ...shape, capacity: worlds + 6, worlds, nStep, discount: 0.9, priorityExponent: 0.6 };
      const [straight, before] = [replayMemory(given), replayMemory(given)];
      const surprise = (memory: typeof straight, key: number): void => {
        if (memory.count === 0) return;
        const rows = memory.draw(4, randomKey(key), 0.5);
        memory.reprioritise(
          rows,
          Array.from(rows, (row) => row + 0.25),
        );
      };
      const steps = played(moments);
      const go = (memory: typeof straight, from: number, to: number): void => {
        for (let i = from; i < Math.min(to, steps.length); i++) {
          memory.add(steps[i]);
          if (i % 3 === 2) surprise(memory, i);
        }
      };
      go(straight, 0, steps.length);
      go(before, 0, at);
      const after = replayMemory(given);
      // A memory that was in use forgets what it held.
      go(after, 0, 5);
      after.restore(before.save());
      go(after, at, steps.length);
      assert.equal(after.count, straight.count);
      assert.deepEqual(after.save(), straight.save());
      if (straight.count > 0) assert.deepEqual(after.draw(16, randomKey(7), 0.4), straight.draw(16, randomKey(7), 0.4));
    }),
    { numRuns: 80 },
  );
});

test("choices, single and several, are kept as whole numbers", () => {
  for (const width of [[], [2]]) {
    const memory = replayMemory({
      capacity: 4,
      observation: 1,
      action: { shape: width, dtype: "int32" },
      worlds: 2,
      nStep: 2,
    });
    const flags = { terminated: [0, 1], truncated: [0, 0] };
    for (let t = 0; t < 2; t++) {
      const action = ndarray(
        Int32Array.from({ length: 2 * (width[0] ?? 1) }, (_, i) => 5 * t + i),
        { shape: [2, ...width] },
      );
      const seen = { observation: rowsOf([[t], [t]]), nextObservation: rowsOf([[t], [t]]) };
      memory.add({ ...seen, action, reward: [1, 1], ...flags });
    }
    const again = replayMemory({
      capacity: 4,
      observation: 1,
      action: { shape: width, dtype: "int32" },
      worlds: 2,
      nStep: 2,
    });
    again.restore(memory.save());
    const wanted = width.length === 0 ? [1, 0, 6] : [2, 3, 0, 1, 7, 8];
    for (const { columns } of [memory, again]) {
      assert.ok(columns.action.data instanceof Int32Array);
      assert.deepEqual(Array.from(columns.action.data.slice(0, wanted.length)), wanted);
    }
  }
});

/** One world, one number a row, rows 0 … n − 1 of given priorities. */
function prioritised(values: readonly number[], given: Partial<ReplayMemoryOptions> = { priorityExponent: 0.6 }) {
  const memory = replayMemory({ ...shape, capacity: values.length, worlds: 1, ...given });
  for (const step of played(values.map(() => [{ reward: 0, end: "goes on" }]))) memory.add(step);
  memory.reprioritise(
    values.map((_, row) => row),
    values,
  );
  return memory;
}

const counted = (memory: ReturnType<typeof prioritised>, batches: number, batchSize: number): Float64Array => {
  const counts = new Float64Array(memory.columns.reward.shape[0]);
  for (let i = 0; i < batches; i++) for (const row of memory.draw(batchSize, fold(randomKey(3), i), 0.4)) counts[row]++;
  return counts.map((count) => count / (batches * batchSize));
};

test("rows are drawn in proportion to priority^α, and weigh (N P)^−β, the largest being 1", () => {
  const values = [0.1, 0.5, 1, 2, 4, 0.1, 8];
  const powers = values.map((value) => (value + 1e-6) ** 0.6);
  const total = powers.reduce((a, b) => a + b);
  const memory = prioritised(values);
  const [batches, batchSize] = [4000, 8];
  counted(memory, batches, batchSize).forEach((share, row) => {
    const chance = powers[row] / total;
    // Stretches only lessen the spread of independent draws.
    const spread = Math.sqrt((chance * (1 - chance)) / (batches * batchSize));
    assert.ok(Math.abs(share - chance) < 4 * spread, `row ${row}: ${share}, wanted ${chance} ± ${4 * spread}`);
  });
  for (const importance of [0, 0.4, 1]) {
    const rows = memory.draw(64, randomKey(1), importance);
    const largest = Math.max(...powers.map((power) => (values.length * (power / total)) ** -importance));
    for (const row of rows) {
      const wanted = (values.length * (powers[row] / total)) ** -importance / largest;
      assert.ok(Math.abs((memory.columns.weight.data[row] as number) - wanted) < 1e-6);
    }
  }
});

test("without priorities every row is drawn alike, and no weight is kept", () => {
  const memory = prioritised([1, 100, 1, 1], {});
  assert.equal(memory.columns.weight, undefined);
  for (const share of counted(memory, 4000, 4)) assert.ok(Math.abs(share - 0.25) < 0.014);
});

test("a batch comes from each of equal stretches of the whole", () => {
  // One row has half of everything: of 8 stretches exactly 4 lie wholly on it.
  const memory = prioritised([1, 1, 1, 1, 4], { priorityExponent: 1 });
  for (let i = 0; i < 50; i++) {
    const rows = memory.draw(8, randomKey(i));
    assert.equal(rows.filter((row) => row === 4).length, 4);
    assert.deepEqual(Array.from(rows), Array.from(rows).sort());
  }
});

test("a new row is as likely as the most surprising so far, until its own surprise is known", () => {
  const memory = prioritised([1, 9, 3], { capacity: 4, priorityExponent: 1 });
  const [fourth] = played([[{ reward: 0, end: "goes on" }]]);
  memory.add(fourth);
  const chances = Array.from(memory.save().chances.data, Number);
  assert.ok(Math.abs(chances[3] - 9) < 1e-5);
  memory.add(fourth); // in the place of the first
  const [first] = memory.save().chances.data as Float64Array;
  assert.ok(Math.abs(first - 9) < 1e-5);
  memory.reprioritise([0], [-2]); // the size of an error counts, not its side
  assert.ok(Math.abs(Number(memory.save().chances.data[0]) - 2) < 1e-5);
});

test("draws follow from the key", () => {
  const memory = prioritised(Array.from({ length: 64 }, (_, row) => 1 + row));
  assert.deepEqual(memory.draw(32, randomKey(5)), memory.draw(32, randomKey(5)));
  assert.notDeepEqual(memory.draw(32, randomKey(5)), memory.draw(32, randomKey(6)));
});

test("a memory with less room than worlds is refused in a sentence", () => {
  assert.throws(() => replayMemory({ ...shape, capacity: 2, worlds: 3 }), /capacity.*at least 3/);
});
