import { problem } from "../../problems.ts";
import type { ConvGeometry } from "../convolution.ts";
import { allocate, type Shape, sizeOf } from "../ndarray.ts";
import type { Emit, Rows } from "../operations.ts";
import { floats, oneType, open, stridesOf, userLine } from "../shape.ts";
import { apply, type Tensor } from "../tensor.ts";
import { lowerPad } from "./layout.ts";
import { restOf, slid, unfold, windowAttributes } from "./windows.ts";

type Sliding = "conv" | "convTranspose" | "convWeight";

function checkChannels(where: string, wanted: string, fits: boolean, x: Tensor, weight: Tensor): void {
  if (x.dtype !== weight.dtype || !x.dtype.startsWith("float")) {
    throw problem("dtype", { where, wanted: "one float type", got: [x.dtype, weight.dtype], ...userLine() });
  }
  if (!fits) throw problem("shape", { where, wanted, got: [x.shape, weight.shape], ...userLine() });
}

const weightSlope = (x: Tensor, weight: Tensor, slope: Tensor, g: ConvGeometry): Tensor =>
  apply("convWeight", [x, slope], { ...g, size: weight.shape.slice(2) });

/** What x must have been for a convolution to make `slope` of it: the size that a stride's rest hides is given back. */
function inputSlope(x: Tensor, weight: Tensor, slope: Tensor, g: ConvGeometry): Tensor {
  const outputPadding = restOf(x.shape, weight.shape.slice(2), g);
  return apply("convTranspose", [slope, weight], { ...g, outputPadding });
}

/** Every term of a convolution: offsets of an input element, a weight and the output element their product goes to. */
function terms(x: Shape, w: Shape, out: Shape, g: ConvGeometry, f: (i: number, j: number, k: number) => void): void {
  const [xs, ws, os] = [stridesOf(x), stridesOf(w), stridesOf(out)];
  const perGroup = out[1] / g.groups;
  const [spatial, taps] = [out.slice(2), w.slice(2)];
  const [spatialStrides, tapStrides] = [stridesOf(spatial), stridesOf(taps)];
  for (let k = 0; k < sizeOf(out); k++) {
    const [n, o] = [Math.floor(k / os[0]), Math.floor(k / os[1]) % out[1]];
    const group = Math.floor(o / perGroup);
    for (let tap = 0; tap < sizeOf(taps); tap++) {
      let at = 0;
      let inside = true;
      spatial.forEach((d, i) => {
        const position = Math.floor((k % os[1]) / spatialStrides[i]) % d;
        const along =
          position * g.stride[i] + (Math.floor(tap / tapStrides[i]) % taps[i]) * g.dilation[i] - g.before[i];
        inside &&= along >= 0 && along < x[i + 2];
        at += along * xs[i + 2];
      });
      if (!inside) continue;
      for (let c = 0; c < w[1]; c++) f(n * xs[0] + (group * w[1] + c) * xs[1] + at, o * ws[0] + c * ws[1] + tap, k);
    }
  }
}

/** ONNX Runtime convolves single precision alone; for double, windows are laid side by side and multiplied. */
function unfoldedProduct(emit: Emit, [x, w]: readonly string[], out: Tensor, wShape: Shape, g: ConvGeometry): string {
  const taps = wShape.slice(2);
  const side = unfold(emit, x, out.dtype, out.shape.slice(2), taps, g);
  const perGroup = out.shape[1] / g.groups;
  const columns = emit.node("Reshape", [
    side,
    emit.ints([0, g.groups, wShape[1] * sizeOf(taps), sizeOf(out.shape.slice(2))]),
  ]);
  const rows = emit.node("Reshape", [w, emit.ints([g.groups, perGroup, wShape[1] * sizeOf(taps)])]);
  return emit.node("Reshape", [emit.node("MatMul", [rows, columns]), emit.ints(out.shape)]);
}

/** Taps from which a weight's slope is a convolution: an update of an encoder of 64, 16 and 9 taps takes five sixths of the time so. */
const manyTaps = 9;

export const convolutions: Rows<Sliding> = {
  conv: {
    infer([x, weight], g) {
      const [out, inputs, ...size] = weight.shape;
      const fits = weight.rank > 2 && x.shape[1] === inputs * g.groups && out % g.groups === 0;
      checkChannels("conv", `x [N, C, …] and weight [O, C/${g.groups}, …], O in ${g.groups} groups`, fits, x, weight);
      return {
        shape: [x.shape[0], out, ...slid("conv", x.shape, size, g)],
        axes: [x.axes[0], "", ...x.axes.slice(2)],
        dtype: x.dtype,
      };
    },
    pullback: ([x, weight], _out, slope, g) => [inputSlope(x, weight, slope, g), weightSlope(x, weight, slope, g)],
    lower(emit, names, output, g) {
      const weight = output.inputs[1].shape;
      if (output.dtype !== "float32") return unfoldedProduct(emit, names, output, weight, g);
      return emit.node("Conv", names, { ...windowAttributes(g), group: g.groups, kernel_shape: weight.slice(2) });
    },
    reference([x, weight], { shape }, g) {
      const data = allocate(shape, "float64") as Float64Array;
      terms(x.shape, weight.shape, shape, g, (i, j, k) => {
        data[k] += Number(x.data[i]) * Number(weight.data[j]);
      });
      return { shape, dtype: "float64", data };
    },
  },

  // The transpose of conv: what was its output comes in, what was its input comes out.
  convTranspose: {
    infer([x, weight], { outputPadding, ...g }) {
      const [inputs, perGroup, ...size] = weight.shape;
      const fits = weight.rank > 2 && x.rank === weight.rank && x.shape[1] === inputs && inputs % g.groups === 0;
      checkChannels("convTranspose", `x [N, C, …] and weight [C, O/${g.groups}, …]`, fits, x, weight);
      const spatial = size.map(
        (taps, i) =>
          (x.shape[i + 2] - 1) * g.stride[i] +
          g.dilation[i] * (taps - 1) +
          1 -
          g.before[i] -
          g.after[i] +
          outputPadding[i],
      );
      if (x.shape.slice(2).includes(open) || spatial.some((d) => d < 1)) {
        const wanted = "known spatial sizes that padding leaves something of";
        throw problem("shape", { where: "convTranspose", wanted, got: [x.shape, weight.shape], ...userLine() });
      }
      return {
        shape: [x.shape[0], perGroup * g.groups, ...spatial],
        axes: [x.axes[0], "", ...x.axes.slice(2)],
        dtype: x.dtype,
      };
    },
    pullback: ([x, weight], _out, slope, g) => [apply("conv", [slope, weight], g), weightSlope(slope, weight, x, g)],
    lower(emit, [x, w], output, { outputPadding, ...g }) {
      const [{ shape: from }, { shape: weight }] = output.inputs;
      const taps = weight.slice(2);
      if (output.dtype === "float32") {
        const attributes = {
          ...windowAttributes(g),
          group: g.groups,
          kernel_shape: taps,
          output_padding: outputPadding,
        };
        return emit.node("ConvTranspose", [x, w], attributes);
      }
      // In double precision: zeros between the elements, then a convolution with the taps and the channels turned round.
      const spread = taps.reduce((name, _, i) => spaced(emit, name, output.dtype, from, i, g.stride[i]), x);
      const axes = taps.map((_, i) => i + 3);
      const grouped = [g.groups, from[1] / g.groups, weight[1]];
      const split = emit.node("Reshape", [w, emit.ints([...grouped, ...taps])]);
      const swapped = emit.node("Transpose", [split], { perm: [0, 2, 1, ...axes] });
      const turned = emit.node("Slice", [
        swapped,
        ...[taps.map(() => -1), taps.map(() => -(2 ** 31)), axes, taps.map(() => -1)].map((values) =>
          emit.ints(values),
        ),
      ]);
      const reach = taps.map((size, i) => g.dilation[i] * (size - 1));
      return unfoldedProduct(emit, [spread, turned], output, [output.shape[1], grouped[1], ...taps], {
        stride: taps.map(() => 1),
        before: reach.map((r, i) => r - g.before[i]),
        after: reach.map((r, i) => r - g.after[i] + outputPadding[i]),
        dilation: g.dilation,
        groups: g.groups,
      });
    },
    reference([x, weight], { shape }, g) {
      const data = allocate(shape, "float64") as Float64Array;
      terms(shape, weight.shape, x.shape, g, (i, j, k) => {
        data[i] += Number(x.data[k]) * Number(weight.data[j]);
      });
      return { shape, dtype: "float64", data };
    },
  },

  // The slope of a convolution's weight, for which ONNX has no operation. Of few taps it is a product of windows laid out for
  // it; of many, a convolution over exchanged axes, which with few taps would be a matrix product of an unhappy form.
  convWeight: {
    infer([x, slope], { size, groups }) {
      return { shape: [slope.shape[1], x.shape[1] / groups, ...size], dtype: oneType("convWeight", floats, x, slope) };
    },
    pullback: ([x, slope], _out, weight, { size: _, ...g }) => [
      inputSlope(x, weight, slope, g),
      apply("conv", [x, weight], g),
    ],
    lower(emit, names, output, { size, ...g }) {
      const [x, slope] = output.inputs;
      const perm = x.shape.map((_, i) => (i < 2 ? 1 - i : i));
      const [across, along] = names.map((name) => emit.node("Transpose", [name], { perm }));
      if (output.dtype === "float32" && g.groups === 1 && sizeOf(size) >= manyTaps) {
        const swapped = { ...g, stride: g.dilation, dilation: g.stride };
        const kernel = { group: 1, kernel_shape: slope.shape.slice(2) };
        const whole = emit.node("Conv", [across, along], { ...windowAttributes(swapped), ...kernel });
        // Where a stride leaves something over behind the last window, taps appear that are none.
        const axes = size.map((_, i) => i + 2);
        const cut = [emit.ints(size.map(() => 0)), emit.ints(size), emit.ints(axes)];
        return emit.node("Transpose", [emit.node("Slice", [whole, ...cut])], { perm });
      }
      const windows = unfold(emit, across, output.dtype, slope.shape.slice(2), size, g, "second");
      const flat = (name: string, rows: number): string =>
        emit.node("Reshape", [name, emit.ints(g.groups === 1 ? [rows, -1] : [g.groups, rows, -1])]);
      const left = flat(along, slope.shape[1] / g.groups);
      const right = flat(windows, (x.shape[1] / g.groups) * sizeOf(size));
      const product =
        g.groups === 1
          ? emit.node("Gemm", [left, right], { transB: 1 })
          : emit.node("FusedMatMul", [left, right], { transB: 1 }, "com.microsoft");
      return emit.node("Reshape", [product, emit.ints(output.shape)]);
    },
    reference([x, slope], { shape }, g) {
      const data = allocate(shape, "float64") as Float64Array;
      terms(x.shape, shape, slope.shape, g, (i, j, k) => {
        data[j] += Number(x.data[i]) * Number(slope.data[k]);
      });
      return { shape, dtype: "float64", data };
    },
  },
};

/** Stride − 1 zeros between neighbours along one spatial axis; the axes before it are spaced already. */
function spaced(emit: Emit, x: string, dtype: Tensor["dtype"], from: Shape, i: number, stride: number): string {
  if (stride === 1) return x;
  const length = from[i + 2];
  const after = from.slice(i + 3);
  const apart = emit.node("Unsqueeze", [x, emit.ints([i + 3])]);
  const none = Array.from({ length: from.length + 1 }, () => 0);
  const padded = lowerPad(emit, apart, dtype, none, none.with(i + 3, stride - 1));
  const copied = Array.from({ length: i + 2 }, () => 0);
  const joined = emit.node("Reshape", [padded, emit.ints([...copied, length * stride, ...after])]);
  return emit.node("Slice", [joined, emit.ints([0]), emit.ints([(length - 1) * stride + 1]), emit.ints([i + 2])]);
}
