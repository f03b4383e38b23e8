/**
 * Evolution strategies: ask for candidates, tell their costs. A search is pure functions of a state, so costs may be
 * worked out anywhere and in any order, and the state is a tree that `saveTree` takes: a search that is stopped and
 * resumed gives the numbers of one that never was.
 */
import { problem } from "../../problems.ts";
import { allocate, type NdArray, ndarray, sizeOf } from "../ndarray.ts";
import type { RandomKey } from "../random.ts";
import { type Leaf, leavesOf, mapTree } from "../tree.ts";

export interface EvolutionStrategy<P, S> {
  /** Candidates in a generation. */
  readonly population: number;
  start(key: RandomKey): S;
  /** The generation's candidates: trees like the parameters. The same state gives the same candidates. */
  ask(state: S): readonly P[];
  /**
   * @param costs one a candidate, in their order; less is better, and +∞ is a candidate that cannot be used
   * @throws Problem "bad-value" for another number of costs, "not-finite" for one that is no number
   */
  tell(state: S, costs: ArrayLike<number>): S;
  /** The parameters the search stands at: better than a single candidate where costs are noisy. */
  mean(state: S): P;
}

/** A tree of float32 or float64 leaves as one vector, and back. */
export interface Flattened<P> {
  /** How many numbers the tree holds. */
  readonly size: number;
  readonly vector: Float64Array;
  tree(vector: ArrayLike<number>): P;
}

/** @throws Problem "tree-leaf" for a leaf that holds no floats */
export function flattened<P>(params: P, where: string): Flattened<P> {
  const places = new Map<string, number>();
  let size = 0;
  for (const [path, { shape, dtype }] of leavesOf<Leaf>(params, where)) {
    if (dtype !== "float32" && dtype !== "float64") {
      throw problem("tree-leaf", { where, path, wanted: "floats", got: dtype });
    }
    places.set(path, size);
    size += sizeOf(shape);
  }
  const vector = new Float64Array(size);
  for (const [path, { data }] of leavesOf<NdArray>(params)) vector.set(data as Float32Array, places.get(path));
  return {
    size,
    vector,
    tree: (values) =>
      mapTree(params, ({ shape, dtype }: NdArray, path) => {
        const [data, from] = [allocate(shape, dtype), places.get(path) as number];
        for (let i = 0; i < data.length; i++) data[i] = values[from + i];
        return { shape, dtype, data };
      }) as P,
  };
}

/** Candidates from the least cost to the most; equals in their own order. */
export function fromBest(costs: ArrayLike<number>, population: number, where: string): readonly number[] {
  if (costs.length !== population) {
    throw problem("bad-value", { where, given: `${costs.length} costs`, wanted: `${population}, one a candidate` });
  }
  const order = Array.from({ length: population }, (_, i) => i);
  for (const index of order) {
    if (Number.isNaN(costs[index])) throw problem("not-finite", { where, index, given: costs[index] });
  }
  return order.sort((a, b) => (costs[a] === costs[b] ? a - b : costs[a] - costs[b]));
}

/** A key inside a state, int32 [2]. */
export const storedKey = ({ hi, lo }: RandomKey): NdArray => ndarray([hi | 0, lo | 0], { dtype: "int32" });
export const keyFrom = ({ data }: NdArray): RandomKey => ({ hi: Number(data[0]) >>> 0, lo: Number(data[1]) >>> 0 });

export const storedNumber = (value: number, dtype: "float64" | "int32" = "float64"): NdArray => ({
  ...ndarray([value], { dtype }),
  shape: [],
});
export const numberFrom = ({ data }: NdArray): number => Number(data[0]);
