/** Values as one row of numbers: Discrete one-hot, Dict and Tuple end to end in key order, Text as tokens and their worth. */
import { problem } from "../problems.ts";
import { type NdArray, sizeOf } from "../tensor/ndarray.ts";
import { contains, describe, describeValue } from "./contains.ts";
import { orderedNames } from "./make.ts";
import type { Space, Value, Vocabulary } from "./space.ts";
import { sentenceOf, writeTokens } from "./tokens.ts";

/**
 * How many numbers a flattened value has.
 * @throws Problem "bad-value" for Text without a vocabulary, which has no numbers
 */
export function flatDim(space: Space): number {
  switch (space.kind) {
    case "box":
      return sizeOf(space.shape);
    case "discrete":
      return space.n;
    case "multi-discrete":
      return space.sizes.reduce((sum, size) => sum + size, 0);
    case "dict":
      return orderedNames(space).reduce((sum, name) => sum + flatDim(space.entries[name]), 0);
    case "tuple":
      return space.items.reduce((sum, item) => sum + flatDim(item), 0);
    case "text":
      if (space.vocabulary !== undefined) return 2 * space.vocabulary.length;
      throw problem("bad-value", {
        where: "flatDim",
        given: describe(space),
        wanted: "a space of numbers",
        next: "Give the Text a vocabulary, or embed it as a Box first.",
      });
  }
}

/**
 * One value as float32 [flatDim].
 * @throws Problem "outside-space" when the value is not in the space
 */
export function flatten(space: Space, value: Value): Float32Array {
  if (!contains(space, value)) {
    throw problem("outside-space", { where: "flatten", given: describeValue(value), space: describe(space) });
  }
  const out = new Float32Array(flatDim(space));
  flattenInto(space, value, out, 0);
  return out;
}

/** Writes the flattened value at `at` and returns the place after it. The value must be in the space. */
export function flattenInto(space: Space, value: Value, out: Float32Array, at: number): number {
  switch (space.kind) {
    case "box": {
      const numbers = value as Float32Array;
      out.set(numbers, at);
      return at + numbers.length;
    }
    case "discrete":
      out[at + (value as number) - space.start] = 1;
      return at + space.n;
    case "multi-discrete": {
      const chosen = value as Int32Array;
      for (let i = 0; i < chosen.length; i++) {
        out[at + chosen[i]] = 1;
        at += space.sizes[i];
      }
      return at;
    }
    case "dict": {
      const entries = value as { readonly [name: string]: Value };
      for (const name of orderedNames(space)) at = flattenInto(space.entries[name], entries[name], out, at);
      return at;
    }
    case "tuple": {
      const items = value as readonly Value[];
      space.items.forEach((item, i) => {
        at = flattenInto(item, items[i], out, at);
      });
      return at;
    }
    case "text":
      return space.vocabulary === undefined
        ? at + flatDim(space)
        : writeTokens(space.vocabulary, value as string, out, at);
  }
}

/** The place of the largest number in [from, from + n): a one-hot read back, or the choice that scores highest. */
function largest(row: ArrayLike<number>, from: number, n: number): number {
  let best = 0;
  for (let i = 1; i < n; i++) if (row[from + i] > row[from + best]) best = i;
  return best;
}

/**
 * The value that flattens to this row.
 * @throws Problem "shape" when the row's length is not flatDim
 */
export function unflatten(space: Space, row: Float32Array): Value {
  if (row.length !== flatDim(space)) {
    throw problem("shape", {
      where: "unflatten",
      wanted: `[${flatDim(space)}] for ${describe(space)}`,
      got: [[row.length]],
    });
  }
  return readFlat(space, row, 0)[0];
}

function readFlat(space: Space, row: Float32Array, at: number): readonly [Value, number] {
  switch (space.kind) {
    case "box": {
      const end = at + sizeOf(space.shape);
      return [space.dtype === "float64" ? Float64Array.from(row.subarray(at, end)) : row.slice(at, end), end];
    }
    case "discrete":
      return [space.start + largest(row, at, space.n), at + space.n];
    case "multi-discrete": {
      const chosen = new Int32Array(space.sizes.length);
      space.sizes.forEach((size, i) => {
        chosen[i] = largest(row, at, size);
        at += size;
      });
      return [chosen, at];
    }
    case "dict": {
      const entries: { [name: string]: Value } = {};
      for (const name of orderedNames(space)) [entries[name], at] = readFlat(space.entries[name], row, at);
      return [entries, at];
    }
    case "tuple": {
      const items: Value[] = [];
      for (const item of space.items) {
        const [value, next] = readFlat(item, row, at);
        items.push(value);
        at = next;
      }
      return [items, at];
    }
    case "text":
      return [space.vocabulary ? sentenceOf(space.vocabulary, row, at) : "", at + flatDim(space)];
  }
}

/**
 * Stored values (see stored.ts) as float32 [n, flatDim].
 * @throws Problem "shape" when the rows are not the space's, "outside-space" when a Discrete row is out of range
 */
export function flattenBatch(space: Space, stored: NdArray): NdArray {
  const n = stored.shape[0];
  const width = flatDim(space);
  const perRow = sizeOf(stored.shape.slice(1));
  const wanted = space.kind === "discrete" ? 1 : space.kind === "multi-discrete" ? space.sizes.length : width;
  if (perRow !== wanted) {
    throw problem("shape", {
      where: `flattenBatch of ${describe(space)}`,
      wanted: `[n, ${wanted}]`,
      got: [stored.shape],
    });
  }
  if (space.kind !== "discrete" && space.kind !== "multi-discrete") {
    const data = stored.data instanceof Float32Array ? stored.data : Float32Array.from(stored.data as Float64Array);
    return { shape: [n, width], dtype: "float32", data };
  }
  const data = new Float32Array(n * width);
  const sizes = space.kind === "multi-discrete" ? space.sizes : [space.n];
  const start = space.kind === "discrete" ? space.start : 0;
  for (let row = 0; row < n; row++) {
    let at = row * width;
    for (let i = 0; i < sizes.length; i++) {
      const choice = Number(stored.data[row * sizes.length + i]) - start;
      if (!Number.isInteger(choice) || choice < 0 || choice >= sizes[i]) {
        const given = `${choice + start} in row ${row}`;
        throw problem("outside-space", { where: "flattenBatch", given, space: describe(space) });
      }
      data[at + choice] = 1;
      at += sizes[i];
    }
  }
  return { shape: [n, width], dtype: "float32", data };
}

/** A text among the numbers of a flattened value. */
export interface TextPlace {
  /** Where its 2 · length numbers begin. */
  readonly at: number;
  readonly vocabulary: Vocabulary;
}

/** Where the texts with a vocabulary stand in a space's flattened values, in order. */
export function textPlaces(space: Space, at = 0): readonly TextPlace[] {
  const parts: readonly Space[] =
    space.kind === "dict"
      ? orderedNames(space).map((name) => space.entries[name])
      : space.kind === "tuple"
        ? space.items
        : [];
  let next = at;
  const within = parts.flatMap((part) => {
    const found = textPlaces(part, next);
    next += flatDim(part);
    return found;
  });
  return space.kind === "text" && space.vocabulary !== undefined ? [{ at, vocabulary: space.vocabulary }] : within;
}
