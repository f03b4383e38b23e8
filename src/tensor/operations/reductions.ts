import { problem } from "../../problems.ts";
import { allocate, type Dtype, type NdArray, type Shape, sizeOf } from "../ndarray.ts";
import type { Inferred, Row, Rows } from "../operations.ts";
import { floats, numbers, oneType, open, stridesOf, userLine } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

type Reduction = "sum" | "mean" | "max" | "min";
interface Over {
  readonly axes: readonly number[];
  readonly keep: boolean;
}

function inferReduction(where: Reduction, [x]: readonly [Tensor], { axes, keep }: Over): Inferred {
  const left = <T>(values: readonly T[], reduced: T): T[] =>
    values.flatMap((value, i) => (axes.includes(i) ? (keep ? [reduced] : []) : [value]));
  return {
    shape: left(x.shape, 1),
    axes: left(x.axes, ""),
    dtype: oneType(where, where === "mean" ? floats : numbers, x),
  };
}

/** The slope of a reduction's output, spread back over what was reduced. */
function spread(slope: Tensor, x: Tensor, { axes, keep }: Over): Tensor {
  const kept = keep ? slope : axes.reduce((s, axis) => s.unsqueeze(axis), slope);
  return x.shape.includes(open) ? kept.broadcastLike(x) : kept.broadcastTo(...x.shape);
}

/** How many elements each result was made of. */
function countOf(x: Tensor, { axes }: Over): number {
  const count = sizeOf(axes.map((axis) => x.shape[axis]));
  if (count < 0) {
    throw problem("no-gradient", {
      where: "mean",
      reason: "the number of elements along an open axis is not known",
      next: "Take the mean over axes of known size, or give the program a fixed batch.",
      ...userLine(),
    });
  }
  return count;
}

function reduce(
  x: NdArray,
  shape: Shape,
  { axes }: Over,
  start: number,
  f: (so: number, value: number) => number,
): NdArray {
  const data = (allocate(shape, "float64") as Float64Array).fill(start);
  const strides = stridesOf(x.shape);
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const outStrides = stridesOf(kept);
  for (let at = 0; at < x.data.length; at++) {
    let to = 0;
    for (let i = 0; i < x.shape.length; i++) {
      if (kept[i] !== 1) to += (Math.floor(at / strides[i]) % x.shape[i]) * outStrides[i];
    }
    data[to] = f(data[to], Number(x.data[at]));
  }
  return { shape, dtype: "float64", data };
}

/** Slope of max or min: to the elements that attain it, in equal shares. */
function toTies(x: Tensor, out: Tensor, slope: Tensor, over: Over): Tensor {
  const attained = x.equal(spread(out, x, over)).cast(slope.dtype);
  const share = attained.div(attained.sum(over.axes, { keep: true }));
  return spread(slope, x, over).mul(share);
}

function reduction(
  name: Reduction,
  onnx: string,
  reference: (x: NdArray, shape: Shape, over: Over) => NdArray,
  slopeOf: (x: Tensor, out: Tensor, slope: Tensor, over: Over) => Tensor,
): Row<Reduction> {
  return {
    infer: (inputs, over) => inferReduction(name, inputs, over),
    pullback: ([x], out, slope, over) => [slopeOf(x, out, slope, over)],
    lower: (emit, [x], _output, { axes, keep }) => emit.node(onnx, [x, emit.ints(axes)], { keepdims: Number(keep) }),
    reference: ([x], { shape }, over) => reference(x, shape, over),
  };
}

/** A bias's slope: a product with ones runs at the speed of a product, ReduceSum over rows at a seventh of it. */
const overRows = (shape: Shape, axes: readonly number[]): boolean =>
  shape.length === 2 && axes.length === 1 && axes[0] === 0 && shape[0] > 1 && shape[1] > 0;

const known = new Map<string, NdArray>();

function ones(shape: Shape, dtype: Dtype): NdArray {
  const key = `${dtype} ${shape}`;
  const value = known.get(key) ?? { shape, dtype, data: allocate(shape, dtype).fill(1 as never) as NdArray["data"] };
  known.set(key, value);
  return value;
}

/** Along one axis, each line of elements through a function. */
function alongLines(x: NdArray, axis: number, f: (line: Float64Array) => ArrayLike<number>): NdArray {
  const data = allocate(x.shape, "float64") as Float64Array;
  const length = x.shape[axis];
  const stride = stridesOf(x.shape)[axis];
  const line = new Float64Array(length);
  for (let at = 0; at < data.length; at++) {
    if (Math.floor(at / stride) % length !== 0) continue;
    for (let i = 0; i < length; i++) line[i] = Number(x.data[at + i * stride]);
    const out = f(line);
    for (let i = 0; i < length; i++) data[at + i * stride] = out[i];
  }
  return { shape: x.shape, dtype: "float64", data };
}

function softmaxed(line: Float64Array): Float64Array {
  const top = Math.max(...line);
  const weights = line.map((v) => Math.exp(v - top));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / total);
}

export const reductions: Rows<Reduction | "softmax" | "logSoftmax" | "cumsum"> = {
  sum: {
    ...reduction(
      "sum",
      "ReduceSum",
      (x, shape, over) => reduce(x, shape, over, 0, (a, b) => a + b),
      (x, _out, slope, over) => spread(slope, x, over),
    ),
    lower(emit, [x], { inputs: [{ shape, dtype }] }, { axes, keep }) {
      if (!overRows(shape, axes) || !floats.includes(dtype)) {
        return emit.node("ReduceSum", [x, emit.ints(axes)], { keepdims: Number(keep) });
      }
      const row = emit.node("MatMul", [emit.array(ones([shape[0]], dtype)), x]);
      return keep ? emit.node("Unsqueeze", [row, emit.ints([0])]) : row;
    },
  },
  mean: reduction(
    "mean",
    "ReduceMean",
    (x, shape, over) => {
      const total = reduce(x, shape, over, 0, (a, b) => a + b);
      const count = sizeOf(over.axes.map((axis) => x.shape[axis]));
      return { ...total, data: (total.data as Float64Array).map((v) => v / count) };
    },
    (x, _out, slope, over) => spread(slope.mul(1 / countOf(x, over)), x, over),
  ),
  max: reduction("max", "ReduceMax", (x, shape, over) => reduce(x, shape, over, -Infinity, Math.max), toTies),
  min: reduction("min", "ReduceMin", (x, shape, over) => reduce(x, shape, over, Infinity, Math.min), toTies),

  softmax: {
    infer: ([x]) => ({ shape: x.shape, axes: x.axes, dtype: oneType("softmax", floats, x) }),
    pullback: (_inputs, out, slope, { axis }) => [out.mul(slope.sub(slope.mul(out).sum(axis, { keep: true })))],
    lower: (emit, names, _output, { axis }) => emit.node("Softmax", names, { axis }),
    reference: ([x], _output, { axis }) => alongLines(x, axis, softmaxed),
  },
  logSoftmax: {
    infer: ([x]) => ({ shape: x.shape, axes: x.axes, dtype: oneType("logSoftmax", floats, x) }),
    pullback: (_inputs, out, slope, { axis }) => [slope.sub(out.exp().mul(slope.sum(axis, { keep: true })))],
    lower: (emit, names, _output, { axis }) => emit.node("LogSoftmax", names, { axis }),
    reference: ([x], _output, { axis }) => alongLines(x, axis, (line) => softmaxed(line).map(Math.log)),
  },
  cumsum: {
    infer: ([x]) => ({ shape: x.shape, axes: x.axes, dtype: oneType("cumsum", numbers, x) }),
    pullback: (_inputs, _output, slope, { axis, reverse }) => [
      reverse ? slope.cumsum(axis) : runningBackwards(slope, axis),
    ],
    lower: (emit, [x], _output, { axis, reverse }) =>
      emit.node("CumSum", [x, emit.scalar(axis, "int64")], { reverse: Number(reverse) }),
    reference: ([x], _output, { axis, reverse }) =>
      alongLines(x, axis, (line) => {
        const order = reverse ? [...line].reverse() : [...line];
        let total = 0;
        const out = order.map((v) => {
          total += v;
          return total;
        });
        return reverse ? out.reverse() : out;
      }),
  },
};

/** Σ from each position to the end: the transpose of the running sum. */
const runningBackwards = (slope: Tensor, axis: number): Tensor =>
  slope.sum(axis, { keep: true }).sub(slope.cumsum(axis)).add(slope);
