/** repertoire improve: recorded behaviour in; a better policy, a report and an interval out. */
import { join } from "node:path";
import { Command } from "commander";
import { algorithmNamed, improve } from "../algorithms/index.ts";
import { cardText } from "../data/index.ts";
import { confidence, finiteNumber, wholeNumber } from "./flags.ts";
import { commandLine, interruption } from "./interruption.ts";
import { runFolder } from "./outputs.ts";
import { estimateRow, printJson, say, table } from "./printing.ts";
import { settleFlags } from "./settings.ts";
import { openRecording, type RecordingFlags, recordingFlags } from "./sources.ts";

interface Flags extends RecordingFlags {
  readonly out?: string;
  readonly methods?: string;
  readonly steps?: number;
  readonly seed: number;
  readonly threads: number;
  readonly minimumGain: number;
  readonly level: number;
  readonly discount: number;
  readonly episodes: number;
  readonly json?: boolean;
}

const where = "repertoire improve";

export const improveCommand = (): Command =>
  recordingFlags(
    new Command("improve")
      .description(
        "Learns policies from recorded behaviour (episodes or logged decisions), chooses one without touching the test part, estimates on the test part how much better it is than what was recorded, and says ship, hold or collect more, and why. Leaves policy.onnx, report.html, result.json, card.json and the runs behind them in one folder, which resumes.",
      )
      .argument("<log>", "a recording")
      .usage("<log> [-o <folder>] [options]")
      .option(
        "-o, --out <folder>",
        "where everything goes; resumes what it holds (default: runs/improve-<name of the log>)",
      )
      .option("--methods <names>", "only these methods, with commas between; cloning stays, as the baseline")
      .option("--steps <n>", "updates for each candidate", wholeNumber("--steps"))
      .option("--seed <n>", "everything random follows from it", wholeNumber("--seed", 0), 0)
      .option("--threads <n>", "threads for one update", wholeNumber("--threads"), 1)
      .optionsGroup("The judgement:")
      .option(
        "--minimum-gain <x>",
        "the least improvement worth shipping for, in units of the reward",
        finiteNumber("--minimum-gain"),
        0,
      )
      .option("--level <x>", "confidence of every interval", confidence("--level"), 0.95)
      .option("--discount <x>", "weight of the next step's value, for episodes", confidence("--discount"), 0.99)
      .option(
        "--episodes <n>",
        "episodes each candidate plays, where the recording's environment is known",
        wholeNumber("--episodes"),
        100,
      )
      .option("--config <file>", "a JSON object of flags; flags on the command line win over it"),
  )
    .option("--json", "print the outcome as JSON")
    .action(improveRecording);

async function improveRecording(log: string, _: Flags, command: Command): Promise<void> {
  await settleFlags(command);
  const flags = command.opts<Flags>();
  const methods = flags.methods?.split(",").map((name) => algorithmNamed(name.trim()).name);
  const folder = await runFolder(flags.out ?? join("runs", `improve-${nameOf(log)}`), where, "improve.json");
  const recording = await openRecording(log, flags);
  const started = performance.now();
  const tell = (sentence: string): void => {
    process.stderr.write(`${`${((performance.now() - started) / 1000).toFixed(0)} s`.padStart(6)}  ${sentence}\n`);
  };
  const again = commandLine(process.argv.slice(2));
  const found = await improve(recording, {
    folder,
    seed: flags.seed,
    threads: flags.threads,
    progress: true,
    tell,
    signal: interruption(),
    command: again,
    minimumGain: flags.minimumGain,
    level: flags.level,
    discount: flags.discount,
    episodes: flags.episodes,
    ...(flags.steps === undefined ? {} : { steps: flags.steps }),
    ...(methods === undefined ? {} : { methods }),
  });
  if (found.interrupted) {
    process.exitCode = 130;
    say(`Stopped; what was learned so far is kept in ${folder}.\nTo go on: ${again}`, { json: true });
    return;
  }
  const { decision, chosen, behaviour, value, improvement, played, card, files } = found;
  if (flags.json)
    printJson({ decision, chosen, behaviour, value, improvement, played, candidates: found.candidates, files });
  const unit = recording.kind === "decisions" ? "row" : "episode";
  const rows = [
    estimateRow("what the log earned", behaviour, unit),
    estimateRow(`value of ${chosen}`, value, unit),
    estimateRow("improvement", improvement, unit),
    ...(played ? [estimateRow("improvement when played", played, "episode")] : []),
  ];
  say(
    [
      cardText(card),
      table(rows),
      "",
      `${decision.verdict.toUpperCase()}. ${decision.why}`,
      "",
      files.policy,
      files.report,
    ].join("\n"),
    flags,
  );
}

const nameOf = (log: string): string =>
  log
    .replace(/[\\/]+$/, "")
    .replace(/^.*[\\/]/, "")
    .replace(/\..*$/, "") || "recording";
