/** The fit behind fitted Q evaluation: an ensemble of Qs, each on its own resample of the episodes. */
import { transitions } from "../../data/replay.ts";
import { sampler } from "../../data/samplers.ts";
import type { Trajectories } from "../../data/trajectories.ts";
import { bootstrapped, squaredError } from "../../formulas/index.ts";
import { qEnsemble } from "../../nn/index.ts";
import { flattenBatch } from "../../spaces/index.ts";
import {
  adam,
  blend,
  descendWith,
  fold,
  type Learner,
  learner,
  mapTree,
  type NdArray,
  type RandomKey,
  runOnce,
  type Tensor,
  takeRows,
  trace,
  Updates,
  zeros,
} from "../../tensor/index.ts";
import { type Acted, standardised } from "./data.ts";
import type { FqeOptions } from "./fqe.ts";

export interface Fit extends FqeOptions {
  readonly discount: number;
  readonly members: number;
  readonly steps: number;
}

interface FitState {
  readonly q: Learner<unknown>;
  readonly target: unknown;
}

/** Q of the policy's first actions: [members, episodes], in units of `scale`. */
export async function fitted(
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
