/** Values against torch.distributions and scipy, in double precision and through ONNX Runtime; slopes by differences. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { constant, grad, type NdArray, ndarray, type Tensor } from "../../tensor/index.ts";
import { assertClose, assertSlopes, below, exactly, numbersOf, valuesOf, wave64 } from "../../tensor/testing.ts";
import {
  bernoulli,
  beta,
  categorical,
  digamma,
  gaussian,
  lgamma,
  logNormalCdf,
  mixture,
  multiDiscrete,
  tanhGaussian,
  truncatedNormal,
} from "../distributions.ts";
import golden from "./distributions.golden.json" with { type: "json" };

type Inputs = { readonly [name: string]: NdArray };
type Tensors = { readonly [name: string]: Tensor };

const pair = {
  mean: wave64([3, 2], 1),
  logSpread: wave64([3, 2], 2),
  mean2: wave64([3, 2], 3),
  logSpread2: wave64([3, 2], 4),
  value: wave64([3, 2], 5, 0.95),
};
const scores = { scores: wave64([3, 5], 6, 2), scores2: wave64([3, 5], 7, 2) };
const sizes = [2, 3];
const picks = ndarray(Int32Array.of(0, 2, 1, 0, 1, 1), { shape: [3, 2] });
const available = ndarray(Uint8Array.of(1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 0), { shape: [3, 5] });
const on = ndarray(
  Int32Array.from(wave64([3, 5], 8).data as Float64Array, (x) => Number(x > 0)),
  { shape: [3, 5] },
);
const bounds = { low: -0.8, high: 1.1 };

const cases: { readonly [name: string]: { readonly inputs: Inputs; readonly f: (x: Tensors) => Tensors } } = {
  gaussian: {
    inputs: pair,
    f(x) {
      const d = gaussian(x.mean, x.logSpread);
      return { logProb: d.logProb(x.value), entropy: d.entropy(), kl: d.kl(gaussian(x.mean2, x.logSpread2)) };
    },
  },
  tanhGaussian: {
    inputs: pair,
    f(x) {
      const d = tanhGaussian(x.mean, x.logSpread);
      return { logProb: d.logProb(x.value), mode: d.mode(), kl: d.kl(tanhGaussian(x.mean2, x.logSpread2)) };
    },
  },
  multiDiscrete: {
    inputs: scores,
    f(x) {
      const d = multiDiscrete(x.scores, sizes);
      return {
        logProb: d.logProb(constant(picks)),
        entropy: d.entropy(),
        kl: d.kl(multiDiscrete(x.scores2, sizes)),
        mode: d.mode(),
        probabilities: d.probabilities(),
      };
    },
  },
  masked: {
    inputs: scores,
    f(x) {
      const d = categorical(x.scores, { available: constant(available) });
      const kl = d.kl(categorical(x.scores2));
      return { probabilities: d.probabilities(), entropy: d.entropy(), kl, mode: d.mode() };
    },
  },
  bernoulli: {
    inputs: scores,
    f(x) {
      const d = bernoulli(x.scores);
      return {
        logProb: d.logProb(constant(on)),
        entropy: d.entropy(),
        kl: d.kl(bernoulli(x.scores2)),
        mode: d.mode(),
        mean: d.mean(),
      };
    },
  },
  beta: {
    inputs: {
      a: wave64([3, 2], 9, 1.5),
      b: wave64([3, 2], 10, 1.5),
      a2: wave64([3, 2], 11, 1.5),
      b2: wave64([3, 2], 12, 1.5),
      value: pair.value,
    },
    f(x) {
      const [a, b, a2, b2] = [x.a, x.b, x.a2, x.b2].map((y) => y.exp().mul(1.2));
      const d = beta(a, b, { low: -1, high: 1 });
      const kl = d.kl(beta(a2, b2, { low: -1, high: 1 }));
      return { logProb: d.logProb(x.value), entropy: d.entropy(), kl, mean: d.mean(), alpha: d.alpha, beta: d.beta };
    },
  },
  truncatedNormal: {
    inputs: pair,
    f(x) {
      const d = truncatedNormal(x.mean.mul(3), x.logSpread, bounds);
      const kl = d.kl(truncatedNormal(x.mean2, x.logSpread2, bounds));
      return { logProb: d.logProb(x.value.mul(0.8)), entropy: d.entropy(), kl, mean: d.mean(), mode: d.mode() };
    },
  },
  mixture: {
    inputs: {
      weights: wave64([3, 4], 6, 2),
      mean: wave64([3, 4, 2], 7, 2),
      logSpread: wave64([3, 4, 2], 8),
      value: pair.value,
    },
    f({ weights, mean, logSpread, value }) {
      const d = mixture({ weights, mean, logSpread });
      return { logProb: d.logProb(value), mean: d.mean() };
    },
  },
};

const single = (inputs: Inputs): Inputs =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => [
      name,
      ndarray(Float32Array.from(data as Float64Array), { shape }),
    ]),
  );

for (const [name, { inputs, f }] of Object.entries(cases)) {
  test(`${name}: as in torch.distributions or scipy, to 1e-10 in double and 1e-5 in single precision`, async () => {
    const wanted = golden[name as "beta"] as { readonly [name: string]: number[] };
    const double = exactly(inputs, f) as { readonly [name: string]: number[] };
    assert.deepEqual(Object.keys(double).sort(), Object.keys(wanted).sort());
    const inSingle = await valuesOf(single(inputs), (x) => below("out", f(x)));
    for (const [what, numbers] of Object.entries(wanted)) {
      assertClose(double[what], numbers, `${name} ${what}`, { error: 1e-10, floor: 1 });
      assertClose(numbersOf(inSingle[`out/${what}`]), numbers, `${name} ${what}, single`, { error: 1e-5, floor: 1 });
    }
  });

  test(`${name}: slopes by differences`, () => {
    for (const what of ["logProb", "entropy", "kl"]) {
      if (!(what in f(constants(inputs)))) continue;
      assertSlopes(
        inputs,
        (x) =>
          f(x)
            [what].mul(constant(ndarray(Float64Array.of(1, 2, 3))))
            .sum(),
        `${name} ${what}`,
      );
    }
  });
}

const constants = (inputs: Inputs): Tensors =>
  Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, constant(value)]));

test("log Γ, its slopes and log Φ hold over their range", async () => {
  const { x, z, ...wanted } = golden.functions;
  const f = (given: Tensors): Tensors => ({
    lgamma: lgamma(given.x),
    digamma: digamma(given.x),
    slope: grad((at: Tensor) => lgamma(at).sum())(given.x),
    trigamma: grad((at: Tensor) => grad((u: Tensor) => lgamma(u).sum())(at).sum())(given.x),
    logNormalCdf: logNormalCdf(given.z),
  });
  const inputs = { x: ndarray(Float64Array.from(x)), z: ndarray(Float64Array.from(z)) };
  const double = exactly(inputs, f) as { readonly [name: string]: number[] };
  const inSingle = await valuesOf(single(inputs), f);
  for (const [name, numbers] of Object.entries({ ...wanted, slope: wanted.digamma })) {
    const error = name === "logNormalCdf" ? 1e-10 : 1e-12;
    assertClose(double[name], numbers, name, { error, floor: 1 });
    const rough = name === "trigamma" ? 1e-4 : 1e-5;
    assertClose(numbersOf(inSingle[name]), numbers, `${name}, single`, { error: rough, floor: 1 });
  }
});

test("what is unavailable has probability 0, slope 0, and is never the mode; no slope is lost to it elsewhere", async () => {
  const got = await valuesOf({ ...single(scores), available } as Inputs, (x) => {
    const of = (s: Tensor) => categorical(s, { available: x.available });
    const d = of(x.scores);
    const chosen = constant(ndarray(Int32Array.of(0, 1, 0)));
    return {
      p: d.probabilities(),
      slope: grad((s: Tensor) => of(s).entropy().sum().add(of(s).logProb(chosen).sum()))(x.scores),
      mixed: d.mixedWith(of(x.scores2), 0.5).probabilities(),
      mixedSlope: grad((s: Tensor) => of(s).mixedWith(of(x.scores2), 0.5).logProb(chosen).sum())(x.scores),
    };
  });
  const closed = Array.from(available.data as Uint8Array, (a) => a === 0);
  for (const [name, value] of Object.entries(got as Inputs)) {
    const numbers = numbersOf(value);
    assert.ok(numbers.every(Number.isFinite), name);
    numbers.forEach((x, i) => {
      assert.ok(closed[i] ? x === 0 : x !== 0, `${name}[${i}] is ${x}`);
    });
  }
});

test("far out, densities and their slopes stay numbers", async () => {
  const got = await valuesOf(
    { far: ndarray([[30, -30]]), small: ndarray([[-3, -3]]), one: ndarray([[1, -1]]) },
    ({ far, small, one }) => {
      const slopes = (f: (x: Tensor) => Tensor, at: Tensor): Tensor => grad((x: Tensor) => f(x).sum())(at);
      return {
        tanhAtOne: tanhGaussian(small, small).logProb(one),
        tanhSlope: slopes((x) => tanhGaussian(x, small).logProb(one), small),
        cut: truncatedNormal(far, small, { low: -1, high: 1 }).logProb(one.mul(0.9)),
        cutSlope: slopes((x) => truncatedNormal(x, small, { low: -1, high: 1 }).logProb(one.mul(0.9)), far),
        cutScale: slopes((x) => truncatedNormal(far, x, { low: -1, high: 1 }).logProb(one.mul(0.9)), small),
        beta: beta(far.abs().mul(1e3), small.exp(), { low: -1, high: 1 }).logProb(one),
        betaSlope: slopes((x) => beta(x.softplus().add(1e-4), x.softplus().add(1e-4)).logProb(one.relu()), far),
        switches: bernoulli(far.mul(100)).entropy(),
        switchSlope: slopes((x) => bernoulli(x).entropy(), far.mul(100)),
      };
    },
  );
  for (const [name, value] of Object.entries(got)) assert.ok(numbersOf(value).every(Number.isFinite), name);
});

test("modes: of a beta inside, at a bound or nowhere in particular; nothing lies outside a truncated normal", async () => {
  const { mode, outside } = await valuesOf(
    { a: ndarray([[3, 0.5, 2, 1, 0.5]]), b: ndarray([[2, 2, 1, 1, 0.25]]), x: ndarray([[1.01, 0, 0, 0, 0]]) },
    ({ a, b, x }) => ({
      mode: beta(a, b, { low: -1, high: 1 }).mode(),
      outside: truncatedNormal(a, b, { low: -1, high: 1 }).logProb(x),
    }),
  );
  assertClose(numbersOf(mode), [1 / 3, -1, 1, 0, 1 / 3], "mode");
  assert.deepEqual(numbersOf(outside), [Number.NEGATIVE_INFINITY]);
});

test("scores that are not one for each choice are refused", async () => {
  await assert.rejects(
    valuesOf({ scores: ndarray([[1, 2, 3, 4]]) }, ({ scores: s }) => ({ y: multiDiscrete(s, sizes).mode() })),
    /multiDiscrete: wanted 5 scores, one for each of 2 \+ 3 choices, got \[1, 4\]/,
  );
});
