/**
 * The loop: batches, logs, checkpoints, evaluates, resumes and exports, and knows no algorithm by name.
 *
 * A run is a folder: run.json (what is being run), metrics.jsonl and events.tfevents (logs), checkpoint.safetensors (all
 * state), policy.onnx (at the end). Killed at any moment and started again, it leaves the same bytes as if it had never
 * been stopped.
 */
import { sampler } from "../data/samplers.ts";
import type { ShardedTrajectories } from "../data/shards.ts";
import type { Recording } from "../data/trajectories.ts";
import type { OnnxPolicy } from "../policies/index.ts";
import { fold, type Provider, type RandomKey, randomKey } from "../tensor/index.ts";
import { version } from "../version.ts";
import type { AnyAlgorithm } from "./define.ts";
import { type Experience, experienceFor } from "./experience.ts";
import { follow } from "./follow.ts";
import { type Options, resolveOptions, type ValuesOf } from "./options.ts";
import { digest, openRunFolder } from "./run-folder.ts";
import { type ShardedExperience, shardedExperience } from "./sharded.ts";
import { shippedPolicy } from "./shipped.ts";
import { initialState, startTraining, stateFrom, type TrainingSetup } from "./training.ts";

export interface TrainOptions<A extends AnyAlgorithm = AnyAlgorithm> {
  /** Over the algorithm's defaults. */
  readonly options?: Partial<ValuesOf<A["options"]>>;
  /** Everything follows from it. Default 0. */
  readonly seed?: number;
  /**
   * The `state` of another run of the same method with the same networks: this one begins with all that it learned, and
   * with optimisers of its own. Observations are scaled by this run's recording, so turn that off where the two differ.
   */
  readonly from?: unknown;
  /** Where the run lives. Without one, nothing is written and nothing can be resumed. */
  readonly folder?: string;
  /** Updates between two lines of the logs; the run can stop and resume at these. Default: a hundredth of the run, at most 1,000. */
  readonly logEvery?: number;
  /** Updates between checkpoints, rounded to whole log lines. Default: a twentieth of the run. */
  readonly checkpointEvery?: number;
  /** Called with the policy as it would be shipped now, every `evaluateEvery` updates and at the end; what it returns is logged. */
  readonly evaluate?: (policy: OnnxPolicy, update: number) => Promise<{ readonly [measure: string]: number }>;
  readonly evaluateEvery?: number;
  /**
   * Called at every line of the logs, before a checkpoint, and awaited: for what learns or watches beside the run, such as a
   * curriculum's teacher (which is saved with the worlds it teaches in) or a chart.
   */
  readonly each?: (update: number, metrics: { readonly [metric: string]: number }) => void | Promise<void>;
  /** For a recording on disk: most rows to hold at once. Default 500,000. */
  readonly shardRows?: number;
  readonly threads?: number;
  /** What executes the updates. Default: the processor. */
  readonly provider?: Provider;
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
 * holds another run; "tree-mismatch", "tree-leaf" when `from` is of another form; "broken-file" when its checkpoint is damaged
 */
export async function train<A extends AnyAlgorithm>(
  algorithm: A,
  recording: Recording | ShardedTrajectories,
  given: TrainOptions<A> = {},
): Promise<TrainedPolicy> {
  const options = resolveOptions(algorithm.name, algorithm.options as Options, given.options) as {
    readonly [name: string]: unknown;
  };
  const { seed = 0, folder } = given;
  const key = fold(randomKey(seed), algorithm.name);
  const steps = options.steps as number;
  const batchSize = options.batchSize as number;
  const sampling = {
    key: fold(key, "rows"),
    batchSize,
    ...(given.shardRows === undefined ? {} : { shardRows: given.shardRows }),
  };
  const experience =
    recording.kind === "sharded"
      ? await shardedExperience(algorithm, options, recording, sampling)
      : inMemory(experienceFor(algorithm, options, recording), sampling);
  const cycle = algorithm.cycle?.(options) ?? 1;
  const unroll = roundedUp(given.unroll ?? 8, cycle);
  const setup: TrainingSetup = {
    algorithm,
    options,
    sizes: experience.sizes,
    key,
    unroll,
    ...(given.threads ? { threads: given.threads } : {}),
    ...(given.provider ? { provider: given.provider } : {}),
  };
  const logEvery = roundedUp(given.logEvery ?? Math.min(1000, Math.max(1, Math.floor(steps / 100))), unroll);
  const described = {
    method: algorithm.name,
    options,
    seed,
    recording: recording.provenance.fingerprint,
    version,
    logEvery,
    ...(given.from === undefined ? {} : { from: digest(given.from) }),
  };
  const kept = folder === undefined ? undefined : await openRunFolder(folder, described);
  const begun = given.from === undefined ? undefined : { state: await stateFrom(setup, given.from), update: 0 };
  const from = (await kept?.resume(() => initialState(setup))) ?? begun;
  await using training = await startTraining(setup, experience.data, from);

  const checkpointEvery = roundedUp(given.checkpointEvery ?? Math.max(1, Math.floor(steps / 20)), logEvery);
  const evaluateEvery =
    given.evaluateEvery === undefined ? Number.POSITIVE_INFINITY : roundedUp(given.evaluateEvery, logEvery);
  const shipped = async (state: unknown): Promise<OnnxPolicy> =>
    await shippedPolicy(setup, experience, state, {
      recording: recording.provenance.fingerprint,
      environment: recording.kind === "decisions" ? "" : recording.provenance.environment,
      ...("made" in recording.provenance ? { made: recording.provenance.made } : {}),
      updates: training.update,
      seed,
    });
  const metrics = await follow(
    {
      label: algorithm.name,
      unit: "updates",
      total: steps,
      at: () => training.update,
      advance: (until) => training.advance(until - training.update),
      checkpoint: async () => await kept?.checkpoint(training.read(), training.update),
      shipped: () => shipped(training.read()),
    },
    { ...given, logEvery, checkpointEvery, evaluateEvery },
    kept,
  );
  const state = training.read();
  const policy = await shipped(state);
  const interrupted = training.update < steps;
  if (kept && !interrupted) await policy.save(kept.policy);
  return { policy, updates: training.update, interrupted, metrics, state };
}

const inMemory = (
  { columns, ...experience }: Experience,
  { key, batchSize }: { readonly key: RandomKey; readonly batchSize: number },
): ShardedExperience => ({
  ...experience,
  data: { columns, sampler: sampler({ count: experience.count, batchSize, key }), batchSize },
});

export const roundedUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;
