/** Convolutions and pooling over [N, C, …spatial] (NCL, NCHW): the options people write, made the windows rows want. */
import { problem } from "../problems.ts";
import { userLine } from "./shape.ts";
import { apply, type Tensor } from "./tensor.ts";

/** How a window moves; one number for each spatial axis in every list. */
export interface Window {
  readonly stride: readonly number[];
  /** Zeros before and after each axis. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly dilation: readonly number[];
}

export interface ConvGeometry extends Window {
  readonly groups: number;
}

/** One number for all spatial axes, or one each. */
export type PerAxis = number | readonly number[];

export interface WindowOptions {
  readonly stride?: PerAxis;
  /** On both sides of each axis; or [before, after] for each; or "same": as much as keeps the size at stride 1. Default 0. */
  readonly padding?: PerAxis | readonly (readonly [before: number, after: number])[] | "same";
  /** Distance between the taps of a window. Default 1. */
  readonly dilation?: PerAxis;
}

export interface ConvOptions extends WindowOptions {
  /** Channels are cut into as many groups, each convolved on its own. Default 1. */
  readonly groups?: number;
}

export interface ConvTransposeOptions extends ConvOptions {
  /** Extra size at the end of each axis, less than its stride. Default 0. */
  readonly outputPadding?: PerAxis;
}

function perAxis(where: string, name: string, given: PerAxis, count: number, least: number): readonly number[] {
  const values = typeof given === "number" ? Array.from({ length: count }, () => given) : given;
  if (values.length !== count || values.some((v) => !Number.isInteger(v) || v < least)) {
    throw problem("bad-option", { where, name, given, wanted: `an integer of at least ${least}, or ${count} of them` });
  }
  return values;
}

/** @throws Problem "bad-option" */
function windowOf(where: string, size: readonly number[], options: WindowOptions, defaultStride: PerAxis = 1): Window {
  const axes = size.length;
  const stride = perAxis(where, "stride", options.stride ?? defaultStride, axes, 1);
  const dilation = perAxis(where, "dilation", options.dilation ?? 1, axes, 1);
  const padding = options.padding ?? 0;
  if (padding === "same") {
    const all = size.map((taps, i) => dilation[i] * (taps - 1));
    const before = all.map((p) => Math.floor(p / 2));
    return { stride, dilation, before, after: all.map((p, i) => p - before[i]) };
  }
  const pairs =
    typeof padding !== "number" && typeof padding[0] === "object"
      ? (padding as readonly (readonly [number, number])[])
      : perAxis(where, "padding", padding as PerAxis, axes, 0).map((p) => [p, p] as const);
  const side = (i: 0 | 1) =>
    perAxis(
      where,
      "padding",
      pairs.map((pair) => pair[i]),
      axes,
      0,
    );
  return { stride, dilation, before: side(0), after: side(1) };
}

function checkRank(where: string, weight: Tensor): readonly number[] {
  if (weight.rank < 3) {
    const wanted = "a weight [O, C/groups, …one size for each spatial axis]";
    throw problem("shape", { where, wanted, got: [weight.shape], ...userLine() });
  }
  return weight.shape.slice(2);
}

/**
 * Cross-correlation, as every library's convolution is: x [N, C, …] and weight [O, C/groups, …taps] → [N, O, …].
 * @throws Problem "shape", "dtype" or "bad-option"
 */
export function conv(x: Tensor, weight: Tensor, { groups = 1, ...options }: ConvOptions = {}): Tensor {
  const size = checkRank("conv", weight);
  perAxis("conv", "groups", groups, 1, 1);
  return apply("conv", [x, weight], { ...windowOf("conv", size, options), groups });
}

/**
 * The transpose of `conv` with the same weight and options: x [N, C, …] and weight [C, O/groups, …taps] → [N, O, …], each
 * size (size − 1) stride + dilation (taps − 1) + 1 − padding + outputPadding.
 * @throws Problem "shape", "dtype" or "bad-option"
 */
export function convTranspose(
  x: Tensor,
  weight: Tensor,
  { groups = 1, outputPadding = 0, ...options }: ConvTransposeOptions = {},
): Tensor {
  const where = "convTranspose";
  const size = checkRank(where, weight);
  perAxis(where, "groups", groups, 1, 1);
  const extra = perAxis(where, "outputPadding", outputPadding, size.length, 0);
  const window = windowOf(where, size, options);
  if (extra.some((e, i) => e >= Math.max(window.stride[i], window.dilation[i]))) {
    throw problem("bad-option", { where, name: "outputPadding", given: outputPadding, wanted: "less than the stride" });
  }
  return apply("convTranspose", [x, weight], { ...window, groups, outputPadding: extra });
}

/** The window of a pool, which moves by its own size where nothing else is said. */
function poolOf(
  where: string,
  x: Tensor,
  given: PerAxis,
  options: WindowOptions,
): Window & { size: readonly number[] } {
  const size = perAxis(where, "size", given, Math.max(x.rank - 2, 1), 1);
  const window = windowOf(where, size, options, size);
  if (size.some((taps, i) => Math.max(window.before[i], window.after[i]) >= taps)) {
    throw problem("bad-option", { where, name: "padding", given: options.padding, wanted: "less than the window" });
  }
  return { ...window, size };
}

/**
 * The largest of each window of [N, C, …]; padding never is. A tie's slope goes to the first. Default stride: the size.
 * @throws Problem "shape", "dtype" or "bad-option"
 */
export const maxPool = (x: Tensor, size: PerAxis, options: WindowOptions = {}): Tensor =>
  apply("maxPool", [x], poolOf("maxPool", x, size, options));

/**
 * The mean of each window of [N, C, …], padding counted as zeros. Default stride: the size.
 * @throws Problem "shape", "dtype" or "bad-option"
 */
export const averagePool = (x: Tensor, size: PerAxis, options: WindowOptions = {}): Tensor =>
  apply("averagePool", [x], poolOf("averagePool", x, size, options));
