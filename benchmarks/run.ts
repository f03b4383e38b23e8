/** `npm run bench -- [name] [--seconds 3] [--rounds 5]`: one line of JSON a measurement, and results/bench/<name>.json. */
import { availableParallelism, loadavg } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import type { BenchResult } from "../results/schema.ts";
import { commitHere, machineHere, writeBench } from "../results/store.ts";
import { Problem, problem } from "../src/problems.ts";
import { alternate } from "./alternate.ts";
import { type Benchmark, trainingBenchmarks } from "./training.ts";

/** Less than this says that it runs, and nothing of how fast. */
const evidence = { seconds: 2, rounds: 5 };

interface Flags {
  readonly seconds: number;
  readonly rounds: number;
}

const above = (least: number, whole: boolean) => (text: string) => {
  const value = Number(text);
  if (!(value >= least) || (whole && !Number.isInteger(value))) {
    throw new InvalidArgumentError(`Wanted a ${whole ? "whole " : ""}number of at least ${least}.`);
  }
  return value;
};

const command = new Command("npm run bench --")
  .description("Measures Repertoire beside its peers, in turn on this machine, and writes results/bench/.")
  .argument("[name]", "one of them, e.g. iql-256; without one, all")
  .option("--seconds <s>", "length of one run of one side", above(0.01, false), 3)
  .option("--rounds <n>", "runs of each side", above(1, true), 5)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(run);

async function run(name: string | undefined, flags: Flags): Promise<void> {
  const byId = Map.groupBy(trainingBenchmarks, ({ id }) => id);
  if (name !== undefined && !byId.has(name)) {
    throw problem("unknown-name", { where: "bench", what: "benchmark", name, known: [...byId.keys()] });
  }
  if (loadavg()[0] > availableParallelism() / 2) {
    console.error("This machine is busy with something else: what comes out will say more of that than of the sides.");
  }
  const enough = flags.seconds >= evidence.seconds && flags.rounds >= evidence.rounds;
  for (const [id, benchmarks] of byId) {
    if (name !== undefined && name !== id) continue;
    const results: BenchResult[] = [];
    for (const benchmark of benchmarks) {
      const result = await measure(benchmark, flags);
      console.log(JSON.stringify(result));
      results.push(result);
    }
    if (enough) console.error(`Written: ${await writeBench(id, results)}`);
  }
  if (!enough) {
    const { seconds, rounds } = evidence;
    console.error(`No evidence (under ${seconds} seconds or ${rounds} rounds), so nothing was written.`);
  }
}

async function measure({ name, unit, threads, openOurs, openPeer }: Benchmark, flags: Flags): Promise<BenchResult> {
  await using ours = await openOurs();
  await using peer = await openPeer();
  const what = `${name}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  const { ratio, spread, ...speeds } = await alternate(ours, peer, {
    ...flags,
    onRound: (mine, theirs) => console.error(`${what}: ${mine.toFixed(0)} and ${theirs.toFixed(0)} ${unit}`),
  });
  const facts = { peerName: peer.name, threads, machine: machineHere(), commit: commitHere() };
  return { name, unit, ...speeds, ratio, spread, ...facts };
}

try {
  await command.parseAsync();
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
