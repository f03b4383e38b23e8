/** Spaces from their parts, checked as they are made. */
import { problem } from "../problems.ts";
import { sizeOf } from "../tensor/ndarray.ts";
import type { Box, Dict, Discrete, MultiDiscrete, Space, Text, Tuple, Vocabulary } from "./space.ts";

type Bound = number | readonly number[];

/**
 * Real arrays between bounds. A bound is one number for every element or one an element; the shape, when left out, is
 * that of the bounds.
 * @example box(-1, 1, { shape: [2] })
 * @example box([-4.8, -Infinity], [4.8, Infinity])
 * @throws Problem "bad-value" when bounds are missing, NaN, crossed, or do not fit the shape
 */
export function box(
  low: Bound,
  high: Bound,
  options: { readonly shape?: readonly number[]; readonly dtype?: Box["dtype"] } = {},
): Box {
  const where = "box";
  const length = typeof low === "number" ? (typeof high === "number" ? 1 : high.length) : low.length;
  const shape = options.shape ?? [length];
  if (!shape.every((d) => Number.isInteger(d) && d >= 0)) {
    throw problem("bad-value", { where: `${where} shape`, given: shape, wanted: "whole numbers of at least 0" });
  }
  const size = sizeOf(shape);
  const spread = (bound: Bound, name: string): readonly number[] => {
    const values = typeof bound === "number" ? new Array<number>(size).fill(bound) : [...bound];
    if (values.length !== size) {
      throw problem("bad-value", {
        where: `${where} ${name}`,
        given: `${values.length} bounds`,
        wanted: `one number, or ${size} for shape [${shape.join(", ")}]`,
      });
    }
    return values;
  };
  const lows = spread(low, "low");
  const highs = spread(high, "high");
  for (let i = 0; i < size; i++) {
    if (!(lows[i] <= highs[i]) || lows[i] === Infinity || highs[i] === -Infinity) {
      throw problem("bad-value", {
        where: `${where} element ${i}`,
        given: `[${lows[i]}, ${highs[i]}]`,
        wanted: "low at most high, neither of them NaN",
      });
    }
  }
  return { kind: "box", shape: [...shape], low: lows, high: highs, dtype: options.dtype ?? "float32" };
}

/**
 * The integers start … start + n − 1.
 * @throws Problem "bad-value" when n is not a positive whole number or there is not one name a value
 */
export function discrete(
  n: number,
  options: { readonly start?: number; readonly names?: readonly string[] } = {},
): Discrete {
  const { start = 0, names } = options;
  if (!Number.isSafeInteger(n) || n < 1) {
    throw problem("bad-value", { where: "discrete", given: n, wanted: "a whole number of at least 1" });
  }
  if (!Number.isSafeInteger(start)) {
    throw problem("bad-value", { where: "discrete start", given: start, wanted: "a whole number" });
  }
  if (names !== undefined && names.length !== n) {
    throw problem("bad-value", {
      where: "discrete names",
      given: `${names.length} names`,
      wanted: `${n}, one a value`,
    });
  }
  return { kind: "discrete", n, start, ...(names === undefined ? {} : { names: [...names] }) };
}

/** Numbers in the array type of a Box's values. */
export const boxValue = (space: Box, numbers: ArrayLike<number>): Float32Array | Float64Array =>
  space.dtype === "float64" ? Float64Array.from(numbers) : Float32Array.from(numbers);

/** @throws Problem "bad-value" when a size is not a positive whole number */
export function multiDiscrete(sizes: readonly number[]): MultiDiscrete {
  for (const size of sizes) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw problem("bad-value", { where: "multiDiscrete", given: size, wanted: "whole numbers of at least 1" });
    }
  }
  return { kind: "multi-discrete", sizes: [...sizes] };
}

export const dict = (entries: { readonly [name: string]: Space }): Dict => ({ kind: "dict", entries: { ...entries } });

export const tuple = (...items: readonly Space[]): Tuple => ({ kind: "tuple", items: [...items] });

/**
 * Strings of at most maxLength characters; with a vocabulary, of at most its number of tokens.
 * @example text(40, { words: ["open", "the", "drawer", "by", "%"], length: 8 })
 * @throws Problem "bad-value" when maxLength is not a whole number of at least 0, a vocabulary has no length, or a word twice
 */
export function text(maxLength: number, vocabulary?: Vocabulary): Text {
  if (!Number.isSafeInteger(maxLength) || maxLength < 0) {
    throw problem("bad-value", { where: "text", given: maxLength, wanted: "a whole number of at least 0" });
  }
  if (vocabulary === undefined) return { kind: "text", maxLength };
  const { words, length } = vocabulary;
  if (!Number.isSafeInteger(length) || length < 1) {
    throw problem("bad-value", { where: "text length", given: length, wanted: "a whole number of at least 1" });
  }
  const twice = words.find((word, i) => word === "" || words.indexOf(word) < i);
  if (twice !== undefined) {
    throw problem("bad-value", { where: "text words", given: twice, wanted: "words, each of them once" });
  }
  return { kind: "text", maxLength, vocabulary };
}

/** A Dict's names in the order in which they are flattened: sorted, so that two spellings of one space agree. */
export const orderedNames = (space: Dict): readonly string[] => Object.keys(space.entries).sort();
