/**
 * Fitted Q evaluation: what a policy would earn, learned from what others did.
 *
 *   Q   regresses onto r + γ Q′(s′, π(s′));  the value is Q(s₀, π(s₀)) over the log's first observations
 *
 * Le, Voloshin, Yue (2019), Batch Policy Learning under Constraints, arXiv:1903.08352. The interval comes from fitting every
 * member of an ensemble to its own bootstrap resample of the episodes: Hao et al. (2021), Bootstrapping Fitted
 * Q-Evaluation for Off-Policy Inference, arXiv:2102.03607.
 */
import tQuantile from "@stdlib/stats-base-dists-t-quantile";
import type { Trajectories } from "../../data/trajectories.ts";
import { returns } from "../../data/views.ts";
import type { Policy } from "../../policies/policy.ts";
import { fold, randomKey } from "../../tensor/index.ts";
import type { Estimate, Refusal } from "../estimate.ts";
import { actionsOf, reach, resamples, scaleOf, supported } from "./data.ts";
import { fitted } from "./fit.ts";

export interface FqeOptions {
  /** γ in [0, 1). Default 0.99. */
  readonly discount?: number;
  /** Evaluate the policy's best actions (default), or its draws. */
  readonly deterministic?: boolean;
  /** Bootstrap resamples of the episodes, each with a network of its own. Default 10. */
  readonly members?: number;
  readonly hidden?: readonly number[];
  readonly steps?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  /**
   * Share of each Q blended into its target at each update. The fit sees one step further every 1/rate updates. Default:
   * at least 0.05, and enough that what it has not seen by the end weighs 2%.
   */
  readonly targetRate?: number;
  readonly level?: number;
  readonly seed?: number;
  /** Refuse below this share of the policy's actions near the log (see support). Default 0.2. */
  readonly minimumSupport?: number;
  readonly onProgress?: (update: number) => void;
}

export interface Fqe {
  /** The policy's mean discounted return from the log's first observations. */
  readonly value: Estimate | Refusal;
  /** Value minus the log's own mean discounted return, resample by resample. */
  readonly improvement: Estimate | Refusal;
  /** [members] the value by each resample */
  readonly replicates: Float64Array;
  /** Share of the policy's actions that lie near the log. */
  readonly support: number;
}

const method = "fitted Q evaluation, bootstrap over episodes";

/**
 * Assumes that the log covers what the policy does (checked: `support`), that its observations are states, and that the
 * networks can fit Q; refuses when too little of the policy is near the log, when fewer than ten episodes are given, or
 * when values leave what the log's rewards allow (divergence).
 */
export async function fqe(policy: Policy, log: Trajectories, options: FqeOptions = {}): Promise<Fqe> {
  const { discount = 0.99, members = 10, steps = 4000, minimumSupport = 0.2, level = 0.95 } = options;
  const key = fold(randomKey(options.seed ?? 0), "fqe");
  const acted = await actionsOf(policy, log, key, options.deterministic ?? true);
  const near = supported(log, acted);
  const episodes = log.offsets.length - 1;
  const refused = (reason: string, diagnostics: Record<string, number>): Fqe => {
    const refusal: Refusal = {
      refused: true,
      method,
      reason,
      diagnostics: { support: near, episodes, ...diagnostics },
    };
    return { value: refusal, improvement: refusal, replicates: new Float64Array(0), support: near };
  };
  if (episodes < 10)
    return refused(
      `the log has ${episodes} episodes, and resampling fewer than 10 says nothing about chance; record more`,
      {},
    );
  if (near < minimumSupport) {
    return refused(
      `only ${Math.round(100 * near)}% of what the policy does is near anything in the log; record behaviour closer to it`,
      {},
    );
  }

  const scale = scaleOf(log, discount);
  const weights = resamples(episodes, members, fold(key, "resamples"));
  const q = await fitted(log, acted, { ...options, discount, members, steps }, scale, weights, key);
  const returned = returns(log, discount);
  const replicates = new Float64Array(members);
  const gains = new Float64Array(members);
  for (let m = 0; m < members; m++) {
    let [value, own] = [0, 0];
    for (let e = 0; e < episodes; e++) {
      const weight = weights[e * members + m] / episodes;
      value += weight * Number(q.data[m * episodes + e]) * scale;
      own += weight * returned[e];
    }
    replicates[m] = value;
    gains[m] = value - own;
  }
  const [least, most] = reach(log, discount);
  const slack = 0.1 * (most - least);
  if (replicates.some((v) => !(v >= least - slack && v <= most + slack))) {
    return refused("the fit diverged: it claims more than the log's rewards could ever add up to", {
      largest: Math.max(...replicates.map(Math.abs)),
    });
  }
  return {
    value: summed(replicates, episodes, level),
    improvement: summed(gains, episodes, level),
    replicates,
    support: near,
  };
}

/** Mean of the replicates; their spread is the estimate's standard error. */
function summed(replicates: Float64Array, n: number, level: number): Estimate {
  const value = replicates.reduce((a, b) => a + b, 0) / replicates.length;
  const error = Math.sqrt(replicates.reduce((sum, v) => sum + (v - value) ** 2, 0) / (replicates.length - 1));
  const half = tQuantile((1 + level) / 2, replicates.length - 1) * error;
  return { value, interval: [value - half, value + half], level, n, method };
}
