/**
 * `node benchmarks/memory.ts [--updates 100000]`: how the process grows while a small program is trained, one update a
 * call (the most calls an update can cost). Prints the resident megabytes after each tenth, and their slope over the
 * second half a million updates. One million updates take about a minute.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Command } from "commander";
import { sampler } from "../src/data/samplers.ts";
import { adam, descendWith, learner, randomKey, runOnce, trace, Updates } from "../src/tensor/index.ts";
import { normal } from "../src/tensor/testing.ts";

const { updates: wanted } = new Command()
  .option("--updates <n>", "updates to make", Number, 100_000)
  .parse()
  .opts<{ updates: number }>();

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const megabytes = (): number => {
  collect();
  collect();
  return process.memoryUsage().rss / 2 ** 20;
};

const [rows, batchSize, key] = [4096, 32, randomKey(1)];
const optimiser = adam(1e-3);
const start = trace("start", { state: {}, inputs: {} }, (state, _inputs, draw) => ({
  state,
  outputs: { net: learner({ weight: draw.at("weight").normal(8, 1) }, optimiser) as unknown },
}));
await using training = new Updates<unknown, unknown>(
  {
    name: "memory",
    columns: { x: normal(2, rows, 8), y: normal(3, rows, 1) },
    batchSize,
    rows: (
      (draws) => (update: number) =>
        draws.indices(update)
    )(sampler({ count: rows, batchSize, key })),
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

await training.advance(Math.min(2_000, wanted));
const seen: { readonly updates: number; readonly megabytes: number }[] = [];
const began = performance.now();
for (let tenth = 1; tenth <= 10; tenth++) {
  await training.advance(Math.floor((wanted * tenth) / 10) - (seen.at(-1)?.updates ?? 0));
  seen.push({ updates: Math.floor((wanted * tenth) / 10), megabytes: Number(megabytes().toFixed(1)) });
  console.error(`${seen.at(-1)?.updates} updates: ${seen.at(-1)?.megabytes} MB`);
}
const half = seen.slice(5);
const mean = (f: (point: (typeof seen)[number]) => number): number =>
  half.reduce((sum, p) => sum + f(p), 0) / half.length;
const [u, m] = [mean((p) => p.updates), mean((p) => p.megabytes)];
const slope =
  half.reduce((sum, p) => sum + (p.updates - u) * (p.megabytes - m), 0) /
  half.reduce((sum, p) => sum + (p.updates - u) ** 2, 0);
console.log(
  JSON.stringify({
    name: "memory",
    updates: wanted,
    megabytesFirst: seen[0].megabytes,
    megabytesLast: seen[9].megabytes,
    megabytesPerMillionUpdates: Number((slope * 1e6).toFixed(1)),
    seconds: Number(((performance.now() - began) / 1000).toFixed(1)),
  }),
);
