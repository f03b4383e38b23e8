/** Columns: given values become a typed array with a shape, or a sentence. */
import { problem } from "../problems.ts";
import { allocate, type Data, type Dtype, type NdArray, type Shape, sizeOf } from "../tensor/ndarray.ts";

/** Where a recording's values come from, for sentences: a file or a function, and what it calls a row. */
export interface Source {
  /** E.g. "logs/may.jsonl" or "trajectories()". */
  readonly name: string;
  /** How a reader finds row i there, e.g. "line 18"; rows are counted from 0. */
  readonly place: (row: number) => string;
}

export const called = (name: string): Source => ({ name, place: (row) => `row ${row}` });

/** Values as a caller has them: an array with a shape, a flat typed array, or nested numbers. */
export type Column = NdArray | Data | readonly Nested[];
export type Nested = number | bigint | boolean | readonly Nested[] | Data;

/** What one value looks like inside a column; for a space, `storedForm` says it. */
export interface Stored {
  readonly shape: Shape;
  readonly dtype: Dtype;
}

const isArray = (column: Column): column is NdArray => "dtype" in column && "data" in column;

/** How many rows a column has when one value has the given shape; NaN when they do not come out even. */
export function rowsOf(column: Column, item: Shape): number {
  if (isArray(column)) return column.shape[0] ?? Number.NaN;
  const whole = ArrayBuffer.isView(column) ? column.length / sizeOf(item) : column.length;
  return Number.isInteger(whole) ? whole : Number.NaN;
}

/**
 * A column [rows, …shape] of the stored type, without a copy where the values already have it.
 * @throws Problem "bad-field" for a wrong length or shape; "bad-row" for a value that is not finite, or not whole in an
 *   integer column
 */
export function column(given: Column, rows: number, stored: Stored, source: Source, field: string): NdArray {
  const shape = [rows, ...stored.shape];
  const refuse = (got: string): never => {
    throw problem("bad-field", {
      source: source.name,
      field,
      given: got,
      rule: `it needs ${rows} ${rows === 1 ? "row" : "rows"} of ${stored.dtype}[${stored.shape}]`,
      next: "Every column has one value a row; check how this one was collected.",
    });
  };
  let data: Data;
  if (isArray(given) || ArrayBuffer.isView(given)) {
    const from = isArray(given) ? given.data : (given as Data);
    if (isArray(given) && given.shape.join() !== shape.join()) refuse(`an array of shape [${given.shape}]`);
    if (from.length !== sizeOf(shape)) refuse(`${from.length} numbers`);
    data = converted(from, shape, stored.dtype, source, field);
  } else {
    if (given.length !== rows) refuse(`${given.length} ${given.length === 1 ? "row" : "rows"}`);
    data = allocate(shape, stored.dtype);
    const width = sizeOf(stored.shape);
    for (let row = 0; row < rows; row++) fillRow(data, row, width, given[row], stored, source, field);
  }
  for (let i = 0; i < data.length && (data instanceof Float32Array || data instanceof Float64Array); i++) {
    if (!Number.isFinite(data[i])) notFinite(data[i], Math.floor(i / (data.length / rows)), source, field);
  }
  return { shape, dtype: stored.dtype, data };
}

function notFinite(value: number, row: number, source: Source, field: string): never {
  throw problem("bad-row", {
    source: source.name,
    place: source.place(row),
    field,
    given: String(value),
    rule: "numbers must be finite",
    next: "Drop the row, or record the missing value as a number and flag it in a column of its own.",
  });
}

const bounds: { readonly [D in Dtype]?: readonly [number, number] } = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  bool: [0, 1],
};

function whole(value: number, row: number, dtype: Dtype, source: Source, field: string): void {
  const [low, high] = bounds[dtype] ?? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw problem("bad-row", {
    source: source.name,
    place: source.place(row),
    field,
    given: String(value),
    rule: dtype === "bool" ? "it must be 0 or 1" : `it must be a whole number (${dtype})`,
    next: "Check how this column was written.",
  });
}

function converted(from: Data, shape: Shape, dtype: Dtype, source: Source, field: string): Data {
  const out = allocate(shape, dtype);
  const same = from.constructor === out.constructor;
  if (same && dtype !== "bool") return from;
  const width = sizeOf(shape.slice(1));
  for (let i = 0; i < from.length; i++) {
    const value = Number(from[i]);
    if (!dtype.startsWith("float")) whole(value, Math.floor(i / width), dtype, source, field);
    if (out instanceof BigInt64Array) out[i] = BigInt(value);
    else out[i] = value;
  }
  return same ? from : out;
}

function fillRow(out: Data, row: number, width: number, value: Nested, stored: Stored, source: Source, field: string) {
  let at = row * width;
  if (value instanceof Float32Array && out instanceof Float32Array && value.length === width) {
    out.set(value, at);
    return;
  }
  if (Array.isArray(value) && value.length === width && stored.dtype.startsWith("float")) {
    let i = 0;
    for (; i < width && typeof value[i] === "number"; i++) (out as Float64Array)[at + i] = value[i];
    if (i === width) return;
  }
  const put = (item: Nested): void => {
    if (typeof item === "object" && item !== null) {
      for (const inner of item as Iterable<Nested>) put(inner);
      return;
    }
    if (out instanceof BigInt64Array && typeof item === "string" && /^-?\d{1,19}$/.test(item)) item = BigInt(item);
    const number = typeof item === "bigint" || typeof item === "boolean" ? Number(item) : item;
    if (typeof number !== "number") misshapen(JSON.stringify(item) ?? "nothing");
    if (at < (row + 1) * width) {
      if (out instanceof BigInt64Array) {
        if (typeof item !== "bigint") whole(number, row, "int64", source, field);
        out[at] = BigInt(item);
      } else {
        if (!stored.dtype.startsWith("float")) whole(number, row, stored.dtype, source, field);
        out[at] = number;
      }
    }
    at++;
  };
  const misshapen = (given: string): never => {
    throw problem("bad-row", {
      source: source.name,
      place: source.place(row),
      field,
      given,
      rule: `it must be ${width === 1 && stored.shape.length === 0 ? "one number" : `${width} numbers`} (${stored.dtype}[${stored.shape}])`,
      next: "Every row has the same fields with the same sizes.",
    });
  };
  if (value === undefined || value === null) misshapen("nothing");
  put(value);
  if (at !== (row + 1) * width) misshapen(`${at - row * width} numbers`);
}

/** A column that is filled row by row from values not yet checked, as a reader meets them. */
export interface Growing {
  /** @throws Problem "bad-row" when the value does not fit the column */
  push(value: unknown): void;
  done(): NdArray;
}

export function growing(stored: Stored, source: Source, field: string): Growing {
  const width = sizeOf(stored.shape);
  let rows = 0;
  let data = allocate([0], stored.dtype);
  return {
    push(value) {
      if ((rows + 1) * width > data.length) {
        // A width that came with the file is believed only once a row has it: it may be a lie of a billion.
        if (rows === 0 && width > 1) wide(value, width, stored, source, field);
        const larger = allocate([Math.max(64, 2 * rows) * width], stored.dtype);
        (larger as Float32Array).set(data as Float32Array);
        data = larger;
      }
      fillRow(data, rows, width, value as Nested, stored, source, field);
      rows++;
    },
    done: () => ({ shape: [rows, ...stored.shape], dtype: stored.dtype, data: data.slice(0, rows * width) }),
  };
}

function wide(value: unknown, width: number, stored: Stored, source: Source, field: string): void {
  const flat = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY).length : -1;
  if (flat === width) return;
  throw problem("bad-row", {
    source: source.name,
    place: source.place(0),
    field,
    given: flat < 0 ? (JSON.stringify(value) ?? "nothing") : `${flat} numbers`,
    rule: `it must be ${width} numbers (${stored.dtype}[${stored.shape}])`,
    next: "Every row has the same fields with the same sizes.",
  });
}
