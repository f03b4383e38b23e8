/** Sorting: places are int32 step functions; values carry slopes, through takeAlong. */
import { resolveAxis } from "./shape.ts";
import { type Axis, apply, type Tensor } from "./tensor.ts";

export interface SortOptions {
  /** Largest first. Default false. */
  readonly descending?: boolean;
}

/** int32 places that would sort the axis (of known size); equals keep their order. */
export function argsort(x: Tensor, axis: Axis = -1, { descending = false }: SortOptions = {}): Tensor {
  const at = resolveAxis(x, axis, "argsort");
  return apply("topPlaces", [x], { axis: at, count: x.shape[at], largest: descending });
}

/** The elements in order along an axis of known size; slopes flow to where each came from. */
export const sort = (x: Tensor, axis: Axis = -1, options: SortOptions = {}): Tensor =>
  x.takeAlong(axis, argsort(x, axis, options));

export interface TopK {
  readonly values: Tensor;
  /** int32 places along the axis. */
  readonly indices: Tensor;
}

/** The `count` largest along an axis (or smallest), in order. @throws Problem "shape" when there are fewer */
export function topK(
  x: Tensor,
  count: number,
  axis: Axis = -1,
  { smallest = false }: { readonly smallest?: boolean } = {},
): TopK {
  const at = resolveAxis(x, axis, "topK");
  const indices = apply("topPlaces", [x], { axis: at, count, largest: !smallest });
  // Only the axis sorted along may differ in size, and takeAlong asks for exactly that.
  return { values: x.takeAlong(at, indices), indices };
}
