/** repertoire train: a method, a recording or a world, a folder that resumes. */
import { join } from "node:path";
import { Command } from "commander";
import {
  type AnyAlgorithm,
  algorithmNamed,
  type TrainedPolicy,
  type TrainOptions,
  train,
  trainOnline,
} from "../algorithms/index.ts";
import type { EnvironmentSpec, Recording } from "../data/index.ts";
import { type Evaluation, evaluate } from "../evaluation/index.ts";
import type { OnnxPolicy } from "../policies/index.ts";
import { problem } from "../problems.ts";
import { type Assignments, assignment, wholeNumber } from "./flags.ts";
import { commandLine, interruption } from "./interruption.ts";
import { runFolder } from "./outputs.ts";
import { estimateRow, printJson, say, sayAside, table } from "./printing.ts";
import { apart, settle } from "./settings.ts";
import {
  asMade,
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
  readonly workers?: number;
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
        "Learns a policy from a recording, or without one by playing in an environment, and writes it as policy.onnx into a run folder, with its logs (metrics.jsonl, TensorBoard events) and its checkpoint. Started again with the same folder it goes on where it was stopped, and ends with the same bytes.",
      )
      .argument("<method>", "a method; repertoire methods lists them")
      .argument("[file]", "a recording; left out, the method learns by playing in --env")
      .usage("<method> [file] -o <folder> [options]")
      .option("-o, --out <folder>", "the run: new, or one to resume")
      .option(
        "--set <key=value>",
        "an option of the method, or of its schedule of play; may be repeated",
        assignment("--set"),
      )
      .option("--config <file>", "a JSON object of options; --set wins over it, and flags over both")
      .optionsGroup("The run:")
      .option("--steps <n>", "updates to make, or steps to play; the same as --set steps=n", wholeNumber("--steps"))
      .option("--seed <n>", "everything random follows from it", wholeNumber("--seed", 0), 0)
      .option("--threads <n>", "threads for one update", wholeNumber("--threads"), 1)
      .option("--workers <n>", "threads that step the environments, for slow ones", wholeNumber("--workers"))
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
      .option(
        "--env <name>",
        "where to evaluate, and without a recording to learn (default: the recording's environment)",
      )
      .option("--env-set <key=value>", "an option of that environment; may be repeated", assignment("--env-set")),
  )
    .option("--json", "print the outcome as JSON")
    .action(trainPolicy);

async function trainPolicy(name: string, file: string | undefined, _: Flags, command: Command): Promise<void> {
  const given = await settle(command);
  const flags = command.opts<Flags>();
  const algorithm = algorithmNamed(name);
  const folder = await runFolder(flags.out, where);
  const options = flags.steps === undefined ? given : { ...given, steps: flags.steps };
  const measured: { last?: Evaluation } = {};
  const run = {
    seed: flags.seed,
    folder,
    threads: flags.threads,
    progress: true,
    signal: interruption(),
    ...(flags.logEvery === undefined ? {} : { logEvery: flags.logEvery }),
    ...(flags.checkpointEvery === undefined ? {} : { checkpointEvery: flags.checkpointEvery }),
  };
  const plays = file === undefined || algorithm.learnsFrom === "imitations";
  const learned = plays ? learnByPlaying(file) : learnFrom(file);
  const { trained, made } = await learned(algorithm, options, flags, run, measured);
  await using _policy = trained.policy;
  const { updates, interrupted, metrics } = trained;
  const { done: sofar, total, unit } = made;
  const path = join(folder, interrupted ? "checkpoint.safetensors" : "policy.onnx");
  const evaluation = measured.last && estimatesOf(measured.last);
  if (flags.json) printJson({ method: name, folder, path, updates, interrupted, metrics, evaluation });
  if (interrupted) {
    process.exitCode = 130;
    const again = commandLine(process.argv.slice(2));
    sayAside(`Stopped after ${sofar} of ${total} ${unit}, saved in ${path}.\nTo go on: ${again}`);
    return;
  }
  const lines = Object.entries(metrics)
    .filter(([metric]) => !metric.startsWith("evaluation/"))
    .map(([metric, value]) => [metric, String(Number(value.toPrecision(4)))]);
  const estimates = Object.entries(evaluation ?? {}).map(([measure, estimate]) =>
    estimateRow(measure, estimate, "episode"),
  );
  const done = `${sofar} ${unit} of ${name}${Object.keys(metrics).length > 0 ? "" : " were made before"}`;
  say([`${done}.`, table(lines), table(estimates), path].filter(Boolean).join("\n"), flags);
}

const estimatesOf = ({ return: value, success, length }: Evaluation) => ({
  return: value,
  ...(success ? { success } : {}),
  length,
});

type Run = Pick<TrainOptions, "seed" | "folder" | "threads" | "progress" | "signal" | "logEvery" | "checkpointEvery">;

/** What was learned, and how much of the run was made. */
interface Learned {
  readonly trained: TrainedPolicy;
  readonly made: { readonly done: number; readonly total: number; readonly unit: string };
}

type Learning = (
  algorithm: AnyAlgorithm,
  options: Assignments,
  flags: Flags,
  run: Run,
  measured: { last?: Evaluation },
) => Promise<Learned>;

const learnFrom =
  (file: string): Learning =>
  async (algorithm, options, flags, run, measured) => {
    const recording = await openRecording(file, flags);
    const trained = await train(algorithm, recording, {
      options,
      ...run,
      ...(await evaluationOf(worldFor(recording, flags), flags, measured)),
    });
    const total = trained.policy.description.provenance.options.steps as number;
    return { trained, made: { done: trained.updates, total, unit: "updates" } };
  };

/** @param file what to imitate while playing, for methods that do */
const learnByPlaying =
  (file: string | undefined): Learning =>
  async (algorithm, options, flags, run, measured) => {
    if (flags.env === undefined) {
      if (file !== undefined) {
        const reason = `${algorithm.name} imitates a recording while it plays, and there is no environment to play in`;
        throw problem("bad-usage", { where, reason, next: "Name one with --env." });
      }
      const reason = "there is neither a recording to learn from nor an environment to play in";
      throw problem("bad-usage", { where, reason, next: "Name a recording, or an environment with --env." });
    }
    const { options: own, schedule } = apart(algorithm, options);
    await worldOf(flags.env, flags.envSet); // said at once if there is no such world, or no such option
    const spec = { name: flags.env, ...(flags.envSet ? { options: flags.envSet } : {}) };
    const demonstrations = file === undefined ? undefined : await openRecording(file, flags);
    if (demonstrations?.kind === "decisions")
      throw problem("wrong-recording", { method: algorithm.name, wanted: "trajectories", got: "decisions" });
    const trained = await trainOnline(algorithm, spec, {
      ...(flags.workers === undefined ? {} : { workers: flags.workers }),
      ...(demonstrations ? { demonstrations } : {}),
      options: own,
      schedule,
      ...run,
      ...(await evaluationOf(flags.env, flags, measured)),
    });
    return { trained, made: { done: trained.steps, total: trained.total, unit: "steps" } };
  };

/** Where a policy learned from a recording is played: the environment that was said, or the recording's own as it was made. */
function worldFor(recording: Recording, { env, evaluateEvery }: Flags): string | EnvironmentSpec {
  const name = env ?? recording.provenance.environment;
  if (evaluateEvery !== undefined && (name === "" || (env === undefined && !isRegistered(name)))) {
    throw problem("bad-usage", {
      where,
      reason: `--evaluate-every needs a world to play in, and the recording names ${name === "" ? "none" : `"${name}", which is not registered`}`,
      next: "Leave it out, or name one with --env.",
    });
  }
  return env ?? asMade(recording.provenance);
}

/** How the loop evaluates, where it was asked to. */
async function evaluationOf(env: string | EnvironmentSpec, flags: Flags, measured: { last?: Evaluation }) {
  const { evaluateEvery, episodes, seed, envSet } = flags;
  if (evaluateEvery === undefined) return {};
  const world = await worldOf(env, envSet);
  return {
    evaluateEvery,
    async evaluate(policy: OnnxPolicy) {
      const last = await evaluate(policy, world, { episodes, seed });
      measured.last = last;
      return { return: last.return.value, ...(last.success ? { success: last.success.value } : {}) };
    },
  };
}
