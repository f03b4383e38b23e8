/** Values that tests and golden scripts agree on, and comparison with a tolerance. */
import assert from "node:assert/strict";
import { grad } from "./grad.ts";
import { evaluate } from "./interpret.ts";
import type { Key } from "./key.ts";
import { type NdArray, ndarray, type Shape, sizeOf, zeros } from "./ndarray.ts";
import { trace } from "./program.ts";
import { fillNormal, type RandomKey, randomKey } from "./random.ts";
import { runOnce } from "./runtime.ts";
import { apply, type Tensor } from "./tensor.ts";
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

/** `wave` without rounding: what golden scripts in double precision start from. */
export const wave64 = (shape: Shape, at: number, scale = 0.6): NdArray =>
  ndarray(
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => scale * Math.sin(1.7 * i + at)),
    { shape },
  );

/** What a function of tensors gives by the reference, in float64 where its inputs are. */
export function exactly<T extends { readonly [name: string]: NdArray }, O>(
  inputs: T,
  f: (tensors: { readonly [K in keyof T]: Tensor }) => { readonly [K in keyof O]: Tensor },
): { readonly [K in keyof O]: number[] } {
  const given = Object.entries(inputs).map(([name, { shape, dtype }]) => [
    name,
    apply("input", [], { name, shape, dtype }),
  ]);
  const outputs = f(Object.fromEntries(given)) as { readonly [name: string]: Tensor };
  const values = evaluate(Object.values(outputs), inputs);
  return Object.fromEntries(Object.keys(outputs).map((name, i) => [name, numbersOf(values[i])])) as never;
}

/** Slopes of a scalar function of named float64 inputs: by `grad`, against central differences of the reference. */
export function assertSlopes<T extends { readonly [name: string]: NdArray }>(
  inputs: T,
  f: (tensors: { readonly [K in keyof T]: Tensor }) => Tensor,
  what: string,
  { error = 1e-6, step = 1e-5 } = {},
): void {
  const slopes = exactly(inputs, (given) => grad(f as (params: typeof given) => Tensor)(given) as never) as {
    readonly [name: string]: number[];
  };
  for (const [name, value] of Object.entries(inputs)) {
    const at = (i: number, by: number): number => {
      const data = Float64Array.from(value.data as Float64Array);
      data[i] += by;
      const [out] = Object.values(exactly({ ...inputs, [name]: { ...value, data } }, (x) => ({ out: f(x as never) })));
      return (out as number[])[0];
    };
    const wanted = slopes[name].map((_, i) => (at(i, step) - at(i, -step)) / (2 * step));
    assertClose(slopes[name], wanted, `${what}: slope of ${name}`, { error, floor: 1 });
  }
}
