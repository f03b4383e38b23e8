/** Drawing tokens: which may be drawn, and that a cache and a prompt read at once change none of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Compiled,
  constant,
  mapTree,
  type NdArray,
  ndarray,
  randomKey,
  runOnce,
  scalar,
  scan,
  type Tensor,
  trace,
  zerosOf,
} from "../tensor/index.ts";
import { assertClose, numbersOf, valuesOf } from "../tensor/testing.ts";
import { nextToken, type TokenChoice } from "./next-token.ts";
import { TokenSampler } from "./sampling.ts";
import { type Decoder, type DecoderNet, decoder, rememberedAll } from "./transformer.ts";

const small = { vocabulary: 7, length: 5, size: 4, heads: 2, layers: 2, expansion: 2 };

type ParamsAsValues = Parameters<typeof TokenSampler.open>[1];

async function started(net: DecoderNet, scale = 1): Promise<ParamsAsValues> {
  const start = trace("start", { state: {}, inputs: {} }, (state, _inputs, key) => ({
    state,
    outputs: mapTree(net.init(key), (leaf: Tensor) => leaf.mul(scale)),
  }));
  return (await runOnce(start, {}, { key: randomKey(1) })) as unknown as ParamsAsValues;
}

test("tokens sampled with a cache are exactly those sampled without one, by chance and greedily", async () => {
  const net = decoder({ vocabulary: 11, length: 24, size: 16, heads: 4, layers: 2 });
  const params = await started(net, 8);
  const key = randomKey(9);
  const prompts = [1, 3, 8, 13].map((length) =>
    ndarray(
      [3, 1].map((first) => Array.from({ length }, (_, i) => (first + i * i) % 11)),
      { dtype: "int32" },
    ),
  );
  const choices: readonly TokenChoice[] = [
    { temperature: 1 },
    { temperature: 0.5 },
    { temperature: 0 },
    { topK: 3 },
    { topP: 0.6, temperature: 2 },
    { topK: 5, topP: 0.9 },
  ];
  for (const [i, choice] of choices.entries()) {
    const prompt = prompts[i % prompts.length];
    await using sampler = await TokenSampler.open(net, params, { rows: 2, ...choice });
    const cached = await sampler.sample(prompt, 24, key);
    const together = await Promise.all([randomKey(3), key].map((k) => sampler.sample(prompt, 24, k)));
    const other = await sampler.sample(prompt, 24, randomKey(3));
    assert.deepEqual([other, cached], together, "a sampler used again, by two at once");
    const whole = await uncached(params, prompt, 24, choice);
    assert.deepEqual(numbersOf(cached), whole);
    assert.ok(new Set(whole).size > (choice.temperature === 0 ? 1 : 5));
    if (choice.temperature !== 0)
      assert.notDeepEqual(numbersOf(await sampler.sample(prompt, 24, randomKey(10))), whole);
  }

  async function uncached(
    values: ParamsAsValues,
    from: NdArray,
    length: number,
    choice: TokenChoice,
  ): Promise<number[]> {
    const rows = [0, 1].map((row) => numbersOf(from).slice(row * from.shape[1], (row + 1) * from.shape[1]));
    const inputs = {
      params: mapTree(values, ({ shape, dtype }: NdArray) => ({ shape, dtype })),
      tokens: { shape: [2, length], dtype: "int32" },
    };
    // One program for every place: what stands behind it is padding that nothing before it sees.
    const program = trace(
      "whole",
      { state: {}, inputs: { ...inputs, place: { shape: [1], dtype: "int32" } } },
      (state, at, draw) => {
        const { params: now, tokens, place } = at as unknown as { params: Decoder; tokens: Tensor; place: Tensor };
        const scores = net(now, tokens).transpose(1, 0, 2).gather(place).squeeze(0);
        return { state, outputs: { next: nextToken(scores, choice, draw.at("token")) } };
      },
    );
    await using compiled = await Compiled.open(program);
    for (let place = from.shape[1] - 1; place < length - 1; place++) {
      const padded = ndarray(
        rows.map((row) => [...row, ...new Array(length - row.length).fill(0)]),
        { dtype: "int32" },
      );
      const at = { params: values, tokens: padded, place: ndarray(Int32Array.of(place)) };
      const { next } = (await compiled.run(at as never, undefined, { key, update: place })) as { next: NdArray };
      for (const [i, row] of rows.entries()) row.push(Number(next.data[i]));
    }
    return rows.flat();
  }
});

test("a prompt that does not fit is refused", async () => {
  const net = decoder(small);
  const params = await started(net);
  await using sampler = await TokenSampler.open(net, params);
  await assert.rejects(
    sampler.sample(ndarray([1, 2], { dtype: "int32" }), 4, randomKey(1)),
    /wanted "?int32 \[1, from 1 to that length\]/,
  );
  await assert.rejects(sampler.sample(ndarray([[1]], { dtype: "int32" }), 6, randomKey(1)), /at most 5 tokens/);
});

test("what may be drawn: the likeliest so many, the fewest that have so much together, and what ties with the last", async () => {
  // Chances 0.4, 0.3, 0.15, 0.1 and 0.05, in another order; in the second row two tie.
  const rows = [
    [0.1, 0.4, 0.05, 0.3, 0.15],
    [0.25, 0.25, 0.3, 0.15, 0.05],
  ];
  const draws = 2000;
  const allowed = async (choice: TokenChoice): Promise<readonly (readonly number[])[]> => {
    const scores = ndarray(rows.flatMap((row) => Array<number[]>(draws).fill(row.map((p) => Math.log(p) + 3))));
    const { next } = await valuesOf(
      { scores },
      (given, key) => ({ next: nextToken(given.scores, choice, key) }),
      randomKey(4),
    );
    const drawn = numbersOf(next);
    rows.forEach((row, r) => {
      const own = drawn.slice(r * draws, (r + 1) * draws);
      const kept = [...new Set(own)];
      const power = 1 / (choice.temperature ?? 1);
      const total = kept.reduce((sum, token) => sum + row[token] ** power, 0);
      for (const token of kept) {
        const [p, share] = [row[token] ** power / total, own.filter((t) => t === token).length / draws];
        assert.ok(Math.abs(share - p) < 5 * Math.sqrt((p * (1 - p)) / draws) + 1e-9, `${token}: ${share}, wanted ${p}`);
      }
    });
    return [0, 1].map((r) => [...new Set(drawn.slice(r * draws, (r + 1) * draws))].sort());
  };
  const all = [0, 1, 2, 3, 4];
  assert.deepEqual(await allowed({}), [all, all]);
  assert.deepEqual(await allowed({ topK: 9, topP: 1 }), [all, all]);
  assert.deepEqual(await allowed({ topK: 1 }), [[1], [2]]);
  assert.deepEqual(await allowed({ topK: 2 }), [
    [1, 3],
    [0, 1, 2],
  ]);
  assert.deepEqual(await allowed({ topP: 0.69 }), [
    [1, 3],
    [0, 1, 2],
  ]);
  assert.deepEqual(await allowed({ topP: 0.71 }), [
    [1, 3, 4],
    [0, 1, 2],
  ]);
  assert.deepEqual(await allowed({ topP: 1e-6 }), [[1], [2]]);
  // Of the three likeliest, the first has 0.4 / 0.85.
  assert.deepEqual((await allowed({ topK: 3, topP: 0.46 }))[0], [1]);
  assert.deepEqual((await allowed({ topK: 3, topP: 0.48 }))[0], [1, 3]);
  // A temperature of 1/2 makes it 0.16 / 0.285 of all five.
  assert.deepEqual((await allowed({ temperature: 0.5, topP: 0.55 }))[0], [1]);
  assert.deepEqual((await allowed({ temperature: 0.5, topP: 0.57 }))[0], [1, 3]);
  for (const [choice, name] of [
    [{ topK: 0 }, "topK"],
    [{ topP: 0 }, "topP"],
    [{ topP: 1.1 }, "topP"],
    [{ temperature: -1 }, "temperature"],
  ] as const) {
    await assert.rejects(allowed(choice), new RegExp(`nextToken: option "${name}"`));
  }
});

test("a prompt read at once leaves what its steps leave, whatever pads it", async () => {
  const net = decoder({ vocabulary: 11, length: 12, size: 16, heads: 4, layers: 2 });
  const tokens = ndarray([[3, 1, 4, 1, 5]], { dtype: "int32" });
  const got = await valuesOf(
    { tokens },
    ({ tokens: given }, draw) => {
      const params = net.init(draw);
      let cache = net.emptyCache(1);
      let out = scalar(0);
      for (let place = 0; place < 5; place++) {
        const position = scalar(place, "int32");
        const stepped = net.step(params, given.at(1, place), cache, position);
        cache = rememberedAll(cache, stepped.fresh, position);
        out = stepped.out;
      }
      const read = net.prefill(params, given.pad(1, 0, 3), scalar(4, "int32"));
      const [wanted, keys] = [cache[1].values, read.fresh[1].values].map((values) => values.slice(2, 0, 5));
      return { out, read: read.out, wanted, keys };
    },
    randomKey(1),
  );
  assertClose(numbersOf(got.read), numbersOf(got.out), "scores", { error: 1e-4 });
  assertClose(numbersOf(got.keys), numbersOf(got.wanted), "cache", { error: 1e-4 });
});

test("a whole sequence may be drawn inside one program, as one loop", async () => {
  const net = decoder({ vocabulary: 11, length: 24, size: 16, heads: 4, layers: 2 });
  const params = await started(net, 8);
  const inputs = { params: mapTree(params, ({ shape, dtype }: NdArray) => ({ shape, dtype })) };
  const program = trace("sequence", { state: {}, inputs }, (state, given) => {
    const decoderParams = given.params as unknown as Decoder;
    const begin = {
      token: zerosOf([2], "int32").add(constant(ndarray([3, 1], { dtype: "int32" }))),
      cache: net.emptyCache(2),
    };
    const { outputs } = scan(zerosOf([23]), begin, ({ token, cache }, _, turn) => {
      const position = scalar(turn, "int32");
      const { out, fresh } = net.step(decoderParams, token, cache, position);
      const next = out.argmax();
      return { state: { token: next, cache: rememberedAll(cache, fresh, position) }, outputs: next };
    });
    return { state, outputs: { said: outputs.transpose() } };
  });
  assert.ok([...program.graph.values()].some(({ inputs: [x] }) => x.operation === "loop"));
  const { said } = await runOnce(program, { params } as never);
  await using sampler = await TokenSampler.open(net, params, { rows: 2, temperature: 0 });
  const wanted = await sampler.sample(ndarray([[3], [1]], { dtype: "int32" }), 24, randomKey(1));
  assert.deepEqual(
    numbersOf(said),
    [0, 1].flatMap((row) => numbersOf(wanted).slice(row * 24 + 1, (row + 1) * 24)),
  );
});
