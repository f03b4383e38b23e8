/** Products along axes, in few multiplications and without a division, so that their slopes hold where elements are 0. */
import { problem } from "../problems.ts";
import { concat } from "./joining.ts";
import { open, userLine } from "./shape.ts";
import { full, type Tensor } from "./tensor.ts";

function knownSize(x: Tensor, axis: number, where: string): number {
  if (x.shape[axis] === open) {
    throw problem("shape", { where, wanted: `a known size along axis ${axis}`, got: [x.shape], ...userLine() });
  }
  return x.shape[axis];
}

/** Halves multiplied together until one element is left. */
export function prod(x: Tensor, axes: readonly number[], keep: boolean): Tensor {
  let now = x;
  for (const axis of axes) {
    if (knownSize(x, axis, "prod") === 0)
      now = full(
        now.shape.map((d, i) => (i === axis ? 1 : d)),
        1,
        x.dtype,
      );
    for (let size = now.shape[axis]; size > 1; size = now.shape[axis]) {
      const half = Math.floor(size / 2);
      const halves = now.slice(axis, 0, half).mul(now.slice(axis, half, 2 * half));
      now = size % 2 === 0 ? halves : concat([halves, now.slice(axis, 2 * half)], axis);
    }
  }
  return keep ? now : [...axes].reverse().reduce((t, axis) => t.squeeze(axis), now);
}

/** Doubling: after step s each element is the product of the 2ˢ that end at it. */
export function cumprod(x: Tensor, axis: number): Tensor {
  const size = knownSize(x, axis, "cumprod");
  let now = x;
  for (let reach = 1; reach < size; reach *= 2) {
    const later = now.slice(axis, reach).mul(now.slice(axis, 0, size - reach));
    now = concat([now.slice(axis, 0, reach), later], axis);
  }
  return now;
}
