/**
 * Trees: nested records and arrays whose leaves have a shape and an element type (tensors, values, or specifications).
 * A leaf's path ("critic/params/0/weight") is its name everywhere: in checkpoints, in ONNX, in messages.
 */
import { problem } from "../problems.ts";
import type { Dtype, Shape } from "./ndarray.ts";

export interface Leaf {
  readonly shape: Shape;
  readonly dtype: Dtype;
}

/** What a program needs to know of a leaf before it has a value. */
export interface Spec extends Leaf {
  readonly axes?: readonly string[];
}

/** The tree T with other leaves in the same places. */
export type TreeOf<T, L> = unknown extends T
  ? unknown
  : T extends Leaf
    ? L
    : { readonly [K in keyof T]: TreeOf<T[K], L> };

export const isLeaf = (node: unknown): node is Leaf =>
  typeof node === "object" &&
  node !== null &&
  Array.isArray((node as Leaf).shape) &&
  typeof (node as Leaf).dtype === "string";

/** The path of a tree that is one leaf. */
const alone = "value";

/** Leaves by path, in the order of their paths' names, which does not depend on how the tree was built. */
export function leavesOf<L extends Leaf>(tree: unknown, where = "tree"): ReadonlyMap<string, L> {
  const leaves = new Map<string, L>();
  const walk = (node: unknown, path: string): void => {
    if (isLeaf(node)) {
      leaves.set(path || alone, node as L);
    } else if (Array.isArray(node)) {
      node.forEach((child, i) => {
        walk(child, path === "" ? `${i}` : `${path}/${i}`);
      });
    } else if (typeof node === "object" && node !== null && !ArrayBuffer.isView(node)) {
      const record = node as Record<string, unknown>;
      for (const key of Object.keys(record).sort()) {
        if (record[key] !== undefined) walk(record[key], path === "" ? key : `${path}/${key}`);
      }
    } else {
      throw problem("tree-leaf", {
        where,
        path,
        wanted: "a tensor, or a record or array of them",
        got: describe(node),
      });
    }
  };
  walk(tree, "");
  return leaves;
}

const describe = (node: unknown): string =>
  typeof node === "number" ? `the number ${node}` : node === null ? "null" : `a ${typeof node}`;

/** The same tree with each leaf replaced. */
export function mapTree<T, L>(tree: T, f: (leaf: never, path: string) => L, where = "tree"): TreeOf<T, L> {
  const walk = (node: unknown, path: string): unknown => {
    if (isLeaf(node)) return f(node as never, path || alone);
    const below = (key: string | number): string => (path === "" ? `${key}` : `${path}/${key}`);
    if (Array.isArray(node)) return node.map((child, i) => walk(child, below(i)));
    if (typeof node === "object" && node !== null && !ArrayBuffer.isView(node)) {
      const record = node as Record<string, unknown>;
      const entries = Object.keys(record).filter((key) => record[key] !== undefined);
      return Object.fromEntries(entries.map((key) => [key, walk(record[key], below(key))]));
    }
    throw problem("tree-leaf", { where, path, wanted: "a tensor, or a record or array of them", got: describe(node) });
  };
  return walk(tree, "") as TreeOf<T, L>;
}

/** Two trees leaf by leaf. @throws Problem "tree-mismatch" when their paths differ */
export function zipTree<T, L>(
  a: T,
  b: unknown,
  f: (a: never, b: never, path: string) => L,
  where = "tree",
): TreeOf<T, L> {
  const others = leavesOf(b, where);
  checkSamePaths(leavesOf(a, where), others, where, "Both trees need the same leaves.");
  return mapTree(a, (leaf, path) => f(leaf, others.get(path) as never, path), where);
}

export function checkSamePaths(
  wanted: ReadonlyMap<string, unknown>,
  got: ReadonlyMap<string, unknown>,
  where: string,
  next: string,
): void {
  const missing = [...wanted.keys()].filter((path) => !got.has(path));
  const unexpected = [...got.keys()].filter((path) => !wanted.has(path));
  if (missing.length > 0 || unexpected.length > 0) throw problem("tree-mismatch", { where, missing, unexpected, next });
}

/**
 * The second tree has the leaves, shapes and element types of the first; where the first is open (−1), any size will do.
 * @throws Problem "tree-mismatch" or "tree-leaf" otherwise
 */
export function checkSameSpecs(wanted: unknown, got: unknown, where: string, next: string): void {
  const a = leavesOf<Leaf>(wanted, where);
  const b = leavesOf<Leaf>(got, where);
  checkSamePaths(a, b, where, next);
  for (const [path, leaf] of a) {
    const other = b.get(path) as Leaf;
    const fits = leaf.shape.length === other.shape.length && leaf.shape.every((d, i) => d < 0 || d === other.shape[i]);
    if (leaf.dtype !== other.dtype || !fits) {
      throw problem("tree-leaf", { where, path, wanted: asWords(leaf), got: asWords(other) });
    }
  }
}

const asWords = ({ dtype, shape }: Leaf): string => `${dtype}[${shape.map((d) => (d < 0 ? "any" : d))}]`;

export const specOf = ({ shape, dtype }: Leaf): Spec => ({ shape, dtype });
