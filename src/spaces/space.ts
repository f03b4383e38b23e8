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

/** Strings of at most maxLength characters. */
export interface Text {
  readonly kind: "text";
  readonly maxLength: number;
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
