/** Whether a value is one of a space, and the words for both. */
import { orderedNames } from "./make.ts";
import type { Box, Discrete, Space, Value, Vocabulary } from "./space.ts";
import { inText } from "./tokens.ts";

/** Names to values; a list and an array of numbers are none. */
export const isRecord = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

/** Discrete membership alone, for the hot path of environments. */
export const inDiscrete = (space: Discrete, value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= space.start && (value as number) < space.start + space.n;

/** Box membership alone: a Float32Array or Float64Array of the right length within bounds, as the space's dtype sees them. */
export function inBox(space: Box, value: unknown): value is Float32Array | Float64Array {
  if (!(value instanceof Float32Array || value instanceof Float64Array)) return false;
  const { low, high } = space;
  if (value.length !== low.length) return false;
  // A float32 cannot hold 4.8: bound and value are compared after the same rounding.
  const narrow = space.dtype === "float32" || value instanceof Float32Array;
  for (let i = 0; i < value.length; i++) {
    const x = value[i];
    if (x >= low[i] && x <= high[i]) continue;
    if (!narrow || !(Math.fround(x) >= Math.fround(low[i]) && Math.fround(x) <= Math.fround(high[i]))) return false;
  }
  return true;
}

/** Whether the value belongs to the space. Never throws, whatever it is given. */
export function contains(space: Space, value: unknown): value is Value {
  switch (space.kind) {
    case "box":
      return inBox(space, value);
    case "discrete":
      return inDiscrete(space, value);
    case "multi-discrete":
      return (
        value instanceof Int32Array &&
        value.length === space.sizes.length &&
        value.every((v, i) => v >= 0 && v < space.sizes[i])
      );
    case "dict": {
      const names = Object.keys(space.entries);
      return (
        isRecord(value) &&
        Object.keys(value).length === names.length &&
        names.every((name) => Object.hasOwn(value, name) && contains(space.entries[name], value[name]))
      );
    }
    case "tuple":
      return (
        Array.isArray(value) &&
        value.length === space.items.length &&
        space.items.every((item, i) => contains(item, value[i]))
      );
    case "text":
      return inText(space, value);
  }
}

const range = (values: readonly number[], pick: (...v: number[]) => number): string =>
  String(values.length === 0 ? 0 : values.reduce((a, b) => pick(a, b)));

/** The space in words. @example describe(box(-1, 1, { shape: [2] })) // => "Box[2] in [-1, 1]" */
export function describe(space: Space): string {
  switch (space.kind) {
    case "box": {
      const size = `Box[${space.shape.join(", ")}]${space.dtype === "float64" ? " float64" : ""}`;
      return `${size} in [${range(space.low, Math.min)}, ${range(space.high, Math.max)}]`;
    }
    case "discrete": {
      const names = space.names === undefined ? "" : `: ${space.names.join(", ")}`;
      return `Discrete(${space.n}${space.start === 0 ? "" : ` from ${space.start}`}${names})`;
    }
    case "multi-discrete":
      return `MultiDiscrete(${space.sizes.join(", ")})`;
    case "dict":
      return `Dict(${orderedNames(space)
        .map((name) => `${name}: ${describe(space.entries[name])}`)
        .join(", ")})`;
    case "tuple":
      return `Tuple(${space.items.map(describe).join(", ")})`;
    case "text":
      return space.vocabulary === undefined
        ? `Text(at most ${space.maxLength})`
        : `Text(at most ${space.maxLength}, ${space.vocabulary.length} tokens of ${space.vocabulary.words.length} words)`;
  }
}

/** A value in words, short enough for a sentence. */
export function describeValue(value: unknown): string {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const numbers = Array.from(value as Float64Array, (v) => String(Number(Number(v).toPrecision(6))));
    const shown = numbers.length > 8 ? [...numbers.slice(0, 8), `… ${numbers.length} in all`] : numbers;
    return `${value.constructor.name} [${shown.join(", ")}]`;
  }
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (isRecord(value)) return `a record of ${Object.keys(value).join(", ") || "nothing"}`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((v, i) => v === b[i]);

/** Sentences become the same numbers. */
const sameVocabulary = (a: Vocabulary | undefined, b: Vocabulary | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.length === b.length &&
    (a.numerals ?? true) === (b.numerals ?? true) &&
    same(a.words, b.words));

/** Whether two spaces hold the same values in the same form. Names of Discrete values are words, not values, and do not count. */
export function sameSpace(a: Space, b: Space): boolean {
  switch (a.kind) {
    case "box":
      return (
        b.kind === "box" && a.dtype === b.dtype && same(a.shape, b.shape) && same(a.low, b.low) && same(a.high, b.high)
      );
    case "discrete":
      return b.kind === "discrete" && a.n === b.n && a.start === b.start;
    case "multi-discrete":
      return b.kind === "multi-discrete" && same(a.sizes, b.sizes);
    case "dict":
      return (
        b.kind === "dict" &&
        same(orderedNames(a), orderedNames(b)) &&
        orderedNames(a).every((name) => sameSpace(a.entries[name], b.entries[name]))
      );
    case "tuple":
      return (
        b.kind === "tuple" &&
        a.items.length === b.items.length &&
        a.items.every((item, i) => sameSpace(item, b.items[i]))
      );
    case "text":
      return b.kind === "text" && a.maxLength === b.maxLength && sameVocabulary(a.vocabulary, b.vocabulary);
  }
}

/** Whether every bound of a Box is finite. */
export const isBounded = (space: Box): boolean => space.low.every(Number.isFinite) && space.high.every(Number.isFinite);
