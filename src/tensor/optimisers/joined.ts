/**
 * Elementwise work on trees, done on one vector of all small leaves: the number of operations is what these cost, and ten on
 * one vector are fewer than ten on each. Larger leaves stay alone, as joining copies. Joining what was just taken apart costs
 * nothing (see passes/rejoin.ts), so that between the updates of one program nothing is.
 */
import { concat } from "../joining.ts";
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { isLeaf, leavesOf, mapTree } from "../tree.ts";
import type { Optimiser } from "./optimiser.ts";

/** Numbers in the largest leaf that is joined. */
const largest = 8192;

interface Joined {
  readonly vectors: readonly Tensor[];
  readonly alone: { readonly [path: string]: Tensor };
}

/** How trees like one are joined, and taken apart again. */
function joining(like: unknown, limit: number): { together(tree: unknown): Joined; apart(joined: Joined): unknown } {
  const all = [...leavesOf<Tensor>(like)];
  const small = all.filter(([, { size }]) => size <= limit);
  const dtypes = [...new Set(small.map(([, { dtype }]) => dtype))];
  const groups = dtypes.map((own) => small.filter(([, { dtype }]) => dtype === own)).filter(({ length }) => length > 1);
  return {
    together(tree) {
      const leaves = new Map(leavesOf<Tensor>(tree));
      const vectors = groups.map((group) =>
        concat(
          group.map(([path, { size }]) => (leaves.get(path) as Tensor).reshape(size)),
          0,
        ),
      );
      for (const [path] of groups.flat()) leaves.delete(path);
      return { vectors, alone: Object.fromEntries(leaves) };
    },
    apart({ vectors, alone }) {
      const leaves = new Map(Object.entries(alone));
      groups.forEach((group, i) => {
        let at = 0;
        for (const [path, { shape, size }] of group) {
          leaves.set(path, vectors[i].slice(0, at, at + size).reshape(...shape));
          at += size;
        }
      });
      return mapTree(like, (_: Tensor, path) => leaves.get(path));
    },
  };
}

/** A function of elements of trees of one form, to one like them. */
export function elementwise(trees: readonly unknown[], f: (...elements: Tensor[]) => Tensor): unknown {
  const { together, apart } = joining(trees[0], largest);
  const joined = trees.map(together);
  const [first] = joined;
  const alone = Object.keys(first.alone).map((path) => [path, f(...joined.map((tree) => tree.alone[path]))] as const);
  return apart({
    vectors: first.vectors.map((_, i) => f(...joined.map(({ vectors }) => vectors[i]))),
    alone: Object.fromEntries(alone),
  });
}

/** An elementwise optimiser on joined leaves. What is remembered keeps the leaves' names. */
export const joined = (inner: Optimiser, limit = largest): Optimiser => ({
  init: (params) => inner.init(params),
  update(slopes, memory, params, step) {
    const { together, apart } = joining(params, limit);
    const joint = together(params);
    const out = inner.update(together(slopes), wherever(memory, params, together), joint, step);
    return { updates: apart(out.updates as Joined), memory: wherever(out.memory, joint, apart as never) };
  },
});

/** A memory with every part that is shaped like `like` put through `f`. */
function wherever(memory: unknown, like: unknown, f: (part: unknown) => unknown): unknown {
  if (sameForm(memory, like)) return f(memory);
  if (Array.isArray(memory)) return memory.map((part) => wherever(part, like, f));
  if (isLeaf(memory)) return memory;
  return Object.fromEntries(Object.entries(memory as object).map(([name, part]) => [name, wherever(part, like, f)]));
}

function sameForm(a: unknown, b: unknown): boolean {
  const [left, right] = [leavesOf<Tensor>(a), leavesOf<Tensor>(b)];
  return (
    left.size === right.size && [...left].every(([path, leaf]) => sameShape(leaf.shape, right.get(path)?.shape ?? [-2]))
  );
}
