/** The same work for Node and for a page: what comes out must not depend on where it was done. */
import { bc, experienceFor, iql, resolveOptions, startTraining, train } from "repertoire/algorithms";
import { sampler, type Trajectories } from "repertoire/data";
import { make, prepare } from "repertoire/envs";
import { type Mlp, mlp } from "repertoire/nn";
import { collect, controlExpert, type OnnxPolicy } from "repertoire/policies";
import {
  adam,
  descendWith,
  fillNormal,
  fold,
  type Learner,
  learner,
  ndarray,
  open,
  type Provider,
  randomKey,
  type Tensor,
  trace,
  Updates,
} from "repertoire/tensor";

export const updates = 200;
const key = randomKey(11);

/** A recording made where it is asked for. */
export const recording = (): Promise<Trajectories> =>
  collect(controlExpert("CartPole-v1", { skill: 0.8 }), () => make("CartPole-v1"), { episodes: 4, seed: 1 });

/** Losses of each update (or means over `every`) of a regression onto sin x₀ · x₁ with noise in its inputs. */
export async function regression({
  count = updates,
  every = 1,
  unroll = 1,
  ...options
}: {
  count?: number;
  every?: number;
  unroll?: number;
  provider?: Provider;
  threads?: number;
} = {}): Promise<number[]> {
  const net = mlp({ inputs: 2, outputs: 1, hidden: [64, 64], activation: "tanh" });
  const optimiser = adam(3e-3);
  const start = trace("start", { state: {}, inputs: {} }, (state, _inputs, draw) => ({
    state,
    outputs: learner(net.init(draw), optimiser),
  }));
  const x = new Float32Array(512);
  fillNormal(x, fold(key, "x"));
  const y = Float32Array.from({ length: 256 }, (_, i) => Math.sin(x[2 * i]) * x[2 * i + 1]);
  await using first = await open(start, options);
  const rule = {
    name: "regression",
    columns: { x: ndarray(x, { shape: [256, 2] }), y: ndarray(y, { shape: [256, 1] }) },
    batchSize: 64,
    rows: (update: number) => sampler({ count: 256, batchSize: 64, key }).indices(update),
    inputs: {},
    key,
    unroll,
    step(
      state: unknown,
      batch: { readonly [name: string]: Tensor },
      _inputs: unknown,
      draw: { at(name: string): never },
    ) {
      const seen = batch.x.add((draw.at("noise") as { normal(...shape: number[]): Tensor }).normal(64, 2).mul(0.1));
      const loss = (params: Mlp): Tensor => net(params, seen).sub(batch.y).square().mean();
      const [next, value] = descendWith(optimiser, state as Learner<Mlp>, loss);
      return { state: next as never, metrics: { loss: value } };
    },
  };
  const state = (await first.run({}, undefined, { key })) as never;
  await using training = new Updates(rule as never, { state, update: 0 }, options);
  const losses: number[] = [];
  while (training.update < count) losses.push((await training.advance(every)).loss);
  return losses;
}

/** Every metric of an IQL training, update by update, four to a compiled call. */
export async function offline(data: Trajectories): Promise<{ readonly [metric: string]: readonly number[] }> {
  const options = resolveOptions("iql", iql.options, { hidden: [32, 32], batchSize: 32, steps: updates }) as never;
  const experience = experienceFor(iql, options, data);
  const rows = sampler({ count: experience.count, batchSize: 32, key: fold(key, "rows") });
  const setup = { algorithm: iql, options, sizes: experience.sizes, key, unroll: 4 };
  await using training = await startTraining(setup, { columns: experience.columns, sampler: rows, batchSize: 32 });
  const seen: Record<string, number[]> = {};
  while (training.update < updates) {
    for (const [name, value] of Object.entries(await training.advance(4))) {
      seen[name] ??= [];
      seen[name].push(value);
    }
  }
  return seen;
}

/** A policy learned and sealed by the loop that the command line runs. */
export const cloned = async (data: Trajectories, progress = false): Promise<OnnxPolicy> =>
  (await train(bc, data, { options: { hidden: [32, 32], steps: updates, batchSize: 32 }, progress })).policy;

/** What a policy does with the first observations of a recording, at its best and by chance. */
export async function actions(policy: OnnxPolicy, data: Trajectories): Promise<{ readonly [name: string]: number[] }> {
  const observations = { ...data.observation, shape: [64, 4], data: data.observation.data.subarray(0, 256) } as never;
  const best = await policy.actBatch(observations, { deterministic: true });
  const drawn = await policy.actBatch(observations, { key: fold(key, "draw") });
  return {
    best: Array.from(best.action.data, Number),
    drawn: Array.from(drawn.action.data, Number),
    probability: Array.from(drawn.probability ?? []),
    probabilities: Array.from(drawn.info.probabilities.data, Number),
  };
}

/** IQL updates a second, at the sizes of benchmarks/training.ts: the values do not matter to the speed. */
export async function updatesPerSecond(width: number, seconds: number): Promise<number> {
  const rows = 20_000;
  const column = (...shape: number[]) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, rows));
    fillNormal(data, key);
    return ndarray(data.map(Math.tanh), { shape: [rows, ...shape] });
  };
  const columns = {
    ...{ observation: column(17), action: column(6), reward: column(), nextObservation: column(17) },
    ...{ continues: ndarray(new Float32Array(rows).fill(1)), span: ndarray(new Float32Array(rows).fill(1)) },
  };
  const sizes = { observation: 17, action: { kind: "continuous", size: 6 } } as const;
  const options = resolveOptions("iql", iql.options, { hidden: [width, width], batchSize: width }) as never;
  const drawn = sampler({ count: rows, batchSize: width, key });
  const data = { columns, sampler: drawn, batchSize: width };
  await using training = await startTraining({ algorithm: iql, options, sizes, key }, data);
  await training.advance(40);
  const began = performance.now();
  while (performance.now() - began < 1000 * seconds) await training.advance(8);
  return (1000 * (training.update - 40)) / (performance.now() - began);
}

/** Every observation and reward of 50 steps of a hopper that does not mind falling, from seed 3. */
export async function hopping(): Promise<number[][]> {
  await prepare("Hopper-v5");
  const hopper = make("Hopper-v5", { terminate_when_unhealthy: false });
  hopper.reset({ seed: 3 });
  return Array.from({ length: 50 }, (_, t) => {
    const step = hopper.step(Float32Array.of(Math.sin(t), Math.cos(t / 2), Math.sin(t / 3)));
    return [...(step.observation as Float64Array), step.reward];
  });
}
