/** An update of a small convolutional encoder with a linear head: Mnih and others (2015), Nature 518, 529–533. */
import { squaredError } from "../../src/formulas/index.ts";
import { linear } from "../../src/nn/index.ts";
import { adam, descendWith, type Key, learner, type Tensor, zerosOf } from "../../src/tensor/index.ts";
import { pictures } from "./columns.ts";
import { type TrainingProgram, trainingProgram } from "./program.ts";

export interface EncoderSizes {
  readonly batch: number;
  readonly outputs: number;
  readonly rows: number;
}

/** Filters, taps and strides. A picture of 64 × 64 leaves them as 64 channels of 4 × 4. */
const layers = [
  { from: 3, to: 32, taps: 8, stride: 4 },
  { from: 32, to: 64, taps: 4, stride: 2 },
  { from: 64, to: 64, taps: 3, stride: 1 },
];
const flat = 64 * 4 * 4;

interface Filters {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

const filters = (key: Key): Filters[] =>
  layers.map(({ from, to, taps }, i) => ({
    weight: key
      .at(i)
      .uniform(to, from, taps, taps)
      .sub(0.5)
      .mul(2 / Math.sqrt(from * taps * taps)),
    bias: zerosOf([to]),
  }));

export function encoder({ batch: batchSize, outputs, rows }: EncoderSizes): TrainingProgram {
  const [trunk, head] = [linear(flat, 512), linear(512, outputs)];
  const optimiser = adam(3e-4);
  return trainingProgram({
    name: "encoder",
    columns: pictures({ outputs, rows }),
    batchSize,
    loss: "loss",
    unroll: 1, // an update is long enough by itself
    init: (key) => ({
      encoder: learner(
        { filters: filters(key.at("filters")), trunk: trunk.init(key.at("trunk")), head: head.init(key.at("head")) },
        optimiser,
      ),
    }),
    step(state, { picture, label }) {
      const [encoder, loss] = descendWith(optimiser, state.encoder, (params) => {
        const seen = layers.reduce((x, { stride, to }, i) => {
          const { weight, bias } = params.filters[i];
          return x
            .conv(weight, { stride })
            .add(bias.reshape(1, to, 1, 1))
            .relu();
        }, picture);
        return squaredError(head(params.head, trunk(params.trunk, seen.reshape(batchSize, flat)).relu()), label);
      });
      return { state: { encoder }, metrics: { loss } };
    },
  });
}
