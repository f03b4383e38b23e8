/** Values outside programs: a typed array with a shape, row-major. */
import { problem } from "../problems.ts";

/** Sizes per axis. Inside a traced program −1 stands for one size known only at run time (a policy's batch). */
export type Shape = readonly number[];
export type Dtype = "float32" | "float64" | "int32" | "int64" | "bool";
export type Data = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

export interface NdArray {
  readonly shape: Shape;
  readonly dtype: Dtype;
  readonly data: Data;
}

export const sizeOf = (shape: Shape): number => shape.reduce((product, d) => product * d, 1);

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const;

export const allocate = (shape: Shape, dtype: Dtype = "float32"): Data => new constructors[dtype](sizeOf(shape));

const dtypeOf = (data: Data): Dtype => {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof BigInt64Array) return "int64";
  return "bool";
};

type Nested = number | boolean | readonly Nested[];

/**
 * An array from nested numbers, or from a typed array and its shape.
 * @example ndarray([[1, 2], [3, 4]]).shape // => [2, 2]
 * @throws Problem "shape" when rows differ in length or the shape does not fit the data
 */
export function ndarray(values: Nested, options?: { dtype?: Dtype }): NdArray;
export function ndarray(data: Data, options?: { shape?: Shape }): NdArray;
export function ndarray(values: Nested | Data, options: { dtype?: Dtype; shape?: Shape } = {}): NdArray {
  if (ArrayBuffer.isView(values)) {
    const data = values as Data;
    const shape = options.shape ?? [data.length];
    if (sizeOf(shape) !== data.length) {
      throw problem("shape", { where: "ndarray", wanted: `${data.length} values`, got: [shape] });
    }
    return { shape, dtype: dtypeOf(data), data };
  }
  const shape: number[] = [];
  for (let level: Nested = values as Nested; Array.isArray(level); level = level[0] as Nested) shape.push(level.length);
  const flat: number[] = [];
  const walk = (level: Nested, depth: number): void => {
    if (!Array.isArray(level)) {
      flat.push(Number(level));
      return;
    }
    if (level.length !== shape[depth]) {
      throw problem("shape", { where: "ndarray", wanted: `rows of length ${shape[depth]}`, got: [[level.length]] });
    }
    for (const item of level) walk(item, depth + 1);
  };
  walk(values as Nested, 0);
  const dtype = options.dtype ?? "float32";
  const data = allocate(shape, dtype);
  if (data instanceof BigInt64Array)
    flat.forEach((v, i) => {
      data[i] = BigInt(v);
    });
  else
    flat.forEach((v, i) => {
      data[i] = v;
    });
  return { shape, dtype, data };
}

export const zeros = (shape: Shape, dtype: Dtype = "float32"): NdArray => ({
  shape,
  dtype,
  data: allocate(shape, dtype),
});

/** The same numbers in another element type. Int64 leaves the safe integers at ±2⁵³. */
export function asType(array: NdArray, dtype: Dtype): NdArray {
  if (array.dtype === dtype) return array;
  const data = allocate(array.shape, dtype);
  const from = array.data;
  for (let i = 0; i < data.length; i++) {
    if (data instanceof BigInt64Array) data[i] = BigInt(Math.trunc(Number(from[i])));
    else (data as Float64Array)[i] = Number(from[i]);
  }
  return { shape: array.shape, dtype, data };
}

/** Rows of the leading axis, copied in the order of `indices`. */
export function takeRows(array: NdArray, indices: ArrayLike<number>): NdArray {
  const width = sizeOf(array.shape.slice(1));
  const shape = [indices.length, ...array.shape.slice(1)];
  const data = allocate(shape, array.dtype);
  for (let i = 0; i < indices.length; i++) {
    const start = indices[i] * width;
    (data as Float32Array).set((array.data as Float32Array).subarray(start, start + width), i * width);
  }
  return { shape, dtype: array.dtype, data };
}

/** A view of rows [from, to) of the leading axis; shares memory. */
export function sliceRows(array: NdArray, from: number, to: number): NdArray {
  const width = sizeOf(array.shape.slice(1));
  return {
    shape: [to - from, ...array.shape.slice(1)],
    dtype: array.dtype,
    data: array.data.subarray(from * width, to * width) as Data,
  };
}

/** Arrays of one trailing shape and element type, joined along the leading axis. */
export function concatRows(arrays: readonly NdArray[]): NdArray {
  const [first] = arrays;
  const rest = first.shape.slice(1);
  for (const array of arrays) {
    if (array.dtype !== first.dtype || array.shape.slice(1).join() !== rest.join()) {
      throw problem("shape", { where: "concatRows", wanted: `rows like ${first.dtype}[${rest}]`, got: [array.shape] });
    }
  }
  const shape = [arrays.reduce((n, a) => n + a.shape[0], 0), ...rest];
  const data = allocate(shape, first.dtype);
  let at = 0;
  for (const array of arrays) {
    (data as Float32Array).set(array.data as Float32Array, at);
    at += array.data.length;
  }
  return { shape, dtype: first.dtype, data };
}
