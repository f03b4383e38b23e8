/**
 * The main job: recorded behaviour in; a better policy, a report and an honest interval out.
 *
 * The recording is split three ways. Candidates learn on the first part, are chosen on the second by their estimates less a standard
 * error, and the one chosen is judged on the third, which nothing has seen. The verdict is ship, hold or collect more.
 */
import { join } from "node:path";
import { type Card, card, cardJson, type Recording } from "../../data/index.ts";
import { type Environment, environmentNames, factoryFrom } from "../../envs/index.ts";
import { type Decision, decide, type Estimate, isRefusal, type Refusal } from "../../evaluation/index.ts";
import { reportHtml } from "../../evaluation/report/index.ts";
import { writeAtomically } from "../../files.ts";
import { type OnnxPolicy, withEvaluation } from "../../policies/index.ts";
import { problem } from "../../problems.ts";
import { sameSpace } from "../../spaces/index.ts";
import { version } from "../../version.ts";
import { type Candidate, candidatesFor, usualSteps } from "./candidates.ts";
import { type DecisionEvidence, judgeDecisions } from "./decisions.ts";
import { reportOf } from "./report.ts";
import { openStages, type Stages } from "./stages.ts";
import { judgeTrajectories, type TrajectoryEvidence } from "./trajectories.ts";
import { heldAgainst } from "./verdict.ts";

export interface ImproveOptions {
  /** Where everything goes: card.json, report.html, result.json, policy.onnx, one folder a candidate. Resumes what it holds. */
  readonly folder: string;
  readonly seed?: number;
  /** Updates for each candidate. Default 10,000 for trajectories, about twenty passes for decisions. */
  readonly steps?: number;
  /** Only these methods; cloning stays, as the baseline. Default: all that suit the recording. */
  readonly methods?: readonly string[];
  /** γ, for trajectories. Default 0.99. */
  readonly discount?: number;
  /** The least improvement worth shipping for, in the units of the reward. Default 0. */
  readonly minimumGain?: number;
  /** Confidence of every interval. Default 0.95. */
  readonly level?: number;
  /** Episodes of each candidate in the recording's environment, where there is one: shown, never used to choose. Default 100. */
  readonly episodes?: number;
  readonly threads?: number;
  /** Progress bars on stderr. */
  readonly progress?: boolean;
  /** Told what is being done, in sentences. */
  readonly tell?: (sentence: string) => void;
  readonly signal?: AbortSignal;
  /** What the report names as the way to repeat this. */
  readonly command?: string;
}

/** What a run knows while it works. */
export interface Setting
  extends Required<
    Pick<ImproveOptions, "folder" | "seed" | "steps" | "discount" | "minimumGain" | "level" | "episodes" | "tell">
  > {
  readonly candidates: readonly Candidate[];
  readonly stages: Stages;
  readonly threads?: number;
  readonly progress?: boolean;
  readonly signal?: AbortSignal;
}

export interface Judgement {
  readonly chosen: string;
  readonly policy: OnnxPolicy;
  /** The chosen policy's value on the test part. */
  readonly value: Estimate | Refusal;
  /** That value minus what the log itself earned there. */
  readonly improvement: Estimate | Refusal;
  /** The same when it was played in the recording's environment, where there is one. */
  readonly played?: Estimate;
  readonly unit: "episode" | "row";
  readonly evidence: TrajectoryEvidence | DecisionEvidence;
}

/** What candidates are chosen by: the estimate less one standard error, so that a wide interval is no recommendation. */
export const merit = (value: Estimate | Refusal): number =>
  isRefusal(value) ? Number.NEGATIVE_INFINITY : value.value - (value.interval[1] - value.interval[0]) / 4;

export type Judged = Judgement | { readonly interrupted: true };

export interface Improvement {
  readonly interrupted: false;
  readonly decision: Decision;
  readonly chosen: string;
  readonly behaviour: Estimate;
  readonly value: Estimate | Refusal;
  readonly improvement: Estimate | Refusal;
  readonly played?: Estimate;
  readonly candidates: TrajectoryEvidence["candidates"] | DecisionEvidence["candidates"];
  readonly card: Card;
  readonly files: { readonly policy: string; readonly report: string; readonly result: string; readonly card: string };
}

/**
 * @returns the verdict and where everything lies; or, when the signal stopped it, that it was interrupted (the folder
 * resumes)
 * @throws Problem "too-short" for a recording that cannot be split three ways; "run-mismatch" when the folder holds another
 * run; what `train` throws
 */
export async function improve(
  recording: Recording,
  options: ImproveOptions,
): Promise<Improvement | { readonly interrupted: true }> {
  const {
    folder,
    seed = 0,
    discount = 0.99,
    minimumGain = 0,
    level = 0.95,
    episodes = 100,
    tell = () => {},
    signal,
  } = options;
  const decisions = recording.kind === "decisions";
  const rows = decisions ? recording.reward.length : recording.offsets.length - 1;
  const least = decisions ? 100 : 50;
  if (rows < least) {
    throw problem("too-short", {
      where: recording.provenance.lineage.at(0) ?? "the recording",
      rows,
      unit: decisions ? "rows" : "episodes",
      least,
    });
  }
  const steps = options.steps ?? usualSteps(recording);
  const { methods } = options;
  const candidates = candidatesFor(recording, steps).filter(
    ({ method }) => methods === undefined || method === "bc" || methods.includes(method),
  );
  const { fingerprint } = recording.provenance;
  const stages = await openStages(folder, {
    recording: fingerprint,
    seed,
    steps,
    discount,
    minimumGain,
    level,
    episodes,
    candidates,
    version,
  });
  const described = card(recording);
  const files = {
    policy: join(folder, "policy.onnx"),
    report: join(folder, "report.html"),
    result: join(folder, "result.json"),
    card: join(folder, "card.json"),
  };
  await writeAtomically(files.card, cardJson(described));

  const { threads, progress } = options;
  const setting: Setting = {
    ...{ folder, seed, steps, discount, minimumGain, level, episodes, tell, candidates, stages },
    ...(threads ? { threads } : {}),
    ...(progress ? { progress } : {}),
    ...(signal ? { signal } : {}),
  };
  const environment = decisions ? undefined : await environmentOf(recording);
  const judged = decisions
    ? await judgeDecisions(recording, setting)
    : await judgeTrajectories(recording, setting, environment);
  if ("interrupted" in judged) return judged;

  const { chosen, value, improvement, played, unit, evidence } = judged;
  const decision = heldAgainst(decide({ improvement, minimumGain, unit }), improvement, played, minimumGain);
  const shown = Object.entries({ value, improvement, logged: evidence.behaviour }).filter(
    ([, answer]) => !isRefusal(answer),
  );
  await using policy = await withEvaluation(judged.policy, Object.fromEntries(shown) as never);
  await policy.save(files.policy);
  const behaviour = evidence.behaviour;
  const result = {
    ...{ decision, chosen, behaviour, value, improvement, candidates: evidence.candidates },
    ...(played ? { played } : {}),
  };
  await writeAtomically(files.result, `${JSON.stringify(result, null, 2)}\n`);
  const report = await reportOf({
    recording,
    card: described,
    judged,
    decision,
    setting,
    environment,
    command: options.command ?? "improve()",
  });
  await writeAtomically(files.report, reportHtml(report));
  return { interrupted: false, ...result, card: described, files };
}

/**
 * The environment a recording names, made as it was, where it is one we have and its spaces are the recording's. A module
 * that the recording names is never run: it is a program from outside.
 */
async function environmentOf(
  recording: Extract<Recording, { kind: "trajectories" }>,
): Promise<(() => Environment) | undefined> {
  const { environment, made = { name: environment } } = recording.provenance;
  if (made.module !== undefined || !environmentNames().includes(made.name)) return undefined;
  const world = await factoryFrom(made);
  const sample = world();
  const fits =
    sameSpace(sample.observationSpace, recording.observationSpace) &&
    sameSpace(sample.actionSpace, recording.actionSpace);
  return fits ? world : undefined;
}
