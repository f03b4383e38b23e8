/** An update of a small causal transformer over tokens, in the shape of GPT-2 (Radford and others 2019). */
import { decoder } from "../../src/nn/index.ts";
import { adam, descendWith, learner } from "../../src/tensor/index.ts";
import { sequences } from "./columns.ts";
import { type TrainingProgram, trainingProgram } from "./program.ts";

export interface LanguageModelSizes {
  readonly vocabulary: number;
  /** Tokens in a row. */
  readonly length: number;
  readonly size: number;
  readonly heads: number;
  readonly layers: number;
  readonly batch: number;
  readonly rows: number;
}

export const languageModelNet = ({ vocabulary, length, size, heads, layers }: LanguageModelSizes) =>
  decoder({ vocabulary, length, size, heads, layers });

export function languageModel(sizes: LanguageModelSizes): TrainingProgram {
  const { vocabulary, length, rows, batch: batchSize } = sizes;
  const net = languageModelNet(sizes);
  const optimiser = adam(1e-3);
  return trainingProgram({
    name: "language model",
    columns: sequences({ vocabulary, length: length + 1, rows }),
    batchSize,
    loss: "loss",
    unroll: 1, // an update is long enough by itself
    init: (key) => ({ model: learner(net.init(key), optimiser) }),
    step(state, { tokens }) {
      const [seen, next] = [tokens.slice(1, 0, length), tokens.slice(1, 1, length + 1)];
      const [model, loss] = descendWith(optimiser, state.model, (params) =>
        net(params, seen).logSoftmax().choose(next).mean().neg(),
      );
      return { state: { model }, metrics: { loss } };
    },
  });
}
