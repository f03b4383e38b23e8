/**
 * The loop: batches, logs, checkpoints, evaluates, resumes and exports, and knows no algorithm by name.
 *
 * A run is a folder: run.json (what is being run), metrics.jsonl and events.tfevents (logs), checkpoint.safetensors (all
 * state), policy.onnx (at the end). Killed at any moment and started again, it leaves the same bytes as if it had never
 * been stopped.
 */
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Recording, sampler } from "../data/index.ts";
import { readText, writeAtomically } from "../files.ts";
import { exportPolicy, type OnnxPolicy } from "../policies/index.ts";
import { problem } from "../problems.ts";
import { fold, loadTree, randomKey, saveTree } from "../tensor/index.ts";
import { version } from "../version.ts";
import type { AnyAlgorithm } from "./define.ts";
import { type Experience, experienceFor } from "./experience.ts";
import { type MetricsLog, openEventFile, openJsonl, openProgress } from "./logging/index.ts";
import { type Options, resolveOptions, type ValuesOf } from "./options.ts";
import { frozen, initialState, scalarsOf, startTraining, type TrainingSetup, tracedOptions } from "./training.ts";

export interface TrainOptions<A extends AnyAlgorithm = AnyAlgorithm> {
  /** Over the algorithm's defaults. */
  readonly options?: Partial<ValuesOf<A["options"]>>;
  /** Everything follows from it. Default 0. */
  readonly seed?: number;
  /** Where the run lives. Without one, nothing is written and nothing can be resumed. */
  readonly folder?: string;
  /** Updates between two lines of the logs; the run can stop and resume at these. Default: a hundredth of the run. */
  readonly logEvery?: number;
  /** Updates between checkpoints, rounded to whole log lines. Default: a twentieth of the run. */
  readonly checkpointEvery?: number;
  /** Called with the policy as it would be shipped now, every `evaluateEvery` updates and at the end; what it returns is logged. */
  readonly evaluate?: (policy: OnnxPolicy, update: number) => Promise<{ readonly [measure: string]: number }>;
  readonly evaluateEvery?: number;
  readonly threads?: number;
  /** Updates in one compiled call, rounded up to whole cycles: speed only, the numbers are the same. Default 8. */
  readonly unroll?: number;
  /** Show a progress bar on stderr. Default false. */
  readonly progress?: boolean;
  readonly signal?: AbortSignal;
}

export interface TrainedPolicy {
  readonly policy: OnnxPolicy;
  readonly updates: number;
  /** True when the signal stopped the run early; the folder then resumes it. */
  readonly interrupted: boolean;
  /** The last logged mean of each metric. */
  readonly metrics: { readonly [metric: string]: number };
  /** All learners and whatever else the algorithm keeps. */
  readonly state: unknown;
}

/**
 * Learns a policy from a recording.
 * @example const { policy } = await train(iql, recording, { options: { steps: 20_000 }, folder: "runs/iql" });
 * @throws Problem "unknown-option", "bad-option", "wrong-recording", "wrong-actions"; "run-mismatch" when the folder
 * holds another run; "broken-file" when its checkpoint is damaged
 */
export async function train<A extends AnyAlgorithm>(
  algorithm: A,
  recording: Recording,
  given: TrainOptions<A> = {},
): Promise<TrainedPolicy> {
  const options = resolveOptions(algorithm.name, algorithm.options as Options, given.options) as {
    readonly [name: string]: unknown;
  };
  const { seed = 0, folder, signal } = given;
  const experience = experienceFor(algorithm, options, recording);
  const key = fold(randomKey(seed), algorithm.name);
  const steps = options.steps as number;
  const batchSize = options.batchSize as number;
  const cycle = algorithm.cycle?.(options) ?? 1;
  const unroll = roundedUp(given.unroll ?? 8, cycle);
  const setup: TrainingSetup = {
    algorithm,
    options,
    sizes: experience.sizes,
    key,
    unroll,
    ...(given.threads ? { threads: given.threads } : {}),
  };
  const logEvery = roundedUp(given.logEvery ?? Math.max(1, Math.floor(steps / 100)), unroll);
  const described = {
    method: algorithm.name,
    options,
    seed,
    recording: recording.provenance.fingerprint,
    version,
    logEvery,
  };
  const from = folder === undefined ? undefined : await resumed(folder, described, setup);
  const rows = sampler({ count: experience.count, batchSize, key: fold(key, "rows") });
  await using training = await startTraining(setup, { columns: experience.columns, sampler: rows, batchSize }, from);

  const checkpointEvery = roundedUp(given.checkpointEvery ?? Math.max(1, Math.floor(steps / 20)), logEvery);
  const evaluateEvery =
    given.evaluateEvery === undefined ? Number.POSITIVE_INFINITY : roundedUp(given.evaluateEvery, logEvery);
  const shipped = async (state: unknown): Promise<OnnxPolicy> =>
    await exported(setup, experience, state, training.update, recording, seed);
  using logs = folder === undefined ? undefined : openLogs(folder, training.update);
  using bar = given.progress
    ? openProgress({ label: algorithm.name, total: steps, from: training.update, unit: "updates" })
    : undefined;

  let metrics: { readonly [metric: string]: number } = {};
  const checkpoint = async (): Promise<void> => {
    if (folder === undefined) return;
    logs?.sync();
    await saveTree(join(folder, "checkpoint.safetensors"), training.read(), { update: String(training.update) });
  };
  while (training.update < steps && !signal?.aborted) {
    metrics = await training.advance(Math.min(logEvery - (training.update % logEvery), steps - training.update));
    const done = training.update === steps;
    if (given.evaluate && (done || training.update % evaluateEvery === 0)) {
      await using policy = await shipped(training.read());
      const measures = await given.evaluate(policy, training.update);
      metrics = {
        ...metrics,
        ...Object.fromEntries(Object.entries(measures).map(([name, value]) => [`evaluation/${name}`, value])),
      };
    }
    logs?.write(training.update, metrics);
    if (done || signal?.aborted || training.update % checkpointEvery === 0) await checkpoint();
    bar?.update(
      training.update,
      Object.entries(metrics)
        .slice(0, 3)
        .map(([name, value]) => `${name} ${value.toPrecision(3)}`)
        .join("  "),
    );
  }
  const state = training.read();
  const policy = await shipped(state);
  const interrupted = training.update < steps;
  if (folder !== undefined && !interrupted) await policy.save(join(folder, "policy.onnx"));
  return { policy, updates: training.update, interrupted, metrics, state };
}

const roundedUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;

/** The state of a learner as a policy in an artefact. */
async function exported(
  { algorithm, options, sizes }: TrainingSetup,
  experience: Experience,
  state: unknown,
  updates: number,
  recording: Recording,
  seed: number,
): Promise<OnnxPolicy> {
  const nets = algorithm.networks(sizes, options);
  const scalars = frozen(scalarsOf({ algorithm, options })) as never;
  const values = frozen(state);
  const context = { options: tracedOptions(options, scalars), nets, sizes };
  const { observationSpace, actionSpace, normaliser, actionScale, examples } = experience;
  return await exportPolicy(
    {
      name: algorithm.name,
      observationSpace,
      actionSpace,
      ...(normaliser ? { normaliser } : {}),
      ...(actionScale ? { actionScale } : {}),
      decide: (observation) => algorithm.policy(context as never, values, observation),
    },
    {
      examples,
      provenance: {
        method: algorithm.name,
        options,
        recording: recording.provenance.fingerprint,
        environment: recording.kind === "trajectories" ? recording.provenance.environment : "",
        updates,
        seed,
        version,
      },
    },
  );
}

const runSchema = z.object({
  method: z.string(),
  options: z.record(z.string(), z.unknown()),
  seed: z.number(),
  recording: z.string(),
  version: z.string(),
  logEvery: z.number(),
});

/** What a folder holds of this run: nothing yet, or a state and the updates behind it. */
async function resumed(
  folder: string,
  now: z.infer<typeof runSchema>,
  setup: TrainingSetup,
): Promise<{ state: unknown; update: number } | undefined> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, "run.json");
  if (!(await exists(path))) {
    await writeAtomically(path, `${JSON.stringify(now, null, 2)}\n`);
    return undefined;
  }
  const was = runSchema.safeParse(parsed(await readText(path, "a run's description"), path));
  if (!was.success)
    throw problem("broken-file", {
      path,
      what: "run description",
      reason: z.prettifyError(was.error).replaceAll(/\s+/g, " "),
    });
  for (const field of ["method", "seed", "recording", "version", "logEvery", "options"] as const) {
    if (JSON.stringify(was.data[field]) !== JSON.stringify(now[field]))
      throw problem("run-mismatch", { folder, field, was: was.data[field], now: now[field] });
  }
  const checkpoint = join(folder, "checkpoint.safetensors");
  if (!(await exists(checkpoint))) return undefined;
  const { tree, metadata } = await loadTree(checkpoint, { like: await initialState(setup) });
  const update = Number(metadata.update ?? Number.NaN);
  if (!Number.isSafeInteger(update) || update < 0) {
    throw problem("broken-file", {
      path: checkpoint,
      what: "checkpoint",
      reason: "it does not say after how many updates",
    });
  }
  return { state: tree, update };
}

const exists = async (path: string): Promise<boolean> =>
  await access(path).then(
    () => true,
    () => false,
  );

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw problem("broken-file", { path, what: "run description", reason: (error as Error).message });
  }
}

/** Both logs as one; a resumed run cuts what an earlier process logged after its checkpoint. */
function openLogs(folder: string, afterStep: number): MetricsLog {
  let step = afterStep;
  // The event file's clock counts updates, so that the same run leaves the same bytes whenever it is made.
  const logs = [
    openJsonl(join(folder, "metrics.jsonl"), { afterStep }),
    openEventFile(join(folder, "events.out.tfevents.repertoire"), { clock: () => step, afterStep }),
  ];
  const each = (f: (log: MetricsLog) => void): void => {
    for (const log of logs) f(log);
  };
  return {
    write(at, metrics) {
      step = at;
      each((log) => log.write(at, metrics));
    },
    sync: () => each((log) => log.sync()),
    close: () => each((log) => log.close()),
    [Symbol.dispose]: () => each((log) => log.close()),
  };
}
