/** repertoire export: a policy file checked, described and written out. */
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { algorithmNamed, train } from "../algorithms/index.ts";
import { readRun } from "../algorithms/run-folder.ts";
import type { Recording } from "../data/index.ts";
import { readBytes } from "../files.ts";
import { loadPolicy, type OnnxPolicy } from "../policies/index.ts";
import { problem } from "../problems.ts";
import { describe } from "../spaces/index.ts";
import { saveTree } from "../tensor/index.ts";
import { opsetOf, parametersOf } from "../tensor/onnx/parameters.ts";
import { outputFile } from "./outputs.ts";
import { estimateRow, printJson, say, table } from "./printing.ts";
import { openRecording, type RecordingFlags, recordingFlags } from "./sources.ts";

interface Flags extends RecordingFlags {
  readonly out?: string;
  readonly safetensors?: string;
  readonly run?: string;
  readonly recording?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

const where = "repertoire export";

export const exportCommand = (): Command =>
  recordingFlags(
    new Command("export")
      .description(
        "Checks a policy file (its test vectors are run again), says what is in it, and writes it out. With --run the policy is made from the checkpoint of a run, finished or not.",
      )
      .argument("[policy]", "a policy file (.onnx); leave it out with --run")
      .option("-o, --out <file>", "write the checked policy here (.onnx)")
      .option("--safetensors <file>", "write its parameters here (.safetensors)")
      .option("--run <folder>", "take the policy from this run's checkpoint; needs --recording")
      .option("--recording <file>", "the recording that the run learns from")
      .option("--overwrite", "replace files that exist"),
  )
    .option("--json", "print the description as JSON")
    .action(exportPolicy);

async function exportPolicy(file: string | undefined, flags: Flags): Promise<void> {
  const replacing = { where, ...(flags.overwrite ? { overwrite: true } : {}) };
  const out = flags.out === undefined ? undefined : await outputFile(flags.out, [".onnx"], replacing);
  const numbers =
    flags.safetensors === undefined ? undefined : await outputFile(flags.safetensors, [".safetensors"], replacing);
  if ((file === undefined) === (flags.run === undefined)) {
    throw problem("bad-usage", {
      where,
      reason: file === undefined ? "there is nothing to export" : "both a policy file and --run were given",
      next: "Name a policy file, or a run with --run FOLDER --recording FILE.",
    });
  }
  await using policy = file === undefined ? await checkpointed(flags.run as string, flags) : await loadPolicy(file);
  if (out !== undefined) await policy.save(out);
  const parameters = parametersOf(policy.bytes);
  if (numbers !== undefined) await saveTree(numbers, parameters, { policy: policy.name });
  const size = Object.values(parameters).reduce((sum, { data }) => sum + data.length, 0);
  const opset = opsetOf(policy.bytes);
  const written = [out, numbers].filter((path) => path !== undefined);
  if (flags.json) {
    const { tests, ...description } = policy.description;
    printJson({ ...description, tests: tests.length, opset, parameters: size, bytes: policy.bytes.length, written });
  }
  say([described(policy, size, opset), ...written.map((path) => `written: ${path}`)].join("\n"), flags);
}

function described({ description, bytes }: OnnxPolicy, size: number, opset: number): string {
  const { name, observationSpace, actionSpace, noise, outputs, provenance, evaluation, tests, tolerance } = description;
  const { method, environment, updates, seed, version, recording } = provenance;
  const options = Object.entries(provenance.options).map(([key, value]) => `${key}=${String(value)}`);
  const draws = noise.map(({ name: input, shape, kind }) => {
    const drawn = typeof kind === "string" ? kind : `whole numbers below ${kind.below}`;
    return `${input} [${shape.map((n) => (n < 0 ? "batch" : n)).join(", ")}] ${drawn}`;
  });
  const rows = [
    ["policy", `${name}, ONNX opset ${opset}, ${bytes.length} bytes, ${size} parameters`],
    ["observation", describe(observationSpace)],
    ["action", describe(actionSpace)],
    ["outputs", outputs.join(", ")],
    ["noise", draws.join("; ") || "none: it does not act by chance"],
    ["learned by", `${method}, ${updates} updates, seed ${seed}, Repertoire ${version}`],
    ["options", options.join(", ")],
    ["in", environment || "no registered environment"],
    ["from", `recording ${recording}`],
    ["tests", `${tests.length} passed on this machine (tolerance ${tolerance})`],
  ];
  const estimates = Object.entries(evaluation).map(([measure, answer]) => estimateRow(measure, answer, "observation"));
  return [table(rows), table(estimates)].filter(Boolean).join("\n");
}

/**
 * The policy as a run's checkpoint has it. The run is copied first, so that one that is still going is not disturbed.
 * @throws Problem "bad-usage" without a recording, "missing-file" or "broken-file" for the run, "run-mismatch" for another recording
 */
async function checkpointed(folder: string, flags: Flags): Promise<OnnxPolicy> {
  if (flags.recording === undefined) {
    throw problem("bad-usage", {
      where,
      reason: "--run needs the recording it learns from, for the sizes and scales of its networks",
      next: "Say --recording FILE.",
    });
  }
  const description = join(folder, "run.json");
  const run = await readRun(description);
  const checkpoint = join(folder, "checkpoint.safetensors");
  await readBytes(checkpoint, "a checkpoint", "The run has not reached its first one.");
  const recording: Recording = await openRecording(flags.recording, flags);
  const copy = await mkdtemp(join(tmpdir(), "repertoire-export-"));
  try {
    for (const name of ["run.json", "checkpoint.safetensors"]) await copyFile(join(folder, name), join(copy, name));
    // A run that is stopped before it starts ends with the policy of its checkpoint.
    const { method, options, seed, logEvery } = run;
    const stopped = { folder: copy, options, seed, logEvery, signal: AbortSignal.abort() };
    const { policy } = await train(algorithmNamed(method), recording, stopped);
    return policy;
  } finally {
    await rm(copy, { recursive: true });
  }
}
