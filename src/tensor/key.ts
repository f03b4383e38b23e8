/**
 * Randomness by name, inside a program. A draw is an input that the runner fills from a counter-based generator keyed by
 * the run's seed, the number of the update and the draw's path; so adding a draw changes no other, and a run gives the
 * same numbers on every device and after every resume.
 */
import type { Shape } from "./ndarray.ts";
import { apply, type Tensor } from "./tensor.ts";

/** What fills a draw. Orthogonal: a matrix [… rows, columns] with orthonormal rows or columns, whichever are fewer. */
export type NoiseKind = "normal" | "uniform" | "orthogonal" | { readonly below: number };

/** Which stream of numbers a draw is. */
export interface Draw {
  /** Names from the program's key down to this draw. */
  readonly path: string;
  /** Which of the updates unrolled into one program this draw belongs to. */
  readonly update: number;
}

export interface Noise extends Draw {
  readonly kind: NoiseKind;
  /** The draws of a loop's turns, stacked along a leading axis, each of the stream it would be by itself; the first is this. */
  readonly turns?: readonly Draw[];
}

export interface Key {
  /** Keys below this one. The same name under the same key is the same stream. */
  split<const N extends string>(...names: readonly N[]): { readonly [K in N]: Key };
  /** One key below this one. */
  at(name: string | number): Key;
  /** This key as it is `updates` later: the copies of an unrolled step draw what separate calls would. */
  later(updates: number): Key;
  /** Standard normal. */
  normal(...shape: readonly number[]): Tensor;
  /** Uniform in [0, 1). */
  uniform(...shape: readonly number[]): Tensor;
  /** int32, uniform in [0, below). */
  integers(below: number, ...shape: readonly number[]): Tensor;
  /** Standard Gumbel: adding it to log-probabilities and taking the largest samples them. */
  gumbel(...shape: readonly number[]): Tensor;
  /** Orthonormal rows or columns in the last two axes. */
  orthogonal(...shape: readonly number[]): Tensor;
}

export const noisePrefix = "noise/";

/** Draws of one kind and shape as one input, along a new leading axis. */
export function stackedDraws(draws: readonly Tensor[]): Tensor {
  const [{ dtype, shape }] = draws;
  const all = draws.map(({ attributes }) => attributes as { readonly name: string; readonly noise: Noise });
  const turns = all.map(({ noise: { path, update } }) => ({ path, update }));
  const name = `${all[0].name} to ${all[all.length - 1].name}`;
  return apply("input", [], { name, shape: [draws.length, ...shape], dtype, noise: { ...all[0].noise, turns } });
}

/** A key for tracing; `update` tells the copies of an unrolled step apart. */
export function keyAt(path: string, update = 0): Key {
  const draw = (kind: NoiseKind, label: string, shape: Shape, dtype: "float32" | "int32" = "float32"): Tensor => {
    const full = path === "" ? label : `${path}/${label}`;
    const name = `${noisePrefix}${full}[${shape.map((d) => (d < 0 ? "any" : d))}]${update === 0 ? "" : `@${update}`}`;
    return apply("input", [], { name, shape, dtype, noise: { kind, path: full, update } });
  };
  const key: Key = {
    split: (...names) => Object.fromEntries(names.map((name) => [name, key.at(name)])) as never,
    at: (name) => keyAt(path === "" ? `${name}` : `${path}/${name}`, update),
    later: (updates) => keyAt(path, update + updates),
    normal: (...shape) => draw("normal", "normal", shape),
    uniform: (...shape) => draw("uniform", "uniform", shape),
    integers: (below, ...shape) => draw({ below }, `integers${below}`, shape, "int32"),
    // The uniform's 0 would make an infinity; 2⁻²⁵ is half of its smallest step.
    gumbel: (...shape) =>
      draw("uniform", "uniform", shape)
        .atLeast(2 ** -25)
        .log()
        .neg()
        .log()
        .neg(),
    orthogonal: (...shape) => draw("orthogonal", "orthogonal", shape),
  };
  return key;
}
