import { problem } from "../../problems.ts";
import { allocate, type NdArray, ndarray, type Shape, sizeOf } from "../ndarray.ts";
import type { Emit, Rows } from "../operations.ts";
import { numbers, oneType, open, sameShape, stridesOf, userLine } from "../shape.ts";
import { apply, type Tensor } from "../tensor.ts";
import { onnxDtype } from "./elementwise.ts";

type Indexing = "gather" | "takeAlong" | "scatterAdd" | "scatterRows" | "scatterAlong" | "oneHot";

function checkIndices(where: string, indices: Tensor): void {
  if (indices.dtype !== "int32" && indices.dtype !== "int64") {
    throw problem("dtype", { where, wanted: "int32 or int64 indices", got: [indices.dtype], ...userLine() });
  }
}

/** ONNX's scatters want a tensor to add into; where its shape is open, the updates' shape says how large it is. */
function zerosLowered(emit: Emit, output: Tensor, updates: string, axis: number): string {
  const zero = emit.scalar(0, output.dtype);
  if (!output.shape.includes(open)) return emit.node("Expand", [zero, emit.ints(output.shape)]);
  const sizes = emit.node("Shape", [updates]);
  const before = emit.node("Slice", [sizes, emit.ints([0]), emit.ints([axis])]);
  const after = emit.node("Slice", [sizes, emit.ints([axis + 1]), emit.ints([output.rank])]);
  const shape = emit.node("Concat", [before, emit.ints([output.shape[axis]]), after], { axis: 0 });
  return emit.node("Expand", [zero, shape]);
}

/** ScatterND wants int64, and a place for each of the axes indexed: here the one leading axis. */
const rowsOfIndices = (emit: Emit, indices: string): string =>
  emit.node("Cast", [emit.node("Unsqueeze", [indices, emit.ints([-1])])], { to: onnxDtype.int64 });

function addedRows(data: Float64Array, indices: NdArray, updates: NdArray, shape: Shape): NdArray {
  const width = sizeOf(shape.slice(1));
  for (let i = 0; i < updates.data.length; i++) {
    data[Number(indices.data[Math.floor(i / width)]) * width + (i % width)] += Number(updates.data[i]);
  }
  return { shape, dtype: "float64", data };
}

/** Offsets of each index element's partner along an axis of an array with `shape`. */
function alongOffsets(shape: Shape, indices: NdArray, axis: number): number[] {
  const strides = stridesOf(shape);
  const own = stridesOf(indices.shape);
  return Array.from({ length: sizeOf(indices.shape) }, (_, at) =>
    indices.shape.reduce(
      (offset, d, i) => offset + (i === axis ? Number(indices.data[at]) : Math.floor(at / own[i]) % d) * strides[i],
      0,
    ),
  );
}

export const indexing: Rows<Indexing> = {
  gather: {
    infer([x, indices]) {
      checkIndices("gather", indices);
      return {
        shape: [...indices.shape, ...x.shape.slice(1)],
        axes: [...indices.axes, ...x.axes.slice(1)],
        dtype: x.dtype,
      };
    },
    pullback: ([x, indices], _out, slope) => [apply("scatterRows", [indices, slope], { rows: x.shape[0] }), null],
    lower: (emit, names) => emit.node("Gather", names, { axis: 0 }),
    reference([x, indices], { shape, dtype }) {
      const width = sizeOf(x.shape.slice(1));
      const kind = dtype === "bool" ? "bool" : "float64";
      const data = allocate(shape, kind) as Float64Array;
      for (let i = 0; i < data.length; i++)
        data[i] = Number(x.data[Number(indices.data[Math.floor(i / width)]) * width + (i % width)]);
      return { shape, dtype: kind, data };
    },
  },
  takeAlong: {
    infer([x, indices], { axis }) {
      checkIndices("takeAlong", indices);
      if (indices.rank !== x.rank || x.shape.some((d, i) => i !== axis && indices.shape[i] !== d)) {
        throw problem("shape", {
          where: "takeAlong",
          wanted: `shapes equal but along axis ${axis}`,
          got: [x.shape, indices.shape],
          ...userLine(),
        });
      }
      return { shape: indices.shape, axes: x.axes, dtype: x.dtype };
    },
    pullback: ([x, indices], _out, slope, { axis }) => [
      apply("scatterAlong", [indices, slope], { axis, size: x.shape[axis] }),
      null,
    ],
    lower: (emit, names, _output, { axis }) => emit.node("GatherElements", names, { axis }),
    reference([x, indices], { shape, dtype }, { axis }) {
      const kind = dtype === "bool" ? "bool" : "float64";
      const data = allocate(shape, kind) as Float64Array;
      alongOffsets(x.shape, indices, axis).forEach((offset, i) => {
        data[i] = Number(x.data[offset]);
      });
      return { shape, dtype: kind, data };
    },
  },
  scatterAdd: {
    infer([x, indices, updates]) {
      checkIndices("scatterAdd", indices);
      if (x.rank === 0 || !sameShape(updates.shape, [...indices.shape, ...x.shape.slice(1)])) {
        throw problem("shape", {
          where: "scatterAdd",
          wanted: "x [n, …d], indices [i…] and updates [i…, …d]",
          got: [x.shape, indices.shape, updates.shape],
          ...userLine(),
        });
      }
      return { shape: x.shape, axes: x.axes, dtype: oneType("scatterAdd", numbers, x, updates) };
    },
    pullback: ([, indices], _out, slope) => [slope, null, slope.gather(indices)],
    lower: (emit, [x, indices, updates]) =>
      emit.node("ScatterND", [x, rowsOfIndices(emit, indices), updates], { reduction: "add" }),
    reference: ([x, indices, updates], { shape }) =>
      addedRows(Float64Array.from(x.data, Number), indices, updates, shape),
  },
  scatterRows: {
    infer([indices, updates], { rows }) {
      checkIndices("scatterRows", indices);
      return {
        shape: [rows, ...updates.shape.slice(indices.rank)],
        dtype: oneType("scatterRows", numbers, updates),
      };
    },
    pullback: ([indices], _out, slope) => [null, slope.gather(indices)],
    lower(emit, [indices, updates], output) {
      const zeros = emit.node("Expand", [emit.scalar(0, output.dtype), emit.ints(output.shape)]);
      return emit.node("ScatterND", [zeros, rowsOfIndices(emit, indices), updates], { reduction: "add" });
    },
    reference: ([indices, updates], { shape }) => addedRows(new Float64Array(sizeOf(shape)), indices, updates, shape),
  },
  scatterAlong: {
    infer([indices, updates], { axis, size }) {
      checkIndices("scatterAlong", indices);
      return {
        shape: updates.shape.map((d, i) => (i === axis ? size : d)),
        dtype: oneType("scatterAlong", numbers, updates),
      };
    },
    pullback: ([indices], _out, slope, { axis }) => [null, slope.takeAlong(axis, indices)],
    lower: (emit, [indices, updates], output, { axis }) =>
      emit.node("ScatterElements", [zerosLowered(emit, output, updates, axis), indices, updates], {
        axis,
        reduction: "add",
      }),
    reference([indices, updates], { shape }, { axis }) {
      const data = allocate(shape, "float64") as Float64Array;
      alongOffsets(shape, indices, axis).forEach((offset, i) => {
        data[offset] += Number(updates.data[i]);
      });
      return { shape, dtype: "float64", data };
    },
  },
  oneHot: {
    infer([indices], { depth, dtype }) {
      checkIndices("oneHot", indices);
      return { shape: [...indices.shape, depth], axes: [...indices.axes, ""], dtype };
    },
    pullback: null,
    lower(emit, [indices], output, { depth, dtype }) {
      const kind = output.inputs[0].dtype;
      const positions = emit.array(
        ndarray(
          Array.from({ length: depth }, (_, i) => i),
          { dtype: kind },
        ),
      );
      const equal = emit.node("Equal", [emit.node("Unsqueeze", [indices, emit.ints([-1])]), positions]);
      return emit.node("Cast", [equal], { to: onnxDtype[dtype] });
    },
    reference([indices], { shape }, { depth, dtype }) {
      const kind = dtype === "bool" ? "bool" : "float64";
      const data = allocate(shape, kind) as Float64Array;
      indices.data.forEach((index, i) => {
        if (Number(index) >= 0 && Number(index) < depth) data[i * depth + Number(index)] = 1;
      });
      return { shape, dtype: kind, data };
    },
  },
};
