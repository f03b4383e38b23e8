/**
 * Options, each declared once: default, bounds, meaning. Types, flags, help, forms and documentation are derived.
 *
 * Numbers that a step only computes with (rates, discounts, temperatures) are inputs of its program: a sweep traces once,
 * and inside a step they are scalar tensors. Sizes, choices and flags shape the program and stay plain values.
 */
import * as z from "zod";
import { problem } from "../problems.ts";
import type { Tensor } from "../tensor/index.ts";

interface Declared<V, T extends boolean> {
  readonly default: V;
  /** One sentence; the paper's letter in it. */
  readonly meaning: string;
  /** What is allowed, in words. */
  readonly wanted: string;
  readonly schema: z.ZodType<V>;
  /** An input of the program rather than part of it. */
  readonly traced: T;
}

export type Real = Declared<number, true>;
export type Baked<V = unknown> = Declared<V, false>;
export type Option = Real | Baked<never> | Baked<number> | Baked<boolean> | Baked<string> | Baked<readonly number[]>;
export type Options = { readonly [name: string]: Option };

/** What a run is given. */
export type ValuesOf<O extends Options> = { readonly [K in keyof O]: O[K]["default"] };
/** What a step sees. */
export type TracedOf<O extends Options> = { readonly [K in keyof O]: O[K] extends Real ? Tensor : O[K]["default"] };

const real = (fallback: number, meaning: string, wanted: string, schema: z.ZodNumber): Real => ({
  default: fallback,
  meaning,
  wanted,
  schema,
  traced: true,
});
const baked = <V>(fallback: V, meaning: string, wanted: string, schema: z.ZodType<V>): Baked<V> => ({
  default: fallback,
  meaning,
  wanted,
  schema,
  traced: false,
});

export const fraction = (fallback: number, meaning: string): Real =>
  real(fallback, meaning, "a number from 0 to 1", z.number().min(0).max(1));
export const positive = (fallback: number, meaning: string): Real =>
  real(fallback, meaning, "a number above 0", z.number().positive());
export const atLeastZero = (fallback: number, meaning: string): Real =>
  real(fallback, meaning, "a number of at least 0", z.number().min(0));
export const count = (fallback: number, meaning: string): Baked<number> =>
  baked(fallback, meaning, "a whole number of at least 1", z.number().int().min(1));
export const flag = (fallback: boolean, meaning: string): Baked<boolean> =>
  baked(fallback, meaning, "true or false", z.boolean());
export const widths = (fallback: readonly number[], meaning: string): Baked<readonly number[]> =>
  baked(
    fallback,
    meaning,
    "a list of whole numbers, e.g. 256,256",
    // One width is a list of one, which a command line cannot tell from a number.
    z.preprocess((given) => (typeof given === "number" ? [given] : given), z.array(z.number().int().min(1)).readonly()),
  );
export const choice = <const V extends string>(fallback: NoInfer<V>, among: readonly V[], meaning: string): Baked<V> =>
  baked<V>(
    fallback,
    meaning,
    `one of ${among.join(", ")}`,
    z.enum(among as readonly [V, ...V[]]) as unknown as z.ZodType<V>,
  );

/**
 * Defaults with what was given put over them.
 * @throws Problem "unknown-option" (with the known ones) or "bad-option"
 */
export function resolveOptions<O extends Options>(
  where: string,
  options: O,
  given: { readonly [name: string]: unknown } = {},
): ValuesOf<O> {
  const values: Record<string, unknown> = Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, option.default]),
  );
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!(name in options)) throw problem("unknown-option", { where, name, known: Object.keys(options) });
    const parsed = (options[name].schema as z.ZodType).safeParse(value);
    if (!parsed.success) throw problem("bad-option", { where, name, given: value, wanted: options[name].wanted });
    values[name] = parsed.data;
  }
  return values as ValuesOf<O>;
}

/** A value from a flag or `--set`: numbers, true and false, lists of numbers, words. */
export function parseOption(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  if (/^\[?\s*-?\d+(\s*,\s*-?\d+)+\s*\]?$/.test(text))
    return text
      .replace(/[[\]\s]/g, "")
      .split(",")
      .map(Number);
  const number = Number(text);
  return text.trim() !== "" && !Number.isNaN(number) ? number : text;
}
