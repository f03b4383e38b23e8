/** A small program trained one update a call, the most calls an update can cost: what the process holds afterwards. */
import { sampler } from "../../src/data/samplers.ts";
import { adam, descendWith, learner, randomKey, runOnce, trace, Updates } from "../../src/tensor/index.ts";
import { normal } from "../../src/tensor/testing.ts";
import { answer } from "./answer.ts";

const [rows, batchSize, key] = [4096, 32, randomKey(1)];
const optimiser = adam(1e-3);
const start = trace("start", { state: {}, inputs: {} }, (state, _inputs, draw) => ({
  state,
  outputs: { net: learner({ weight: draw.at("weight").normal(8, 1) }, optimiser) as unknown },
}));
const draws = sampler({ count: rows, batchSize, key });
await using training = new Updates<unknown, unknown>(
  {
    name: "memory",
    columns: { x: normal(2, rows, 8), y: normal(3, rows, 1) },
    batchSize,
    rows: (update) => draws.indices(update),
    inputs: {} as never,
    key,
    unroll: 1,
    step(state, { x, y }) {
      const { net } = state as never as { net: ReturnType<typeof learner<{ weight: typeof x }>> };
      const [moved, loss] = descendWith(optimiser, net, ({ weight }) => x.matmul(weight).sub(y).square().mean());
      return { state: { net: moved } as never, metrics: { loss } };
    },
  },
  { state: (await runOnce(start, {}, { key })) as never, update: 0 },
);
await answer(
  "Repertoire",
  async () => {
    await training.advance(100);
    return 100;
  },
  "megabytes",
);
