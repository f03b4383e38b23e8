import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Episode, fromEpisodes, openSharded, type ShardedTrajectories, writeParquet } from "../data/index.ts";
import { box } from "../spaces/index.ts";
import { fold, generator, type NdArray, ndarray, randomKey, sliceRows } from "../tensor/index.ts";
import { bc } from "./demonstrations/bc.ts";
import { train } from "./train.ts";
import { td3bc } from "./transitions/td3-bc.ts";

const folder = await mkdtemp(join(tmpdir(), "sharded-training-"));
after(() => rm(folder, { recursive: true }));
const path = join(folder, "walks.parquet");

const random = generator(fold(randomKey(1), "walks"));
const numbers = (n: number, scale: number): number[] => Array.from({ length: n }, () => scale * random.normal());
const recording = fromEpisodes(
  Array.from({ length: 12 }, (_, e): Episode => {
    const steps = 5 + random.integer(20);
    return {
      observations: Array.from({ length: steps + 1 }, () => numbers(3, 20)),
      actions: Array.from({ length: steps }, () => numbers(2, 3)),
      rewards: numbers(steps, 1),
      terminated: e % 2 === 0,
    };
  }),
  // No bounds: the actions' own range scales them.
  { observationSpace: box(-Infinity, Infinity, { shape: [3] }), actionSpace: box(-Infinity, Infinity, { shape: [2] }) },
);
before(() => writeParquet(path, recording));

const options = { hidden: [8], batchSize: 16, steps: 40 };
const given = { options, seed: 5, unroll: 4, logEvery: 8 };

test("training from disk, in a shard that holds everything, gives the bytes of training in memory", async () => {
  const inMemory = await train(td3bc, recording, given);
  const fromDisk = await train(td3bc, await openSharded(path), given);
  assert.deepEqual(fromDisk.state, inMemory.state);
  const observations = ndarray([
    [10, -5, 0],
    [0, 1, 2],
  ]);
  const [a, b] = await Promise.all(
    [inMemory, fromDisk].map(({ policy }) => policy.actBatch(observations, { deterministic: true })),
  );
  assert.deepEqual(b.action, a.action);
});

test("centres and scales are of the whole recording, however many pieces it is read in", async () => {
  const sharded = await openSharded(path);
  const pieces: ShardedTrajectories = {
    ...sharded,
    each: (column, visit, most) =>
      sharded.each(
        column,
        (rows) => {
          for (let at = 0; at < rows.shape[0]; at += 7) visit(sliceRows(rows, at, Math.min(at + 7, rows.shape[0])));
        },
        most,
      ),
  };
  const two = { ...given, options: { ...options, steps: 2 } };
  const [a, b] = [await train(td3bc, recording, two), await train(td3bc, pieces, two)];
  assert.deepEqual(b.state, a.state);
});

test("a run in small shards that is stopped and resumed ends with the bytes of one that never was", async () => {
  const small = { ...given, shardRows: 60 };
  const straight = await train(td3bc, await openSharded(path), small);
  const controller = new AbortController();
  const folderOfRun = join(folder, "run");
  const first = await train(td3bc, await openSharded(path), {
    ...small,
    folder: folderOfRun,
    signal: controller.signal,
    evaluateEvery: 16,
    evaluate: async () => {
      controller.abort();
      return {};
    },
  });
  assert.equal(first.interrupted, true);
  const second = await train(td3bc, await openSharded(path), { ...small, folder: folderOfRun });
  assert.equal(second.updates, 40);
  assert.deepEqual(second.state, straight.state);
  const whole = await train(td3bc, recording, given);
  const weight = ({ state }: { readonly state: unknown }) =>
    (state as { policy: { params: { layers: { weight: NdArray }[] } } }).policy.params.layers[0].weight;
  assert.notDeepEqual(weight(whole), weight(straight), "other shards, other draws");
});

test("a method that does not learn from transitions says so", async () => {
  await assert.rejects(train(bc, await openSharded(path), { options: { steps: 1 } }), {
    message: /^bc learns from demonstrations, held in memory; this recording holds transitions in shards\./,
  });
});
