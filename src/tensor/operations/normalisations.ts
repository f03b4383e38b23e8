import { problem } from "../../problems.ts";
import { allocate, type NdArray } from "../ndarray.ts";
import type { Rows } from "../operations.ts";
import { userLine } from "../shape.ts";
import { apply, onesOf, type Tensor, zerosOf } from "../tensor.ts";

function checkVectors(where: string, x: Tensor, ...vectors: readonly Tensor[]): void {
  const all = [x, ...vectors];
  if (x.rank === 0 || vectors.some((v) => v.rank !== 1 || v.shape[0] !== x.shape.at(-1))) {
    const wanted = "x [… n] and vectors [n] beside it";
    throw problem("shape", { where, wanted, got: all.map((t) => t.shape), ...userLine() });
  }
  if (!x.dtype.startsWith("float") || vectors.some((v) => v.dtype !== x.dtype)) {
    throw problem("dtype", { where, wanted: "one float type", got: all.map((t) => t.dtype), ...userLine() });
  }
}

/** The slope of a vector that stood beside every row: summed over rows, as a matrix so that a product may do it. */
const overRows = (slope: Tensor): Tensor => slope.reshape(-1, slope.shape.at(-1) as number).sum(0);

/** Each row of the last axis through a function. */
function rows(x: NdArray, f: (row: Float64Array) => Float64Array): NdArray {
  const data = allocate(x.shape, "float64") as Float64Array;
  const width = x.shape.at(-1) as number;
  for (let at = 0; at < data.length; at += width) {
    data.set(f(Float64Array.from({ length: width }, (_, i) => Number(x.data[at + i]))), at);
  }
  return { shape: x.shape, dtype: "float64", data };
}

const meanOf = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

export const normalisations: Rows<"layerNorm" | "rmsNorm"> = {
  layerNorm: {
    infer([x, scale, bias]) {
      checkVectors("layerNorm", x, scale, bias);
      return { shape: x.shape, axes: x.axes, dtype: x.dtype };
    },
    pullback([x, scale, bias], _out, slope, { epsilon }) {
      const size = scale.shape[0];
      const normal = apply("layerNorm", [x, onesOf([size], x.dtype), zerosOf([size], x.dtype)], { epsilon });
      const deviation = x.variance(-1, { keep: true }).add(epsilon).sqrt();
      const g = slope.mul(scale);
      const along = normal.mul(g.mul(normal).mean(-1, { keep: true }));
      const dx = g
        .sub(g.mean(-1, { keep: true }))
        .sub(along)
        .div(deviation);
      return [dx, overRows(slope.mul(normal)), bias && overRows(slope)];
    },
    lower: (emit, names, _output, { epsilon }) =>
      emit.node("LayerNormalization", names, { axis: -1, epsilon: { float: epsilon } }),
    reference: ([x, scale, bias], _output, { epsilon }) =>
      rows(x, (row) => {
        const centre = meanOf(row);
        const deviation = Math.sqrt(meanOf(row.map((v) => (v - centre) ** 2)) + epsilon);
        return row.map((v, i) => ((v - centre) / deviation) * Number(scale.data[i]) + Number(bias.data[i]));
      }),
  },
  rmsNorm: {
    infer([x, scale]) {
      checkVectors("rmsNorm", x, scale);
      return { shape: x.shape, axes: x.axes, dtype: x.dtype };
    },
    pullback([x, scale], _out, slope, { epsilon }) {
      const size = x.square().mean(-1, { keep: true }).add(epsilon).sqrt();
      const normal = x.div(size);
      const g = slope.mul(scale);
      const dx = g.sub(normal.mul(g.mul(normal).mean(-1, { keep: true }))).div(size);
      return [dx, overRows(slope.mul(normal))];
    },
    // ONNX Runtime keeps this kernel in the standard domain though the standard names one only from opset 23 on.
    lower: (emit, names, _output, { epsilon }) =>
      emit.node("SimplifiedLayerNormalization", names, { axis: -1, epsilon: { float: epsilon } }),
    reference: ([x, scale], _output, { epsilon }) =>
      rows(x, (row) => {
        const size = Math.sqrt(meanOf(row.map((v) => v * v)) + epsilon);
        return row.map((v, i) => (v / size) * Number(scale.data[i]));
      }),
  },
};
