/** Values that tests and golden scripts agree on, and comparison with a tolerance. */
import assert from "node:assert/strict";
import type { Key } from "./key.ts";
import { type NdArray, ndarray, type Shape, sizeOf, zeros } from "./ndarray.ts";
import { trace } from "./program.ts";
import { fillNormal, type RandomKey, randomKey } from "./random.ts";
import { runOnce } from "./runtime.ts";
import type { Tensor } from "./tensor.ts";
import { type Leaf, leavesOf } from "./tree.ts";

/** What both sides of a golden value start from: scale · sin(1.7 i + at), i the flat index. */
export const wave = (shape: Shape, at: number, scale = 0.6): NdArray =>
  ndarray(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => scale * Math.sin(1.7 * i + at)),
    { shape },
  );

export function normal(seed: number, ...shape: number[]): NdArray {
  const value = zeros(shape);
  fillNormal(value.data as Float32Array, randomKey(seed));
  return value;
}

export const numbersOf = ({ data }: NdArray): number[] => Array.from(data as ArrayLike<number>, Number);

/** Relative to the number itself, or to `floor` where it happens to lie near 0. */
export function assertClose(
  got: readonly number[],
  wanted: readonly number[],
  what: string,
  { error = 1e-5, floor = 0.1 } = {},
): void {
  assert.equal(got.length, wanted.length, `${what}: how many`);
  wanted.forEach((w, i) => {
    const off = Math.abs(got[i] - w) / Math.max(Math.abs(w), floor);
    assert.ok(off <= error, `${what}, ${i}: ${got[i]}, wanted ${w}`);
  });
}

/** What a function of tensors gives in the runtime, in float32. */
export async function valuesOf<T extends { readonly [name: string]: NdArray }, O>(
  inputs: T,
  f: (tensors: { readonly [K in keyof T]: Tensor }, draw: Key) => { readonly [K in keyof O]: Tensor },
  key?: RandomKey,
): Promise<{ readonly [K in keyof O]: NdArray }> {
  const specs = Object.fromEntries(Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, dtype }]));
  const program = trace("values", { state: {}, inputs: specs }, (state, given, draw) => ({
    state,
    outputs: f(given as never, draw) as { readonly [name: string]: Tensor },
  }));
  return (await runOnce(program, inputs as never, key ? { key } : {})) as never;
}

/** A tree's leaves by path, below a name: outputs may not share the names of inputs. */
export const below = <L extends Leaf = Tensor>(name: string, tree: unknown): { readonly [path: string]: L } =>
  Object.fromEntries([...leavesOf<L>(tree)].map(([path, leaf]) => [`${name}/${path}`, leaf]));
