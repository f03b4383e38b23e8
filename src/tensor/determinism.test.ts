import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { grad } from "./grad.ts";
import { type NdArray, ndarray } from "./ndarray.ts";
import { adam, descendWith, type Learner, learner } from "./optimisers/index.ts";
import { trace } from "./program.ts";
import { fold, generator, randomKey } from "./random.ts";
import { Compiled, runOnce } from "./runtime.ts";
import { constant, type Tensor, zerosOf } from "./tensor.ts";
import { normal } from "./testing.ts";
import { leavesOf } from "./tree.ts";
import { Updates } from "./updates.ts";

const bytes = (tree: unknown): unknown[] =>
  [...leavesOf<NdArray>(tree)].map(([path, { data }]) => [
    path,
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex"),
  ]);

/** Wide enough that every product is worth splitting over threads. */
const [rows, width, batchSize] = [512, 256, 256];
const optimiser = adam(1e-2);
interface Net {
  readonly first: Tensor;
  readonly second: Tensor;
  readonly bias: Tensor;
}

async function trained({
  threads = 1,
  unroll = 4,
  calls = [8],
}: {
  threads?: number;
  unroll?: number;
  calls?: number[];
}) {
  const start = trace("start", { state: {}, inputs: {} }, (state, _inputs, key) => {
    const weight = (name: string, ...shape: number[]): Tensor =>
      key
        .at(name)
        .normal(...shape)
        .mul(0.1);
    const params = {
      first: weight("first", 16, width),
      second: weight("second", width, width),
      bias: weight("b", width),
    };
    return { state, outputs: { net: learner(params, optimiser) as unknown } };
  });
  await using training = new Updates<unknown, unknown>(
    {
      name: "deterministic",
      columns: { x: normal(1, rows, 16), y: normal(2, rows, width) },
      batchSize,
      rows(update) {
        const random = generator(fold(randomKey(3), update));
        return Int32Array.from({ length: batchSize }, () => random.integer(rows));
      },
      inputs: {} as never,
      key: randomKey(4),
      unroll,
      step(state, { x, y }, _inputs, key) {
        const { net } = state as unknown as { net: Learner<Net> };
        const [moved, loss] = descendWith(optimiser, net, ({ first, second, bias }) => {
          const hidden = x.add(key.at("noise").normal(batchSize, 16)).matmul(first).add(bias).relu();
          return hidden.matmul(second).logSoftmax().sub(y).square().mean();
        });
        return { state: { net: moved } as never, metrics: { loss } };
      },
    },
    { state: (await runOnce(start, {}, { key: randomKey(5) })) as never, update: 0 },
    { threads },
  );
  const losses: number[] = [];
  for (const call of calls) losses.push((await training.advance(call)).loss);
  return { state: bytes(training.read()), losses };
}

test("the same seed gives the same bytes, again and on one thread, two and four", async () => {
  const wanted = await trained({});
  assert.deepEqual(await trained({}), wanted);
  for (const threads of [2, 4]) assert.deepEqual(await trained({ threads }), wanted, `${threads} threads`);
});

test("updates unrolled together or one by one, in one call or several, leave the same bytes", async () => {
  const { state } = await trained({});
  for (const unroll of [1, 3, 8]) assert.deepEqual((await trained({ unroll })).state, state, `unroll ${unroll}`);
  assert.deepEqual((await trained({ calls: [1, 5, 2] })).state, state);
});

test("long sums, long products and rows added in one place do not depend on the threads either", async () => {
  const x = normal(6, 64, 40_000);
  const given = { x: { shape: x.shape, dtype: x.dtype } };
  const places = constant(ndarray(Int32Array.from({ length: 64 }, (_, i) => (i * 7) % 5)));
  const program = trace("sums", { state: {}, inputs: given }, (state, { x: all }) => ({
    state,
    outputs: {
      rows: all.sum(1),
      columns: all.sum(0),
      total: all.square().mean(),
      most: all.max(),
      share: all.softmax(1).max(1),
      spread: all.logsumexp(1),
      running: all.cumsum(1).at(1, -1),
      product: all.slice(0, 0, 7).matmul(all.slice(0, 7, 20), { transposeRight: true }),
      added: grad((rows: Tensor) =>
        rows
          .gather(places)
          .mul(all.slice(1, 0, 512))
          .sum(),
      )(zerosOf([5, 512])),
    } as { readonly [name: string]: Tensor },
  }));
  const results: unknown[] = [];
  for (const threads of [1, 2, 4]) {
    await using compiled = await Compiled.open(program, { threads });
    results.push(bytes(await compiled.run({ x })));
  }
  assert.deepEqual(results[1], results[0], "two threads");
  assert.deepEqual(results[2], results[0], "four threads");
});

test("every test that docs/determinism.md names is there", () => {
  const root = new URL("../../", import.meta.url);
  const page = readFileSync(new URL("docs/determinism.md", root), "utf8");
  const named = [...page.matchAll(/`(src\/[^`]+\.test\.ts)`/g)].map((match) => match[1]);
  assert.ok(named.length >= 10);
  assert.deepEqual(
    named.filter((path) => !existsSync(new URL(path, root))),
    [],
  );
});
