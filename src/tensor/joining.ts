/** Tensors put together along an axis, and taken apart again. */
import { problem } from "../problems.ts";
import { resolveAxis, userLine } from "./shape.ts";
import { type Axis, apply, type Tensor } from "./tensor.ts";

/** Joined along an axis that exists. */
export function concat(tensors: readonly Tensor[], axis: Axis = -1): Tensor {
  return tensors.length === 1
    ? tensors[0]
    : apply("concat", tensors, { axis: resolveAxis(tensors[0], axis, "concat") });
}

/** Joined along a new axis. */
export const stack = (tensors: readonly Tensor[], axis = 0): Tensor => {
  const at = axis < 0 ? axis + tensors[0].rank + 1 : axis;
  return concat(
    tensors.map((t) => t.unsqueeze(at)),
    at,
  );
};

/** Cut along an axis of known size: into so many equal parts, or into parts of the sizes given. */
export function split(x: Tensor, parts: number | readonly number[], axis: Axis = -1): Tensor[] {
  const at = resolveAxis(x, axis, "split");
  const size = x.shape[at];
  const sizes = typeof parts === "number" ? Array.from({ length: parts }, () => size / parts) : parts;
  if (sizes.some((s) => !Number.isInteger(s) || s < 1) || sizes.reduce((a, b) => a + b, 0) !== size) {
    const wanted = typeof parts === "number" ? `${parts} equal parts` : `parts of ${parts}`;
    throw problem("shape", { where: "split", wanted: `${wanted} along axis ${at}`, got: [x.shape], ...userLine() });
  }
  let from = 0;
  return sizes.map((s) => {
    from += s;
    return s === size ? x : x.slice(at, from - s, from);
  });
}
