/** repertoire evaluate: how well a policy does, played in a world or estimated from a log. */
import { Command } from "commander";
import { openProgress } from "../algorithms/logging/index.ts";
import { readDecisionLog } from "../data/index.ts";
import {
  clippedIps,
  diagnostics,
  doublyRobust,
  evaluate,
  ips,
  meanEstimate,
  meanRewards,
  probabilitiesOf,
  snips,
} from "../evaluation/index.ts";
import { loadPolicy, type OnnxPolicy } from "../policies/index.ts";
import { randomKey } from "../tensor/index.ts";
import { confidence, finiteNumber, wholeNumber } from "./flags.ts";
import { estimateRow, printJson, say, table } from "./printing.ts";
import { settleFlags } from "./settings.ts";
import {
  type RecordingFlags,
  readOptions,
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
  readonly discount: number;
  readonly level: number;
  readonly seed: number;
  readonly json?: boolean;
}

const where = "repertoire evaluate";

export const evaluateCommand = (): Command =>
  recordingFlags(
    worldFlags(
      new Command("evaluate")
        .description(
          "Estimates how well a policy does, with intervals: by playing it from a fixed set of starts (--env), or from logged decisions without playing it at all (--log). An estimator that the log cannot support refuses, and says why.",
        )
        .argument("<policy>", "a policy file (.onnx)")
        .option("--log <file>", "estimate from this decision log"),
    )
      .option("--episodes <n>", "episodes to play", wholeNumber("--episodes"), 100)
      .option("--sample", "act by chance, as the policy would, instead of its best action")
      .option("--discount <number>", "also the return discounted by this a step", finiteNumber("--discount"), 1)
      .option("--level <number>", "confidence of the intervals", confidence("--level"), 0.95)
      .option("--seed <n>", "of the starts, and of all chance", wholeNumber("--seed", 0), 0)
      .option("--config <file>", "a JSON object of these options; flags win over it"),
  )
    .option("--json", "print the estimates as JSON")
    .action(async (file: string, _: Flags, command: Command) => {
      await settleFlags(command);
      const flags = command.opts<Flags>();
      await using policy = await loadPolicy(file);
      if (flags.log === undefined) await play(file, policy, flags);
      else await estimate(file, policy, flags.log, flags);
    });

async function play(file: string, policy: OnnxPolicy, flags: Flags): Promise<void> {
  const { episodes, seed, discount, level, sample } = flags;
  const env = worldNamed(flags.env ?? policy.description.provenance.environment, where);
  using bar = openProgress({ label: "evaluate", total: episodes, unit: "episodes" });
  const { rollouts: _, ...estimates } = await evaluate(policy, worldOf(env, flags.envSet), {
    episodes,
    seed,
    discount,
    level,
    deterministic: !sample,
    onEpisode: (done) => bar.update(done),
  });
  bar.close();
  if (flags.json) printJson({ policy: file, environment: env, episodes, seed, deterministic: !sample, estimates });
  const rows = Object.entries(estimates).map(([name, answer]) => estimateRow(name, answer, "episode"));
  say(`${file} in ${env}, ${sample ? "acting by chance" : "its best actions"}\n${table(rows)}`, flags);
}

async function estimate(file: string, policy: OnnxPolicy, path: string, flags: Flags): Promise<void> {
  const { level, seed } = flags;
  const log = await readDecisionLog(path, await readOptions(flags));
  const target = await probabilitiesOf(policy, log);
  const options = { level };
  const estimates = {
    SNIPS: snips(log, target, { ...options, key: randomKey(seed) }),
    "doubly robust": doublyRobust(log, target, await meanRewards(log, { key: randomKey(seed) }), options),
    IPS: ips(log, target, options),
    "clipped IPS": clippedIps(log, target, options),
  };
  const logged = meanEstimate(log.reward, options);
  const overlap = diagnostics(log, target);
  const notes = learnedFrom(policy, log.provenance.fingerprint) ? [ownLog] : [];
  if (flags.json) printJson({ policy: file, log: path, logged, estimates, diagnostics: overlap, notes });
  const rows = [
    estimateRow("as logged", logged, "row"),
    ...Object.entries(estimates).map(([name, answer]) => estimateRow(name, answer, "row")),
  ];
  const share = (100 * overlap.effectiveSampleSize) / overlap.rows;
  const said = `overlap: ${overlap.rows} rows weigh as much as ${Math.round(overlap.effectiveSampleSize)} (${share.toFixed(1)} %); largest weight ${Number(overlap.maximumWeight.toPrecision(3))}; ${(100 * overlap.unsupportedMass).toFixed(1)} % of the policy's probability is on actions the log never takes`;
  say([`${file} on ${path}: reward a decision`, table(rows), said, ...notes].join("\n"), flags);
}

/** Whether this is the very recording the policy learned from. */
export const learnedFrom = (policy: OnnxPolicy, fingerprint: string): boolean =>
  policy.description.provenance.recording === fingerprint;

export const ownLog =
  "Beware: the policy learned from this very log, so these estimates flatter it. Use decisions it has not seen.";
