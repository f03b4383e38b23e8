/** Several optimisers for one tree of parameters. */
import { problem } from "../../problems.ts";
import type { Tensor } from "../tensor.ts";
import { leavesOf, mapTree } from "../tree.ts";
import { type Optimiser, zerosLike } from "./optimiser.ts";

/**
 * Each leaf is moved by the optimiser that `label` names for its path. An optimiser sees its own leaves alone, as a flat
 * record by path, so a global norm is of these.
 * @example partition((path) => (path.startsWith("body/") ? "slow" : "fast"), { slow: adam(1e-4), fast: adam(1e-3) })
 * @throws Problem "unknown-name" when a label names none of them
 */
export function partition(
  label: (path: string, leaf: Tensor) => string,
  optimisers: { readonly [label: string]: Optimiser },
): Optimiser {
  const known = Object.keys(optimisers);
  const labelled = (params: unknown): ReadonlyMap<string, string> =>
    new Map(
      [...leavesOf<Tensor>(params)].map(([path, leaf]) => {
        const name = label(path, leaf);
        if (!known.includes(name)) throw problem("unknown-name", { where: path, what: "optimiser", name, known });
        return [path, name];
      }),
    );
  const share = (tree: unknown, labels: ReadonlyMap<string, string>, name: string): Record<string, Tensor> =>
    Object.fromEntries([...leavesOf<Tensor>(tree)].filter(([path]) => labels.get(path) === name));
  return {
    init(params) {
      const labels = labelled(params);
      return mapOf(known, (name) => optimisers[name].init(share(params, labels, name)));
    },
    update(slopes, memory, params, step) {
      const labels = labelled(params);
      const results = known.map((name) => {
        const [own, theirs] = [share(slopes, labels, name), share(params, labels, name)];
        const before = (memory as Record<string, unknown>)[name];
        // An optimiser without leaves has nothing to do, and a global norm of nothing is none.
        if (Object.keys(own).length === 0) return { updates: {}, memory: before };
        return optimisers[name].update(own, before, theirs, step);
      });
      const moved = new Map(results.flatMap(({ updates }) => [...leavesOf<Tensor>(updates)]));
      return {
        updates: mapTree(slopes, (_: Tensor, path) => moved.get(path) as Tensor),
        memory: mapOf(known, (_, i) => results[i].memory),
      };
    },
  };
}

/** Leaves that stay where they are: for a part of a partition. */
export const frozen: Optimiser = {
  init: () => ({}),
  update: (slopes) => ({ updates: zerosLike(slopes), memory: {} }),
};

const mapOf = <T>(names: readonly string[], f: (name: string, i: number) => T): { readonly [name: string]: T } =>
  Object.fromEntries(names.map((name, i) => [name, f(name, i)]));
