import { problem } from "../../problems.ts";
import { allocate, type Dtype, type NdArray, type Shape, sizeOf } from "../ndarray.ts";
import type { Emit, Rows } from "../operations.ts";
import { open, resolveReshape, stridesOf, sumTo, userLine } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

type Layout =
  | "reshape"
  | "transpose"
  | "broadcastTo"
  | "broadcastLike"
  | "expandDims"
  | "squeeze"
  | "slice"
  | "pad"
  | "flip"
  | "triangle"
  | "concat";

const without = <T>(values: readonly T[], at: number): T[] => values.filter((_, i) => i !== at);
const inserted = <T>(values: readonly T[], at: number, value: T): T[] => [
  ...values.slice(0, at),
  value,
  ...values.slice(at),
];
const replaced = <T>(values: readonly T[], at: number, value: T): T[] => values.map((v, i) => (i === at ? value : v));

/** A new array whose element at each position is the old one's at the offset that `from` gives, or 0 where it is negative. */
function rearranged(x: NdArray, shape: Shape, from: (position: readonly number[]) => number): NdArray {
  const dtype = x.dtype === "bool" ? "bool" : "float64";
  const data = allocate(shape, dtype) as Float64Array;
  const strides = stridesOf(shape);
  for (let at = 0; at < data.length; at++) {
    const offset = from(shape.map((d, i) => Math.floor(at / strides[i]) % d));
    data[at] = offset < 0 ? 0 : Number(x.data[offset]);
  }
  return { shape, dtype, data };
}

function checkBroadcast(x: Tensor, shape: Shape, where: string): void {
  const added = shape.length - x.rank;
  if (added < 0 || x.shape.some((d, i) => d !== 1 && d !== shape[i + added])) {
    throw problem("shape", { where, wanted: `a shape that broadcasts to [${shape}]`, got: [x.shape], ...userLine() });
  }
}

function broadcasted(x: NdArray, shape: Shape): NdArray {
  const strides = stridesOf(x.shape);
  const added = shape.length - x.shape.length;
  return rearranged(x, shape, (position) =>
    x.shape.reduce((offset, d, i) => offset + (d === 1 ? 0 : position[i + added] * strides[i]), 0),
  );
}

const reshapedTo = (x: NdArray, shape: Shape): NdArray => ({ ...x, shape });

/**
 * Zeros before and after every axis. The form that names a few axes is shorter, and wrong behind a transpose: ONNX Runtime
 * moves the transpose past the padding without renaming them (1.30).
 */
export const lowerPad = (
  emit: Emit,
  x: string,
  dtype: Dtype,
  before: readonly number[],
  after: readonly number[],
): string => emit.node("Pad", [x, emit.ints([...before, ...after]), emit.scalar(0, dtype)], { mode: "constant" });

export const layout: Rows<Layout> = {
  reshape: {
    infer: ([x], { shape }) => ({ shape: resolveReshape(x.shape, shape), dtype: x.dtype }),
    pullback: ([x], _out, slope) => [slope.reshape(...x.shape)],
    lower: (emit, [x], output) => emit.node("Reshape", [x, emit.ints(output.shape)]),
    reference: ([x], { shape }) => reshapedTo(x, shape),
  },
  transpose: {
    infer([x], { permutation }) {
      if ([...permutation].sort((a, b) => a - b).some((p, i) => p !== i) || permutation.length !== x.rank) {
        throw problem("shape", {
          where: "transpose",
          wanted: `an order of ${permutation.length} axes`,
          got: [x.shape],
          ...userLine(),
        });
      }
      return { shape: permutation.map((p) => x.shape[p]), axes: permutation.map((p) => x.axes[p]), dtype: x.dtype };
    },
    pullback: (_inputs, _out, slope, { permutation }) => [
      slope.transpose(...permutation.map((_, i) => permutation.indexOf(i))),
    ],
    lower: (emit, names, _output, { permutation }) => emit.node("Transpose", names, { perm: permutation }),
    reference([x], { shape }, { permutation }) {
      const strides = stridesOf(x.shape);
      return rearranged(x, shape, (position) =>
        position.reduce((offset, p, i) => offset + p * strides[permutation[i]], 0),
      );
    },
  },
  broadcastTo: {
    infer([x], { shape }) {
      if (shape.includes(open)) {
        throw problem("shape", {
          where: "broadcastTo",
          wanted: "known sizes (broadcastLike takes an open one)",
          got: [shape],
          ...userLine(),
        });
      }
      checkBroadcast(x, shape, "broadcastTo");
      const added = shape.length - x.rank;
      return { shape, axes: shape.map((_, i) => x.axes[i - added] ?? ""), dtype: x.dtype };
    },
    pullback: ([x], _out, slope) => [sumTo(slope, x)],
    lower: (emit, [x], _output, { shape }) => emit.node("Expand", [x, emit.ints(shape)]),
    reference: ([x], { shape }) => broadcasted(x, shape),
  },
  broadcastLike: {
    infer([x, like]) {
      checkBroadcast(x, like.shape, "broadcastLike");
      return { shape: like.shape, axes: like.axes, dtype: x.dtype };
    },
    pullback: ([x], _out, slope) => [sumTo(slope, x), null],
    lower: (emit, [x, like]) => emit.node("Expand", [x, emit.node("Shape", [like])]),
    reference: ([x, like]) => broadcasted(x, like.shape),
  },
  expandDims: {
    infer: ([x], { axis }) => ({ shape: inserted(x.shape, axis, 1), axes: inserted(x.axes, axis, ""), dtype: x.dtype }),
    pullback: (_inputs, _out, slope, { axis }) => [slope.squeeze(axis)],
    lower: (emit, [x], _output, { axis }) => emit.node("Unsqueeze", [x, emit.ints([axis])]),
    reference: ([x], { shape }) => reshapedTo(x, shape),
  },
  squeeze: {
    infer([x], { axis }) {
      if (x.shape[axis] !== 1) {
        throw problem("shape", {
          where: "squeeze",
          wanted: `size 1 along axis ${axis}`,
          got: [x.shape],
          ...userLine(),
        });
      }
      return { shape: without(x.shape, axis), axes: without(x.axes, axis), dtype: x.dtype };
    },
    pullback: (_inputs, _out, slope, { axis }) => [slope.unsqueeze(axis)],
    lower: (emit, [x], _output, { axis }) => emit.node("Squeeze", [x, emit.ints([axis])]),
    reference: ([x], { shape }) => reshapedTo(x, shape),
  },
  slice: {
    infer([x], { axis, from, to }) {
      if (!(from >= 0 && from < to && to <= x.shape[axis])) {
        throw problem("shape", {
          where: `slice ${from}…${to} of axis ${axis}`,
          wanted: "positions inside the axis",
          got: [x.shape],
          ...userLine(),
        });
      }
      return { shape: replaced(x.shape, axis, to - from), axes: x.axes, dtype: x.dtype };
    },
    pullback: ([x], _out, slope, { axis, from, to }) => [slope.pad(axis, from, x.shape[axis] - to)],
    lower: (emit, [x], _output, { axis, from, to }) =>
      emit.node("Slice", [x, emit.ints([from]), emit.ints([to]), emit.ints([axis])]),
    reference([x], { shape }, { axis, from }) {
      const strides = stridesOf(x.shape);
      return rearranged(x, shape, (position) =>
        position.reduce((o, p, i) => o + (p + (i === axis ? from : 0)) * strides[i], 0),
      );
    },
  },
  pad: {
    infer: ([x], { axis, before, after }) => ({
      shape: replaced(x.shape, axis, x.shape[axis] + before + after),
      axes: x.axes,
      dtype: x.dtype,
    }),
    pullback: (_inputs, _out, slope, { axis, before, after }) => [slope.slice(axis, before, slope.shape[axis] - after)],
    lower(emit, [x], { dtype, shape }, { axis, before, after }) {
      const only = (width: number): number[] => shape.map((_, i) => (i === axis ? width : 0));
      return lowerPad(emit, x, dtype, only(before), only(after));
    },
    reference([x], { shape }, { axis, before }) {
      const strides = stridesOf(x.shape);
      return rearranged(x, shape, (position) => {
        const at = position[axis] - before;
        return at < 0 || at >= x.shape[axis]
          ? -1
          : position.reduce((o, p, i) => o + (i === axis ? at : p) * strides[i], 0);
      });
    },
  },
  flip: {
    infer: ([x]) => ({ shape: x.shape, axes: x.axes, dtype: x.dtype }),
    pullback: (_inputs, _out, slope, { axes }) => [slope.flip(axes)],
    lower(emit, [x], _output, { axes }) {
      const each = (value: number): string => emit.ints(axes.map(() => value));
      return emit.node("Slice", [x, each(-1), each(-(2 ** 31)), emit.ints(axes), each(-1)]);
    },
    reference([x], { shape }, { axes }) {
      const strides = stridesOf(x.shape);
      return rearranged(x, shape, (position) =>
        position.reduce((o, p, i) => o + (axes.includes(i) ? shape[i] - 1 - p : p) * strides[i], 0),
      );
    },
  },
  triangle: {
    infer([x]) {
      if (x.rank < 2) {
        throw problem("shape", { where: "triangle", wanted: "matrices", got: [x.shape], ...userLine() });
      }
      return { shape: x.shape, axes: x.axes, dtype: x.dtype };
    },
    pullback: (_inputs, _out, slope, { upper, diagonal }) => [upper ? slope.triu(diagonal) : slope.tril(diagonal)],
    lower: (emit, [x], _output, { upper, diagonal }) =>
      emit.node("Trilu", [x, emit.scalar(diagonal, "int64")], { upper: Number(upper) }),
    reference([x], { shape }, { upper, diagonal }) {
      const strides = stridesOf(x.shape);
      return rearranged(x, shape, (position) => {
        const over = (position.at(-1) as number) - (position.at(-2) as number) - diagonal;
        return (upper ? over < 0 : over > 0) ? -1 : position.reduce((o, p, i) => o + p * strides[i], 0);
      });
    },
  },
  concat: {
    infer(inputs, { axis }) {
      const [first] = inputs;
      for (const x of inputs) {
        if (x.dtype !== first.dtype || without(x.shape, axis).join() !== without(first.shape, axis).join()) {
          throw problem("shape", {
            where: "concat",
            wanted: `shapes equal but along axis ${axis}`,
            got: inputs.map((i) => i.shape),
            ...userLine(),
          });
        }
      }
      const along = inputs.map((x) => x.shape[axis]);
      const size = along.includes(open) ? open : along.reduce((a, b) => a + b, 0);
      return { shape: replaced(first.shape, axis, size), axes: first.axes, dtype: first.dtype };
    },
    pullback(inputs, _out, slope, { axis }) {
      let at = 0;
      return inputs.map((x) => {
        const from = at;
        at += x.shape[axis];
        return slope.slice(axis, from, at);
      });
    },
    lower: (emit, names, _output, { axis }) => emit.node("Concat", names, { axis }),
    reference(inputs, { shape }, { axis }) {
      const dtype = inputs[0].dtype === "bool" ? "bool" : "float64";
      const data = allocate(shape, dtype) as Float64Array;
      const inner = sizeOf(shape.slice(axis + 1));
      const outer = sizeOf(shape.slice(0, axis));
      let at = 0;
      for (let i = 0; i < outer; i++) {
        for (const x of inputs) {
          const run = x.shape[axis] * inner;
          for (let j = 0; j < run; j++) data[at++] = Number(x.data[i * run + j]);
        }
      }
      return { shape, dtype, data };
    },
  },
};
