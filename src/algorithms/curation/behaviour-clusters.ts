/**
 * Ways to behave, told apart without labels and without actions: stretches of one episode belong together, stretches of
 * others apart, and what belongs together gathers around a few centres.
 *
 *   F   a GRU over a stretch of what was seen, on the unit sphere
 *   F   descends −log softmax of ⟨F, F′⟩ / τ at the other stretch of its own episode, + λ/2 |F − its nearest centre|²
 *   C   each centre moves to the mean of what is nearest to it
 *
 * Qiu, Wu, Cao, Long (2022). Out-of-Dynamics Imitation Learning from Multimodal Demonstrations. arXiv:2211.06839
 */
import { moments } from "../../data/replay.ts";
import type { Trajectories } from "../../data/trajectories.ts";
import { infoNce } from "../../formulas/index.ts";
import { gru, type Linear, linear, type Net, net, overTime, type Recurrent } from "../../nn/index.ts";
import { problem } from "../../problems.ts";
import { flattenBatch } from "../../spaces/index.ts";
import {
  adam,
  asType,
  constant,
  descendWith,
  evaluate,
  fold,
  type Generator,
  generator,
  type Learner,
  learner,
  mapTree,
  type NdArray,
  permutation,
  type RandomKey,
  randomKey,
  runOnce,
  type Tensor,
  takeRows,
  trace,
  Updates,
} from "../../tensor/index.ts";

export interface ClusterOptions {
  readonly seed?: number;
  /** K, how many ways to behave there are. Default 4. */
  readonly clusters?: number;
  /** Steps in a stretch. Default 12. */
  readonly length?: number;
  /** Updates; the centres take part in the second half. Default 1000. */
  readonly steps?: number;
  /** Episodes in an update, two stretches of each. Default: 32, or all where there are fewer. */
  readonly episodes?: number;
  /** Numbers in an embedding. Default 16. */
  readonly size?: number;
  /** Width of the GRU. Default 32. */
  readonly hidden?: number;
  /** λ: how much the centres attract. Default 0.1. */
  readonly attraction?: number;
  /** τ of the similarities; the paper has none. Default 0.2. */
  readonly temperature?: number;
  /** Adam's rate. Default 3e-3. */
  readonly learningRate?: number;
}

export interface Clusters {
  /** [episodes] in 0 … clusters − 1: that of most of an episode's stretches. */
  readonly cluster: Int32Array;
  /** [episodes, size] the mean embedding of an episode's stretches. */
  readonly embedding: NdArray;
}

interface Params {
  readonly cell: Recurrent;
  readonly out: Linear;
}

/** [batch, time, inputs] → [batch, size], of length 1. */
function encoder(inputs: number, hidden: number, size: number): Net<Params, [stretch: Tensor], Tensor> {
  const cell = gru(inputs, hidden);
  const over = overTime(cell);
  const out = linear(hidden, size);
  return net(
    (key) => ({ cell: cell.init(key.at("cell")), out: out.init(key.at("out")) }),
    (params, stretch) => {
      const x = out(params.out, over(params.cell, stretch).state);
      return x.div(x.square().sum(-1, { keep: true }).add(1e-8).sqrt());
    },
  );
}

/**
 * Which way to behave each episode is an instance of. Only observations are looked at.
 * @param recording at least as many episodes as clusters, and at least two
 * @throws Problem "bad-value" for too few episodes; "bad-option" for a count below 1
 */
export async function behaviourClusters(recording: Trajectories, given: ClusterOptions = {}): Promise<Clusters> {
  const episodes = recording.offsets.length - 1;
  const usual = { seed: 0, clusters: 4, length: 12, steps: 1000, episodes: Math.min(32, episodes), size: 16 };
  const more = { hidden: 32, attraction: 0.1, temperature: 0.2, learningRate: 3e-3 };
  const settings = { ...usual, ...more, ...given };
  for (const name of ["clusters", "length", "steps", "episodes", "size", "hidden"] as const) {
    const [value, wanted] = [settings[name], "a whole number of at least 1"];
    if (!(Number.isInteger(value) && value >= 1))
      throw problem("bad-option", { where: "behaviourClusters", name, given: value, wanted });
  }
  const least = Math.max(2, settings.clusters, settings.episodes);
  if (episodes < least) {
    const wanted = `at least ${least}: two, one a cluster, and as many as an update compares`;
    throw problem("bad-value", { where: "behaviourClusters", given: `${episodes} episodes`, wanted });
  }
  const { clusters, length, size, hidden, attraction, temperature, learningRate } = settings;
  const key = fold(randomKey(settings.seed), "behaviour clusters");
  const observation = standardised(flattenBatch(recording.observationSpace, recording.observation));
  const width = observation.shape[1];
  const network = encoder(width, hidden, size);
  const optimiser = adam(learningRate);

  type State = { readonly encoder: Learner<Params>; readonly centres: Tensor };
  const learn = async (state: unknown, pull: number, phase: string): Promise<unknown> => {
    await using updates = new Updates<unknown, Record<never, never>>(
      {
        name: `behaviour clusters, ${phase}`,
        columns: { observation },
        batchSize: 2 * settings.episodes * length,
        rows: (update) => pairs(recording, settings.episodes, length, fold(key, phase, update)),
        inputs: {},
        key: fold(key, phase),
        unroll: 4,
        step(before, batch) {
          const { encoder: from, centres } = before as unknown as State;
          const stretches = batch.observation.reshape(2 * settings.episodes, length, width);
          const [moved, loss] = descendWith<Params>(optimiser, from, (params) => {
            const x = network(params, stretches);
            const [one, other] = [x.slice(0, 0, settings.episodes), x.slice(0, settings.episodes)];
            const alike = infoNce(one.matmul(other, { transposeRight: true }).div(temperature));
            if (pull === 0) return alike;
            const nearest = centres.gather(nearestOf(x.stopGradient(), centres));
            return alike.add(
              x
                .sub(nearest)
                .square()
                .sum(-1)
                .mean()
                .mul(pull / 2),
            );
          });
          const x = network(from.params, stretches);
          const mine = nearestOf(x, centres).oneHot(clusters);
          const counts = mine.sum(0).unsqueeze(-1);
          const means = mine.matmul(x, { transposeLeft: true }).div(counts.maximum(1));
          // Minibatches: a centre goes a tenth of the way, and stays where nothing was near.
          const gone = centres.add(means.sub(centres).mul(0.1).mul(counts.atMost(1)));
          return { state: { encoder: moved, centres: pull === 0 ? centres : gone } as never, metrics: { loss } };
        },
      },
      { state: state as never, update: 0 },
    );
    await updates.advance(Math.ceil(settings.steps / 2));
    return updates.read();
  };
  const start = trace("behaviour clusters, start", { state: {}, inputs: {} }, (state, _, draw) => ({
    state,
    outputs: { encoder: learner(network.init(draw.at("encoder")), optimiser) },
  }));
  const begun = (await runOnce(start, {}, { key: fold(key, "start") })) as object;
  const blank: NdArray = { shape: [clusters, size], dtype: "float32", data: new Float32Array(clusters * size) };
  const first = (await learn({ ...begun, centres: blank }, 0, "contrast")) as {
    readonly encoder: { readonly params: unknown };
  };
  const spread = spreadCentres(embedded(first.encoder.params).rows, clusters, generator(fold(key, "centres")));
  const second = (await learn({ ...first, centres: spread }, attraction, "centres")) as {
    readonly encoder: { readonly params: unknown };
    readonly centres: NdArray;
  };
  const { rows, owner } = embedded(second.encoder.params);
  const nearest = evaluate([nearestOf(constant(rows), constant(second.centres))])[0].data;
  const votes = Array.from({ length: episodes }, () => new Int32Array(clusters));
  owner.forEach((e, row) => {
    votes[e][Number(nearest[row])]++;
  });
  return {
    cluster: Int32Array.from(votes, (of) => of.indexOf(Math.max(...of))),
    embedding: means(rows, owner, episodes),
  };

  /** Every stretch, half of one apart, and whose it is. */
  function embedded(params: unknown): { readonly rows: NdArray; readonly owner: Int32Array } {
    const starts: number[] = [];
    const owner: number[] = [];
    for (let e = 0; e < episodes; e++) {
      const [from, to] = [recording.offsets[e], recording.offsets[e + 1]];
      for (let at = from; at === from || at + length <= to; at += Math.max(1, length >> 1)) {
        starts.push(at);
        owner.push(e);
      }
    }
    const chosen = Int32Array.from(starts.flatMap((at, i) => stretch(recording, owner[i], at, length)));
    const stretches = constant({ ...takeRows(observation, chosen), shape: [starts.length, length, width] });
    const frozen = mapTree(params as never, (leaf: NdArray) => constant(leaf)) as unknown as Params;
    return { rows: asType(evaluate([network(frozen, stretches)])[0], "float32"), owner: Int32Array.from(owner) };
  }
}

/** int32 [rows]: the nearest of [clusters, size] to each of [rows, size]. */
const nearestOf = (x: Tensor, centres: Tensor): Tensor =>
  x.unsqueeze(1).sub(centres.unsqueeze(0)).square().sum(-1).argmin(-1);

/** Rows of a stretch; behind the episode's end its last row again. */
const stretch = ({ offsets }: Trajectories, episode: number, at: number, length: number): number[] =>
  Array.from({ length }, (_, t) => Math.min(at + t, offsets[episode + 1] - 1));

/** Two stretches of each of some episodes: all first ones, then all second ones. */
function pairs(recording: Trajectories, count: number, length: number, key: RandomKey): Int32Array {
  const { offsets } = recording;
  const random = generator(key);
  const chosen = permutation(offsets.length - 1, fold(key, "episodes")).subarray(0, count);
  const draw = (e: number): number[] => {
    const room = Math.max(1, offsets[e + 1] - offsets[e] - length + 1);
    return stretch(recording, e, offsets[e] + random.integer(room), length);
  };
  return Int32Array.from([0, 1].flatMap(() => Array.from(chosen, draw).flat()));
}

/** Rows that are far from each other: k-means++ of Arthur, Vassilvitskii (2007). */
function spreadCentres(rows: NdArray, clusters: number, random: Generator): NdArray {
  const [n, size] = rows.shape;
  const chosen = [random.integer(n)];
  const distances = new Float64Array(n).fill(Infinity);
  while (chosen.length < clusters) {
    const last = chosen[chosen.length - 1];
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let d = 0; d < size; d++) sum += (Number(rows.data[i * size + d]) - Number(rows.data[last * size + d])) ** 2;
      distances[i] = Math.min(distances[i], sum);
    }
    chosen.push(random.choice(distances));
  }
  return takeRows(rows, chosen);
}

function means(rows: NdArray, owner: Int32Array, episodes: number): NdArray {
  const size = rows.shape[1];
  const data = new Float32Array(episodes * size);
  const counts = new Int32Array(episodes);
  owner.forEach((e, row) => {
    counts[e]++;
    for (let d = 0; d < size; d++) data[e * size + d] += Number(rows.data[row * size + d]);
  });
  return { shape: [episodes, size], dtype: "float32", data: data.map((x, i) => x / counts[Math.floor(i / size)]) };
}

/** Centred, and scaled where anything varies. */
function standardised(rows: NdArray): NdArray {
  const { mean, std } = moments(rows);
  const width = mean.length;
  const data = Float32Array.from(rows.data as Float32Array, (x, i) => {
    const spread = std[i % width];
    return (x - mean[i % width]) / (spread > 1e-6 ? spread : 1);
  });
  return { shape: [rows.shape[0], width], dtype: "float32", data };
}
