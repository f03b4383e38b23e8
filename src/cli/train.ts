/** repertoire train: a method, a recording, a folder that resumes. */
import { join } from "node:path";
import { Command } from "commander";
import { algorithmNamed, train } from "../algorithms/index.ts";
import type { Recording } from "../data/index.ts";
import { type Evaluation, evaluate } from "../evaluation/index.ts";
import type { OnnxPolicy } from "../policies/index.ts";
import { problem } from "../problems.ts";
import { assignment, wholeNumber } from "./flags.ts";
import { commandLine, interruption } from "./interruption.ts";
import { runFolder } from "./outputs.ts";
import { estimateRow, printJson, say, sayAside, table } from "./printing.ts";
import { settle } from "./settings.ts";
import {
  isRegistered,
  openRecording,
  type RecordingFlags,
  recordingFlags,
  type WorldFlags,
  worldOf,
} from "./sources.ts";

interface Flags extends RecordingFlags, WorldFlags {
  readonly out?: string;
  readonly steps?: number;
  readonly seed: number;
  readonly threads: number;
  readonly logEvery?: number;
  readonly checkpointEvery?: number;
  readonly evaluateEvery?: number;
  readonly episodes: number;
  readonly json?: boolean;
}

const where = "repertoire train";

export const trainCommand = (): Command =>
  recordingFlags(
    new Command("train")
      .description(
        "Learns a policy from a recording and writes it as policy.onnx into a run folder, with its logs (metrics.jsonl, TensorBoard events) and its checkpoint. Started again with the same folder it goes on where it was stopped, and ends with the same bytes.",
      )
      .argument("<method>", "a method; repertoire methods lists them")
      .argument("<file>", "a recording")
      .usage("<method> <file> -o <folder> [options]")
      .option("-o, --out <folder>", "the run: new, or one to resume")
      .option("--set <key=value>", "an option of the method; may be repeated", assignment("--set"))
      .option("--config <file>", "a JSON object of options; --set wins over it, and flags over both")
      .optionsGroup("The run:")
      .option("--steps <n>", "updates to make; the same as --set steps=n", wholeNumber("--steps"))
      .option("--seed <n>", "everything random follows from it", wholeNumber("--seed", 0), 0)
      .option("--threads <n>", "threads for one update", wholeNumber("--threads"), 1)
      .option(
        "--log-every <n>",
        "updates between lines of the log (default: a hundredth of the run)",
        wholeNumber("--log-every"),
      )
      .option(
        "--checkpoint-every <n>",
        "updates between checkpoints (default: a twentieth of the run)",
        wholeNumber("--checkpoint-every"),
      )
      .optionsGroup("Evaluation on the way:")
      .option(
        "--evaluate-every <n>",
        "play the policy after every n updates and at the end",
        wholeNumber("--evaluate-every"),
      )
      .option("--episodes <n>", "episodes of each evaluation", wholeNumber("--episodes"), 20)
      .option("--env <name>", "where to evaluate (default: the recording's environment)")
      .option("--env-set <key=value>", "an option of that environment; may be repeated", assignment("--env-set")),
  )
    .option("--json", "print the outcome as JSON")
    .action(trainPolicy);

async function trainPolicy(name: string, file: string, _: Flags, command: Command): Promise<void> {
  const options = await settle(command);
  const flags = command.opts<Flags>();
  const algorithm = algorithmNamed(name);
  const folder = await runFolder(flags.out, where);
  const recording = await openRecording(file, flags);
  const measured: { last?: Evaluation } = {};
  const trained = await train(algorithm, recording, {
    options: flags.steps === undefined ? options : { ...options, steps: flags.steps },
    seed: flags.seed,
    folder,
    threads: flags.threads,
    progress: true,
    signal: interruption(),
    ...(flags.logEvery === undefined ? {} : { logEvery: flags.logEvery }),
    ...(flags.checkpointEvery === undefined ? {} : { checkpointEvery: flags.checkpointEvery }),
    ...evaluationOf(recording, flags, measured),
  });
  await using policy = trained.policy;
  const { updates, interrupted, metrics } = trained;
  const path = join(folder, interrupted ? "checkpoint.safetensors" : "policy.onnx");
  const evaluation = measured.last && estimatesOf(measured.last);
  if (flags.json) printJson({ method: name, folder, path, updates, interrupted, metrics, evaluation });
  if (interrupted) {
    process.exitCode = 130;
    const again = commandLine(process.argv.slice(2));
    const { steps } = policy.description.provenance.options;
    sayAside(`Stopped after ${updates} of ${steps} updates, saved in ${path}.\nTo go on: ${again}`);
    return;
  }
  const lines = Object.entries(metrics)
    .filter(([metric]) => !metric.startsWith("evaluation/"))
    .map(([metric, value]) => [metric, String(Number(value.toPrecision(4)))]);
  const estimates = Object.entries(evaluation ?? {}).map(([measure, estimate]) =>
    estimateRow(measure, estimate, "episode"),
  );
  const done =
    Object.keys(metrics).length > 0
      ? `${updates} updates of ${name}`
      : `${updates} updates of ${name} were made before`;
  say([`${done}.`, table(lines), table(estimates), path].filter(Boolean).join("\n"), flags);
}

const estimatesOf = ({ return: value, success, length }: Evaluation) => ({
  return: value,
  ...(success ? { success } : {}),
  length,
});

/** How the loop evaluates, where it was asked to and there is a world to do it in. */
function evaluationOf(recording: Recording, flags: Flags, measured: { last?: Evaluation }) {
  const { evaluateEvery, episodes, seed, envSet } = flags;
  if (evaluateEvery === undefined) return {};
  const env = flags.env ?? recording.provenance.environment;
  if (env === "" || (flags.env === undefined && !isRegistered(env))) {
    throw problem("bad-usage", {
      where,
      reason: `--evaluate-every needs a world to play in, and the recording names ${env === "" ? "none" : `"${env}", which is not registered`}`,
      next: "Leave it out, or name one with --env.",
    });
  }
  const world = worldOf(env, envSet);
  return {
    evaluateEvery,
    async evaluate(policy: OnnxPolicy) {
      const last = await evaluate(policy, world, { episodes, seed });
      measured.last = last;
      return { return: last.return.value, ...(last.success ? { success: last.success.value } : {}) };
    },
  };
}
