import assert from "node:assert/strict";
import { test } from "node:test";
import { Compiled, randomKey, type Spec, trace } from "../tensor/index.ts";
import { numbersOf, valuesOf, wave } from "../tensor/testing.ts";
import golden from "./convolutions.golden.json" with { type: "json" };
import { convolution, groupNorm, transposedConvolution } from "./convolutions.ts";
import { convEncoder, gridLayers, impalaEncoder } from "./images.ts";
import { assertEnsemble, assertGolden } from "./testing.ts";
import { unet } from "./unet.ts";

const tiny = [
  { filters: 3, taps: 3, stride: 2 },
  { filters: 2, taps: 2, stride: 1 },
];
const encoder = convEncoder({ image: [2, 7, 7], outputs: 3, layers: tiny });
const impala = impalaEncoder({ image: [2, 7, 6], outputs: 3, widths: [2, 3] });
const chunks = unet({ inputs: 2, condition: 2, widths: [4, 6], time: 4, taps: 3, groups: 2 });

test("convolutions and group norm, forward and every slope as in PyTorch", async () => {
  const along = convolution({ inputs: 3, outputs: 2, taps: [3], padding: 1 });
  const sequence = { x: wave([2, 3, 5], 50) };
  await assertGolden(golden.sequence, along.init, sequence, (p, { x }) => ({ y: along(p, x) }));
  const over = convolution({ inputs: 3, outputs: 2, taps: [3, 2], stride: 2, padding: 1 });
  await assertGolden(golden.image, over.init, { x: wave([2, 3, 5, 4], 50) }, (p, { x }) => ({ y: over(p, x) }));
  const larger = transposedConvolution({ inputs: 3, outputs: 2, taps: [4], stride: 2, padding: 1 });
  await assertGolden(golden.transposed, larger.init, sequence, (p, { x }) => ({ y: larger(p, x) }));
  const norm = groupNorm(4, 2, 2);
  await assertGolden(golden["group norm"], norm.init, { x: wave([2, 4, 3, 2], 50) }, (p, { x }) => ({ y: norm(p, x) }));
});

test("encoders of images, forward and every slope as in PyTorch", async () => {
  await assertGolden(golden.encoder, encoder.init, { image: wave([2, 2, 7, 7], 50) }, (p, { image }) => ({
    y: encoder(p, image),
  }));
  // Its slopes reach 40 and are sums of terms as large, so what is small among them is small by cancelling.
  const about = { floor: 1 };
  await assertGolden(
    golden.impala,
    impala.init,
    { image: wave([2, 2, 7, 6], 50) },
    (p, { image }) => ({
      y: impala(p, image),
    }),
    about,
  );
});

test("a U-Net over action chunks, forward and every slope as in PyTorch", async () => {
  const given = { x: wave([2, 4, 2], 50), time: wave([2], 60, 3), condition: wave([2, 2], 70) };
  await assertGolden(golden.unet, chunks.init, given, (p, { x, time, condition }) => ({
    y: chunks(p, x, time, condition),
  }));
});

test("an ensemble of convolutional networks is its members apart", async () => {
  const sequence = { x: wave([2, 3, 5], 1) };
  await assertEnsemble(convolution({ inputs: 3, outputs: 2, taps: [3], padding: 1 }), sequence);
  await assertEnsemble(transposedConvolution({ inputs: 3, outputs: 2, taps: [4], stride: 2 }), sequence);
  await assertEnsemble(encoder, { image: wave([2, 2, 7, 7], 1) });
  await assertEnsemble(impala, { image: wave([2, 2, 7, 6], 1) });
  await assertEnsemble(chunks, { x: wave([2, 4, 2], 1), time: wave([2], 2, 3), condition: wave([2, 2], 3) });
});

test("the papers' sizes fit, and a batch may be open", async () => {
  const nature = convEncoder({ image: [4, 84, 84], outputs: 5 });
  const grid = convEncoder({ image: [4, 10, 10], outputs: 5, layers: gridLayers });
  const full = impalaEncoder({ image: [3, 20, 21] });
  const any = (channels: number, height: number, width: number): Spec => ({
    shape: [-1, channels, height, width],
    dtype: "float32",
  });
  const inputs: { readonly [name: string]: Spec } = {
    a: any(4, 84, 84),
    b: any(4, 10, 10),
    c: any(3, 20, 21),
    x: { shape: [-1, 8, 2], dtype: "float32" },
    time: { shape: [-1], dtype: "float32" },
  };
  const program = trace("see", { state: {}, inputs }, (state, { a, b, c, x, time }, key) => {
    const action = unet({ inputs: 2, widths: [8, 8, 16] });
    return {
      state,
      outputs: {
        nature: nature(nature.init(key.at("nature")), a),
        grid: grid(grid.init(key.at("grid")), b),
        impala: full(full.init(key.at("impala")), c),
        action: action(action.init(key.at("action")), x, time),
      },
    };
  });
  await using compiled = await Compiled.open(program);
  for (const rows of [1, 3]) {
    const given = {
      a: wave([rows, 4, 84, 84], 1),
      b: wave([rows, 4, 10, 10], 1),
      c: wave([rows, 3, 20, 21], 1),
      x: wave([rows, 8, 2], 1),
      time: wave([rows], 1),
    };
    const got = await compiled.run(given as never, undefined, { key: randomKey(1) });
    assert.deepEqual(
      Object.values(got).map(({ shape }) => shape),
      [
        [rows, 5],
        [rows, 5],
        [rows, 256],
        [rows, 8, 2],
      ],
    );
    assert.ok(Object.values(got).every((value) => numbersOf(value).every(Number.isFinite)));
  }
});

test("a U-Net without a condition asks for none; a length it cannot halve is refused", async () => {
  const free = unet({ inputs: 2, widths: [2, 2], time: 4, groups: 1 });
  const { a, b } = await valuesOf(
    { x: wave([2, 4, 2], 1), t: wave([2], 1) },
    ({ x, t }, draw) => {
      const params = free.init(draw);
      assert.equal(params.condition, undefined);
      assert.throws(() => free(params, x, t, x.at(1, 0)), /unet: got "a condition"; wanted none/);
      assert.throws(() => chunks(chunks.init(draw), x, t), /unet: got "no condition"; wanted a condition of size 2/);
      assert.throws(() => free(params, x.slice(1, 0, 3), t), /unet: wanted \[batch, a multiple of 2, inputs\]/);
      return { a: free(params, x, t), b: free(params, x, t.add(1)) };
    },
    randomKey(1),
  );
  assert.notDeepEqual(a.data, b.data);
});
