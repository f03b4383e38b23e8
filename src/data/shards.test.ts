import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import fc from "fast-check";
import { box, discrete, multiDiscrete } from "../spaces/make.ts";
import type { Space } from "../spaces/space.ts";
import {
  type ColumnSource,
  type Columns,
  descendWith,
  fold,
  generator,
  type Learner,
  learner,
  ndarray,
  randomKey,
  runOnce,
  type Spec,
  sgd,
  sliceRows,
  takeRows,
  trace,
  Updates,
  zerosOf,
} from "../tensor/index.ts";
import { type Episode, fromEpisodes } from "./episodes.ts";
import { literal, withDuckDB } from "./formats/duckdb.ts";
import { writeParquet } from "./formats/parquet-writer.ts";
import { transitions } from "./replay.ts";
import { sampler } from "./samplers.ts";
import { shardPlan } from "./shard-plan.ts";
import { openSharded } from "./shards.ts";
import type { Trajectories } from "./trajectories.ts";

// ------------------------------------------------------------------------------------------------------------ plans

const plans = fc.record({
  count: fc.integer({ min: 1, max: 400 }),
  batchSize: fc.integer({ min: 1, max: 20 }),
  shardRows: fc.integer({ min: 1, max: 150 }),
  pieceRows: fc.integer({ min: 1, max: 60 }),
  mode: fc.constantFrom("epochs" as const, "uniform" as const),
});

test("every epoch deals out every row once, no shard is larger than was asked, and shards follow one another", () => {
  fc.assert(
    fc.property(plans, (options) => {
      const plan = shardPlan({ ...options, key: randomKey(1) });
      const perEpoch =
        options.count <= options.shardRows
          ? 1
          : Math.ceil(options.count / Math.min(options.pieceRows, options.shardRows)) /
            Math.floor(options.shardRows / Math.min(options.pieceRows, options.shardRows));
      let update = 0;
      for (let epoch = 0; epoch < 2; epoch++) {
        const seen = new Uint8Array(options.count);
        for (let s = 0; s < Math.ceil(perEpoch); s++) {
          const { from, until, ranges, count } = plan.shard(update);
          if (Number.isFinite(until)) assert.equal(from, update);
          assert.ok(until > update && count <= options.shardRows && count <= plan.capacity);
          for (const [a, b] of ranges) for (let row = a; row < b; row++) seen[row]++;
          assert.deepEqual(plan.shard(Math.min(until - 1, update + 5)).ranges, ranges);
          update = Number.isFinite(until) ? until : update;
        }
        assert.ok(
          seen.every((times) => times === 1),
          `epoch ${epoch}`,
        );
      }
    }),
  );
});

test("rows are a function of the update's number alone, stay inside the shard, and in an epoch come once each", () => {
  fc.assert(
    fc.property(plans, fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 6 }), (options, updates) => {
      const plan = shardPlan({ ...options, key: randomKey(2) });
      for (const update of updates) {
        const rows = plan.rows(update);
        assert.deepEqual(rows, shardPlan({ ...options, key: randomKey(2) }).rows(update));
        assert.ok(rows.every((row) => row >= 0 && row < plan.shard(update).count));
      }
    }),
  );
  const plan = shardPlan({ count: 96, batchSize: 8, shardRows: 32, pieceRows: 8, key: randomKey(3) });
  const first = Array.from({ length: 4 }, (_, u) => [...plan.rows(u)]).flat();
  assert.deepEqual(
    first.toSorted((a, b) => a - b),
    Array.from({ length: 32 }, (_, i) => i),
  );
  assert.notDeepEqual(
    first,
    first.toSorted((a, b) => a - b),
  );
  assert.notDeepEqual(plan.shard(0).ranges, plan.shard(12).ranges, "another epoch, another order");
});

test("one shard that holds everything gives the rows of a sampler", () => {
  for (const mode of ["epochs", "uniform"] as const) {
    const [options, key] = [{ count: 50, batchSize: 7, mode }, randomKey(4)];
    const [plan, whole] = [shardPlan({ ...options, key, shardRows: 50 }), sampler({ ...options, key })];
    for (const update of [0, 1, 6, 7, 8, 100]) assert.deepEqual(plan.rows(update), whole.indices(update));
  }
  assert.throws(() => shardPlan({ count: 5, batchSize: 1, key: randomKey(0), shardRows: 0 }), { code: "bad-option" });
});

// ------------------------------------------------------------------------------------------------------- recordings

const folder = await mkdtemp(join(tmpdir(), "shards-"));
after(() => rm(folder, { recursive: true }));
const path = join(folder, "walks.parquet");

function walks(actionSpace: Space, observationSpace: Space, width: number): Trajectories {
  const random = generator(fold(randomKey(5), "walks"));
  const numbers = (n: number): number[] => Array.from({ length: n }, () => random.normal());
  const episodes = Array.from({ length: 30 }, (_, e): Episode => {
    const steps = 1 + random.integer(25);
    return {
      observations: Array.from({ length: steps + 1 }, () => (width === 0 ? random.integer(4) : numbers(width))),
      actions: Array.from({ length: steps }, () =>
        actionSpace.kind === "discrete"
          ? 2 + random.integer(3)
          : actionSpace.kind === "multi-discrete"
            ? actionSpace.sizes.map((n) => random.integer(n))
            : [random.uniform(), 0.5],
      ),
      rewards: numbers(steps),
      terminated: e % 3 !== 0,
    };
  });
  return fromEpisodes(episodes, { observationSpace, actionSpace });
}

const plain = box(-Infinity, Infinity, { shape: [3] });
const recording = walks(box(-1, 1, { shape: [2] }), plain, 3);
before(() => writeParquet(path, recording));

for (const [name, made] of [
  ["numbers", recording],
  ["choices", walks(discrete(3, { start: 2 }), discrete(4), 0)],
  ["several choices", walks(multiDiscrete([2, 3]), discrete(4), 0)],
] as const) {
  test(`${name}: a shard's transitions are those of the recording in memory, whatever the pieces`, async () => {
    const file = join(folder, `${name}.parquet`);
    await writeParquet(file, made);
    const { columns: whole, count } = transitions(made);
    const sharded = await openSharded(file);
    assert.equal(sharded.count, count);
    assert.equal(sharded.provenance.fingerprint, made.provenance.fingerprint);
    for (const [shardRows, pieceRows] of [
      [count, count],
      [100, 17],
      [64, 64],
    ]) {
      const options = { key: randomKey(6), batchSize: 10, shardRows, pieceRows };
      const [shards, plan] = [sharded.transitions(options), shardPlan({ ...options, count })];
      for (const update of [0, 5, 12, 25, 40]) {
        const { columns, until } = await shards.columns(update);
        const { ranges, until: wanted, count: held } = plan.shard(update);
        assert.equal(until, wanted);
        const rows = ranges.flatMap(([a, b]) => Array.from({ length: b - a }, (_, i) => a + i));
        for (const [column, values] of Object.entries(whole)) {
          const got = sliceRows((columns as unknown as Columns)[column], 0, held);
          assert.deepEqual(got, takeRows(values, rows), `${column} of update ${update}`);
        }
      }
    }
  });
}

test("what cannot be read is refused", async () => {
  await assert.rejects(openSharded(join(folder, "none.parquet")), { code: "missing-file" });
  await writeFile(join(folder, "text.parquet"), "PAR1 and then nothing");
  await assert.rejects(openSharded(join(folder, "text.parquet")), { code: "broken-file" });
  const other = join(folder, "other.parquet");
  await withDuckDB(async (connection) => {
    await connection.run(`COPY (SELECT 1 AS x) TO ${literal(other)} (FORMAT parquet)`);
  });
  await assert.rejects(openSharded(other), { code: "not-a-recording" });
  const gone = join(folder, "gone.parquet");
  await copyFile(path, gone);
  const shards = (await openSharded(gone)).transitions({ key: randomKey(0), batchSize: 4 });
  await rm(gone);
  await assert.rejects(shards.columns(0), { code: "missing-file" });
});

test("rows that are not what the header says are refused", async () => {
  const header = await withDuckDB(async (connection) => {
    const found = await connection.runAndReadAll(
      `SELECT decode(value) FROM parquet_kv_metadata(${literal(path)}) WHERE decode(key) = 'repertoire'`,
    );
    return String(found.getRows()[0][0]);
  });
  const changed = async (what: string): Promise<string> => {
    const file = join(folder, "changed.parquet");
    await withDuckDB(async (connection) => {
      await connection.run(
        `COPY (SELECT * REPLACE (${what}) FROM ${literal(path)}) TO ${literal(file)} (FORMAT parquet, KV_METADATA {repertoire: ${literal(header)}})`,
      );
    });
    return file;
  };
  for (const what of [
    "CASE WHEN step = 2 THEN NULL ELSE reward END AS reward",
    "CASE WHEN step = 2 THEN observation[1:2] ELSE observation END AS observation",
    "NULL::FLOAT[] AS final_observation",
  ]) {
    const shards = (await openSharded(await changed(what))).transitions({ key: randomKey(0), batchSize: 4 });
    await assert.rejects(shards.columns(0), { code: "bad-row" }, what);
  }
  await assert.rejects(openSharded(await changed("reward::VARCHAR AS reward")), { code: "bad-field" });
});

// --------------------------------------------------------------------------------------------------------- training

interface State {
  readonly net: { readonly params: { readonly w: Spec }; readonly memory: unknown; readonly step: Spec };
}

const optimiser = sgd(0.05, { momentum: 0.9 });

/** A linear model of the reward, trained for `updates` more. */
async function trained(
  columns: Columns | ColumnSource,
  rows: (update: number) => Int32Array,
  batchSize: number,
  updates: readonly number[],
) {
  const program = trace("start", { state: {}, inputs: {} }, (state) => ({
    state,
    outputs: { net: learner({ w: zerosOf([3]) }, optimiser) as unknown },
  }));
  let state = (await runOnce(program, {})) as never;
  let update = 0;
  const losses: number[] = [];
  for (const more of updates) {
    await using training = new Updates<State, Record<never, never>>(
      {
        name: "linear",
        columns,
        batchSize,
        rows,
        inputs: {},
        key: randomKey(0),
        unroll: 3,
        step({ net }, { observation, reward }) {
          const [moved, loss] = descendWith(optimiser, net as unknown as Learner<{ w: typeof reward }>, ({ w }) =>
            observation.mul(w).sum(-1).sub(reward).square().mean(),
          );
          return { state: { net: moved } as never, metrics: { loss } };
        },
      },
      { state, update },
    );
    losses.push((await training.advance(more)).loss);
    state = training.read() as never;
    update = training.update;
  }
  return { state, losses };
}

test("training on a shard as large as the recording is training in memory, bit for bit", async () => {
  const { columns, count } = transitions(recording);
  for (const mode of ["epochs", "uniform"] as const) {
    const options = { key: randomKey(7), batchSize: 16, mode };
    const shards = (await openSharded(path)).transitions({ ...options, shardRows: count });
    const whole = sampler({ ...options, count });
    const inMemory = await trained(columns, (update) => whole.indices(update), 16, [70]);
    assert.deepEqual(await trained(shards.columns as ColumnSource, shards.rows, 16, [70]), inMemory);
  }
});

test("training on small shards gives the same bytes after any stop, and other bytes with another key", async () => {
  const make = async () =>
    (await openSharded(path)).transitions({ key: randomKey(8), batchSize: 8, shardRows: 120, pieceRows: 40 });
  const straight = await make();
  const wanted = await trained(straight.columns as ColumnSource, straight.rows, 8, [110]);
  const again = await make();
  const stopped = await trained(again.columns as ColumnSource, again.rows, 8, [1, 12, 50, 47]);
  assert.deepEqual(stopped.state, wanted.state);
  const other = (await openSharded(path)).transitions({
    key: randomKey(9),
    batchSize: 8,
    shardRows: 120,
    pieceRows: 40,
  });
  assert.notDeepEqual((await trained(other.columns as ColumnSource, other.rows, 8, [110])).state, wanted.state);
});

test("columns are prepared once a shard", async () => {
  const shards = (await openSharded(path)).transitions({
    key: randomKey(8),
    batchSize: 8,
    shardRows: 120,
    pieceRows: 40,
    prepare: ({ reward }) => {
      const data = reward.data as Float32Array;
      for (let i = 0; i < data.length; i++) data[i] *= 2;
    },
  });
  const { columns } = await shards.columns(3);
  const { ranges } = shardPlan({
    key: randomKey(8),
    batchSize: 8,
    shardRows: 120,
    pieceRows: 40,
    count: recording.reward.length,
  }).shard(3);
  const wanted = ndarray(recording.reward.slice(...ranges[0]).map((r) => 2 * Math.fround(r)));
  assert.deepEqual([...(await shards.columns(4)).columns.reward.data.slice(0, wanted.data.length)], [...wanted.data]);
  assert.equal(columns, (await shards.columns(4)).columns);
});
