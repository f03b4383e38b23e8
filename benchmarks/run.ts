/** `npm run bench -- [name] [--seconds 3] [--rounds 5] [--check]`: one line of JSON a peer, and results/bench/<name>.json. */
import { availableParallelism, loadavg } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import type { BenchResult } from "../results/schema.ts";
import { commitHere, machineHere, writeBench } from "../results/store.ts";
import { Problem, problem } from "../src/problems.ts";
import { alternate } from "./alternate.ts";
import type { Benchmark, Check, Peer } from "./benchmark.ts";
import { decisionBenchmarks } from "./decisions.ts";
import { environmentBenchmarks } from "./environments.ts";
import { memoryBenchmarks } from "./memory.ts";
import { onlineBenchmarks } from "./online.ts";
import { outOfCoreBenchmarks } from "./out-of-core.ts";
import { samplingBenchmarks } from "./sampling.ts";
import { startBenchmarks } from "./start.ts";
import { trainingBenchmarks } from "./training.ts";

/** Less than this says that it runs, and nothing of how fast. */
const evidence = { seconds: 2, rounds: 5 };
/** Enough for a loss to fall, whatever is learnt. */
const checkedUpdates = 400;

interface Flags {
  readonly seconds: number;
  readonly rounds: number;
  readonly check?: true;
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
  .option("--check", "measure nothing: whether each side learns, and whether all do the same work")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(run);

async function run(name: string | undefined, flags: Flags): Promise<void> {
  const all = [
    ...trainingBenchmarks,
    ...samplingBenchmarks,
    ...onlineBenchmarks,
    ...decisionBenchmarks,
    ...startBenchmarks,
    ...memoryBenchmarks,
    ...outOfCoreBenchmarks,
    ...environmentBenchmarks,
  ];
  const byId = Map.groupBy(all, ({ id }) => id);
  if (name !== undefined && !byId.has(name)) {
    throw problem("unknown-name", { where: "bench", what: "benchmark", name, known: [...byId.keys()] });
  }
  const chosen = [...byId].filter(([id]) => name === undefined || name === id);
  if (flags.check) {
    // What differs in threads alone learns alike.
    const benchmarks = Map.groupBy(
      chosen.flatMap(([, all]) => all),
      ({ name }) => name,
    );
    for (const [, [benchmark]] of benchmarks) await check(benchmark);
    return;
  }
  if (loadavg()[0] > availableParallelism() / 2) {
    console.error("This machine is busy with something else: what comes out will say more of that than of the sides.");
  }
  const enough = flags.seconds >= evidence.seconds && flags.rounds >= evidence.rounds;
  for (const [id, benchmarks] of chosen) {
    const results: BenchResult[] = [];
    for (const benchmark of benchmarks) {
      for (const result of await measure(benchmark, flags)) {
        console.log(JSON.stringify(result));
        results.push(result);
      }
    }
    if (enough) console.error(`Written: ${await writeBench(id, results)}`);
  }
  if (!enough) {
    const { seconds, rounds } = evidence;
    console.error(`No evidence (under ${seconds} seconds or ${rounds} rounds), so nothing was written.`);
  }
}

/** Every peer that can run here, open; closed again by the stack. */
async function openPeers({ name, peers }: Benchmark, stack: AsyncDisposableStack): Promise<readonly Peer[]> {
  const opened: Peer[] = [];
  for (const { open, optional } of peers) {
    try {
      opened.push(stack.use(await open()));
    } catch (error) {
      if (!optional || !(error instanceof Problem)) throw error;
      console.error(`${name}: a peer is left out. ${error.message}`);
    }
  }
  return opened;
}

async function measure(benchmark: Benchmark, flags: Flags): Promise<readonly BenchResult[]> {
  const { name, unit, threads, lessIsBetter = false } = benchmark;
  await using stack = new AsyncDisposableStack();
  const side = stack.use(await benchmark.openOurs());
  const peers = await openPeers(benchmark, stack);
  const what = `${name}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  const { ours, peers: compared } = await alternate(side, peers, {
    ...flags,
    lessIsBetter,
    onRound: (numbers) => console.error(`${what}: ${numbers.map((it) => it.toPrecision(4)).join(", ")} ${unit}`),
  });
  const facts = { threads, machine: machineHere(), commit: commitHere() };
  return compared.map(({ peer, ratio, spread }, i) => {
    return { name, unit, ours, peer, peerName: peers[i].name, ratio, spread, ...facts };
  });
}

/** Prints what each side says of itself; whoever does not learn, or trains other numbers than ours, is a failure. */
async function check(benchmark: Benchmark): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const ours = stack.use(await benchmark.openOurs());
  if (!ours.check) return;
  const wanted = await ours.check(checkedUpdates);
  report(benchmark, "ours", wanted, wanted);
  for (const peer of await openPeers(benchmark, stack)) {
    if (peer.check) report(benchmark, peer.name, await peer.check(checkedUpdates), wanted);
  }
}

function report({ name }: Benchmark, side: string, found: Check, wanted: Check): void {
  const faults = [
    ...(found.last < found.first ? [] : ["it does not learn"]),
    ...(found.parameters === wanted.parameters ? [] : [`it trains ${found.parameters} numbers, not ours`]),
  ];
  if (faults.length > 0) process.exitCode = 1;
  console.log(JSON.stringify({ name, side, ...found, ...(faults.length > 0 ? { faults } : {}) }));
}

try {
  await command.parseAsync();
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
