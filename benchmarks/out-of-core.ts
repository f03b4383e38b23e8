/**
 * `node benchmarks/out-of-core.ts [--transitions 10000000] [--shard-rows 500000] [--megabytes 600]`: trains from a file
 * that is never whole in memory, one epoch, and says how long reading took and how large the process became. Exits with 1
 * when it became larger than `--megabytes` beyond what it held before the first shard.
 *
 * Ten million transitions of 8 numbers seen and 2 done, made by DuckDB: 720 MB as float32 columns in memory.
 */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { resolveOptions } from "../src/algorithms/options.ts";
import { startTraining } from "../src/algorithms/training.ts";
import { td3bc } from "../src/algorithms/transitions/td3-bc.ts";
import { literal, withDuckDB } from "../src/data/formats/duckdb.ts";
import { headerOf } from "../src/data/formats/header.ts";
import { fromEpisodes, openSharded } from "../src/data/index.ts";
import { box } from "../src/spaces/index.ts";
import { randomKey } from "../src/tensor/index.ts";

const flags = new Command()
  .option("--transitions <n>", "rows of the recording", Number, 10_000_000)
  .option("--shard-rows <n>", "rows held at once", Number, 500_000)
  .option("--megabytes <n>", "what the process may grow by", Number, 600)
  .option("--batch <n>", "rows of an update", Number, 2048)
  .parse()
  .opts<{ transitions: number; shardRows: number; megabytes: number; batch: number }>();

const spaces = { observationSpace: box(-10, 10, { shape: [8] }), actionSpace: box(-1, 1, { shape: [2] }) };

/** Episodes of 1,000 steps of a slow oscillation; written by DuckDB itself, so that making them takes no memory here. */
async function make(path: string): Promise<void> {
  const one = { observations: [Array(8).fill(0), Array(8).fill(0)], actions: [[0, 0]], rewards: [0], terminated: true };
  const header = headerOf(fromEpisodes([one], spaces), { fingerprint: false });
  const numbers = (from: string) => `[${Array.from({ length: 8 }, (_, j) => `sin((${from}) * 0.0${j + 1})::FLOAT`)}]`;
  await withDuckDB(async (connection) => {
    await connection.run(`SET memory_limit = '400MB'`);
    await connection.run(`SET preserve_insertion_order = true`);
    await connection.run(
      `COPY (SELECT (i // 1000)::INTEGER AS episode, (i % 1000)::INTEGER AS step, ${numbers("i")} AS observation,
        [sin(i * 0.7)::FLOAT, cos(i * 0.3)::FLOAT] AS action, sin(i * 0.01)::DOUBLE AS reward,
        false AS terminated, (i % 1000 = 999 OR i = ${flags.transitions - 1}) AS truncated,
        CASE WHEN i % 1000 = 999 OR i = ${flags.transitions - 1} THEN ${numbers("i + 1")} END AS final_observation
        FROM range(${flags.transitions}) t(i))
       TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {repertoire: ${literal(header)}})`,
    );
  });
}

const megabytes = (): number => process.memoryUsage().rss / 2 ** 20;
const folder = await mkdtemp(join(tmpdir(), "out-of-core-"));
try {
  const path = join(folder, "made.parquet");
  console.error("Making the recording …");
  await make(path);
  const recording = await openSharded(path);
  const options = resolveOptions(td3bc.name, td3bc.options as never, { hidden: [64, 64], batchSize: flags.batch });
  const key = randomKey(1);
  const shards = recording.transitions({ key, batchSize: flags.batch, shardRows: flags.shardRows });
  let [reading, visits, last] = [0, 0, -1];
  await using training = await startTraining(
    {
      algorithm: td3bc as never,
      options: options as never,
      sizes: { observation: 8, action: { kind: "continuous", size: 2 } },
      key,
    },
    {
      async columns(update) {
        const began = performance.now();
        const { columns, until } = await shards.columns(update);
        if (until !== last) {
          reading += performance.now() - began;
          visits++;
          last = until;
          console.error(`update ${update}: shard ${visits}, ${megabytes().toFixed(0)} MB`);
        }
        return { columns: { ...columns }, until };
      },
      sampler: { indices: shards.rows },
      batchSize: flags.batch,
    },
  );
  const before = megabytes();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, megabytes());
  }, 20);
  const began = performance.now();
  const updates = Math.round(flags.transitions / flags.batch);
  await training.advance(updates);
  clearInterval(timer);
  const seconds = (performance.now() - began) / 1000;
  const grown = Math.max(most, megabytes()) - before;
  console.log(
    JSON.stringify({
      name: "out of core",
      transitions: flags.transitions,
      fileMegabytes: Math.round((await stat(path)).size / 2 ** 20),
      columnsMegabytes: Math.round((flags.transitions * (8 + 8 + 2 + 3) * 4) / 2 ** 20),
      shardRows: flags.shardRows,
      shards: visits,
      updates,
      seconds: Number(seconds.toFixed(1)),
      secondsReading: Number((reading / 1000).toFixed(1)),
      transitionsPerSecond: Math.round(flags.transitions / seconds),
      megabytesBefore: Math.round(before),
      megabytesGrown: Math.round(grown),
      megabytesAllowed: flags.megabytes,
    }),
  );
  if (grown > flags.megabytes) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}
