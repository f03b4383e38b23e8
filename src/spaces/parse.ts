/** Values from JSON that nobody has checked: what a person or another program sends. */
import { problem } from "../problems.ts";
import { sizeOf } from "../tensor/ndarray.ts";
import { contains, describe, describeValue } from "./contains.ts";
import { box, boxValue, orderedNames } from "./make.ts";
import type { Box, Space, Value } from "./space.ts";

/**
 * A value of the space. A Box is a list of numbers, flat or nested as its shape is (one number where it holds one); a
 * MultiDiscrete a list, a Tuple a list of its items, a Dict an object with every name and no other.
 * @param where what to call the value in the sentence, e.g. "line 3, observation"
 * @throws Problem "outside-space" naming the part that is none
 */
export function parseValue(space: Space, json: unknown, where: string): Value {
  const value = converted(space, json, where);
  if (value !== undefined && contains(space, value)) return value;
  if (value !== undefined && space.kind === "box") throw outside(space, value as Float32Array, where);
  throw problem("outside-space", { where, given: inWords(json), space: describe(space) });
}

/** Of many numbers, the one that is out of bounds. */
function outside(space: Box, value: ArrayLike<number>, where: string) {
  const one = (i: number): Box => box(space.low[i], space.high[i], { dtype: space.dtype });
  const i = Array.from(value).findIndex((number, at) => !contains(one(at), boxValue(space, [number])));
  return problem("outside-space", {
    where: `${where}, element ${i}`,
    given: String(value[i]),
    space: describe(one(i)),
  });
}

function converted(space: Space, json: unknown, where: string): Value | undefined {
  switch (space.kind) {
    case "box":
      return boxOf(space, json);
    case "multi-discrete":
      // Checked before they are numbers of 32 bits, as which 2³² is 0.
      return isNumbers(json) && json.every((choice, i) => choice < space.sizes[i] && Number.isInteger(choice))
        ? Int32Array.from(json)
        : undefined;
    case "dict": {
      if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined;
      const names = orderedNames(space);
      const given = json as { readonly [name: string]: unknown };
      if (Object.keys(given).length !== names.length || !names.every((name) => Object.hasOwn(given, name))) {
        return undefined;
      }
      return Object.fromEntries(
        names.map((name) => [name, parseValue(space.entries[name], given[name], `${where}.${name}`)]),
      );
    }
    case "tuple":
      if (!Array.isArray(json) || json.length !== space.items.length) return undefined;
      return space.items.map((item, i) => parseValue(item, json[i], `${where}.${i}`));
    default:
      return json as Value;
  }
}

function boxOf(space: Box, json: unknown): Value | undefined {
  const numbers = isNumbers(json) ? json : nestedNumbers(json, space.shape);
  if (numbers?.length !== sizeOf(space.shape)) return undefined;
  const value = boxValue(space, numbers);
  // A float32 takes 1e300 for infinite.
  return value.every(Number.isFinite) ? value : undefined;
}

const isNumbers = (json: unknown): json is readonly number[] =>
  Array.isArray(json) && json.every((item) => typeof item === "number");

/** Lists within lists, as deep and as long as the shape says. */
function nestedNumbers(json: unknown, shape: readonly number[]): readonly number[] | undefined {
  if (typeof json === "number") return sizeOf(shape) === 1 ? [json] : undefined;
  const [length, ...rest] = shape;
  if (!Array.isArray(json) || json.length !== length || rest.length === 0) return undefined;
  const rows = json.map((row) => (rest.length === 1 && isNumbers(row) ? row : nestedNumbers(row, rest)));
  return rows.every((row) => row?.length === sizeOf(rest)) ? rows.flatMap((row) => row ?? []) : undefined;
}

const inWords = (json: unknown): string =>
  isNumbers(json) ? describeValue(Float64Array.from(json)).replace("Float64Array ", "") : describeValue(json);
