/**
 * Training from a file that is never whole in memory, beside training on the same rows held there: transitions a second, and
 * megabytes. Ten million transitions of 8 numbers seen and 2 done, made by DuckDB: 800 MB as float32 columns.
 */
import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { literal, withDuckDB } from "../src/data/formats/duckdb.ts";
import { headerOf } from "../src/data/formats/header.ts";
import { fromEpisodes } from "../src/data/index.ts";
import { box } from "../src/spaces/index.ts";
import type { Benchmark, Peer } from "./benchmark.ts";
import { openProcess } from "./peers/process.ts";

const folder = join(import.meta.dirname, "..", "runs", "bench");
const spaces = { observationSpace: box(-10, 10, { shape: [8] }), actionSpace: box(-1, 1, { shape: [2] }) };
const sizes = { transitions: 10_000_000, shardRows: 500_000, batch: 2048 };
export type OutOfCoreSizes = typeof sizes;

/** Episodes of 1,000 steps of a slow oscillation; written by DuckDB itself, so that making them takes no memory here. */
async function recording(transitions: number): Promise<string> {
  const path = join(folder, `out-of-core-${transitions}.parquet`);
  if (existsSync(path)) return path;
  await mkdir(folder, { recursive: true });
  console.error(`Making a recording of ${transitions} transitions …`);
  const one = { observations: [Array(8).fill(0), Array(8).fill(0)], actions: [[0, 0]], rewards: [0], terminated: true };
  const header = headerOf(fromEpisodes([one], spaces), { fingerprint: false });
  const numbers = (from: string) => `[${Array.from({ length: 8 }, (_, j) => `sin((${from}) * 0.0${j + 1})::FLOAT`)}]`;
  const last = `i % 1000 = 999 OR i = ${transitions - 1}`;
  await withDuckDB(async (connection) => {
    await connection.run(`SET memory_limit = '400MB'`);
    await connection.run(`SET preserve_insertion_order = true`);
    await connection.run(
      `COPY (SELECT (i // 1000)::INTEGER AS episode, (i % 1000)::INTEGER AS step, ${numbers("i")} AS observation,
        [sin(i * 0.7)::FLOAT, cos(i * 0.3)::FLOAT] AS action, sin(i * 0.01)::DOUBLE AS reward,
        false AS terminated, (${last}) AS truncated, CASE WHEN ${last} THEN ${numbers("i + 1")} END AS final_observation
        FROM range(${transitions}) t(i))
       TO ${literal(`${path}.part`)} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {repertoire: ${literal(header)}})`,
    );
  });
  await rename(`${path}.part`, path);
  return path;
}

/** One side, in a process of its own: its memory is its alone. */
export async function openOutOfCore(
  held: "shards" | "memory",
  report: "updates" | "megabytes",
  { transitions, shardRows, batch }: OutOfCoreSizes = sizes,
): Promise<Peer> {
  const flags = { path: await recording(transitions), transitions, "shard-rows": shardRows, batch, held, report };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return await openProcess(process.execPath, [join(import.meta.dirname, "peers", "out_of_core.ts"), ...args], {
    each: batch,
  });
}

export const outOfCoreBenchmarks: readonly Benchmark[] = (["updates", "megabytes"] as const).map((report) => ({
  id: "out-of-core",
  name: `TD3+BC on ten million transitions of a file, ${report === "updates" ? "speed" : "memory held"}`,
  unit: report === "updates" ? "transitions/s" : "MB",
  threads: 1,
  lessIsBetter: report === "megabytes",
  openOurs: () => openOutOfCore("shards", report),
  peers: [{ open: () => openOutOfCore("memory", report) }],
}));
