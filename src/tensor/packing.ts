/**
 * Small leaves of a state as one vector for each element type: a few arrays cross into the runtime at each call instead of
 * a hundred, at 2 µs each. An internal form; everybody else sees leaves by their paths.
 */
import { concat } from "./joining.ts";
import type { Dtype } from "./ndarray.ts";
import type { Tensor } from "./tensor.ts";
import { type Leaf, leavesOf, mapTree, type Spec } from "./tree.ts";

/** Larger leaves cross by themselves: copying them into a vector and out of it would cost more than it saves. */
const largest = 8192;

export interface Pack {
  /** No path of a tree looks like it. */
  readonly name: string;
  readonly dtype: Dtype;
  readonly size: number;
  /** Leaves in the order of their paths, one behind the other from 0. */
  readonly leaves: readonly { readonly path: string; readonly at: number; readonly size: number }[];
}

/** How the leaves of a tree are packed: those of an element type together, where there are at least two. */
export function packsOf(tree: unknown): readonly Pack[] {
  const sizes = [...leavesOf<Leaf>(tree)].map(([path, { shape, dtype }]) => ({
    path,
    dtype,
    size: shape.reduce((a, b) => a * b, 1),
  }));
  return (["float32", "int32"] as const).flatMap((dtype) => {
    const leaves: { path: string; at: number; size: number }[] = [];
    let at = 0;
    for (const { path, size, dtype: own } of sizes) {
      if (own !== dtype || size > largest || size < 1) continue;
      leaves.push({ path, at, size });
      at += size;
    }
    return leaves.length < 2 ? [] : [{ name: `%${dtype}`, dtype, size: at, leaves }];
  });
}

/** The specifications of packs and of the leaves in none, by name and by path. */
export function packedSpecs(tree: unknown, packs: readonly Pack[]): { readonly [name: string]: Spec } {
  const specs = new Map<string, Spec>(leavesOf<Spec>(tree));
  for (const { name, dtype, size, leaves } of packs) {
    for (const { path } of leaves) specs.delete(path);
    specs.set(name, { shape: [size], dtype });
  }
  return Object.fromEntries([...specs].map(([name, { shape, dtype }]) => [name, { shape, dtype }]));
}

/** A tree like `tree` from tensors by pack and by path. */
export function unpacked(tree: unknown, packs: readonly Pack[], tensors: { readonly [name: string]: Tensor }): unknown {
  const parts = new Map<string, Tensor>();
  for (const { name, leaves } of packs) {
    for (const { path, at, size } of leaves) parts.set(path, tensors[name].slice(0, at, at + size));
  }
  return mapTree(tree, ({ shape }: Spec, path) => parts.get(path)?.reshape(...shape) ?? tensors[path]);
}

/** The other way. */
export function packed(tree: unknown, packs: readonly Pack[]): { readonly [name: string]: Tensor } {
  const tensors = new Map<string, Tensor>(leavesOf<Tensor>(tree));
  for (const { name, leaves } of packs) {
    const vectors = leaves.map(({ path, size }) => (tensors.get(path) as Tensor).reshape(size));
    for (const { path } of leaves) tensors.delete(path);
    tensors.set(name, concat(vectors, 0));
  }
  return Object.fromEntries(tensors);
}
