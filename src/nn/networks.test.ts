/** What every network must do, walked over all of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Compiled,
  constant,
  leavesOf,
  mapTree,
  type NdArray,
  ndarray,
  randomKey,
  type Spec,
  sliceRows,
  type Tensor,
  trace,
} from "../tensor/index.ts";
import { assertClose, below, numbersOf, valuesOf, wave } from "../tensor/testing.ts";
import { attention } from "./attention.ts";
import { convolution, groupNorm, transposedConvolution } from "./convolutions.ts";
import { embedding, fourierFeatures, learnedPositions, sinusoidal } from "./embeddings.ts";
import { mixtureOfExperts } from "./experts.ts";
import { film } from "./film.ts";
import { categoricalPolicy, gaussianPolicy, qEnsemble, valueFunction } from "./heads.ts";
import { convEncoder, gridLayers, impalaEncoder } from "./images.ts";
import { linear, mlp, rmsNorm } from "./layers.ts";
import { lipschitzMlp, lipschitzResidual, spectralLinear } from "./lipschitz.ts";
import { multiHead } from "./multi-head.ts";
import { ensemble, mapNet, type Net, net } from "./net.ts";
import { normalised } from "./normaliser.ts";
import { orthogonalLinear } from "./orthogonal-layer.ts";
import { quantise } from "./quantiser.ts";
import { gru, lstm, overTime } from "./recurrent.ts";
import { residualMlp } from "./residual.ts";
import { setTransformer } from "./set-transformer.ts";
import { decoder, transformer } from "./transformer.ts";
import { unet } from "./unet.ts";

type Any = Net<never, readonly never[], Tensor>;
const entry = (network: unknown, ...inputs: readonly NdArray[]): { network: Any; inputs: readonly NdArray[] } => ({
  network: network as Any,
  inputs,
});
const shown = <P, In extends readonly unknown[], Out>(
  network: Net<P, In, Out>,
  f: (out: Out) => Tensor,
): Net<P, In, Tensor> => mapNet(network, f);

const rows = wave([3, 4], 1, 1.5);
const sequences = wave([3, 5, 4], 1, 1.5);
const images = wave([3, 2, 8, 7], 1);
const words = ndarray(
  [
    [0, 5, 2],
    [1, 1, 3],
    [4, 0, 5],
  ],
  { dtype: "int32" },
);
const vectors = { inputs: 4, hidden: [6], outputs: 2 };
const stream = { size: 4, heads: 2 };

const networks = {
  linear: entry(linear(4, 2), rows),
  "linear over time": entry(linear(4, 2), sequences),
  mlp: entry(mlp({ ...vectors, layerNorm: true }), rows),
  "ensemble of mlps": entry(
    shown(ensemble(mlp(vectors), 2), (out) => out.transpose(1, 0, 2)),
    rows,
  ),
  residualMlp: entry(residualMlp({ inputs: 4, outputs: 2, size: 6 }), sequences),
  film: entry(film(4, 4), rows, rows),
  mixtureOfExperts: entry(
    shown(mixtureOfExperts({ ...vectors, experts: 3, top: 2 }), ({ out }) => out),
    rows,
  ),
  embedding: entry(embedding(6, 4), words),
  learnedPositions: entry(learnedPositions(5, 4), sequences),
  fourierFeatures: entry(fourierFeatures(4, 3), rows),
  gru: entry(
    shown(overTime(gru(4, 3)), ({ outputs }) => outputs),
    sequences,
  ),
  lstm: entry(
    shown(overTime(lstm(4, 3)), ({ state }) => state.cell),
    sequences,
  ),
  attention: entry(attention(stream), sequences),
  transformer: entry(transformer({ ...stream, layers: 2 }), sequences),
  "decoder, tied": entry(decoder({ ...stream, layers: 1, vocabulary: 6, length: 3 }), words),
  "decoder, untied": entry(decoder({ ...stream, layers: 1, vocabulary: 6, length: 3, tied: false }), words),
  setTransformer: entry(setTransformer({ inputs: 4, outputs: 2, ...stream, points: 2 }), sequences),
  convolution: entry(convolution({ inputs: 2, outputs: 3, taps: [3, 3], padding: "same" }), images),
  transposedConvolution: entry(transposedConvolution({ inputs: 2, outputs: 3, taps: [2, 2], stride: 2 }), images),
  groupNorm: entry(groupNorm(2, 2, 2), images),
  convEncoder: entry(convEncoder({ image: [2, 8, 7], outputs: 3, layers: gridLayers }), images),
  impalaEncoder: entry(impalaEncoder({ image: [2, 8, 7], outputs: 3, widths: [2, 2] }), images),
  unet: entry(
    unet({ inputs: 4, widths: [4, 4], time: 4, groups: 2, condition: 4 }),
    wave([3, 6, 4], 1),
    wave([3], 2),
    rows,
  ),
  lipschitzMlp: entry(lipschitzMlp(vectors), rows),
  lipschitzResidual: entry(lipschitzResidual(4, 6), rows),
  spectralLinear: entry(spectralLinear(4, 2), rows),
  orthogonalLinear: entry(orthogonalLinear(4, 2), rows),
  rmsNorm: entry(rmsNorm(4), rows),
  normalised: entry(normalised(mlp(vectors), 4), rows),
  quantise: entry(
    net(
      (key) => ({ codes: key.normal(5, 4) }),
      (p: { codes: Tensor }, x: Tensor) => quantise(p, x).out,
    ),
    sequences,
  ),
  sinusoidal: entry(
    net(
      () => ({}),
      (_: object, x: Tensor) => sinusoidal(x, 6),
    ),
    rows,
  ),
  gaussianPolicy: entry(
    shown(gaussianPolicy(4, 2, { hidden: [5] }), (out) => out.mode()),
    rows,
  ),
  categoricalPolicy: entry(
    shown(categoricalPolicy(4, 2, { hidden: [5] }), (out) => out.logits),
    rows,
  ),
  multiHead: entry(multiHead({ ...vectors, heads: 4 }), rows, rows),
  valueFunction: entry(valueFunction(4, { hidden: [5] }), rows),
  qEnsemble: entry(
    shown(qEnsemble(4, 4, { size: 2, hidden: [5] }), (q) => q.transpose()),
    rows,
    rows,
  ),
};

test("a batch may be open, and a row's result is its own whoever stands beside it", async () => {
  for (const [name, { network, inputs }] of Object.entries(networks)) {
    const specs = Object.fromEntries(
      inputs.map(({ shape, dtype }, i) => [`x${i}`, { shape: [-1, ...shape.slice(1)], dtype } as Spec]),
    );
    const program = trace(name, { state: {}, inputs: specs }, (state, given, key) => ({
      state,
      outputs: { out: network(network.init(key), ...(Object.values(given) as never[])) },
    }));
    await using compiled = await Compiled.open(program);
    const run = async (from: number, to: number): Promise<NdArray> => {
      const given = Object.fromEntries(inputs.map((x, i) => [`x${i}`, sliceRows(x, from, to)]));
      return (await compiled.run(given, undefined, { key: randomKey(1) })).out;
    };
    const all = await run(0, 3);
    const alone = await run(1, 2);
    assert.equal(all.shape[0], 3, name);
    assert.equal(alone.shape[0], 1, name);
    assertClose(numbersOf(sliceRows(all, 1, 2)), numbersOf(alone), name, { error: 1e-5 });
    assert.ok(numbersOf(all).every(Number.isFinite), name);
    const [first, second] = [0, 1].map((row) => numbersOf(sliceRows(all, row, row + 1)));
    assert.notDeepEqual(first, second, `${name} sees its input`);
  }
});

test("leaves that are drawn start apart, differ by key, and are the same for the same key", async () => {
  for (const [name, { network }] of Object.entries(networks)) {
    if (leavesOf(untraced(network)).size === 0) continue;
    const starts = await Promise.all(
      [1, 1, 2].map((seed) => valuesOf({}, (_, draw) => below("at", network.init(draw)), randomKey(seed))),
    );
    const [a, b, c] = starts as readonly { readonly [path: string]: NdArray }[];
    const drawn = Object.entries(a).filter(([, { data }]) => data.length > 1 && data.some((v) => v !== data[0]));
    const begun = drawn.map(([, { data }]) => `${data[0]} ${data[1]}`);
    assert.equal(new Set(begun).size, drawn.length, `${name}: ${drawn.map(([path]) => path)}`);
    for (const [path, { data }] of drawn) {
      assert.deepEqual(data, b[path].data, `${name}: ${path}`);
      assert.notDeepEqual(data, c[path].data, `${name}: ${path}`);
    }
  }
});

/** The tree of a network's parameters, for its form. */
const untraced = (network: Any): unknown => {
  let tree: unknown;
  trace("form", { state: {}, inputs: {} }, (state, _, key) => {
    tree = network.init(key);
    return { state, outputs: { none: constant(ndarray([0])) } };
  });
  return mapTree(tree, (leaf: Tensor) => leaf);
};

test("groups that do not divide the channels and images too small for their layers are refused", () => {
  assert.throws(() => groupNorm(6, 4, 1), /groupNorm: got "4 groups"; wanted a divisor of 6 channels/);
  assert.throws(() => unet({ inputs: 2, widths: [12, 24] }), /a divisor of 12 channels/);
  assert.throws(() => convEncoder({ image: [3, 10, 10], outputs: 2 }), /an image of 10 × 10.*as gridLayers are/);
});
