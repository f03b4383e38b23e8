import assert from "node:assert/strict";
import { test } from "node:test";
import { constant, grad, ndarray, randomKey, type Tensor } from "../tensor/index.ts";
import { assertClose, numbersOf, valuesOf, wave } from "../tensor/testing.ts";
import golden from "./blocks.golden.json" with { type: "json" };
import { dropout } from "./dropout.ts";
import { embedding, fourierFeatures, learnedPositions, sinusoidal } from "./embeddings.ts";
import { film } from "./film.ts";
import { type Linear, linear, mlp, type RmsNorm, rmsNorm } from "./layers.ts";
import { net } from "./net.ts";
import { feedForward, preNorm, residual, residualMlp } from "./residual.ts";
import { assertEnsemble, assertGolden } from "./testing.ts";

const deep = residualMlp({ inputs: 3, outputs: 2, size: 4, blocks: 2, expansion: 2 });
const tokens = constant(
  ndarray(
    [
      [4, 0],
      [4, 2],
    ],
    { dtype: "int32" },
  ),
);

test("residual blocks, forward and every slope as in PyTorch", async () => {
  await assertGolden(golden["residual mlp"], deep.init, { x: wave([5, 3], 50, 1.5) }, (p, { x }) => ({
    y: deep(p, x),
  }));
});

test("FiLM, forward and every slope as in PyTorch; the condition broadcasts over time", async () => {
  const layer = film(3, 4);
  const given = { x: wave([2, 5, 4], 50), condition: wave([2, 1, 3], 60) };
  await assertGolden(golden.film, layer.init, given, (p, { x, condition }) => ({ y: layer(p, x, condition) }));
});

test("RMS norm, forward and every slope as in PyTorch", async () => {
  const norm = rmsNorm(4);
  await assertGolden(golden["rms norm"], norm.init, { x: wave([3, 4], 50, 1.5) }, (p, { x }) => ({ y: norm(p, x) }));
});

test("embeddings and positions, forward and every slope as in PyTorch", async () => {
  const table = embedding(5, 3);
  await assertGolden(golden.embedding, table.init, {}, (p) => ({ y: table(p, tokens) }));
  const places = learnedPositions(6, 3);
  await assertGolden(golden["learned positions"], places.init, { x: wave([2, 4, 3], 50) }, (p, { x }) => ({
    y: places(p, x),
  }));
  const waves = fourierFeatures(2, 3);
  await assertGolden(golden["fourier features"], waves.init, { x: wave([4, 2], 50) }, (p, { x }) => ({
    y: waves(p, x),
  }));
  assert.throws(() => sinusoidal(tokens, 5), /sinusoidal: got 5; wanted an even size/);
  const none = (): Record<string, Tensor> => ({});
  await assertGolden(golden.sinusoidal, none, { position: wave([2, 3], 50, 40) }, (_, { position }) => ({
    y: sinusoidal(position, 6),
  }));
});

test("an ensemble of each is its members apart, also over sequences", async () => {
  const rows = { x: wave([5, 3], 1, 1.5) };
  const sequences = { x: wave([2, 5, 3], 1, 1.5) };
  const affine = linear(3, 2);
  const [scaled, mixed] = [rmsNorm(3), linear(3, 3)];
  const preRms = net(
    (key) => ({ norm: scaled.init(key), mixed: mixed.init(key) }),
    (params: { norm: RmsNorm; mixed: Linear }, x: Tensor) => mixed(params.mixed, scaled(params.norm, x)),
  );
  await assertEnsemble(affine, rows);
  await assertEnsemble(preRms, sequences);
  await assertEnsemble(affine, sequences);
  await assertEnsemble(mlp({ inputs: 3, hidden: [4], outputs: 2, layerNorm: true }), sequences);
  await assertEnsemble(deep, rows);
  await assertEnsemble(deep, sequences);
  await assertEnsemble(film(2, 3), { ...sequences, condition: wave([2, 1, 2], 3) });
  await assertEnsemble(learnedPositions(6, 3), sequences);
  await assertEnsemble(fourierFeatures(3, 2), sequences);
  await assertEnsemble(embedding(5, 3), { tokens: ndarray([[4, 0, 1]], { dtype: "int32" }) });
});

test("a residual block whose inner layer is 0 passes its input on, and so does its slope", async () => {
  const block = residual(preNorm(3, feedForward(3)));
  const { y, slope } = await valuesOf(
    { x: wave([4, 3], 1) },
    ({ x }, draw) => {
      const params = block.init(draw);
      const silent = {
        ...params,
        inner: {
          up: params.inner.up,
          down: { weight: params.inner.down.weight.mul(0), bias: params.inner.down.bias.mul(0) },
        },
      };
      return { y: block(silent, x), slope: grad((at: Tensor) => block(silent, at).sum())(x) };
    },
    randomKey(1),
  );
  const x = numbersOf(wave([4, 3], 1));
  assertClose(
    numbersOf(y),
    x.map((v) => 2 * v),
    "twice the input, as both branches pass it on",
  );
  assertClose(
    numbersOf(slope),
    x.map(() => 2),
    "slope",
  );
});

test("dropout drops the share it is told to, keeps the mean, and does nothing without a key", async () => {
  const { dropped, slope, same } = await valuesOf(
    { x: wave([100, 200], 1) },
    ({ x }, draw) => ({
      dropped: dropout(x.mul(0).add(1), 0.25, draw.at("drop")),
      slope: grad((at: Tensor) => dropout(at, 0.25, draw.at("drop")).sum())(x),
      same: dropout(x, 0.25).sub(x).abs().max(),
    }),
    randomKey(2),
  );
  const values = numbersOf(dropped);
  const zeros = values.filter((v) => v === 0).length / values.length;
  assert.ok(Math.abs(zeros - 0.25) < 0.015, `${zeros}`);
  assert.ok(values.every((v) => v === 0 || Math.abs(v - 4 / 3) < 1e-6));
  assert.deepEqual(slope.data, dropped.data);
  assert.deepEqual(numbersOf(same), [0]);
  assert.throws(() => dropout(tokens, 1), /a share in \[0, 1\)/);
});

test("a perceptron drops only what is hidden", async () => {
  const sparse = mlp({ inputs: 3, hidden: [8], outputs: 2, dropout: 0.9 });
  const { dropped, off, last } = await valuesOf(
    { x: wave([40, 3], 1) },
    ({ x }, draw) => {
      const params = sparse.init(draw);
      return { dropped: sparse(params, x, draw.at("drop")), off: sparse(params, x), last: params.layers[1].bias };
    },
    randomKey(3),
  );
  assert.notDeepEqual(dropped.data, off.data);
  // With nine tenths gone some row has nothing left but the last bias; an output is never dropped itself.
  const rows = Array.from({ length: 40 }, (_, i) => numbersOf(dropped).slice(2 * i, 2 * i + 2));
  assert.ok(rows.some((row) => row.every((v, j) => v === numbersOf(last)[j])));
  assert.ok(rows.flat().every((v) => v !== 0));
});

test("a network with dropout differs by key, and is itself without one", async () => {
  const sparse = residualMlp({ inputs: 3, outputs: 2, size: 8, dropout: 0.5 });
  const dense = residualMlp({ inputs: 3, outputs: 2, size: 8 });
  const got = await valuesOf(
    { x: wave([5, 3], 1) },
    ({ x }, draw) => {
      const params = dense.init(draw);
      return {
        a: sparse(params, x, draw.at("a")),
        b: sparse(params, x, draw.at("b")),
        off: sparse(params, x),
        dense: dense(params, x),
      };
    },
    randomKey(3),
  );
  assert.notDeepEqual(got.a.data, got.b.data);
  assert.notDeepEqual(got.a.data, got.dense.data);
  assert.deepEqual(got.off.data, got.dense.data);
});
