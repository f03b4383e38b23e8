/** repertoire evaluate: how well a policy does, played in a world or estimated from a log. */
import { Command } from "commander";
import { openProgress } from "../algorithms/logging/index.ts";
import { type DecisionLog, returns, type Trajectories } from "../data/index.ts";
import {
  clippedIps,
  diagnostics,
  doublyRobust,
  type Estimate,
  evaluate,
  type Fqe,
  fqe,
  ips,
  isRefusal,
  meanEstimate,
  meanRewards,
  probabilitiesOf,
  type Refusal,
  snips,
} from "../evaluation/index.ts";
import { loadPolicy, type OnnxPolicy, withEvaluation } from "../policies/index.ts";
import { problem } from "../problems.ts";
import { describe, type Space, sameSpace } from "../spaces/index.ts";
import { randomKey } from "../tensor/index.ts";
import { confidence, share, wholeNumber } from "./flags.ts";
import { outputFile } from "./outputs.ts";
import { estimateRow, printJson, say, table } from "./printing.ts";
import { settleFlags } from "./settings.ts";
import {
  asMade,
  openRecording,
  type RecordingFlags,
  recordingFlags,
  type WorldFlags,
  worldFlags,
  worldNamed,
  worldOf,
} from "./sources.ts";

interface Flags extends RecordingFlags, WorldFlags {
  readonly log?: string;
  readonly episodes: number;
  readonly sample?: boolean;
  readonly discount?: number;
  readonly level: number;
  readonly seed: number;
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

const where = "repertoire evaluate";

export const evaluateCommand = (): Command =>
  recordingFlags(
    worldFlags(
      new Command("evaluate")
        .description(
          "Estimates how well a policy does, with intervals: by playing it from a fixed set of starts (--env), or from a recording without playing it at all (--log: importance weighting for logged decisions, fitted Q evaluation for trajectories). An estimator that the log cannot support refuses, and says why.",
        )
        .argument("<policy>", "a policy file (.onnx)")
        .option("--log <file>", "estimate from this recording: logged decisions, or trajectories"),
    )
      .option("--episodes <n>", "episodes to play", wholeNumber("--episodes"), 100)
      .option("--sample", "act by chance, as the policy would, instead of its best action")
      .option(
        "--discount <number>",
        "of a step's reward; on recorded trajectories 0.99 if left out",
        share("--discount"),
      )
      .option("--level <number>", "confidence of the intervals", confidence("--level"), 0.95)
      .option("--seed <n>", "of the starts, and of all chance", wholeNumber("--seed", 0), 0)
      .option("-o, --out <file>", "write the policy with these estimates in it (.onnx)")
      .option("--overwrite", "replace that file if it exists")
      .option("--config <file>", "a JSON object of these options; flags win over it"),
  )
    .option("--json", "print the estimates as JSON")
    .action(async (file: string, _: Flags, command: Command) => {
      await settleFlags(command);
      const flags = command.opts<Flags>();
      const replacing = { where, ...(flags.overwrite ? { overwrite: true } : {}) };
      const out = flags.out === undefined ? undefined : await outputFile(flags.out, [".onnx"], replacing);
      await using policy = await loadPolicy(file);
      const estimates =
        flags.log === undefined ? await play(file, policy, flags) : await estimate(file, policy, flags.log, flags);
      if (out === undefined) return;
      await using evaluated = await withEvaluation(
        policy,
        Object.fromEntries(Object.entries(estimates).filter(isSure)),
      );
      await evaluated.save(out);
      say(`written: ${out}`, flags);
    });

type Answers = { readonly [measure: string]: Estimate | Refusal };

/** A file says numbers: an answer with an open interval is none, nor is a refusal. */
const isSure = (entry: [string, Estimate | Refusal]): entry is [string, Estimate & { interval: [number, number] }] =>
  !isRefusal(entry[1]) && entry[1].interval.every(Number.isFinite);

async function play(file: string, policy: OnnxPolicy, flags: Flags): Promise<Answers> {
  const { episodes, seed, discount, level, sample } = flags;
  const env = worldNamed(flags.env ?? policy.description.provenance.environment, where);
  using bar = openProgress({ label: "evaluate", total: episodes, unit: "episodes" });
  const { rollouts: _, ...estimates } = await evaluate(
    policy,
    await worldOf(flags.env ?? asMade(policy.description.provenance), flags.envSet),
    {
      episodes,
      seed,
      ...(discount === undefined ? {} : { discount }),
      level,
      deterministic: !sample,
      onEpisode: (done) => bar.update(done),
    },
  );
  bar.close();
  if (flags.json) printJson({ policy: file, environment: env, episodes, seed, deterministic: !sample, estimates });
  const rows = Object.entries(estimates).map(([name, answer]) => estimateRow(name, answer, "episode"));
  say(`${file} in ${env}, ${sample ? "acting by chance" : "its best actions"}\n${table(rows)}`, flags);
  return estimates;
}

/** One log, one policy: what its kind of log can say. */
async function estimate(file: string, policy: OnnxPolicy, path: string, flags: Flags): Promise<Answers> {
  const log = await openRecording(path, flags);
  const { about, rows, json, said } =
    log.kind === "decisions" ? await fromDecisions(policy, log, flags) : await fromTrajectories(policy, log, flags);
  const notes = learnedFrom(policy, log.provenance.fingerprint) ? [ownLog] : [];
  if (flags.json) printJson({ policy: file, log: path, ...json, notes });
  say([`${file} on ${path}: ${about}`, table(rows), said, ...notes].join("\n"), flags);
  return json.estimates;
}

async function fromDecisions(policy: OnnxPolicy, log: DecisionLog, { level, seed }: Flags) {
  const target = await probabilitiesOf(policy, log);
  const key = randomKey(seed);
  const estimates = {
    SNIPS: snips(log, target, { level, key }),
    "doubly robust": doublyRobust(log, target, await meanRewards(log, { key }), { level }),
    IPS: ips(log, target, { level }),
    "clipped IPS": clippedIps(log, target, { level }),
  };
  const logged = meanEstimate(log.reward, { level });
  const overlap = diagnostics(log, target);
  const share = (100 * overlap.effectiveSampleSize) / overlap.rows;
  return {
    about: "reward a decision",
    rows: Object.entries({ "as logged": logged, ...estimates }).map(([name, it]) => estimateRow(name, it, "row")),
    json: { logged, estimates, diagnostics: overlap },
    said: `overlap: ${overlap.rows} rows weigh as much as ${Math.round(overlap.effectiveSampleSize)} (${share.toFixed(1)} %); largest weight ${Number(overlap.maximumWeight.toPrecision(3))}; ${(100 * overlap.unsupportedMass).toFixed(1)} % of the policy's probability is on actions the log never takes`,
  };
}

async function fromTrajectories(policy: OnnxPolicy, log: Trajectories, flags: Flags) {
  const { value, improvement, support, discount } = await fitted(policy, log, flags);
  const logged = meanEstimate(returns(log, discount), { level: flags.level });
  const estimates = { "fitted Q evaluation": value, improvement };
  return {
    about: `return, discounted by ${discount} a step`,
    rows: Object.entries({ "as logged": logged, ...estimates }).map(([name, it]) => estimateRow(name, it, "episode")),
    json: { discount, logged, estimates, diagnostics: { support } },
    said: `support: ${Math.round(100 * support)} % of what the policy does is near something in the log`,
  };
}

/** Fitted Q evaluation with the flags of a command. @throws Problem "log-mismatch" when the spaces differ in form, "bad-option" */
export async function fitted(
  policy: OnnxPolicy,
  log: Trajectories,
  { discount = 0.99, level, seed, sample }: Pick<Flags, "discount" | "level" | "seed" | "sample">,
): Promise<Fqe & { readonly discount: number }> {
  for (const what of ["observation", "action"] as const) {
    const [has, logged] = [policy[`${what}Space`], log[`${what}Space`]];
    if (sameForm(has, logged)) continue;
    throw problem("log-mismatch", {
      policy: policy.name,
      what: `${what} space`,
      has: describe(has),
      log: describe(logged),
    });
  }
  if (!(discount >= 0 && discount < 1)) {
    throw problem("bad-option", {
      where: "repertoire",
      name: "--discount",
      given: discount,
      wanted: "a number from 0 up to, and without, 1",
    });
  }
  const steps = 4000;
  using bar = openProgress({ label: "fitted Q", total: steps, unit: "updates" });
  const onProgress = (update: number): void => bar.update(update);
  return {
    ...(await fqe(policy, log, { discount, level, seed, steps, deterministic: !sample, onProgress })),
    discount,
  };
}

/** Bounds may differ: a policy knows those of the recording it learned from. */
const sameForm = (a: Space, b: Space): boolean =>
  a.kind === "box" && b.kind === "box" ? a.shape.join() === b.shape.join() : sameSpace(a, b);

/** Whether this is the very recording the policy learned from. */
export const learnedFrom = (policy: OnnxPolicy, fingerprint: string): boolean =>
  policy.description.provenance.recording === fingerprint;

export const ownLog =
  "Beware: the policy learned from this very log, so these estimates flatter it. Use one it has not seen.";
