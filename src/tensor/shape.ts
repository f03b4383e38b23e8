/** Rules that several operations share: broadcasting, axes, and where the user called from. */
import { problem } from "../problems.ts";
import { type Dtype, type Shape, sizeOf } from "./ndarray.ts";
import type { Axis, Tensor } from "./tensor.ts";

/** One size known only at run time. At most one axis of a tensor is open. */
export const open = -1;

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i]);

export const floats: readonly Dtype[] = ["float32", "float64"];
export const numbers: readonly Dtype[] = ["float32", "float64", "int32", "int64"];

/** The one element type of all the tensors. @throws Problem "dtype" when they differ or it is not among `kinds` */
export function oneType(where: string, kinds: readonly Dtype[] | "any", ...tensors: readonly Tensor[]): Dtype {
  const [{ dtype }] = tensors;
  const got = tensors.map((t) => t.dtype);
  if (got.some((d) => d !== dtype)) {
    throw problem("dtype", { where, wanted: "one element type (cast one operand)", got, ...userLine() });
  }
  if (kinds !== "any" && !kinds.includes(dtype)) {
    throw problem("dtype", { where, wanted: kinds.join(" or "), got, ...userLine() });
  }
  return dtype;
}

/** NumPy's broadcasting of two shapes and their axis names; an open size meets 1 or itself. */
export function broadcast(a: Tensor, b: Tensor, where: string): { shape: Shape; axes: readonly string[] } {
  const rank = Math.max(a.rank, b.rank);
  const shape: number[] = [];
  const axes: string[] = [];
  for (let i = 0; i < rank; i++) {
    const da = a.shape[i - rank + a.rank] ?? 1;
    const db = b.shape[i - rank + b.rank] ?? 1;
    if (da !== db && da !== 1 && db !== 1) {
      throw problem("shape", { where, wanted: "shapes that broadcast", got: [a.shape, b.shape], ...userLine() });
    }
    shape.push(da === 1 ? db : da);
    const na = a.axes[i - rank + a.rank] ?? "";
    const nb = b.axes[i - rank + b.rank] ?? "";
    if (na !== "" && nb !== "" && na !== nb) {
      throw problem("axis", { where, axis: nb, known: a.axes, ...userLine() });
    }
    axes.push(na || nb);
  }
  return { shape, axes };
}

/** The shape two batches of matrices broadcast to, without their last two axes. */
export function broadcastShapes(a: Shape, b: Shape, where: string): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const da = a[i - rank + a.length] ?? 1;
    const db = b[i - rank + b.length] ?? 1;
    if (da !== db && da !== 1 && db !== 1) {
      throw problem("shape", { where, wanted: "leading axes that broadcast", got: [a, b], ...userLine() });
    }
    return da === 1 ? db : da;
  });
}

/** The position of an axis given by position or name. */
export function resolveAxis(tensor: Tensor, axis: Axis, where: string): number {
  if (typeof axis === "string") {
    const at = tensor.axes.indexOf(axis);
    if (at < 0 || axis === "") {
      const named = tensor.axes.filter((name) => name !== "");
      throw problem("axis", { where, axis, known: named, ...userLine() });
    }
    return at;
  }
  const at = axis < 0 ? axis + tensor.rank : axis;
  if (!Number.isInteger(axis) || at < 0 || at >= tensor.rank) {
    throw problem("axis", { where, axis, known: tensor.shape.map((_, i) => i), ...userLine() });
  }
  return at;
}

/** Sums a slope over the axes that broadcasting added, back to the shape of the operand it belongs to. */
export function sumTo(slope: Tensor, like: Tensor): Tensor {
  if (sameShape(slope.shape, like.shape)) return slope;
  const added = slope.rank - like.rank;
  const axes = slope.shape.flatMap((d, i) => (i < added || (like.shape[i - added] === 1 && d !== 1) ? [i] : []));
  const summed = slope.sum(axes, { keep: true });
  let out = summed;
  for (let i = 0; i < added; i++) out = out.squeeze(0);
  return out;
}

/** Row-major strides. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

/** The shape a reshape asks for, with one −1 worked out from the number of elements. */
export function resolveReshape(from: Shape, to: Shape): Shape {
  const openIn = from.includes(open);
  const wanted = to.filter((d) => d !== open);
  const opens = to.length - wanted.length;
  const known = sizeOf(wanted);
  const total = sizeOf(from.filter((d) => d !== open));
  // With an open size on the left, one −1 on the right stands for "the rest", and stays open: it may have been made by
  // multiplying an open batch by the known sizes that are now taken out of it again.
  const fits = openIn
    ? opens === 1 && (total % known === 0 || known % total === 0)
    : opens === 0
      ? known === total
      : opens === 1 && known > 0 && total % known === 0;
  if (!fits) {
    throw problem("shape", { where: "reshape", wanted: `as many elements as [${to}]`, got: [from], ...userLine() });
  }
  return openIn ? to : to.map((d) => (d === open ? total / known : d));
}

const ours = /[\\/](tensor|nn|formulas)[\\/](operations[\\/])?[^\\/]+\.(ts|js)|node:internal/;

/** The first line of the stack outside the tensor library: where the user's own code called from. */
export function userLine(): { line?: string } {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 40;
  const frames = (new Error().stack ?? "").split("\n").slice(1);
  Error.stackTraceLimit = limit;
  const frame = frames.find((line) => !ours.test(line) || line.includes(".test.ts"));
  const at = frame?.match(/((?:file:\/\/)?[^\s()]+:\d+):\d+\)?$/);
  return at ? { line: at[1].replace("file://", "").replace(`${globalThis.process?.cwd?.()}/`, "") } : {};
}
