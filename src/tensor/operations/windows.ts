/** What convolutions and pools share: where a window stands along the spatial axes of [N, C, …spatial]. */
import { problem } from "../../problems.ts";
import type { Window } from "../convolution.ts";
import { type Dtype, type Shape, sizeOf } from "../ndarray.ts";
import type { Emit } from "../operations.ts";
import { open, stridesOf, userLine } from "../shape.ts";
import { lowerPad } from "./layout.ts";

/** Positions a window of `size` taps stands at along one axis, and what of the axis lies behind the last of them. */
const standing = (length: number, size: number, { stride, before, after, dilation }: Window, i: number) => {
  const room = length + before[i] + after[i] - dilation[i] * (size - 1) - 1;
  return { count: Math.floor(room / stride[i]) + 1, rest: room % stride[i], fits: room >= 0 };
};

/** What a stride leaves over behind the last window, for each spatial axis. */
export const restOf = (x: Shape, size: readonly number[], window: Window): number[] =>
  size.map((taps, i) => standing(x[i + 2], taps, window, i).rest);

/** Sizes of what a window that slides over [N, C, …spatial] makes of the spatial axes. */
export function slid(where: string, x: Shape, size: readonly number[], window: Window): number[] {
  const spatial = x.slice(2);
  const steps = spatial.map((length, i) => standing(length, size[i], window, i));
  if (x.length !== size.length + 2 || spatial.includes(open) || !steps.every(({ fits }) => fits)) {
    const wanted = `[N, C, …${size.length} spatial axes] of known sizes that a window of [${size}] fits in`;
    throw problem("shape", { where, wanted, got: [x], ...userLine() });
  }
  return steps.map(({ count }) => count);
}

/**
 * What lies under each tap of the windows of [A, B, …], by padding and slices alone, so that any type may be unfolded:
 * [A, B, taps, positions], or with the taps before the second axis [A, taps, B · positions].
 */
export function unfold(
  emit: Emit,
  x: string,
  dtype: Dtype,
  spatial: Shape,
  taps: Shape,
  g: Window,
  tapsAt: "third" | "second" = "third",
): string {
  const axes = taps.map((_, i) => i + 2);
  const padded = [...g.before, ...g.after].every((p) => p === 0)
    ? x
    : lowerPad(emit, x, dtype, [0, 0, ...g.before], [0, 0, ...g.after]);
  const strides = stridesOf(taps);
  const form = emit.ints(tapsAt === "third" ? [0, 0, 1, sizeOf(spatial)] : [0, 1, -1]);
  const windows = Array.from({ length: sizeOf(taps) }, (_, tap) => {
    const from = taps.map((d, i) => (Math.floor(tap / strides[i]) % d) * g.dilation[i]);
    const to = from.map((start, i) => start + (spatial[i] - 1) * g.stride[i] + 1);
    const cut = [emit.ints(from), emit.ints(to), emit.ints(axes), emit.ints(g.stride)];
    return emit.node("Reshape", [emit.node("Slice", [padded, ...cut]), form]);
  });
  return windows.length === 1 ? windows[0] : emit.node("Concat", windows, { axis: tapsAt === "third" ? 2 : 1 });
}

export const windowAttributes = ({ stride, before, after, dilation }: Window) => ({
  strides: stride,
  pads: [...before, ...after],
  dilations: dilation,
});
