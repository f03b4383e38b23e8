import assert from "node:assert/strict";
import { test } from "node:test";
import {
  concat,
  constant,
  type Key,
  leavesOf,
  mapTree,
  ndarray,
  randomKey,
  scalar,
  type Tensor,
} from "../tensor/index.ts";
import { assertClose, numbersOf, valuesOf, wave } from "../tensor/testing.ts";
import setGolden from "./set-transformer.golden.json" with { type: "json" };
import { setTransformer } from "./set-transformer.ts";
import { assertEnsemble, assertGolden } from "./testing.ts";
import golden from "./transformer.golden.json" with { type: "json" };
import { decoder, rememberedAll, transformer } from "./transformer.ts";

const small = { vocabulary: 7, length: 5, size: 4, heads: 2, layers: 2, expansion: 2 };
const given = ndarray(
  [
    [0, 6, 2, 2],
    [5, 1, 0, 3],
  ],
  { dtype: "int32" },
);

for (const [name, tied] of [
  ["tied", true],
  ["untied", false],
] as const) {
  test(`a decoder with ${name} head, forward and every slope as in PyTorch`, async () => {
    const net = decoder({ ...small, tied });
    await assertGolden(golden[name], net.init, {}, (p) => ({ logits: net(p, constant(given)) }));
  });
}

test("a set transformer, forward and every slope as in PyTorch", async () => {
  const net = setTransformer({ inputs: 3, outputs: 2, size: 4, heads: 2, expansion: 2, points: 2, blocks: 1 });
  await assertGolden(setGolden["set transformer"], net.init, { x: wave([2, 5, 3], 50) }, (p, { x }) => ({
    y: net(p, x),
  }));
});

test("a set transformer takes its items in any order, and items masked out are not there", async () => {
  const net = setTransformer({ inputs: 3, outputs: 2, size: 8, heads: 2, points: 3 });
  const order = [3, 0, 4, 1, 2];
  const items = wave([2, 5, 3], 1, 2);
  const shuffled = ndarray(
    Float32Array.from(
      { length: 30 },
      (_, i) => items.data[Math.floor(i / 15) * 15 + order[Math.floor((i % 15) / 3)] * 3 + (i % 3)] as number,
    ),
    { shape: [2, 5, 3] },
  );
  const { one, other, masked, fewer } = await valuesOf(
    { items, shuffled },
    ({ items, shuffled }, draw) => {
      const params = net.init(draw);
      const mask = constant(ndarray(Uint8Array.of(1, 1, 0, 1, 0))).broadcastTo(2, 5);
      const left = [items.slice(1, 0, 2), items.slice(1, 3, 4)];
      return {
        one: net(params, items),
        other: net(params, shuffled),
        masked: net(params, items, mask),
        fewer: net(params, concat(left, 1)),
      };
    },
    randomKey(1),
  );
  assertClose(numbersOf(other), numbersOf(one), "another order");
  assertClose(numbersOf(masked), numbersOf(fewer), "fewer items");
  assert.notDeepEqual(one.data, fewer.data);
});

test("an ensemble of decoders, trunks or set transformers is its members apart", async () => {
  await assertEnsemble(decoder(small), { tokens: given });
  await assertEnsemble(decoder({ ...small, tied: false }), { tokens: given });
  await assertEnsemble(transformer({ size: 4, heads: 2, layers: 1 }), { x: wave([2, 3, 4], 1) });
  await assertEnsemble(setTransformer({ inputs: 3, outputs: 2, size: 4, heads: 2, points: 2 }), {
    x: wave([2, 5, 3], 1),
  });
});

test("what stands later changes nothing before it", async () => {
  const net = decoder({ ...small, length: 6 });
  const { whole, begun } = await valuesOf(
    {},
    (_, draw) => {
      const params = net.init(draw);
      assert.ok(leavesOf(params).size > 20);
      return { whole: net(params, constant(given)).slice(1, 0, 2), begun: net(params, constant(given).slice(1, 0, 2)) };
    },
    randomKey(2),
  );
  assertClose(numbersOf(whole), numbersOf(begun), "begun", { error: 1e-6 });
});

test("each half of a block drops by its own key, and nothing drops without one", async () => {
  const [sparse, dense] = [0.5, 0].map((dropout) => transformer({ size: 8, heads: 2, layers: 1, dropout }));
  const got = await valuesOf(
    { x: wave([2, 3, 8], 1) },
    ({ x }, draw) => {
      const params = sparse.init(draw);
      const silent = (tree: unknown): unknown => mapTree(tree, (leaf: Tensor) => leaf.mul(0));
      const [block] = params.blocks;
      const feedAlone = { ...block, attention: { ...block.attention, inner: silent(block.attention.inner) } };
      const attentionAlone = { ...block, feed: { ...block.feed, inner: silent(block.feed.inner) } };
      const out = (one: unknown, key?: Key): Tensor => sparse({ ...params, blocks: [one as typeof block] }, x, {}, key);
      return {
        off: sparse(params, x).sub(dense(params, x)).abs().max(),
        feed: out(feedAlone, draw.at("a")).sub(out(feedAlone)).abs().max(),
        attention: out(attentionAlone, draw.at("a")).sub(out(attentionAlone)).abs().max(),
      };
    },
    randomKey(1),
  );
  assert.deepEqual(numbersOf(got.off), [0]);
  assert.ok(numbersOf(got.feed)[0] > 0 && numbersOf(got.attention)[0] > 0);
});

test("a program may carry its own cache: each place as in the whole causal sequence", async () => {
  const net = transformer({ size: 8, heads: 2, layers: 2 });
  const { whole, stepped } = await valuesOf(
    { x: wave([2, 4, 8], 1) },
    ({ x }, draw) => {
      const params = net.init(draw);
      let cache = net.emptyCache(2, 6);
      const outs: Tensor[] = [];
      for (let t = 0; t < 4; t++) {
        const position = scalar(t, "int32");
        const { out, fresh } = net.step(params, x.slice(1, t, t + 1), cache, position);
        cache = rememberedAll(cache, fresh, position);
        outs.push(out);
      }
      return { whole: net(params, x, { causal: true }), stepped: concat(outs, 1) };
    },
    randomKey(1),
  );
  assertClose(numbersOf(stepped), numbersOf(whole), "stepped");
});
