import { problem } from "../../problems.ts";
import { allocate, type NdArray, type Shape, sizeOf } from "../ndarray.ts";
import type { Row, Rows } from "../operations.ts";
import { numbers, oneType, stridesOf, userLine } from "../shape.ts";
import { onnxDtype } from "./elementwise.ts";

/** Places along one axis of each line's elements, picked by a function of the line. */
function placed(x: NdArray, shape: Shape, axis: number, pick: (line: number[]) => readonly number[]): NdArray {
  const data = allocate(shape, "int32") as Int32Array;
  const length = x.shape[axis];
  const inner = stridesOf(x.shape)[axis];
  const outer = sizeOf(x.shape.slice(0, axis));
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const line = Array.from({ length }, (_, l) => Number(x.data[(o * length + l) * inner + i]));
      const places = pick(line);
      places.forEach((place, p) => {
        data[(o * places.length + p) * inner + i] = place;
      });
    }
  return { shape, dtype: "int32", data };
}

const extreme = (onnx: "ArgMax" | "ArgMin", of: (...values: number[]) => number): Row<"argmax" | "argmin"> => ({
  infer([x], { axis }) {
    oneType(onnx.toLowerCase(), numbers, x);
    const left = <T>(values: readonly T[]): T[] => values.filter((_, i) => i !== axis);
    return { shape: left(x.shape), axes: left(x.axes), dtype: "int32" };
  },
  pullback: null,
  lower: (emit, names, _output, { axis }) =>
    emit.node("Cast", [emit.node(onnx, names, { axis, keepdims: 0 })], { to: onnxDtype.int32 }),
  reference: ([x], { shape }, { axis }) => placed(x, shape, axis, (line) => [line.indexOf(of(...line))]),
});

/** Which elements come first: step functions of the values, whose own slopes flow through takeAlong. */
export const order: Rows<"argmax" | "argmin" | "topPlaces"> = {
  argmax: extreme("ArgMax", Math.max),
  argmin: extreme("ArgMin", Math.min),
  topPlaces: {
    infer([x], { axis, count }) {
      oneType("topK", numbers, x);
      if (!(Number.isInteger(count) && count >= 1 && count <= x.shape[axis])) {
        const wanted = `at least ${count} elements (of a known number) along axis ${axis}`;
        throw problem("shape", { where: "topK", wanted, got: [x.shape], ...userLine() });
      }
      return { shape: x.shape.map((d, i) => (i === axis ? count : d)), axes: x.axes, dtype: "int32" };
    },
    pullback: null,
    lower(emit, [x], _output, { axis, count, largest }) {
      const attributes = { axis, largest: Number(largest), sorted: 1 };
      return emit.node("Cast", [emit.node("TopK", [x, emit.ints([count])], attributes, "", 1)], {
        to: onnxDtype.int32,
      });
    },
    reference: ([x], { shape }, { axis, count, largest }) =>
      placed(x, shape, axis, (line) =>
        line
          .map((_, i) => i)
          .sort((a, b) => (largest ? line[b] - line[a] : line[a] - line[b]) || a - b)
          .slice(0, count),
      ),
  },
};
