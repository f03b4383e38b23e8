/** Training updates a second: ours against eager PyTorch, on the same shapes. */
import type { AnyAlgorithm } from "../src/algorithms/define.ts";
import { type Options, resolveOptions } from "../src/algorithms/options.ts";
import { startTraining } from "../src/algorithms/training.ts";
import { iql } from "../src/algorithms/transitions/iql.ts";
import { td3bc } from "../src/algorithms/transitions/td3-bc.ts";
import { sampler } from "../src/data/samplers.ts";
import { fillNormal, fillUniform, fold, type NdArray, randomKey, zeros } from "../src/tensor/index.ts";
import type { Side } from "./alternate.ts";
import { openPeer } from "./peers/python.ts";

export interface Benchmark {
  /** What `npm run bench` calls it, and the file of its results. */
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly threads: number;
  openOurs(): Promise<Side>;
  openPeer(): Promise<Side & { readonly name: string }>;
}

/** The sizes of MuJoCo's HalfCheetah, on which both methods were published; the values do not matter to the speed. */
const [observations, actions, rows] = [17, 6, 100_000];

function columns(): { readonly [name: string]: NdArray } {
  const key = fold(randomKey(0), "bench");
  const normal = (name: string, ...shape: number[]): NdArray => {
    const value = zeros(shape);
    fillNormal(value.data as Float32Array, fold(key, name));
    return value;
  };
  const action = zeros([rows, actions]);
  fillUniform(action.data as Float32Array, fold(key, "action"));
  return {
    observation: normal("observation", rows, observations),
    action: { ...action, data: (action.data as Float32Array).map((u) => 2 * u - 1) },
    reward: normal("reward", rows),
    nextObservation: normal("nextObservation", rows, observations),
    continues: {
      ...zeros([rows]),
      data: Float32Array.from({ length: rows }, (_, row) => (row % 1000 === 999 ? 0 : 1)),
    },
    span: { ...zeros([rows]), data: new Float32Array(rows).fill(1) },
  };
}

const unroll = 8;

async function openOurs(algorithm: AnyAlgorithm, width: number, batchSize: number, threads: number): Promise<Side> {
  const given = { hidden: [width, width], batchSize };
  const key = randomKey(0);
  const training = await startTraining(
    {
      algorithm,
      options: resolveOptions(algorithm.name, algorithm.options as Options, given),
      sizes: { observation: observations, action: { kind: "continuous", size: actions } },
      key,
      threads,
      unroll,
    },
    { columns: columns(), sampler: sampler({ count: rows, batchSize, key }), batchSize },
  );
  await training.advance(5 * unroll);
  return {
    async run(seconds) {
      const begin = performance.now();
      const first = training.update;
      let taken = 0;
      while (taken < seconds) {
        await training.advance(unroll);
        taken = (performance.now() - begin) / 1000;
      }
      return (training.update - first) / taken;
    },
    [Symbol.asyncDispose]: () => training[Symbol.asyncDispose](),
  };
}

const sizes = [
  { width: 64, batch: 64, threads: 1 },
  { width: 256, batch: 256, threads: 1 },
  { width: 256, batch: 256, threads: 2 },
];

export const trainingBenchmarks: readonly Benchmark[] = [iql, td3bc].flatMap((algorithm) =>
  sizes.map(({ width, batch, threads }) => ({
    id: `${algorithm.name}-${width}`,
    name: `${algorithm.title}, ${width} wide, batch ${batch}`,
    unit: "updates/s",
    threads,
    openOurs: () => openOurs(algorithm as AnyAlgorithm, width, batch, threads),
    openPeer: () =>
      openPeer("torch_offline.py", { method: algorithm.name, width, batch, threads, observations, actions, rows }),
  })),
);
