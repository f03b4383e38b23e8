/** repertoire compare: should the challenger replace the champion? */
import { Command } from "commander";
import { openProgress } from "../algorithms/logging/index.ts";
import { returns, type Trajectories } from "../data/index.ts";
import {
  compare,
  compareRollouts,
  type Decision,
  decide,
  type Estimate,
  meanEstimate,
  meanRewards,
  probabilitiesOf,
  type Refusal,
  rollouts,
  summarise,
} from "../evaluation/index.ts";
import { loadPolicy, type OnnxPolicy } from "../policies/index.ts";
import { problem } from "../problems.ts";
import { randomKey } from "../tensor/index.ts";
import { fitted, learnedFrom, ownLog } from "./evaluate.ts";
import { confidence, finiteNumber, oneOf, share, wholeNumber } from "./flags.ts";
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

const measures = ["return", "success", "length"] as const;

interface Flags extends RecordingFlags, WorldFlags {
  readonly log?: string;
  readonly episodes: number;
  readonly sample?: boolean;
  readonly measure: (typeof measures)[number];
  readonly discount?: number;
  readonly minimumGain: number;
  readonly level: number;
  readonly seed: number;
  readonly json?: boolean;
}

const where = "repertoire compare";

export const compareCommand = (): Command =>
  recordingFlags(
    worldFlags(
      new Command("compare")
        .description(
          "Says whether the challenger should replace the champion: ship, hold, or collect more, and why. Both are played from the same starts (--env), or estimated from the same recording (--log).",
        )
        .argument("<champion>", 'a policy file (.onnx); with --log also "logging", the policy that made the log')
        .argument("<challenger>", "a policy file (.onnx)")
        .option("--log <file>", "compare on this recording: logged decisions, or trajectories"),
    )
      .option("--episodes <n>", "episodes of each to play", wholeNumber("--episodes"), 100)
      .option("--sample", "act by chance, as the policies would, instead of their best actions")
      .option(
        "--measure <name>",
        `what counts when they play: ${measures.join(", ")}`,
        oneOf("--measure", measures),
        "return",
      )
      .option(
        "--discount <number>",
        "of a step's reward, on recorded trajectories (default: 0.99)",
        share("--discount"),
      )
      .option("--minimum-gain <number>", "the least improvement worth shipping for", finiteNumber("--minimum-gain"), 0)
      .option("--level <number>", "confidence of the interval", confidence("--level"), 0.95)
      .option("--seed <n>", "of the starts, and of all chance", wholeNumber("--seed", 0), 0)
      .option("--config <file>", "a JSON object of these options; flags win over it"),
  )
    .option("--json", "print the comparison as JSON")
    .action(async (champion: string, challenger: string, _: Flags, command: Command) => {
      await settleFlags(command);
      const flags = command.opts<Flags>();
      if (flags.log === undefined) await playBoth(champion, challenger, flags);
      else await estimateBoth(champion, challenger, flags.log, flags);
    });

async function playBoth(championFile: string, challengerFile: string, flags: Flags): Promise<void> {
  const { episodes, seed, level, measure, minimumGain, sample } = flags;
  await using champion = await loadPolicy(championFile);
  await using challenger = await loadPolicy(challengerFile);
  const { provenance } = champion.description;
  const env = worldNamed(flags.env ?? provenance.environment, where);
  const world = await worldOf(flags.env ?? asMade(provenance), flags.envSet);
  using bar = openProgress({ label: "compare", total: 2 * episodes, unit: "episodes" });
  const play = (policy: OnnxPolicy, before: number) =>
    rollouts(policy, world, {
      episodes,
      seed,
      deterministic: !sample,
      onEpisode: (done) => bar.update(before + done),
    });
  const [old, fresh] = [await play(champion, 0), await play(challenger, episodes)];
  bar.close();
  const { improvement, decision } = compareRollouts(old, fresh, { measure, minimumGain, level });
  const of = (played: typeof old): Estimate => {
    const { return: value, success, length } = summarise(played, { level });
    return { return: value, success: success ?? value, length }[measure];
  };
  report(
    {
      champion: championFile,
      challenger: challengerFile,
      on: { environment: env, episodes, seed, measure, deterministic: !sample },
      estimates: { champion: of(old), challenger: of(fresh), improvement },
      decision,
      notes: [],
    },
    `${measure} in ${env}`,
    "episode",
    flags,
  );
}

async function estimateBoth(championFile: string, challengerFile: string, path: string, flags: Flags): Promise<void> {
  const { seed, level, minimumGain } = flags;
  const log = await openRecording(path, flags);
  if (log.kind === "trajectories") {
    await estimateOnTrajectories(championFile, challengerFile, log, path, flags);
    return;
  }
  await using challenger = await loadPolicy(challengerFile);
  await using champion = championFile === "logging" ? undefined : await loadPolicy(championFile);
  const made = compare(
    champion === undefined ? "logging" : await probabilitiesOf(champion, log),
    await probabilitiesOf(challenger, log),
    log,
    { level, minimumGain, key: randomKey(seed), predictions: await meanRewards(log, { key: randomKey(seed) }) },
  );
  const { champion: old, challenger: fresh, improvement, decision, diagnostics } = made;
  const { fingerprint } = log.provenance;
  const own = [champion, challenger].some((policy) => policy !== undefined && learnedFrom(policy, fingerprint));
  const flattered = decision.verdict === "ship" && learnedFrom(challenger, fingerprint);
  report(
    {
      champion: championFile,
      challenger: challengerFile,
      on: { log: path, seed },
      estimates: { champion: old, challenger: fresh, improvement },
      decision: flattered ? { verdict: "collect more", why: unseen } : decision,
      diagnostics,
      notes: own ? [ownLog] : [],
    },
    `reward a decision on ${path}`,
    "row",
    flags,
  );
}

const unseen =
  "The challenger learned from this very recording, so what it gains on it is no evidence: compare on one it has not seen.";

/** The policy that made the recording against the challenger: fitted Q evaluation, resample by resample. */
async function estimateOnTrajectories(
  champion: string,
  challengerFile: string,
  log: Trajectories,
  path: string,
  flags: Flags,
): Promise<void> {
  if (champion !== "logging") {
    throw problem("bad-usage", {
      where,
      reason: "on recorded trajectories a challenger is compared with the behaviour that was recorded",
      next: 'Say "logging" for the champion, or play both with --env.',
    });
  }
  await using challenger = await loadPolicy(challengerFile);
  const { value, improvement, support, discount } = await fitted(challenger, log, flags);
  const decision = decide({ improvement, minimumGain: flags.minimumGain, unit: "episode" });
  const own = learnedFrom(challenger, log.provenance.fingerprint);
  report(
    {
      champion,
      challenger: challengerFile,
      on: { log: path, seed: flags.seed, discount },
      estimates: {
        champion: meanEstimate(returns(log, discount), { level: flags.level }),
        challenger: value,
        improvement,
      },
      decision: own && decision.verdict === "ship" ? { verdict: "collect more", why: unseen } : decision,
      diagnostics: { support },
      notes: own ? [ownLog] : [],
    },
    `return, discounted by ${discount} a step, on ${path}`,
    "episode",
    flags,
  );
}

interface Report {
  readonly champion: string;
  readonly challenger: string;
  readonly on: { readonly [name: string]: unknown };
  readonly estimates: { readonly [name: string]: Estimate | Refusal };
  readonly decision: Decision;
  readonly diagnostics?: unknown;
  readonly notes: readonly string[];
}

function report(made: Report, about: string, unit: string, flags: Flags): void {
  if (flags.json) printJson(made);
  const rows = Object.entries(made.estimates).map(([name, answer]) => estimateRow(name, answer, unit));
  const { verdict, why } = made.decision;
  say([about, table(rows), ...made.notes, `${verdict.toUpperCase()}: ${why}`].join("\n"), flags);
}
