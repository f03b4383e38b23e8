import assert from "node:assert/strict";
import { test } from "node:test";
import { hvp, valueAndGrad } from "./grad.ts";
import { evaluate, topological } from "./interpret.ts";
import { asType, type NdArray, sizeOf } from "./ndarray.ts";
import { type Operation, operations } from "./operations.ts";
import { trace } from "./program.ts";
import { fillNormal, fillUniform, fold, randomKey } from "./random.ts";
import { runOnce } from "./runtime.ts";
import { apply, concat, constant, stack, type Tensor } from "./tensor.ts";

interface Case {
  readonly shapes: readonly (readonly number[])[];
  readonly f: (...x: Tensor[]) => Tensor;
  /** Where inputs are drawn: normal by default, or uniform between bounds where the function asks for it. */
  readonly between?: readonly [number, number];
  /** A step function: no slope to compare. */
  readonly flat?: true;
}

const indices = (...values: number[]) =>
  constant({ shape: [values.length], dtype: "int32", data: Int32Array.from(values) });

const cases: Record<string, Case> = {
  add: { shapes: [[3, 4], [4]], f: (x, y) => x.add(y) },
  "add, both spread": {
    shapes: [
      [3, 1],
      [1, 4],
    ],
    f: (x, y) => x.add(y),
  },
  sub: { shapes: [[2, 3], []], f: (x, y) => x.sub(y) },
  mul: {
    shapes: [
      [2, 3, 4],
      [3, 1],
    ],
    f: (x, y) => x.mul(y),
  },
  div: {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    f: (x, y) => x.div(y),
    between: [0.5, 2],
  },
  pow: { shapes: [[5], [5]], f: (x, y) => x.pow(y), between: [0.5, 2] },
  "pow of a number": { shapes: [[5]], f: (x) => x.pow(3) },
  minimum: { shapes: [[6], [6]], f: (x, y) => x.minimum(y) },
  maximum: { shapes: [[6], [6]], f: (x, y) => x.maximum(y) },
  clip: { shapes: [[8]], f: (x) => x.clip(-0.5, 0.7) },
  "comparisons and logic": {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    f: (x, y) =>
      x
        .less(y)
        .and(x.greaterEqual(-1))
        .or(x.equal(y).not().and(x.lessEqual(y)))
        .cast("float32"),
    flat: true,
  },
  where: { shapes: [[3, 4], [4]], f: (x, y) => x.greater(0).where(x.mul(2), y.square()) },
  neg: { shapes: [[3]], f: (x) => x.neg().square() },
  abs: { shapes: [[5]], f: (x) => x.abs() },
  sign: { shapes: [[5]], f: (x) => x.sign(), flat: true },
  floor: { shapes: [[5]], f: (x) => x.mul(3).floor(), flat: true },
  exp: { shapes: [[5]], f: (x) => x.exp() },
  log: { shapes: [[5]], f: (x) => x.log(), between: [0.2, 3] },
  sqrt: { shapes: [[5]], f: (x) => x.sqrt(), between: [0.2, 3] },
  tanh: { shapes: [[5]], f: (x) => x.tanh() },
  sigmoid: { shapes: [[5]], f: (x) => x.sigmoid() },
  softplus: { shapes: [[5]], f: (x) => x.mul(4).softplus() },
  relu: { shapes: [[7]], f: (x) => x.relu() },
  silu: { shapes: [[7]], f: (x) => x.silu() },
  gelu: { shapes: [[7]], f: (x) => x.gelu() },
  erf: { shapes: [[7]], f: (x) => x.mul(2).erf() },
  "sin and cos": { shapes: [[5]], f: (x) => x.sin().mul(x.cos()) },
  cast: { shapes: [[5]], f: (x) => x.mul(3).cast("int32").cast("float32"), flat: true },
  matmul: {
    shapes: [
      [3, 4],
      [4, 2],
    ],
    f: (x, y) => x.matmul(y),
  },
  "matmul, left transposed": {
    shapes: [
      [4, 3],
      [4, 2],
    ],
    f: (x, y) => x.matmul(y, { transposeLeft: true }),
  },
  "matmul, right transposed": {
    shapes: [
      [3, 4],
      [2, 4],
    ],
    f: (x, y) => x.matmul(y, { transposeRight: true }),
  },
  "matmul, both transposed": {
    shapes: [
      [4, 3],
      [2, 4],
    ],
    f: (x, y) => x.matmul(y, { transposeLeft: true, transposeRight: true }),
  },
  "matmul of batches": {
    shapes: [
      [2, 3, 4],
      [2, 4, 5],
    ],
    f: (x, y) => x.matmul(y),
  },
  "matmul, one against an ensemble": {
    shapes: [
      [3, 4],
      [2, 4, 5],
    ],
    f: (x, y) => x.matmul(y),
  },
  "matmul of batches, right transposed": {
    shapes: [
      [2, 1, 3, 4],
      [5, 2, 4],
    ],
    f: (x, y) => x.matmul(y, { transposeRight: true }),
  },
  "matmul, many rows by one matrix": {
    shapes: [
      [2, 3, 4],
      [4, 2],
    ],
    f: (x, y) => x.matmul(y),
  },
  gemm: {
    shapes: [[3, 4], [4, 2], [2]],
    f: (x, w, b) => apply("gemm", [x, w, b], { transposeLeft: false, transposeRight: false }),
  },
  sum: { shapes: [[2, 3, 4]], f: (x) => x.sum([0, 2]).mul(x.sum()) },
  "sum over rows": { shapes: [[5, 3]], f: (x) => x.sum(0) },
  mean: { shapes: [[2, 3, 4]], f: (x) => x.mean(1, { keep: true }).mul(x) },
  variance: { shapes: [[4, 3]], f: (x) => x.variance(0) },
  max: { shapes: [[3, 4]], f: (x) => x.max(1) },
  min: { shapes: [[3, 4]], f: (x) => x.min(0, { keep: true }) },
  logsumexp: { shapes: [[3, 4]], f: (x) => x.mul(5).logsumexp(1) },
  softmax: { shapes: [[3, 4]], f: (x) => x.softmax() },
  "softmax over the first axis": { shapes: [[3, 4]], f: (x) => x.softmax(0) },
  logSoftmax: { shapes: [[3, 4]], f: (x) => x.logSoftmax() },
  argmax: { shapes: [[3, 4]], f: (x) => x.argmax().cast("float32"), flat: true },
  cumsum: { shapes: [[3, 4]], f: (x) => x.cumsum(1) },
  reshape: { shapes: [[3, 4]], f: (x) => x.reshape(2, -1) },
  transpose: { shapes: [[2, 3, 4]], f: (x) => x.transpose(2, 0, 1) },
  broadcastTo: { shapes: [[3, 1]], f: (x) => x.broadcastTo(2, 3, 4) },
  broadcastLike: { shapes: [[4], [3, 4]], f: (x, y) => x.broadcastLike(y) },
  "unsqueeze and squeeze": { shapes: [[3, 1, 4]], f: (x) => x.squeeze(1).unsqueeze(0).unsqueeze(-1) },
  slice: { shapes: [[5, 4]], f: (x) => x.slice(0, 1, -1).at(1, -2) },
  pad: { shapes: [[2, 3]], f: (x) => x.pad(1, 2, 1) },
  concat: {
    shapes: [
      [2, 3],
      [4, 3],
    ],
    f: (x, y) => concat([x, y.square()], 0),
  },
  stack: {
    shapes: [
      [2, 3],
      [2, 3],
    ],
    f: (x, y) => stack([x, y], 1),
  },
  gather: { shapes: [[4, 3]], f: (x) => x.gather(indices(3, 0, 3)) },
  takeAlong: { shapes: [[3, 4]], f: (x) => x.takeAlong(1, indices(3, 1, 0).unsqueeze(-1)) },
  choose: { shapes: [[3, 4]], f: (x) => x.choose(indices(2, 2, 0)) },
  scatterRows: { shapes: [[3, 2]], f: (x) => apply("scatterRows", [indices(4, 1, 4), x], { rows: 5 }) },
  scatterAlong: {
    shapes: [[1, 4]],
    f: (x) => apply("scatterAlong", [indices(1, 1, 0, 2).unsqueeze(0), x], { axis: 1, size: 3 }),
  },
  oneHot: { shapes: [[3, 4]], f: (x) => x.matmul(indices(1, 0, 2, 2).oneHot(3, x.dtype)) },
  named: { shapes: [[3, 4]], f: (x) => x.named("member", "batch").min("member") },
  stopGradient: { shapes: [[3]], f: (x) => x.stopGradient(), flat: true },
};

function draws({ shapes, between }: Case, seed: number): NdArray[] {
  return shapes.map((shape, i) => {
    const data = new Float64Array(sizeOf(shape));
    if (between) {
      fillUniform(data, fold(randomKey(seed), i));
      for (let j = 0; j < data.length; j++) data[j] = between[0] + (between[1] - between[0]) * data[j];
    } else {
      fillNormal(data, fold(randomKey(seed), i));
    }
    return { shape, dtype: "float64", data };
  });
}

const input = (value: NdArray, i: number): Tensor =>
  apply("input", [], { name: `x${i}`, shape: value.shape, dtype: value.dtype });
const feeds = (values: readonly NdArray[]) => Object.fromEntries(values.map((value, i) => [`x${i}`, value]));

/** A scalar that depends on every element of the output differently. */
function scalarised(f: Case["f"]): Case["f"] {
  return (...x) => {
    const out = f(...x);
    const weights = new Float64Array(sizeOf(out.shape)).map((_, i) => Math.sin(1 + 2.3 * i));
    return out
      .cast("float64")
      .mul(constant({ shape: out.shape, dtype: "float64", data: weights }))
      .sum();
  };
}

function close(
  got: ArrayLike<number | bigint>,
  wanted: ArrayLike<number | bigint>,
  tolerance: number,
  what: string,
): void {
  assert.equal(got.length, wanted.length, what);
  for (let i = 0; i < got.length; i++) {
    const [a, b] = [Number(got[i]), Number(wanted[i])];
    assert.ok(Math.abs(a - b) <= tolerance * (1 + Math.abs(b)), `${what}: element ${i} is ${a}, wanted ${b}`);
  }
}

const bumped = (values: readonly NdArray[], which: number, at: number, by: number): NdArray[] =>
  values.map((value, i) =>
    i === which ? { ...value, data: (value.data as Float64Array).map((v, j) => (j === at ? v + by : v)) } : value,
  );

for (const [name, given] of Object.entries(cases)) {
  test(`${name}: ONNX Runtime computes what the reference computes`, async () => {
    const values = draws(given, 1);
    const narrow = values.map((value) => asType(value, "float32"));
    const program = trace(
      name,
      { state: {}, inputs: narrow.map(({ shape, dtype }) => ({ shape, dtype })) },
      (state, inputs) => ({
        state,
        outputs: given.f(...(inputs as readonly Tensor[])),
      }),
    );
    const got = (await runOnce(program, narrow as never)) as unknown as NdArray;
    const [wanted] = evaluate([given.f(...narrow.map(input))], feeds(narrow));
    assert.deepEqual(got.shape, wanted.shape);
    close(got.data, wanted.data, 2e-5, name);
  });

  if (given.flat) continue;
  test(`${name}: the slope agrees with finite differences, and so does the slope of the slope`, () => {
    const values = draws(given, 2);
    const f = scalarised(given.f);
    const h = 1e-5;
    const inputs = values.map(input);
    const at = (v: readonly NdArray[], tensors: readonly Tensor[]) => evaluate(tensors, feeds(v));
    const [value, slopes] = valueAndGrad((x: readonly Tensor[]) => f(...x))(inputs);
    const directions = values.map((v, i) => ({
      ...v,
      data: (v.data as Float64Array).map((_, j) => Math.cos(1 + i + 1.7 * j)),
    }));
    const curved = hvp(
      (x: readonly Tensor[]) => f(...x),
      inputs,
      directions.map((d) => constant(d)),
    );
    const [, ...slopeValues] = at(values, [value, ...slopes]);
    const curvedValues = at(values, curved);
    const moved = (by: number) =>
      values.map((v, i) => ({
        ...v,
        data: (v.data as Float64Array).map((x, j) => x + by * Number(directions[i].data[j])),
      }));
    const [ahead, behind] = [at(moved(h), slopes), at(moved(-h), slopes)];
    values.forEach((v, i) => {
      const numeric = (v.data as Float64Array).map((_, j) => {
        const up = at(bumped(values, i, j, h), [value])[0].data[0];
        const down = at(bumped(values, i, j, -h), [value])[0].data[0];
        return (Number(up) - Number(down)) / (2 * h);
      });
      close(slopeValues[i].data, numeric, 1e-6, `${name}, slope of input ${i}`);
      const second = (ahead[i].data as Float64Array).map((a, j) => (a - Number(behind[i].data[j])) / (2 * h));
      close(curvedValues[i].data, second, 1e-5, `${name}, second slope of input ${i}`);
    });
  });
}

test("every operation of the table has a case", () => {
  const reached = new Set<Operation>();
  for (const given of Object.values(cases)) {
    const out = given.f(...draws(given, 1).map(input));
    const slopes = given.flat
      ? []
      : valueAndGrad((x: readonly Tensor[]) => scalarised(given.f)(...x))(draws(given, 1).map(input))[1];
    for (const tensor of topological([out, ...slopes])) reached.add(tensor.operation);
  }
  const unproved = Object.keys(operations).filter((name) => !reached.has(name as Operation));
  assert.deepEqual(unproved, []);
});

test("kinks: a tie's slope goes to the first, abs and relu are flat at 0, tied maxima share", () => {
  const x = apply("input", [], { name: "x", shape: [2], dtype: "float64" });
  const slopeAt = (f: (x: Tensor) => Tensor, ...values: number[]) => {
    const slope = valueAndGrad((p: Tensor) => f(p).sum())(x)[1];
    return [
      ...(evaluate([slope], { x: { shape: [2], dtype: "float64", data: Float64Array.from(values) } })[0]
        .data as Float64Array),
    ];
  };
  assert.deepEqual(
    slopeAt((p) => p.minimum(1), 1, 2),
    [1, 0],
  );
  assert.deepEqual(
    slopeAt((p) => p.maximum(1), 1, 0),
    [1, 0],
  );
  assert.deepEqual(
    slopeAt((p) => p.clip(-1, 1), -1, 1),
    [1, 1],
  );
  assert.deepEqual(
    slopeAt((p) => p.abs(), 0, -2),
    [0, -1],
  );
  assert.deepEqual(
    slopeAt((p) => p.relu(), 0, 3),
    [0, 1],
  );
  assert.deepEqual(
    slopeAt((p) => p.max(0), 3, 3),
    [0.5, 0.5],
  );
  assert.deepEqual(
    slopeAt((p) => p.mul(p.stopGradient()), 3, 4),
    [3, 4],
  );
});

test("what a loss closes over is constant, though it is the same tensor", () => {
  const x = apply("input", [], { name: "x", shape: [], dtype: "float64" });
  const slope = valueAndGrad((p: Tensor) => p.mul(x))(x)[1];
  assert.equal(evaluate([slope], { x: { shape: [], dtype: "float64", data: Float64Array.of(3) } })[0].data[0], 3);
});

test("an error names the operation, both shapes and the caller's line", () => {
  const [a, b] = [[3, 4], [5]].map((shape, i) => apply("input", [], { name: `x${i}`, shape, dtype: "float32" }));
  assert.throws(
    () => a.add(b),
    /add: wanted shapes that broadcast, got \[3, 4\] and \[5\]\. At .*operations\.test\.ts:\d+\./,
  );
  assert.throws(() => a.matmul(a), /matmul: wanted inner sizes that agree \(4 and 3 do not\)/);
  assert.throws(
    () => a.named("member", "batch").min("menber"),
    /min: there is no axis "menber"; the axes are member, batch/,
  );
  assert.throws(() => a.add(a.cast("int32")), /one element type/);
  assert.throws(() => valueAndGrad((p: Tensor) => p.mul(2))(a), /scalar loss.*got \[3, 4\]/);
});
