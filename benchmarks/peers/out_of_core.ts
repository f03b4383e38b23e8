/**
 * TD3+BC on ten million transitions, from a file that is never whole in memory or from columns that are.
 *
 *   node out_of_core.ts --path FILE --transitions 10000000 --shard-rows 500000 --batch 2048 --held shards --report updates
 */
import { parseArgs } from "node:util";
import { resolveOptions } from "../../src/algorithms/options.ts";
import { startTraining, type TrainingData } from "../../src/algorithms/training.ts";
import { td3bc } from "../../src/algorithms/transitions/td3-bc.ts";
import { sampler } from "../../src/data/samplers.ts";
import { openSharded } from "../../src/data/shards.ts";
import { type NdArray, randomKey, zeros } from "../../src/tensor/index.ts";
import { answer } from "./answer.ts";

const { values } = parseArgs({
  options: Object.fromEntries(
    ["path", "transitions", "shard-rows", "batch", "held", "report"].map((name) => [name, { type: "string" }]),
  ),
});
const given = values as { readonly [name: string]: string };
const [transitions, shardRows, batchSize] = ["transitions", "shard-rows", "batch"].map((name) => Number(given[name]));
const key = randomKey(1);

async function fromShards(): Promise<TrainingData> {
  const shards = (await openSharded(given.path)).transitions({ key, batchSize, shardRows });
  return {
    columns: async (update) => {
      const { columns, until } = await shards.columns(update);
      return { columns: { ...columns }, until };
    },
    sampler: { indices: shards.rows },
    batchSize,
  };
}

/** The same numbers, made here. */
function inMemory(): TrainingData {
  const column = (width: number, f: (row: number, i: number) => number): NdArray => {
    const made = zeros(width === 1 ? [transitions] : [transitions, width]);
    for (let at = 0; at < made.data.length; at++) made.data[at] = f(Math.floor(at / width), at % width);
    return made;
  };
  const seen = (from: number) => column(8, (row, i) => Math.sin((row + from) * 0.01 * (i + 1)));
  const columns = {
    observation: seen(0),
    action: column(2, (row, i) => (i === 0 ? Math.sin(row * 0.7) : Math.cos(row * 0.3))),
    reward: column(1, (row) => Math.sin(row * 0.01)),
    nextObservation: seen(1),
    continues: column(1, () => 1),
    span: column(1, () => 1),
  };
  return { columns, sampler: sampler({ count: transitions, batchSize, key }), batchSize };
}

const options = resolveOptions(td3bc.name, td3bc.options, { hidden: [64, 64], batchSize });
await using training = await startTraining(
  {
    algorithm: td3bc as never,
    options: options as never,
    sizes: { observation: 8, action: { kind: "continuous", size: 2 } },
    key,
  },
  given.held === "shards" ? await fromShards() : inMemory(),
);
await training.advance(16);
await answer(
  given.held === "shards" ? "Repertoire, from a file" : "Repertoire, held in memory",
  async () => {
    await training.advance(16);
    return 16;
  },
  given.report as "updates",
);
