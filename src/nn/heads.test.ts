import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Compiled,
  constant,
  type Key,
  leavesOf,
  type NdArray,
  ndarray,
  randomKey,
  type Tensor,
  trace,
} from "../tensor/index.ts";
import { assertClose, normal, numbersOf, wave } from "../tensor/testing.ts";
import golden from "./heads.golden.json" with { type: "json" };
import {
  betaPolicy,
  categoricalPolicy,
  deterministicPolicy,
  gaussianPolicy,
  mixturePolicy,
  multiDiscretePolicy,
  qEnsemble,
  scores,
  tanhGaussianPolicy,
  valueFunction,
} from "./heads.ts";
import { assertGolden } from "./testing.ts";

const body = { hidden: [8] };

/** Traced for any batch, run on 7 rows and on the first alone, which must not depend on the other six. */
async function onAnyBatch(f: (observation: Tensor, draw: Key) => { readonly [name: string]: Tensor }) {
  const program = trace(
    "head",
    { state: {}, inputs: { x: { shape: [-1, 3], dtype: "float32" } } },
    (state, inputs, draw) => ({
      state,
      outputs: f((inputs as { x: Tensor }).x, draw),
    }),
  );
  await using compiled = await Compiled.open(program);
  const at = { key: randomKey(1) };
  const seven = (await compiled.run({ x: normal(2, 7, 3) } as never, undefined, at)) as { [name: string]: NdArray };
  const one = (await compiled.run({ x: normal(2, 1, 3) } as never, undefined, at)) as { [name: string]: NdArray };
  for (const [name, { data }] of Object.entries(one)) {
    assert.equal(data.length * 7, seven[name].data.length, name);
    const batchFirst = seven[name].shape[0] === 7;
    if (batchFirst) assertClose(numbersOf(one[name]), numbersOf(seven[name]).slice(0, data.length), name);
  }
  return seven;
}

const shapes = (values: { [name: string]: NdArray }) =>
  Object.fromEntries(Object.entries(values).map(([name, { shape }]) => [name, [...shape]]));

test("policies over vectors stay in [−1, 1] by their mode, for any batch", async () => {
  const got = await onAnyBatch((x, key) => {
    const g = gaussianPolicy(3, 2, body);
    const m = mixturePolicy(3, 2, 4, body);
    const d = deterministicPolicy(3, 2, body);
    const gaussian = g(g.init(key.at("g")), x.mul(100));
    const mixture = m(m.init(key.at("m")), x.mul(100));
    const point = d(d.init(key.at("d")), x.mul(100));
    return {
      gaussian: gaussian.mode(),
      mixture: mixture.mode(),
      point: point.mode(),
      entropy: gaussian.entropy(),
      density: gaussian.logProb(mixture.mode()),
      mixtureDensity: mixture.logProb(point.mode()),
    };
  });
  assert.deepEqual(shapes(got), {
    gaussian: [7, 2],
    mixture: [7, 2],
    point: [7, 2],
    entropy: [7],
    density: [7],
    mixtureDensity: [7],
  });
  for (const name of ["gaussian", "mixture", "point"]) {
    assert.ok(
      numbersOf(got[name]).every((v) => Math.abs(v) <= 1),
      name,
    );
    assert.ok(
      numbersOf(got[name]).some((v) => Math.abs(v) > 0.9),
      name,
    );
  }
});

test("a Gaussian's mean is free where it is asked to be, and its spread starts as asked", async () => {
  const got = await onAnyBatch((x, key) => {
    const free = gaussianPolicy(3, 2, { ...body, bounded: false, spread: 0.5 });
    const made = free(free.init(key.at("g")), x.mul(100));
    return { mode: made.mode(), spread: made.spread.broadcastLike(made.mode()) };
  });
  assert.ok(numbersOf(got.mode).some((v) => Math.abs(v) > 1));
  assertClose(numbersOf(got.spread), new Array(14).fill(0.5), "spread");
});

test("heads over vectors and over vectors of choices, forward and every slope as in PyTorch", async () => {
  const given = { x: wave([5, 3], 50, 1.5), action: wave([5, 2], 60, 0.95) };
  const squashed = tanhGaussianPolicy(3, 2, { ...body, logSpread: { low: -0.5, high: 0.4 } });
  await assertGolden(golden["tanh gaussian"], squashed.init, given, (params, { x, action }) => {
    const d = squashed(params, x);
    return { logProb: d.logProb(action), mode: d.mode(), spread: d.base.spread };
  });
  const bounded = betaPolicy(3, 2, body);
  await assertGolden(
    golden.beta,
    bounded.init,
    given,
    (params, { x, action }) => {
      const d = bounded(params, x);
      return { logProb: d.logProb(action), mode: d.mode(), entropy: d.entropy() };
    },
    { error: 2e-5, floor: 0.5 },
  );
  const several = multiDiscretePolicy(3, [2, 3], body);
  const picks = constant(ndarray(Int32Array.of(0, 2, 1, 0, 1, 1, 0, 0, 1, 2), { shape: [5, 2] }));
  await assertGolden(golden["multi-discrete"], several.init, { x: given.x }, (params, { x }) => {
    const d = several(params, x);
    return { logProb: d.logProb(picks), entropy: d.entropy() };
  });
});

test("squashed and beta policies draw inside [−1, 1] for any batch, and know a draw's density", async () => {
  const got = await onAnyBatch((x, key) => {
    const tanh = tanhGaussianPolicy(3, 2, { ...body, logSpread: { low: -20, high: -15 } });
    const squashed = tanh(tanh.init(key.at("t")), x);
    const beta = betaPolicy(3, 2, body);
    const bounded = beta(beta.init(key.at("b")), x.mul(100));
    const draw = squashed.rsampleWithLogProb(key.at("draw"));
    const { logSpread } = squashed.base;
    const noise = key.at("draw").normal(-1, 2);
    return {
      drawn: draw.value,
      mode: bounded.mode(),
      sample: bounded.sample(key.at("sample")),
      logProb: draw.logProb,
      density: bounded.logProb(bounded.mode()),
      wanted: noise
        .square()
        .mul(-0.5)
        .sub(logSpread)
        .sub(0.5 * Math.log(2 * Math.PI))
        .sub(draw.value.square().from(1).log())
        .sum(-1),
    };
  });
  const sizes = { drawn: [7, 2], mode: [7, 2], sample: [7, 2], logProb: [7], density: [7], wanted: [7] };
  assert.deepEqual(shapes(got), sizes);
  for (const name of ["drawn", "mode", "sample"]) assert.ok(numbersOf(got[name]).every((v) => Math.abs(v) <= 1));
  // The spread is below what single precision keeps of a mean near 1, and the density is still right.
  assertClose(numbersOf(got.logProb), numbersOf(got.wanted), "log-density of a draw", { error: 1e-4 });
});

test("a spread cannot leave [e⁻⁵, e²]", async () => {
  const got = await onAnyBatch((x, key) => {
    const net = gaussianPolicy(3, 2, body);
    const { body: params, logSpread } = net.init(key);
    return {
      wide: net({ body: params, logSpread: logSpread.add(50) }, x).spread.broadcastLike(x.slice(-1, 0, 2)),
      narrow: net({ body: params, logSpread: logSpread.sub(50) }, x).spread.broadcastLike(x.slice(-1, 0, 2)),
    };
  });
  assertClose(numbersOf(got.wide), Array<number>(14).fill(Math.E ** 2), "wide");
  assertClose(numbersOf(got.narrow), Array<number>(14).fill(Math.E ** -5), "narrow", { floor: 1e-3 });
});

test("values have one number a row; an ensemble of Q one a member and row", async () => {
  const got = await onAnyBatch((x, key) => {
    const v = valueFunction(3, body);
    const s = scores(3, 5, body);
    const c = categoricalPolicy(3, 5, body);
    const q = qEnsemble(3, 2, { size: 2, ...body });
    const params = q.init(key.at("q"));
    const values = q(params, x, x.slice(-1, 0, 2));
    assert.deepEqual(values.axes, ["member", ""]);
    assert.deepEqual(leavesOf<Tensor>(params).get("layers/0/weight")?.shape, [2, 5, 8]);
    const chosen = c(c.init(key.at("c")), x);
    return {
      v: v(v.init(key.at("v")), x),
      s: s(s.init(key.at("s")), x),
      p: chosen.probabilities(),
      first: values.at("member", 0),
      least: values.min("member"),
      largest: values.max("member"),
    };
  });
  assert.deepEqual(shapes(got), { v: [7], s: [7, 5], p: [7, 5], first: [7], least: [7], largest: [7] });
  for (let row = 0; row < 7; row++) {
    const p = numbersOf(got.p).slice(row * 5, row * 5 + 5);
    assert.ok(Math.abs(p.reduce((a, b) => a + b) - 1) < 1e-6);
  }
  assert.ok(numbersOf(got.least).every((v, i) => v < numbersOf(got.largest)[i]));
});
