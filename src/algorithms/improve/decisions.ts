/** Improving on logged decisions: learn on one part, choose on another, judge on the third. */
import { asTrajectories, type DecisionLog, split } from "../../data/index.ts";
import { type Comparison, compare, doublyRobust, type Estimate, type Refusal } from "../../evaluation/index.ts";
import type { OnnxPolicy } from "../../policies/index.ts";
import { constant, fold, type NdArray, randomKey, runOnce, type Tensor, trace } from "../../tensor/index.ts";
import { rewardModel } from "../decisions/reward-model.ts";
import { experienceFor } from "../experience.ts";
import { algorithmNamed } from "../lookup.ts";
import { type Options, resolveOptions } from "../options.ts";
import { frozen } from "../training.ts";
import { type Judged, merit, type Setting } from "./improve.ts";
import { learned } from "./learned.ts";

export interface DecisionEvidence {
  readonly kind: "decisions";
  /** What the log's own policy earned on the test rows. */
  readonly behaviour: Estimate;
  readonly candidates: readonly { readonly label: string; readonly value: Estimate | Refusal }[];
  readonly diagnostics: Comparison["diagnostics"]["challenger"];
  readonly actionNames: readonly string[];
  /** Mean probability of each choice over the test rows: the log's frequencies, and the chosen policy's. */
  readonly actions: { readonly logged: readonly number[]; readonly chosen: readonly number[] };
}

export async function judgeDecisions(log: DecisionLog, setting: Setting): Promise<Judged> {
  const { seed, level, candidates, signal, tell, minimumGain } = setting;
  const parts = split(log, { train: 0.5, validation: 0.2, test: 0.3 }, fold(randomKey(seed), "split"));

  const tried: { label: string; policy: OnnxPolicy; probabilities: NdArray }[] = [];
  let model: ((contexts: NdArray) => Promise<NdArray>) | undefined;
  for (const candidate of candidates) {
    const { learnsFrom } = algorithmNamed(candidate.method);
    const trained = await learned(
      candidate,
      learnsFrom === "decisions" ? parts.train : asTrajectories(parts.train),
      setting,
    );
    if (signal?.aborted) return { interrupted: true };
    // The regression is also the model that the doubly robust estimates lean on; it has seen the training rows only.
    if (candidate.method === rewardModel.name)
      model ??= (contexts) => predicted(candidate.options, parts.train, trained.state, contexts);
    tried.push({
      label: candidate.label,
      policy: trained.policy,
      probabilities: await probabilitiesOf(trained.policy, parts.validation.context),
    });
  }
  const predict = model ?? (async (contexts: NdArray) => constantReward(parts.train, contexts.shape[0]));

  tell("Choosing by the validation rows …");
  const predictions = await predict(parts.validation.context);
  const valued = tried.map((one) => ({
    ...one,
    value: doublyRobust(parts.validation, one.probabilities, predictions, { level }),
  }));
  const chosen = valued.reduce((best, other) => (merit(other.value) > merit(best.value) ? other : best));
  tell(`${chosen.label} is chosen; judging it by the test rows …`);
  const probabilities = await probabilitiesOf(chosen.policy, parts.test.context);
  const { champion, challenger, improvement, diagnostics } = compare("logging", probabilities, parts.test, {
    predictions: await predict(parts.test.context),
    level,
    minimumGain,
  });
  const { count } = log.actions;
  const logged = new Array<number>(count).fill(0);
  for (const action of parts.test.action) logged[action] += 1 / parts.test.action.length;
  const mean = new Array<number>(count).fill(0);
  probabilities.data.forEach((p, i) => {
    mean[i % count] += Number(p) / probabilities.shape[0];
  });
  return {
    chosen: chosen.label,
    policy: chosen.policy,
    value: challenger,
    improvement,
    unit: "row",
    evidence: {
      kind: "decisions",
      behaviour: champion as Estimate,
      candidates: valued.map(({ label, value }) => ({ label, value })),
      diagnostics: diagnostics.challenger,
      actionNames: log.actions.names,
      actions: { logged, chosen: mean },
    },
  };
}

async function probabilitiesOf(policy: OnnxPolicy, contexts: NdArray): Promise<NdArray> {
  const { info } = await policy.actBatch(contexts, { deterministic: true });
  return info.probabilities;
}

/** The regression's expected reward of every choice: [rows, actions]. */
async function predicted(
  given: { readonly [name: string]: unknown },
  train: DecisionLog,
  state: unknown,
  contexts: NdArray,
): Promise<NdArray> {
  const options = resolveOptions(rewardModel.name, rewardModel.options as Options, given) as {
    readonly [name: string]: unknown;
  };
  const { sizes } = experienceFor(rewardModel, options, train);
  const nets = rewardModel.networks(sizes, options as never);
  const program = trace("predictions", { state: {}, inputs: {} }, (none) => {
    const { reward } = frozen(state) as { reward: { params: never } };
    const rows: Tensor = constant({
      ...contexts,
      dtype: "float32",
      data: Float32Array.from(contexts.data as Float32Array),
    });
    return { state: none, outputs: { predictions: nets.reward(reward.params, rows) } };
  });
  const { predictions } = (await runOnce(program, {} as never)) as unknown as { predictions: NdArray };
  return predictions;
}

/** Without a model: the mean reward, whatever is chosen. */
function constantReward({ reward, actions }: DecisionLog, rows: number): NdArray {
  const mean = reward.reduce((a, b) => a + b, 0) / reward.length;
  return { shape: [rows, actions.count], dtype: "float32", data: new Float32Array(rows * actions.count).fill(mean) };
}
