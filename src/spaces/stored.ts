/**
 * The form in which recordings and batches hold values: Box [n, …shape] in its dtype, Discrete int32 [n], MultiDiscrete
 * int32 [n, choices], Dict and Tuple flattened to float32 [n, flatDim].
 */
import { problem } from "../problems.ts";
import { allocate, type Dtype, type NdArray, sizeOf } from "../tensor/ndarray.ts";
import { contains, describe, describeValue } from "./contains.ts";
import { flatDim, flattenInto, unflatten } from "./flatten.ts";
import type { Space, Value } from "./space.ts";

/** Shape behind the leading axis, and element type, of a space's stored values. */
export function storedForm(space: Space): { readonly shape: readonly number[]; readonly dtype: Dtype } {
  switch (space.kind) {
    case "box":
      return { shape: space.shape, dtype: space.dtype };
    case "discrete":
      return { shape: [], dtype: "int32" };
    case "multi-discrete":
      return { shape: [space.sizes.length], dtype: "int32" };
    default:
      return { shape: [flatDim(space)], dtype: "float32" };
  }
}

/** Room for n values, zero-filled. */
export function allocateRows(space: Space, n: number): NdArray {
  const { shape, dtype } = storedForm(space);
  return { shape: [n, ...shape], dtype, data: allocate([n, ...shape], dtype) };
}

/** Writes a value into row `row` of an array made by `allocateRows`; membership is the caller's to check. */
export function writeRow(space: Space, rows: NdArray, row: number, value: Value): void {
  const data = rows.data as Float32Array;
  switch (space.kind) {
    case "discrete":
      data[row] = value as number;
      return;
    case "box":
    case "multi-discrete": {
      const numbers = value as Float32Array;
      const at = row * numbers.length;
      if (numbers.length <= 16) for (let i = 0; i < numbers.length; i++) data[at + i] = numbers[i];
      else data.set(numbers, at);
      return;
    }
    default: {
      const width = rows.shape[1];
      data.fill(0, row * width, (row + 1) * width);
      flattenInto(space, value, data, row * width);
    }
  }
}

/** The value in row `row`, copied. */
export function readRow(space: Space, rows: NdArray, row: number): Value {
  if (space.kind === "discrete") return Number(rows.data[row]);
  const width = sizeOf(rows.shape.slice(1));
  const numbers = rows.data.slice(row * width, (row + 1) * width);
  if (space.kind === "box") {
    if (space.dtype === "float64")
      return numbers instanceof Float64Array ? numbers : Float64Array.from(numbers as Float32Array);
    return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers as Float64Array);
  }
  if (space.kind === "multi-discrete")
    return numbers instanceof Int32Array ? numbers : Int32Array.from(numbers as Float32Array);
  return unflatten(space, numbers as Float32Array);
}

/**
 * Values stacked into their stored form.
 * @throws Problem "outside-space" naming the first value that is not in the space
 */
export function stackValues(space: Space, values: readonly Value[]): NdArray {
  const rows = allocateRows(space, values.length);
  values.forEach((value, row) => {
    if (!contains(space, value)) {
      throw problem("outside-space", { where: `row ${row}`, given: describeValue(value), space: describe(space) });
    }
    writeRow(space, rows, row, value);
  });
  return rows;
}
