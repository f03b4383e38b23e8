/**
 * Spaces: what an observation or an action may be. Gymnasium's semantics and names; plain JSON records, so that they
 * travel inside recordings and policies.
 */

/** Real vectors (or arrays) between bounds, one bound an element; ±Infinity where there is none. */
export interface Box {
  readonly kind: "box";
  readonly shape: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly dtype: "float32" | "float64";
}

/** The integers start … start + n − 1. Names, when given, say what each one means. */
export interface Discrete {
  readonly kind: "discrete";
  readonly n: number;
  readonly start: number;
  readonly names?: readonly string[];
}

/** Several Discrete choices at once; element i lies in 0 … sizes[i] − 1. */
export interface MultiDiscrete {
  readonly kind: "multi-discrete";
  readonly sizes: readonly number[];
}

export interface Dict {
  readonly kind: "dict";
  readonly entries: { readonly [name: string]: Space };
}

export interface Tuple {
  readonly kind: "tuple";
  readonly items: readonly Space[];
}

/** Strings of at most maxLength characters. With a vocabulary they flatten to numbers (see tokens.ts); without one they have none. */
export interface Text {
  readonly kind: "text";
  readonly maxLength: number;
  readonly vocabulary?: Vocabulary;
}

/** How sentences are read. */
export interface Vocabulary {
  /** What counts as a word, several words with spaces between them included; all else is unknown. */
  readonly words: readonly string[];
  /** Tokens in the longest sentence: a word is one, and a numeral one for each digit. */
  readonly length: number;
  /** Whether numerals are read digit by digit, with what they are worth, or are words as others are. Default true. */
  readonly numerals?: boolean;
}

export type Space = Box | Discrete | MultiDiscrete | Dict | Tuple | Text;

/** What a value of a space looks like to an environment: the elements of a Box in row-major order. */
export type Value =
  | Float32Array
  | Float64Array
  | Int32Array
  | number
  | string
  | { readonly [name: string]: Value }
  | readonly Value[];
