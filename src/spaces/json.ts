/** Values copied, and as plain JSON and back, exactly: numbers that JSON cannot carry are words. */
import { boxValue, orderedNames } from "./make.ts";
import type { Space, Value } from "./space.ts";

type Json = number | string | readonly Json[] | { readonly [name: string]: Json };

const written = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

/** @example valueToJson(box(-1, 1), Float32Array.of(0.5)) // [0.5] */
export function valueToJson(space: Space, value: Value): Json {
  switch (space.kind) {
    case "box":
    case "multi-discrete":
      return Array.from(value as Float32Array, written);
    case "dict": {
      const entries = value as { readonly [name: string]: Value };
      return Object.fromEntries(
        orderedNames(space).map((name) => [name, valueToJson(space.entries[name], entries[name])]),
      );
    }
    case "tuple":
      return space.items.map((item, i) => valueToJson(item, (value as readonly Value[])[i]));
    default:
      return value as number | string;
  }
}

/** A value that shares nothing with the one it was copied from. */
export function copyValue(value: Value): Value {
  if (ArrayBuffer.isView(value)) return (value as Float32Array).slice();
  if (Array.isArray(value)) return value.map(copyValue);
  if (typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copyValue(part)]));
}

/** What `valueToJson` wrote of a value of the same space. */
export function valueFromJson(space: Space, json: unknown): Value {
  switch (space.kind) {
    case "box":
      return boxValue(space, (json as readonly (number | string)[]).map(Number));
    case "multi-discrete":
      return Int32Array.from(json as readonly number[]);
    case "dict": {
      const entries = json as { readonly [name: string]: unknown };
      return Object.fromEntries(
        orderedNames(space).map((name) => [name, valueFromJson(space.entries[name], entries[name])]),
      );
    }
    case "tuple":
      return space.items.map((item, i) => valueFromJson(item, (json as readonly unknown[])[i]));
    default:
      return json as Value;
  }
}
