/** Tokens a second drawn from a causal transformer, one place at a time, with what was seen kept. */
import { TokenSampler } from "../src/nn/index.ts";
import { fold, mapTree, type NdArray, randomKey, runOnce, trace, zeros } from "../src/tensor/index.ts";
import type { Side } from "./alternate.ts";
import type { Benchmark } from "./benchmark.ts";
import { openPeer } from "./peers/python.ts";
import { type LanguageModelSizes, languageModelNet } from "./programs/language-model.ts";
import { model } from "./training.ts";

export async function openSampling(sizes: LanguageModelSizes, rows: number, threads: number): Promise<Side> {
  const net = languageModelNet(sizes);
  const key = randomKey(0);
  const start = trace("start", { state: {}, inputs: {} }, (state, _, draw) => ({ state, outputs: net.init(draw) }));
  const params = await runOnce(start, {}, { key });
  const arrays = mapTree(params, (leaf: NdArray) => leaf);
  const sampler = await TokenSampler.open(net, arrays as never, { rows, threads });
  const prompt = zeros([rows, 1], "int32");
  await sampler.sample(prompt, sizes.length, key);
  let sequence = 0;
  return {
    async run(seconds) {
      const begin = performance.now();
      let [tokens, taken] = [0, 0];
      while (taken < seconds) {
        await sampler.sample(prompt, sizes.length, fold(key, sequence++));
        tokens += rows * (sizes.length - 1);
        taken = (performance.now() - begin) / 1000;
      }
      return tokens / taken;
    },
    [Symbol.asyncDispose]: () => sampler[Symbol.asyncDispose](),
  };
}

export const samplingBenchmarks: readonly Benchmark[] = [1, 16].map((rows) => {
  const { batch: _, rows: __, ...shape } = model;
  const flags = { ...shape, rows, threads: 1 };
  return {
    id: "sampling",
    name: `Causal transformer, 4 layers of 128, sampling ${rows === 1 ? "one row" : `${rows} rows`} of 64 tokens with a cache`,
    unit: "tokens/s",
    threads: 1,
    openOurs: () => openSampling(model, rows, 1),
    peers: [
      { open: () => openPeer("torch_sampling.py", flags) },
      { open: () => openPeer("jax_sampling.py", flags), optional: true },
    ],
  };
});
