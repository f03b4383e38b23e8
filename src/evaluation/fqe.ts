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
import { moments, returns, sampler, type Trajectories, transitions } from "../data/index.ts";
import { bootstrapped, returnsToGo, squaredError } from "../formulas/index.ts";
import { qEnsemble } from "../nn/index.ts";
import type { Policy } from "../policies/policy.ts";
import { flatDim, flattenBatch } from "../spaces/index.ts";
import {
  adam,
  blend,
  descendWith,
  fold,
  generator,
  type Learner,
  learner,
  mapTree,
  type NdArray,
  type RandomKey,
  randomKey,
  runOnce,
  sliceRows,
  type Tensor,
  takeRows,
  trace,
  Updates,
  zeros,
} from "../tensor/index.ts";
import type { Estimate, Refusal } from "./estimate.ts";
import { support } from "./support.ts";

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

const draws = 4;
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

/** What the policy would do: at each step, after each step, and at the start of each episode. */
interface Acted {
  readonly now: NdArray;
  readonly next: readonly NdArray[];
  readonly first: readonly NdArray[];
}

async function actionsOf(policy: Policy, log: Trajectories, key: RandomKey, deterministic: boolean): Promise<Acted> {
  const act = async (observations: NdArray, name: string): Promise<NdArray> => {
    const parts: NdArray[] = [];
    for (let from = 0; from < observations.shape[0]; from += 4096) {
      const rows = sliceRows(observations, from, Math.min(from + 4096, observations.shape[0]));
      const { action } = await policy.actBatch(
        rows,
        deterministic ? { deterministic } : { key: fold(key, name, from) },
      );
      parts.push(flattenBatch(log.actionSpace, action));
    }
    return {
      shape: [observations.shape[0], flatDim(log.actionSpace)],
      dtype: "float32",
      data: Float32Array.from(parts.flatMap((p) => Array.from(p.data as Float32Array))),
    };
  };
  const times = deterministic ? [0] : Array.from({ length: draws }, (_, i) => i);
  const following = followed(log);
  const firsts = takeRows(log.observation, log.offsets.subarray(0, -1));
  const [next, first] = [[] as NdArray[], [] as NdArray[]];
  for (const i of times) {
    next.push(await act(following, `next ${i}`));
    first.push(await act(firsts, `first ${i}`));
  }
  return { now: await act(log.observation, "now"), next, first };
}

/** The observation after each step, in stored form. */
function followed(log: Trajectories): NdArray {
  const steps = log.reward.length;
  const width = log.observation.data.length / steps;
  const out = zeros(log.observation.shape, log.observation.dtype);
  const data = out.data as Float32Array;
  data.set((log.observation.data as Float32Array).subarray(width));
  for (let e = 0; e + 1 < log.offsets.length; e++) {
    const last = log.offsets[e + 1] - 1;
    data.set((log.finalObservation.data as Float32Array).subarray(e * width, (e + 1) * width), last * width);
  }
  return out;
}

/** How often each resample holds each episode: [episodes × members]. */
function resamples(episodes: number, members: number, key: RandomKey): Float64Array {
  const counts = new Float64Array(episodes * members);
  for (let m = 0; m < members; m++) {
    const random = generator(fold(key, m));
    for (let i = 0; i < episodes; i++) counts[random.integer(episodes) * members + m]++;
  }
  return counts;
}

/** A typical return, so that networks see values near 1 whatever the rewards' unit. */
function scaleOf(log: Trajectories, discount: number): number {
  let sum = 0;
  for (let e = 0; e + 1 < log.offsets.length; e++) {
    for (const g of returnsToGo(log.reward.subarray(log.offsets[e], log.offsets[e + 1]), discount)) sum += g * g;
  }
  return Math.sqrt(sum / log.reward.length) || 1;
}

/** The least and most that the log's rewards could add up to. */
function reach(log: Trajectories, discount: number): readonly [number, number] {
  let [least, most] = [0, 0];
  for (const r of log.reward) {
    if (r < least) least = r;
    if (r > most) most = r;
  }
  return [least / (1 - discount), most / (1 - discount)];
}

const standardised = (rows: NdArray, by: NdArray = rows): NdArray => {
  const { mean, std } = moments(by);
  const width = mean.length;
  return {
    ...rows,
    data: Float32Array.from(rows.data as Float32Array, (v, i) => (v - mean[i % width]) / (std[i % width] + 1e-3)),
  };
};

function beside(a: NdArray, b: NdArray): NdArray {
  const [n, left] = a.shape;
  const right = b.shape[1];
  const data = new Float32Array(n * (left + right));
  for (let i = 0; i < n; i++) {
    data.set((a.data as Float32Array).subarray(i * left, (i + 1) * left), i * (left + right));
    data.set((b.data as Float32Array).subarray(i * right, (i + 1) * right), i * (left + right) + left);
  }
  return { shape: [n, left + right], dtype: "float32", data };
}

function supported(log: Trajectories, { now }: Acted): number {
  const seen = standardised(flattenBatch(log.observationSpace, log.observation));
  const did = flattenBatch(log.actionSpace, log.action);
  const episode = new Int32Array(log.reward.length);
  for (let e = 0; e + 1 < log.offsets.length; e++) episode.fill(e, log.offsets[e], log.offsets[e + 1]);
  return support(beside(seen, standardised(did)), beside(seen, standardised(now, did)), episode);
}

interface Fit extends FqeOptions {
  readonly discount: number;
  readonly members: number;
  readonly steps: number;
}

interface FitState {
  readonly q: Learner<unknown>;
  readonly target: unknown;
}

/** Q of the policy's first actions: [members, episodes], in units of `scale`. */
async function fitted(
  log: Trajectories,
  acted: Acted,
  options: Fit,
  scale: number,
  weights: Float64Array,
  key: RandomKey,
): Promise<NdArray> {
  const {
    discount,
    members,
    steps,
    hidden = [64, 64],
    batchSize = 256,
    learningRate = 1e-3,
    targetRate = Math.min(1, Math.max(0.05, Math.log(0.02) / Math.log(discount) / steps)),
  } = options;
  const { columns, count } = transitions(log);
  const did = flattenBatch(log.actionSpace, log.action);
  const rowWeights = zeros([count, members]);
  for (let e = 0; e + 1 < log.offsets.length; e++) {
    const own = weights.subarray(e * members, (e + 1) * members);
    for (let row = log.offsets[e]; row < log.offsets[e + 1]; row++)
      (rowWeights.data as Float32Array).set(own, row * members);
  }
  const next = Object.fromEntries(acted.next.map((rows, i) => [`next${i}`, standardised(rows, did)]));
  const data = {
    observation: standardised(columns.observation),
    nextObservation: standardised(columns.nextObservation, columns.observation),
    action: standardised(did),
    reward: { ...columns.reward, data: Float32Array.from(columns.reward.data as Float32Array, (r) => r / scale) },
    continues: columns.continues,
    span: columns.span,
    weight: rowWeights,
    ...next,
  };
  const net = qEnsemble(columns.observation.shape[1], did.shape[1], { size: members, hidden });
  const optimiser = adam(learningRate);
  const meanOver = (names: readonly string[], of: (name: string) => Tensor): Tensor =>
    names
      .map(of)
      .reduce((a, b) => a.add(b))
      .div(names.length);
  const start = trace("fqe, start", { state: {}, inputs: {} }, (state, _, draw) => {
    const q = learner(net.init(draw.at("q")), optimiser);
    return { state, outputs: { q, target: q.params } };
  });
  const rows = sampler({ count, batchSize, key: fold(key, "rows") });
  await using updates = new Updates<FitState, Record<never, never>>(
    {
      name: "fqe",
      columns: data,
      batchSize,
      rows: (update) => rows.indices(update),
      inputs: {},
      key,
      step(state, batch) {
        const { observation, nextObservation, action, reward, continues, span, weight } = batch;
        const { q: before, target } = state as unknown as { q: Learner<never>; target: never };
        const future = meanOver(Object.keys(next), (name) => net(target, nextObservation, batch[name]));
        const backup = bootstrapped(reward, continues, span, discount, future);
        // Each member sees its own resample: the square root of the weight on both sides weighs the squared error.
        const share = weight.transpose().sqrt();
        const [q, loss] = descendWith<never>(optimiser, before, (params) =>
          squaredError(net(params, observation, action).mul(share), backup.mul(share)),
        );
        return { state: { q, target: blend(target, q.params, targetRate) } as never, metrics: { loss } };
      },
    },
    { state: (await runOnce(start, {}, { key: fold(key, "start") })) as never, update: 0 },
  );
  while (updates.update < steps) {
    await updates.advance(Math.min(200, steps - updates.update));
    options.onProgress?.(updates.update);
  }
  const { q } = updates.read() as unknown as { q: { params: never } };
  const firsts = standardised(
    flattenBatch(log.observationSpace, takeRows(log.observation, log.offsets.subarray(0, -1))),
    columns.observation,
  );
  const inputs = { params: q.params, firsts, actions: acted.first.map((rows) => standardised(rows, did)) };
  const given = mapTree(inputs, ({ shape, dtype }: NdArray) => ({ shape, dtype }));
  const value = trace("fqe, value", { state: {}, inputs: given as never }, (state, traced) => {
    const {
      params,
      firsts: seen,
      actions,
    } = traced as unknown as { params: never; firsts: Tensor; actions: readonly Tensor[] };
    const all = actions.map((action) => net(params, seen, action)).reduce((a, b) => a.add(b));
    return { state, outputs: { value: all.div(actions.length) } };
  });
  const out = await runOnce(value as never, inputs as never);
  return (out as { value: NdArray }).value;
}
