/** Nested values as columns of their parts, the way other formats keep them, and back to the form they are stored in. */
import { problem } from "../../problems.ts";
import { orderedNames } from "../../spaces/make.ts";
import type { Box, Discrete, MultiDiscrete, Space } from "../../spaces/space.ts";
import { storedForm } from "../../spaces/stored.ts";
import { asBox } from "../../spaces/tokens.ts";
import { allocate, type NdArray, sizeOf } from "../../tensor/ndarray.ts";
import { column, type Source } from "../columns.ts";

/** A part of a space that has no parts. */
export interface Leaf {
  /** Names from the outside in; items of a Tuple by their number. Empty when the space is itself a leaf. */
  readonly path: readonly (string | number)[];
  readonly space: Box | Discrete | MultiDiscrete;
  /** Where it starts in the flattened row. */
  readonly at: number;
  /** How many numbers of the flattened row it takes. */
  readonly width: number;
}

/**
 * The leaves of a space, in the order in which they are flattened. Text is the Box of its numbers with a vocabulary, and
 * passed over without one.
 */
export function leavesOf(space: Space): readonly Leaf[] {
  let at = 0;
  const walk = (part: Space, path: readonly (string | number)[]): Leaf[] => {
    if (part.kind === "dict") return orderedNames(part).flatMap((name) => walk(part.entries[name], [...path, name]));
    if (part.kind === "tuple") return part.items.flatMap((item, i) => walk(item, [...path, i]));
    if (part.kind === "text" && part.vocabulary === undefined) return [];
    const leaf = part.kind === "text" ? asBox(part.vocabulary!) : part;
    const width = flatWidth(leaf);
    at += width;
    return [{ path, space: leaf, at: at - width, width }];
  };
  return walk(space, []);
}

function flatWidth(space: Leaf["space"]): number {
  if (space.kind === "box") return sizeOf(space.shape);
  return space.kind === "discrete" ? space.n : space.sizes.reduce((sum, size) => sum + size, 0);
}

const nested = (space: Space): boolean => space.kind === "dict" || space.kind === "tuple";

/**
 * One leaf's column [rows, …] out of stored values of the whole space; choices are int32.
 * @throws Problem "bad-field" when a choice is not stored as one 1 among zeros
 */
export function leafColumn(space: Space, leaf: Leaf, values: NdArray): NdArray {
  if (!nested(space)) return values;
  const [rows, whole] = values.shape;
  const { shape, dtype } = storedForm(leaf.space);
  const out = allocate([rows, ...shape], dtype) as Float32Array;
  const width = sizeOf(shape);
  const flat = values.data as Float32Array;
  for (let row = 0; row < rows; row++) {
    const from = row * whole + leaf.at;
    if (leaf.space.kind === "box") out.set(flat.subarray(from, from + width), row * width);
    else if (leaf.space.kind === "discrete") out[row] = leaf.space.start + chosen(flat, from, leaf.space.n);
    else choices(leaf.space, flat, from, out, row * width);
  }
  return { shape: [rows, ...shape], dtype, data: out };
}

function chosen(flat: Float32Array, from: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.abs(flat[from + i]);
  for (let i = 0; i < n && sum === 1; i++) if (flat[from + i] === 1) return i;
  throw problem("bad-field", {
    source: "the recording",
    field: "a choice within a nested value",
    given: `[${flat.subarray(from, from + n).join(", ")}]`,
    rule: "it is stored as one 1 among zeros",
    next: "Stack the values with stackValues, which stores them so.",
  });
}

function choices({ sizes }: MultiDiscrete, flat: Float32Array, from: number, out: Float32Array, at: number): void {
  for (const [i, size] of sizes.entries()) {
    out[at + i] = chosen(flat, from, size);
    from += size;
  }
}

/**
 * Stored values of a space out of the columns of its leaves.
 * @throws Problem "bad-field" or "bad-row" when a column has another length or a choice is out of range
 */
export function fromLeaves(
  space: Space,
  rows: number,
  columnOf: (leaf: Leaf) => NdArray,
  source: Source,
  field: string,
): NdArray {
  const leaves = leavesOf(space);
  const read = (leaf: Leaf): NdArray => {
    const name = [field, ...leaf.path].join("/");
    const given = columnOf(leaf);
    const stored = storedForm(leaf.space);
    // A row of one number may stand without its axis, and the other way round.
    const sameSize = given.data.length === rows * sizeOf(stored.shape) && given.shape[0] === rows;
    return column(sameSize ? { ...given, shape: [rows, ...stored.shape] } : given, rows, stored, source, name);
  };
  if (!nested(space)) return read(leaves[0]);
  const { shape, dtype } = storedForm(space);
  const out = allocate([rows, ...shape], dtype) as Float32Array;
  for (const leaf of leaves) fill(out, shape[0], rows, leaf, read(leaf), source, [field, ...leaf.path].join("/"));
  return { shape: [rows, ...shape], dtype, data: out };
}

function fill(
  out: Float32Array,
  whole: number,
  rows: number,
  leaf: Leaf,
  values: NdArray,
  source: Source,
  field: string,
) {
  const data = values.data as Float32Array;
  const width = sizeOf(values.shape.slice(1));
  for (let row = 0; row < rows; row++) {
    let at = row * whole + leaf.at;
    if (leaf.space.kind === "box") {
      out.set(data.subarray(row * width, (row + 1) * width), at);
      continue;
    }
    const sizes = leaf.space.kind === "discrete" ? [leaf.space.n] : leaf.space.sizes;
    const start = leaf.space.kind === "discrete" ? leaf.space.start : 0;
    for (const [i, size] of sizes.entries()) {
      const choice = data[row * width + i] - start;
      if (!(choice >= 0 && choice < size)) outOfRange(data[row * width + i], start, size, row, source, field);
      out[at + choice] = 1;
      at += size;
    }
  }
}

function outOfRange(given: number, start: number, n: number, row: number, source: Source, field: string): never {
  throw problem("bad-row", {
    source: source.name,
    place: source.place(row),
    field,
    given: String(given),
    rule: `it must be in ${start} … ${start + n - 1}`,
    next: "Correct the value, or declare the space it was recorded in.",
  });
}
