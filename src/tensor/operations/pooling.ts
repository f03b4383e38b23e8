import { problem } from "../../problems.ts";
import type { Window } from "../convolution.ts";
import { allocate, type NdArray, type Shape, sizeOf } from "../ndarray.ts";
import type { Rows } from "../operations.ts";
import { open, stridesOf, userLine } from "../shape.ts";
import { apply, full, type Tensor } from "../tensor.ts";
import { onnxDtype } from "./elementwise.ts";
import { restOf, slid, unfold, windowAttributes } from "./windows.ts";

export interface Pool extends Window {
  readonly size: readonly number[];
}

function inferPool(where: string, x: Tensor, pool: Pool): Shape {
  if (!x.dtype.startsWith("float")) {
    throw problem("dtype", { where, wanted: "float32 or float64", got: [x.dtype], ...userLine() });
  }
  return [...x.shape.slice(0, 2), ...slid(where, x.shape, pool.size, pool)];
}

/** For each window, each element inside it: its offset in x, its offset in its own plane, and the window's number. */
function visit(x: Shape, out: Shape, pool: Pool, f: (from: number, inPlane: number, window: number) => void): void {
  const strides = stridesOf(x);
  const [spatial, taps] = [stridesOf(out.slice(2)), stridesOf(pool.size)];
  const positions = sizeOf(out.slice(2));
  for (let window = 0; window < sizeOf(out); window++) {
    const plane = Math.floor(window / positions);
    for (let tap = 0; tap < sizeOf(pool.size); tap++) {
      let inPlane = 0;
      let inside = true;
      pool.size.forEach((size, i) => {
        const position = Math.floor((window % positions) / spatial[i]) % out[i + 2];
        const along =
          position * pool.stride[i] + (Math.floor(tap / taps[i]) % size) * pool.dilation[i] - pool.before[i];
        inside &&= along >= 0 && along < x[i + 2];
        inPlane += along * strides[i + 2];
      });
      if (inside) f(plane * strides[1] + inPlane, inPlane, window);
    }
  }
}

/** The largest of each window and where in its plane it lies. */
function largest(x: NdArray, shape: Shape, pool: Pool): { values: Float64Array; places: Int32Array } {
  const values = (allocate(shape, "float64") as Float64Array).fill(-Infinity);
  const places = allocate(shape, "int32") as Int32Array;
  visit(x.shape, shape, pool, (from, inPlane, window) => {
    if (Number(x.data[from]) <= values[window]) return;
    values[window] = Number(x.data[from]);
    places[window] = inPlane;
  });
  return { values, places };
}

/** Planes laid flat, [N, C, positions]; the batch may be open. */
const flat = (x: Tensor): Tensor => x.reshape(x.shape[0], x.shape[1], sizeOf(x.shape.slice(2)));

export const pooling: Rows<"maxPool" | "maxPoolPlaces" | "averagePool"> = {
  maxPool: {
    infer: ([x], pool) => ({ shape: inferPool("maxPool", x, pool), axes: x.axes, dtype: x.dtype }),
    pullback([x], _out, slope, pool) {
      const places = apply("maxPoolPlaces", [x], pool);
      const planes = apply("scatterAlong", [flat(places), flat(slope)], { axis: 2, size: sizeOf(x.shape.slice(2)) });
      return [planes.reshape(...x.shape)];
    },
    lower: (emit, names, _output, pool) =>
      emit.node("MaxPool", names, { ...windowAttributes(pool), kernel_shape: pool.size }),
    reference: ([x], { shape }, pool) => ({ shape, dtype: "float64", data: largest(x, shape, pool).values }),
  },
  maxPoolPlaces: {
    infer: ([x], pool) => ({ shape: inferPool("maxPool", x, pool), axes: x.axes, dtype: "int32" }),
    pullback: null,
    lower(emit, names, output, pool) {
      const attributes = { ...windowAttributes(pool), kernel_shape: pool.size };
      const places = emit.node("MaxPool", names, attributes, "", 1);
      // ONNX counts places from the start of the whole tensor; a plane's size taken out leaves the place in the plane.
      const plane = emit.scalar(sizeOf(output.inputs[0].shape.slice(2)), "int64");
      return emit.node("Cast", [emit.node("Mod", [places, plane])], { to: onnxDtype.int32 });
    },
    reference: ([x], { shape }, pool) => ({ shape, dtype: "int32", data: largest(x, shape, pool).places }),
  },
  averagePool: {
    infer: ([x], pool) => ({ shape: inferPool("averagePool", x, pool), axes: x.axes, dtype: x.dtype }),
    // The mean of a window is a convolution of each plane with equal weights; its slope is that one's transpose.
    pullback([x], _out, slope, { size, ...window }) {
      const planes = slope.shape[0] === open ? open : slope.shape[0] * slope.shape[1];
      const weight = full([1, 1, ...size], 1 / sizeOf(size), x.dtype);
      const outputPadding = restOf(x.shape, size, window);
      const spread = apply("convTranspose", [slope.reshape(planes, 1, ...slope.shape.slice(2)), weight], {
        ...window,
        groups: 1,
        outputPadding,
      });
      return [spread.reshape(...x.shape)];
    },
    lower(emit, names, output, pool) {
      if (output.dtype === "float32") {
        const { strides, pads } = windowAttributes(pool);
        if (pool.dilation.every((d) => d === 1)) {
          return emit.node("AveragePool", names, { strides, pads, kernel_shape: pool.size, count_include_pad: 1 });
        }
      }
      // ONNX Runtime has no double-precision kernel, and opset 18 no dilation.
      const windows = unfold(emit, names[0], output.dtype, output.shape.slice(2), pool.size, pool);
      const means = emit.node("ReduceMean", [windows, emit.ints([2])], { keepdims: 0 });
      return emit.node("Reshape", [means, emit.ints(output.shape)]);
    },
    reference([x], { shape }, pool) {
      const data = allocate(shape, "float64") as Float64Array;
      const count = sizeOf(pool.size);
      visit(x.shape, shape, pool, (from, _inPlane, window) => {
        data[window] += Number(x.data[from]) / count;
      });
      return { shape, dtype: "float64", data };
    },
  },
};
