/** repertoire tiers: recordings of graded quality from one training run. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { algorithmNamed, type TierName, tierNames, tiers } from "../algorithms/index.ts";
import { card, cardJson, returns, writeRecording } from "../data/index.ts";
import { writeAtomically } from "../files.ts";
import { problem } from "../problems.ts";
import { assignment, wholeNumber } from "./flags.ts";
import { commandLine, interruption } from "./interruption.ts";
import { runFolder } from "./outputs.ts";
import { printJson, say, sayAside, table } from "./printing.ts";
import { apart, settle } from "./settings.ts";

interface Flags {
  readonly out?: string;
  readonly method: string;
  readonly steps?: number;
  readonly rows: number;
  readonly seed: number;
  readonly threads: number;
  readonly json?: boolean;
}

const where = "repertoire tiers";

export const tiersCommand = (): Command =>
  new Command("tiers")
    .description(
      "Trains a method in an environment and writes five recordings of it, as D4RL's tiers: random, medium (a third of the way from chance to the best policy), medium-replay (all that was played until then), medium-expert, expert; with a card each and tiers.json. Started again with the same folder it goes on where it was stopped; the same command always makes the same fingerprints on the same machine.",
    )
    .argument("<env>", "an environment, e.g. Hopper-v5")
    .usage("<env> -o <folder> --steps <n> [options]")
    .option("-o, --out <folder>", "where the recordings go, and the run behind them")
    .option("--method <name>", "a method that learns by playing", "sac")
    .option("--steps <n>", "steps to train for", wholeNumber("--steps"))
    .option("--rows <n>", "steps of each tier", wholeNumber("--rows"), 100_000)
    .option("--set <key=value>", "an option of the method or of its schedule; may be repeated", assignment("--set"))
    .option("--config <file>", "a JSON object of these options; flags win over it")
    .option("--seed <n>", "everything random follows from it", wholeNumber("--seed", 0), 0)
    .option("--threads <n>", "threads for one update", wholeNumber("--threads"), 1)
    .option("--json", "print what was made as JSON")
    .action(makeTiers);

async function makeTiers(env: string, _: Flags, command: Command): Promise<void> {
  const given = await settle(command);
  const flags = command.opts<Flags>();
  const algorithm = algorithmNamed(flags.method);
  if (flags.steps === undefined) {
    throw problem("bad-usage", { where, reason: "it was not said how long to train", next: "Say --steps N." });
  }
  const folder = await runFolder(flags.out, where, "run/run.json");
  const { options, schedule } = apart(algorithm, { ...given, steps: flags.steps });
  const { seed, rows, threads } = flags;
  const run = { folder, rows, seed, threads, progress: true, signal: interruption() };
  const made = await tiers(algorithm, env, { options, schedule, ...run });
  if (made.interrupted) {
    process.exitCode = 130;
    sayAside(`Stopped; what was learned is kept in ${folder}.\nTo go on: ${commandLine(process.argv.slice(2))}`);
    return;
  }
  await mkdir(folder, { recursive: true });
  const files: { readonly [tier in TierName]?: object } = Object.fromEntries(
    await Promise.all(tierNames.map(async (tier) => [tier, await written(folder, tier, made.recordings[tier]!)])),
  );
  const { random, medium, expert, judgements } = made;
  const summary = { environment: env, method: algorithm.name, options: { ...options, ...schedule }, seed, rows };
  const told = { ...summary, random, medium, expert, judgements, tiers: files };
  await writeAtomically(join(folder, "tiers.json"), `${JSON.stringify(told, null, 2)}\n`);
  if (flags.json) printJson(told);
  const lines = Object.entries(files as Record<string, Awaited<ReturnType<typeof written>>>).map(([tier, it]) => [
    tier,
    `${it.episodes} episodes`,
    `${it.rows} steps`,
    `mean return ${Number(it.return.toPrecision(4))}`,
    it.fingerprint.slice(0, 12),
  ]);
  say(`${folder}: ${env} by ${algorithm.name}, ${flags.steps} steps\n${table(lines)}`, flags);
}

async function written(folder: string, tier: TierName, recording: Parameters<typeof returns>[0]) {
  const file = join(folder, `${tier}.parquet`);
  await writeRecording(file, recording);
  const made = card(recording);
  await writeAtomically(join(folder, `${tier}.card.json`), cardJson(made));
  const each = returns(recording);
  return {
    file: `${tier}.parquet`,
    fingerprint: recording.provenance.fingerprint,
    rows: made.rows,
    episodes: each.length,
    return: each.reduce((a, b) => a + b, 0) / each.length,
  };
}
