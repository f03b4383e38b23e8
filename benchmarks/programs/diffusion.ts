/**
 * An update of a diffusion policy over action chunks: Chi and others (2023), arXiv:2303.04137, with an MLP that predicts the
 * noise of DDPM (Ho, Jain, Abbeel 2020, arXiv:2006.11239), and the moving average of parameters that is sampled from.
 */
import { squaredError } from "../../src/formulas/index.ts";
import { mlp, sinusoidal } from "../../src/nn/index.ts";
import { adam, blend, concat, constant, descendWith, learner, ndarray } from "../../src/tensor/index.ts";
import { chunks } from "./columns.ts";
import { type TrainingProgram, trainingProgram } from "./program.ts";

export interface DiffusionSizes {
  readonly width: number;
  readonly batch: number;
  readonly observations: number;
  /** Numbers in a chunk: actions times steps. */
  readonly chunk: number;
  readonly rows: number;
}

const levels = 100;
const timeSize = 32;

/** What is left of the action at each level: the running product of 1 − β, β from 10⁻⁴ to 0.02. */
const kept = Float32Array.from({ length: levels });
for (let level = 0, product = 1; level < levels; level++) {
  product *= 1 - (1e-4 + ((0.02 - 1e-4) * level) / (levels - 1));
  kept[level] = product;
}

export function diffusion({ width, batch: batchSize, ...sizes }: DiffusionSizes): TrainingProgram {
  const { observations, chunk } = sizes;
  const net = mlp({
    inputs: observations + chunk + timeSize,
    outputs: chunk,
    hidden: [width, width, width],
    activation: "silu",
  });
  const optimiser = adam(1e-3);
  return trainingProgram({
    name: "diffusion",
    columns: chunks(sizes),
    batchSize,
    loss: "loss",
    init(key) {
      const params = net.init(key);
      return { denoiser: learner(params, optimiser), average: params };
    },
    step(state, batch, key) {
      const level = key.at("level").integers(levels, batchSize);
      const noise = key.at("noise").normal(batchSize, chunk);
      const left = constant(ndarray(kept)).gather(level).unsqueeze(-1);
      const noisy = batch.chunk.mul(left.sqrt()).add(noise.mul(left.from(1).sqrt()));
      const input = concat([batch.observation, noisy, sinusoidal(level.cast("float32"), timeSize)]);
      const [denoiser, loss] = descendWith(optimiser, state.denoiser, (params) =>
        squaredError(net(params, input), noise),
      );
      const average = blend(state.average, denoiser.params, 0.005);
      return { state: { denoiser, average }, metrics: { loss } };
    },
  });
}
