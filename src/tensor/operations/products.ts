import { problem } from "../../problems.ts";
import { allocate, type NdArray, type Shape, sizeOf } from "../ndarray.ts";
import type { Emit, Rows } from "../operations.ts";
import { broadcastShapes, floats, numbers, oneType, stridesOf, sumTo, userLine } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

interface Transposes {
  readonly transposeLeft: boolean;
  readonly transposeRight: boolean;
}

/** [… m k] and [… k n], each read transposed or not. */
function sizes(
  x: { shape: Shape },
  y: { shape: Shape },
  t: Transposes,
): { m: number; k: number; k2: number; n: number } {
  const [a, b] = x.shape.slice(-2);
  const [c, d] = y.shape.slice(-2);
  const [m, k] = t.transposeLeft ? [b, a] : [a, b];
  const [k2, n] = t.transposeRight ? [d, c] : [c, d];
  return { m, k, k2, n };
}

function inferProduct(where: string, x: Tensor, y: Tensor, t: Transposes) {
  if (x.rank < 2 || y.rank < 2) {
    throw problem("shape", { where, wanted: "matrices [… m k] and [… k n]", got: [x.shape, y.shape], ...userLine() });
  }
  const dtype = oneType(where, where === "gemm" ? floats : numbers, x, y);
  const { m, k, k2, n } = sizes(x, y, t);
  if (k !== k2) {
    throw problem("shape", {
      where,
      wanted: `inner sizes that agree (${k} and ${k2} do not)`,
      got: [x.shape, y.shape],
      ...userLine(),
    });
  }
  const leading = broadcastShapes(x.shape.slice(0, -2), y.shape.slice(0, -2), where);
  const names = leading.map(
    (_, i) => x.axes[i - leading.length + x.rank - 2] || y.axes[i - leading.length + y.rank - 2] || "",
  );
  const rowAxis = t.transposeLeft ? -1 : -2;
  const columnAxis = t.transposeRight ? -2 : -1;
  return {
    shape: [...leading, m, n],
    dtype,
    axes: [...names, x.axes.at(rowAxis) ?? "", y.axes.at(columnAxis) ?? ""],
  };
}

/** Slopes of C = A′B′ with each factor as it was given (transposed or not). */
function slopes(
  x: Tensor,
  y: Tensor,
  g: Tensor,
  { transposeLeft, transposeRight }: Transposes,
): readonly [Tensor, Tensor] {
  const dx = transposeLeft
    ? y.matmul(g, { transposeLeft: transposeRight, transposeRight: true })
    : g.matmul(y, { transposeRight: !transposeRight });
  const dy = transposeRight
    ? g.matmul(x, { transposeLeft: true, transposeRight: transposeLeft })
    : x.matmul(g, { transposeLeft: !transposeLeft });
  return [sumTo(dx, x), sumTo(dy, y)];
}

function multiply(x: NdArray, y: NdArray, shape: Shape, t: Transposes): NdArray {
  const { m, k, n } = sizes(x, y, t);
  const data = allocate(shape, "float64") as Float64Array;
  const leading = shape.slice(0, -2);
  const strides = stridesOf(leading);
  const offset = (array: NdArray, batch: number): number => {
    const own = array.shape.slice(0, -2);
    const ownStrides = stridesOf(own);
    const added = leading.length - own.length;
    return own.reduce(
      (at, d, i) => at + (d === 1 ? 0 : (Math.floor(batch / strides[i + added]) % leading[i + added]) * ownStrides[i]),
      0,
    );
  };
  for (let batch = 0; batch < sizeOf(leading); batch++) {
    const xs = offset(x, batch) * m * k;
    const ys = offset(y, batch) * k * n;
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++) {
          const a = x.data[xs + (t.transposeLeft ? l * m + i : i * k + l)];
          const b = y.data[ys + (t.transposeRight ? j * k + l : l * n + j)];
          sum += Number(a) * Number(b);
        }
        data[(batch * m + i) * n + j] = sum;
      }
    }
  }
  return { shape, dtype: "float64", data };
}

/** Kernels that read a factor transposed take floats alone, so whole numbers are transposed beforehand. */
function wholeProduct(emit: Emit, names: readonly string[], inputs: readonly Tensor[], t: Transposes): string {
  const turned = names.map((name, i) => {
    if (!(i === 0 ? t.transposeLeft : t.transposeRight)) return name;
    const { rank } = inputs[i];
    const perm = inputs[i].shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
    return emit.node("Transpose", [name], { perm });
  });
  return emit.node("MatMul", turned);
}

export const products: Rows<"matmul" | "gemm"> = {
  matmul: {
    infer: ([x, y], t) => inferProduct("matmul", x, y, t),
    pullback: ([x, y], _out, slope, t) => slopes(x, y, slope, t),
    lower(emit, names, output, t) {
      if (!t.transposeLeft && !t.transposeRight) return emit.node("MatMul", names);
      if (!floats.includes(output.dtype)) return wholeProduct(emit, names, output.inputs, t);
      // Gemm takes transposes for matrices; for batches of them ONNX Runtime's own product does.
      return output.rank === 2
        ? emit.node("Gemm", names, { transA: Number(t.transposeLeft), transB: Number(t.transposeRight) })
        : emit.node(
            "FusedMatMul",
            names,
            { transA: Number(t.transposeLeft), transB: Number(t.transposeRight) },
            "com.microsoft",
          );
    },
    reference: ([x, y], { shape }, t) => multiply(x, y, shape, t),
  },
  gemm: {
    infer([x, weight, bias], t) {
      const product = inferProduct("gemm", x, weight, t);
      if (product.shape.length !== 2 || bias.rank > 2 || bias.shape.at(-1) !== product.shape[1]) {
        throw problem("shape", {
          where: "gemm",
          wanted: "[m k], [k n] and [n]",
          got: [x.shape, weight.shape, bias.shape],
          ...userLine(),
        });
      }
      return product;
    },
    pullback([x, weight, bias], _out, slope, t) {
      const [dx, dw] = slopes(x, weight, slope, t);
      return [dx, dw, sumTo(slope, bias)];
    },
    lower: (emit, names, _output, t) =>
      emit.node("Gemm", names, { transA: Number(t.transposeLeft), transB: Number(t.transposeRight) }),
    reference([x, weight, bias], { shape }, t) {
      const product = multiply(x, weight, shape, t);
      const data = Float64Array.from(product.data as Float64Array, (v, i) => v + Number(bias.data[i % shape[1]]));
      return { shape, dtype: "float64", data };
    },
  },
};
