/**
 * Asking people for demonstrations that go with those a policy learned from: each new one is judged by an ensemble, and who
 * gave one that conflicts is shown where, and what was done there before.
 *
 * Gandhi, Karamcheti, Liao, Sadigh (2022). Eliciting Compatible Demonstrations for Multi-Human Imitation Learning.
 * arXiv:2210.08073
 */
import {
  type Compatibility,
  type CompatibilityThresholds,
  compatibility,
  compatibilityThresholds,
  compatibleEpisodes,
  concat,
  countOf,
  type Disagreement,
  disagreement,
  nearestDemonstration,
  type Trajectories,
  takeEpisodes,
  worstMoments,
} from "../data/index.browser.ts";
import type { OnnxPolicy } from "../policies/index.ts";
import { problem } from "../problems.ts";
import { sameSpace } from "../spaces/index.ts";
import type { NdArray } from "../tensor/index.ts";
import { bcEnsemble } from "./demonstrations/bc-ensemble.ts";
import type { ValuesOf } from "./options.ts";
import { train } from "./train.ts";

/** Demonstrations, what was learned from them, and what is usual there. */
export interface CompatibilityBase extends AsyncDisposable {
  readonly recording: Trajectories;
  readonly policy: OnnxPolicy;
  readonly thresholds: CompatibilityThresholds;
}

export interface CompatibilityBaseOptions {
  /** Of the ensemble: see bcEnsemble. */
  readonly options?: Partial<ValuesOf<typeof bcEnsemble.options>>;
  readonly seed?: number;
  /** Shares of the base's own steps that lie below each threshold. Default 0.95 for both. */
  readonly shares?: { readonly error?: number; readonly novelty?: number };
}

/** An ensemble that cloned the demonstrations, and thresholds from what it makes of them. Close it when done. */
export async function compatibilityBase(
  recording: Trajectories,
  { options, seed, shares }: CompatibilityBaseOptions = {},
): Promise<CompatibilityBase> {
  const { policy } = await train(bcEnsemble, recording, {
    ...(options ? { options } : {}),
    ...(seed === undefined ? {} : { seed }),
  });
  const thresholds = compatibilityThresholds(await disagreementWith(policy, recording), shares);
  return { recording, policy, thresholds, [Symbol.asyncDispose]: () => policy[Symbol.asyncDispose]() };
}

/** RecordedSteps as recordings store them, one or many. */
export type RecordedSteps = Pick<Trajectories, "observation" | "action">;

/**
 * What the base makes of steps: for a recording as a whole, or step by step while somebody demonstrates. Errors are in the
 * units of the actions.
 */
export async function judgeSteps(base: CompatibilityBase, steps: RecordedSteps): Promise<Disagreement & Compatibility> {
  const found = await disagreementWith(base.policy, steps);
  return { ...found, ...compatibility(found, base.thresholds) };
}

async function disagreementWith(policy: OnnxPolicy, { observation, action }: RecordedSteps): Promise<Disagreement> {
  const { info } = await policy.actBatch(observation, { deterministic: true });
  return disagreement(membersFirst(info.members), action);
}

/** [batch, member, …] as [member, batch, …]. */
function membersFirst({ shape: [rows, count, ...behind], dtype, data }: NdArray): NdArray {
  const width = data.length / (rows * count);
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < count; k++) {
      for (let i = 0; i < width; i++) {
        turned[(k * rows + row) * width + i] = Number(data[(row * count + k) * width + i]);
      }
    }
  }
  return { shape: [count, rows, ...behind], dtype, data: turned };
}

/** What is asked of a demonstration. */
export interface Acceptance {
  /** At most this share of its steps may be bad: an error above the threshold where the base knows the place. Default 0.1. */
  readonly mostBad?: number;
  /** At least this mean compatibility, in [0, 1]. Default 0. */
  readonly leastMean?: number;
}

export interface JudgedDemonstration {
  readonly accepted: boolean;
  /** Share of bad steps. */
  readonly bad: number;
  /** Mean compatibility of the steps, in [0, 1]. */
  readonly mean: number;
  /** RecordedSteps [from, to) around the worst bad ones, worst first: what to show. */
  readonly moments: readonly { readonly from: number; readonly to: number; readonly error: number }[];
}

/**
 * Each episode judged: what a filter keeps of a recording that is there already.
 * @throws Problem "bad-value" when the recording's spaces are not the base's
 */
export async function judgeDemonstrations(
  base: CompatibilityBase,
  recording: Trajectories,
  acceptance: Acceptance = {},
): Promise<readonly JudgedDemonstration[]> {
  for (const space of ["observationSpace", "actionSpace"] as const) {
    if (sameSpace(recording[space], base.recording[space])) continue;
    const given = `another ${space === "actionSpace" ? "action" : "observation"} space`;
    throw problem("bad-value", { where: "judgeDemonstrations", given, wanted: "the spaces of the base" });
  }
  const steps = await judgeSteps(base, recording);
  const kept = compatibleEpisodes(recording, steps, acceptance);
  return kept.map((accepted, e) => {
    const [from, to] = [recording.offsets[e], recording.offsets[e + 1]];
    const meanOf = (values: ArrayLike<number>): number => {
      let sum = 0;
      for (let row = from; row < to; row++) sum += values[row];
      return sum / (to - from);
    };
    return {
      accepted,
      bad: meanOf(steps.bad),
      mean: meanOf(steps.value),
      moments: worstMoments(recording, e, steps, steps),
    };
  });
}

/** What whoever demonstrates is shown. */
export interface DemonstrationRequest {
  /** Which of the wanted demonstrations this is, from 0. */
  readonly number: number;
  /** How many were rejected for it already. */
  readonly attempt: number;
  /** Demonstrations of the base that its policy follows most closely, the closest first. */
  readonly examples: Trajectories;
  /** The last attempt, where it was rejected: itself, its judgement, and the accepted demonstration nearest to it. */
  readonly rejected?: JudgedDemonstration & { readonly recording: Trajectories; readonly nearest: Trajectories };
}

export interface ElicitOptions extends Acceptance {
  /** Demonstrations wanted. */
  readonly episodes: number;
  /** After as many rejections the demonstration is left out. Default 5. */
  readonly attempts?: number;
  /** How many examples are shown. Default 5. */
  readonly examples?: number;
}

export interface Elicited {
  /** The base's demonstrations and those accepted: what to learn from next, with compatibilityBase. */
  readonly recording: Trajectories;
  readonly accepted: number;
  /** Every attempt, in order. */
  readonly judged: readonly (JudgedDemonstration & { readonly number: number; readonly attempt: number })[];
}

/**
 * The loop with a person, or whoever stands for one: show, let demonstrate, judge, and on rejection show why and let try
 * again. `demonstrate` gives one episode (or a stretch of one that a person took over), or nothing to give up on this one.
 * A rejection costs a warping against every demonstration accepted so far.
 * @throws Problem "bad-option" unless episodes and attempts are at least 1; "bad-value" for other than one episode
 */
export async function elicit(
  base: CompatibilityBase,
  demonstrate: (request: DemonstrationRequest) => Promise<Trajectories | undefined>,
  { episodes, attempts = 5, examples: shown = 5, ...acceptance }: ElicitOptions,
): Promise<Elicited> {
  for (const [name, given] of Object.entries({ episodes, attempts, examples: shown })) {
    if (Number.isSafeInteger(given) && given >= 1) continue;
    throw problem("bad-option", { where: "elicit", name, given, wanted: "a whole number of at least 1" });
  }
  const examples = await closest(base, shown);
  const judged: Elicited["judged"][number][] = [];
  let recording = base.recording;
  for (let number = 0; number < episodes; number++) {
    let rejected: DemonstrationRequest["rejected"];
    for (let attempt = 0; attempt < attempts; attempt++) {
      const given = await demonstrate({ number, attempt, examples, ...(rejected ? { rejected } : {}) });
      if (given === undefined) break;
      if (countOf(given) !== 1) {
        throw problem("bad-value", { where: "elicit", given: `${countOf(given)} episodes`, wanted: "one episode" });
      }
      const [judgement] = await judgeDemonstrations(base, given, acceptance);
      judged.push({ ...judgement, number, attempt });
      if (judgement.accepted) {
        recording = concat(recording, given);
        break;
      }
      const { episode } = nearestDemonstration(given, 0, recording);
      rejected = { ...judgement, recording: given, nearest: takeEpisodes(recording, [episode]) };
    }
  }
  return { recording, accepted: countOf(recording) - countOf(base.recording), judged };
}

/** The base's episodes with the smallest errors. */
async function closest(base: CompatibilityBase, most: number): Promise<Trajectories> {
  const { error } = await judgeSteps(base, base.recording);
  const { offsets } = base.recording;
  const means = Array.from({ length: offsets.length - 1 }, (_, e) => {
    const own = error.subarray(offsets[e], offsets[e + 1]);
    return { e, mean: own.reduce((a, b) => a + b, 0) / own.length };
  });
  const ranked = means.sort((a, b) => a.mean - b.mean || a.e - b.e).slice(0, most);
  return takeEpisodes(
    base.recording,
    ranked.map(({ e }) => e),
  );
}
