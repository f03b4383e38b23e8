import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../../problems.ts";
import { evaluate } from "../interpret.ts";
import { concat } from "../joining.ts";
import { loopOf } from "../loop.ts";
import { asType, type Dtype, ndarray } from "../ndarray.ts";
import { type Operation, operations } from "../operations.ts";
import { apply, constant, type Tensor } from "../tensor.ts";
import { close, computed, feeds, indices, input } from "./testing.ts";

const window = { size: [2], stride: [1], before: [1], after: [0], dilation: [1] };
const geometry = { stride: [2], before: [1], after: [0], dilation: [1], groups: 1 };
const plain = { transposeLeft: false, transposeRight: false };
const turned = { transposeLeft: true, transposeRight: true };
const row = (x: Tensor): Tensor => x.slice(0, 0, 1).squeeze(0);
const planes = (x: Tensor): Tensor => x.unsqueeze(0);
const places = indices(2, 0, 1);

/** Every operation, of two 3 × 3 tensors of the type it is tried in. A row without a sample does not compile. */
const samples: { readonly [O in Exclude<Operation, "input" | "constant">]: (x: Tensor, y: Tensor) => Tensor } = {
  identity: (x) => x.named("a", "b"),
  stopGradient: (x) => x.stopGradient(),
  custom: (x, y) => apply("custom", [x, y], { pullback: (slope) => [slope] }),
  loop: (x, y) => {
    const [a, b] = [x, y].map(({ shape, dtype }, i) => apply("input", [], { name: `loop${i}`, shape, dtype }));
    const loop = loopOf({
      turns: 3,
      carried: [a],
      scanned: [],
      captured: [b],
      results: [b.equal(a).where(a.flip(), b)],
    });
    return apply("loop", [x, y], { loop, which: 0 });
  },
  add: (x, y) => x.add(y),
  sub: (x, y) => x.sub(y),
  mul: (x, y) => x.mul(y),
  div: (x, y) => x.div(y.equal(0).where(1, y)),
  pow: (x, y) => x.pow(apply("abs", [y], {})),
  minimum: (x, y) => x.minimum(y),
  maximum: (x, y) => x.maximum(y),
  less: (x, y) => x.less(y),
  lessEqual: (x, y) => x.lessEqual(y),
  equal: (x, y) => x.equal(y),
  and: (x, y) => x.and(y),
  or: (x, y) => x.or(y),
  not: (x) => x.not(),
  where: (x, y) => x.equal(x.flip()).where(x, y),
  neg: (x) => x.neg(),
  abs: (x) => x.abs(),
  sign: (x) => x.sign(),
  exp: (x) => x.exp(),
  expm1: (x) => x.expm1(),
  log: (x) => x.mul(x).add(1).log(),
  log1p: (x) => x.mul(x).log1p(),
  sqrt: (x) => x.mul(x).sqrt(),
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  softplus: (x) => x.mul(400).softplus(),
  relu: (x) => x.relu(),
  positive: (x) => apply("positive", [x], {}),
  elu: (x) => x.elu(),
  erf: (x) => x.erf(),
  sin: (x) => x.sin(),
  cos: (x) => x.cos(),
  floor: (x) => x.floor(),
  cast: (x) =>
    concat((["float32", "float64", "int32", "int64", "bool"] as const).map((d) => x.cast(d).cast("float64"))),
  matmul: (x, y) =>
    x
      .matmul(y, turned)
      .add(x.matmul(y))
      .add(planes(x).matmul(planes(y), turned).squeeze(0)),
  gemm: (x, y) => apply("gemm", [x, y, row(y)], plain),
  conv: (x, y) => apply("conv", [planes(x), planes(y).transpose(1, 0, 2)], { ...geometry, groups: 3 }),
  convTranspose: (x, y) => apply("convTranspose", [planes(x), y.unsqueeze(1)], { ...geometry, outputPadding: [1] }),
  convWeight: (x, y) => apply("convWeight", [planes(x), planes(y)], { ...geometry, stride: [1], size: [2] }),
  maxPool: (x) => apply("maxPool", [planes(x)], window),
  maxPoolPlaces: (x) => apply("maxPoolPlaces", [planes(x)], window),
  averagePool: (x) => apply("averagePool", [planes(x)], window),
  layerNorm: (x, y) => x.layerNorm(row(x), row(y), 0.5),
  rmsNorm: (x, y) => x.rmsNorm(row(y), 0.5),
  sum: (x) => x.sum(0),
  mean: (x) => x.mean(1),
  max: (x) => x.max(0, { keep: true }),
  min: (x) => x.min(),
  softmax: (x) => x.softmax(),
  logSoftmax: (x) => x.logSoftmax(0),
  argmax: (x) => x.argmax(),
  argmin: (x) => x.argmin(0),
  topPlaces: (x) => apply("topPlaces", [x], { axis: 0, count: 2, largest: false }),
  cumsum: (x) => x.cumsum(0, { reverse: true }),
  reshape: (x) => x.reshape(9),
  transpose: (x) => x.transpose(),
  broadcastTo: (x) => row(x).broadcastTo(2, 3),
  broadcastLike: (x, y) => row(x).broadcastLike(y),
  expandDims: (x) => x.unsqueeze(1),
  squeeze: (x) => x.slice(0, 1, 2).squeeze(0),
  slice: (x) => x.slice(1, 1),
  pad: (x) => x.pad(0, 1, 2),
  flip: (x) => x.flip(),
  triangle: (x) => x.tril(),
  concat: (x, y) => concat([x, y], 0),
  gather: (x) => x.gather(places),
  takeAlong: (x) => x.takeAlong(0, places.unsqueeze(0)),
  scatterAdd: (x, y) => x.scatterAdd(indices(2, 0, 2), y),
  scatterRows: (x) => apply("scatterRows", [places, x], { rows: 4 }),
  scatterAlong: (x) => apply("scatterAlong", [places.unsqueeze(0), x.slice(0, 0, 1)], { axis: 1, size: 3 }),
  oneHot: (x) => places.oneHot(3, x.dtype),
};

const ofFloats =
  "exp expm1 log log1p sqrt tanh sigmoid softplus relu positive elu erf sin cos floor gemm conv convTranspose convWeight maxPool maxPoolPlaces averagePool layerNorm rmsNorm mean softmax logSoftmax";
const ofTruth = "and or not";
const ofNumbers =
  "add sub mul div pow minimum maximum less lessEqual neg abs sign matmul sum max min argmax argmin topPlaces cumsum scatterAdd scatterRows scatterAlong";
/** What each type is refused by, with a sentence; everything else computes. */
const refused: { readonly [D in Dtype]: string } = {
  float32: ofTruth,
  float64: ofTruth,
  int32: `${ofFloats} ${ofTruth}`,
  int64: `${ofFloats} ${ofTruth}`,
  bool: `${ofFloats} ${ofNumbers}`,
};

const values = {
  numbers: [
    [
      [1.5, -2, 0],
      [3, 2.25, -1],
      [0.5, -3, 2],
    ],
    [
      [2, -2, 1],
      [0, 2.5, -1.5],
      [1, 3, -1],
    ],
  ],
  truth: [
    [
      [1, 0, 0],
      [1, 1, 0],
      [0, 1, 1],
    ],
    [
      [1, 1, 0],
      [0, 1, 0],
      [1, 0, 1],
    ],
  ],
};

for (const dtype of ["float32", "float64", "int32", "int64", "bool"] as const) {
  test(`${dtype}: every operation computes what the reference computes, or refuses the type in a sentence`, async () => {
    const whole = (v: number): number => (dtype.startsWith("int") ? Math.trunc(v) : v);
    const given = (dtype === "bool" ? values.truth : values.numbers).map((rows) =>
      asType(
        ndarray(
          rows.map((r) => r.map(whole)),
          { dtype: "float64" },
        ),
        dtype,
      ),
    );
    const refusing: string[] = [];
    const built: Tensor[] = [];
    const names: string[] = [];
    for (const name of Object.keys(samples) as (keyof typeof samples)[]) {
      try {
        const out = samples[name](...(given.map(input) as [Tensor, Tensor]));
        built.push(out);
        names.push(name);
      } catch (error) {
        assert.ok(error instanceof Problem && error.code === "dtype", `${name} of ${dtype}: ${error}`);
        assert.match(error.message, /wanted .*(?:float32|bool|number|type)/);
        refusing.push(name);
      }
    }
    assert.deepEqual(refusing.sort(), refused[dtype].split(" ").sort());
    const wanted = evaluate(built, feeds(given));
    for (const [i, name] of names.entries()) {
      const got = await computed(samples[name as keyof typeof samples] as (...x: Tensor[]) => Tensor, given, name);
      assert.deepEqual([got.shape, got.dtype], [wanted[i].shape, built[i].dtype], name);
      const exact = !built[i].dtype.startsWith("float");
      close(got.data, wanted[i].data, exact ? 0 : dtype === "float32" ? 1e-5 : 1e-12, `${name} of ${dtype}`);
    }
  });
}

test("the samples are the table", () => {
  assert.deepEqual(
    Object.keys(samples).sort(),
    Object.keys(operations)
      .filter((o) => o !== "input" && o !== "constant")
      .sort(),
  );
});

test("a fraction beside whole numbers is refused; a whole number is not", () => {
  const x = constant(ndarray([1, 2], { dtype: "int64" }));
  assert.throws(() => x.mul(0.5), /a number beside a tensor: wanted a whole number beside int64 .*got 0\.5/);
  assert.equal(x.mul(3).dtype, "int64");
});
