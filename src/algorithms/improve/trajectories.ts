/** Improving on recorded episodes: learn on one part, choose on another, judge on the third. */
import { returns, split, type Trajectories } from "../../data/index.ts";
import type { Environment } from "../../envs/index.ts";
import {
  differenceOfMeans,
  type Estimate,
  evaluate,
  type Fqe,
  fqe,
  meanEstimate,
  type Refusal,
} from "../../evaluation/index.ts";
import type { OnnxPolicy } from "../../policies/index.ts";
import { fold, type NdArray, randomKey, sliceRows } from "../../tensor/index.ts";
import { type Judged, merit, type Setting } from "./improve.ts";
import { learned } from "./learned.ts";

/** How a policy did in the environment itself, where there is one: for the reader, never for the choice. */
export interface Outcome {
  readonly return: Estimate;
  readonly discountedReturn: Estimate;
  /** Its discounted return minus the recorded test episodes': two independent samples. */
  readonly gain: Estimate;
  readonly success?: Estimate;
}

export interface TrajectoryEvidence {
  readonly kind: "trajectories";
  /** The log's own mean discounted return, on the test episodes. */
  readonly behaviour: Estimate;
  /** The log's own mean return and outcome per tag are in the card; these are its raw returns. */
  readonly returns: readonly number[];
  readonly candidates: readonly {
    readonly label: string;
    readonly value: Estimate | Refusal;
    readonly outcome?: Outcome;
  }[];
  /** What the chosen policy and the log do at the same observations: [dimension or choice][values]. */
  readonly actions: {
    readonly logged: readonly (readonly number[])[];
    readonly chosen: readonly (readonly number[])[];
  };
}

type Part = Pick<Fqe, "value" | "improvement" | "support">;

export async function judgeTrajectories(
  log: Trajectories,
  setting: Setting,
  environment: (() => Environment) | undefined,
): Promise<Judged> {
  const { seed, discount, level, stages, candidates, signal, tell } = setting;
  const parts = split(log, { train: 0.6, validation: 0.2, test: 0.2 }, fold(randomKey(seed), "split"));
  const valued = async (policy: OnnxPolicy, part: Trajectories, steps: number): Promise<Part> => {
    const { value, improvement, support } = await fqe(policy, part, { discount, level, seed, steps });
    return { value, improvement, support };
  };
  const fitSteps = Math.min(4000, Math.ceil(setting.steps / 2));

  const tried: { label: string; policy: OnnxPolicy; value: Estimate | Refusal; outcome?: Outcome }[] = [];
  for (const candidate of candidates) {
    const { policy } = await learned(candidate, parts.train, setting);
    if (signal?.aborted) return { interrupted: true };
    tell(`${candidate.label}: what it would earn, by the validation episodes …`);
    const { value } = await stages.once(`${candidate.label}-validation`, () =>
      valued(policy, parts.validation, fitSteps),
    );
    const outcome =
      environment &&
      (await stages.once(`${candidate.label}-outcome`, () =>
        played(policy, environment, returns(parts.test, discount), setting),
      ));
    tried.push({ label: candidate.label, policy, value, ...(outcome ? { outcome } : {}) });
    if (signal?.aborted) return { interrupted: true };
  }

  const chosen = tried.reduce((best, other) => (merit(other.value) > merit(best.value) ? other : best));
  tell(`${chosen.label} is chosen; judging it by the test episodes …`);
  const judged = await stages.once("test", () => valued(chosen.policy, parts.test, fitSteps));
  const behaviour = meanEstimate(returns(parts.test, discount), { level });
  const rows = sliceRows(parts.test.observation, 0, Math.min(2000, parts.test.reward.length));
  const { action } = await chosen.policy.actBatch(rows, { deterministic: true });
  return {
    chosen: chosen.label,
    policy: chosen.policy,
    value: judged.value,
    improvement: judged.improvement,
    ...(chosen.outcome ? { played: chosen.outcome.gain } : {}),
    unit: "episode",
    evidence: {
      kind: "trajectories",
      behaviour,
      returns: [...returns(log)],
      candidates: tried.map(({ label, value, outcome }) => ({ label, value, ...(outcome ? { outcome } : {}) })),
      actions: { logged: columnsOf(sliceRows(parts.test.action, 0, rows.shape[0])), chosen: columnsOf(action) },
    },
  };
}

async function played(
  policy: OnnxPolicy,
  environment: () => Environment,
  recorded: Float64Array,
  { episodes, seed, discount, level }: Setting,
): Promise<Outcome> {
  const result = await evaluate(policy, environment, { episodes, seed, discount, level });
  const earned = result.rollouts.episodes.map((episode) => episode.discountedReturn);
  return {
    return: result.return,
    discountedReturn: meanEstimate(earned, { level }),
    gain: differenceOfMeans(earned, recorded, { level }),
    ...(result.success ? { success: result.success } : {}),
  };
}

/** Values per column of [rows, n], or the one column of [rows]. */
function columnsOf({ shape, data }: NdArray): readonly (readonly number[])[] {
  const width = shape.length > 1 ? shape[1] : 1;
  return Array.from({ length: width }, (_, c) =>
    Array.from({ length: shape[0] }, (_, row) => Number(data[row * width + c])),
  );
}
