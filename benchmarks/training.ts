/** Training updates a second: ours beside PyTorch, JAX, and what the matrix products alone would allow. */
import type { AnyAlgorithm } from "../src/algorithms/define.ts";
import { type Options, resolveOptions } from "../src/algorithms/options.ts";
import { startTraining } from "../src/algorithms/training.ts";
import { iql } from "../src/algorithms/transitions/iql.ts";
import { td3bc } from "../src/algorithms/transitions/td3-bc.ts";
import { sampler } from "../src/data/samplers.ts";
import { randomKey } from "../src/tensor/index.ts";
import type { Benchmark, LearningSide } from "./benchmark.ts";
import { openLimit } from "./limit.ts";
import { openPeer } from "./peers/python.ts";
import { productsPerUpdate } from "./products.ts";
import { sizes, transitions } from "./programs/columns.ts";
import { diffusion } from "./programs/diffusion.ts";
import { encoder } from "./programs/encoder.ts";
import { languageModel } from "./programs/language-model.ts";
import { parametersOf, type TrainingProgram, unrolled } from "./programs/program.ts";
import { sac } from "./programs/sac.ts";

/** A method of the catalogue as `train` runs it. */
export function method(algorithm: AnyAlgorithm, width: number, batchSize: number, rows: number): TrainingProgram {
  const given = { hidden: [width, width], batchSize };
  const options = resolveOptions(algorithm.name, algorithm.options as Options, given);
  const key = randomKey(0);
  const { observations, actions } = sizes;
  return {
    name: algorithm.name,
    cycle: algorithm.cycle?.(options) ?? 1,
    unroll: unrolled,
    loss: "criticLoss",
    open: ({ threads = 1, backend, unroll = unrolled } = {}) =>
      startTraining(
        {
          algorithm,
          options,
          sizes: { observation: observations, action: { kind: "continuous", size: actions } },
          key,
          threads,
          unroll,
          ...(backend ? { backend } : {}),
        },
        {
          columns: transitions({ ...sizes, rows }),
          sampler: sampler({ count: rows, batchSize, key }),
          batchSize,
        },
      ),
  };
}

/** Warmed up. @param each how much of the unit an update is */
export async function openTraining(program: TrainingProgram, threads: number, each = 1): Promise<LearningSide> {
  const updates = await program.open({ threads });
  const { unroll } = updates;
  await updates.advance(2 * unroll);
  return {
    async run(seconds) {
      const begin = performance.now();
      const first = updates.update;
      let taken = 0;
      while (taken < seconds) {
        await updates.advance(unroll);
        taken = (performance.now() - begin) / 1000;
      }
      return ((updates.update - first) * each) / taken;
    },
    async check(count) {
      const tenth = Math.ceil(count / 10 / unroll) * unroll;
      const { [program.loss]: first } = await updates.advance(tenth);
      await updates.advance(8 * tenth);
      const { [program.loss]: last } = await updates.advance(tenth);
      return { parameters: parametersOf(updates.read()), first, last, products: await productsPerUpdate(program) };
    },
    [Symbol.asyncDispose]: () => updates[Symbol.asyncDispose](),
  };
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly unit?: string;
  readonly threads: number;
  /** How much of the unit an update is. */
  readonly each?: number;
  readonly program: () => TrainingProgram;
  /** What the peers are told. */
  readonly flags: { readonly [name: string]: string | number };
}

function benchmark({ id, name, unit = "updates/s", threads, each = 1, program, flags }: Row): Benchmark {
  const python = (script: string, more: { readonly [name: string]: string | number }) => () =>
    openPeer(script, { ...flags, threads, ...more }, each);
  return {
    ...{ id, name, unit, threads },
    openOurs: () => openTraining(program(), threads, each),
    peers: [
      { open: python("torch_updates.py", { engine: "eager" }) },
      { open: python("torch_updates.py", { engine: "compile" }), optional: true },
      { open: python("jax_updates.py", { scan: 1 }), optional: true },
      // What is long enough by itself ours does not unroll either.
      ...(each > 1 || id === "encoder" ? [] : [{ open: python("jax_updates.py", { scan: unrolled }), optional: true }]),
      { open: () => openLimit(program(), threads, each) },
    ],
  };
}

const shapes = [
  { width: 64, batch: 64, threads: 1 },
  { width: 256, batch: 256, threads: 1 },
  { width: 256, batch: 256, threads: 2 },
];

const methods = [iql, td3bc].flatMap((algorithm) =>
  shapes.map(({ width, batch, threads }) =>
    benchmark({
      id: `${algorithm.name}-${width}`,
      name: `${algorithm.title}, ${width} wide, batch ${batch}`,
      threads,
      program: () => method(algorithm as AnyAlgorithm, width, batch, sizes.rows),
      flags: { program: algorithm.name, width, batch, ...sizes },
    }),
  ),
);

const softActorCritic = [
  ...[64, 256].flatMap((width) => [64, 256].map((batch) => ({ width, batch, threads: 1 }))),
  { width: 256, batch: 256, threads: 2 },
].map(({ width, batch, threads }) =>
  benchmark({
    id: `sac-${width}`,
    name: `Soft actor-critic, ${width} wide, batch ${batch}`,
    threads,
    program: () => sac({ width, batch, ...sizes }),
    flags: { program: "sac", width, batch, ...sizes },
  }),
);

const chunked = { observations: sizes.observations, chunk: 8 * sizes.actions, rows: sizes.rows };
const diffusionPolicy = shapes.map(({ width, batch, threads }) =>
  benchmark({
    id: `diffusion-${width}`,
    name: `Diffusion policy, ${width} wide, batch ${batch}`,
    threads,
    program: () => diffusion({ width, batch, ...chunked }),
    flags: { program: "diffusion", width, batch, ...chunked },
  }),
);

export const model = { vocabulary: 64, length: 64, size: 128, heads: 4, layers: 4, batch: 16, rows: 2000 };
const transformer = [1, 2].map((threads) =>
  benchmark({
    id: "transformer",
    name: "Causal transformer, 4 layers of 128, training on 16 rows of 64 tokens",
    unit: "tokens/s",
    threads,
    each: model.batch * model.length,
    program: () => languageModel(model),
    flags: { program: "language-model", ...model },
  }),
);

const seen = { batch: 32, outputs: 6, rows: 512 };
const pixels = [1, 2].map((threads) =>
  benchmark({
    id: "encoder",
    name: "Convolutional encoder, pictures of 64 × 64 × 3, batch 32",
    threads,
    program: () => encoder(seen),
    flags: { program: "encoder", ...seen },
  }),
);

export const trainingBenchmarks: readonly Benchmark[] = [
  ...methods,
  ...softActorCritic,
  ...diffusionPolicy,
  ...transformer,
  ...pixels,
];
