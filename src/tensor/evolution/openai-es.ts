/**
 * OpenAI-ES: a slope estimated from the ranks of mirrored perturbations, followed by any optimiser. For many parameters:
 * a generation costs as much memory as its noise, and nothing is squared.
 *
 * Salimans, Ho, Chen, Sidor, Sutskever (2017). Evolution Strategies as a Scalable Alternative to Reinforcement Learning.
 * arXiv:1703.03864
 */
import { problem } from "../../problems.ts";
import { evaluate } from "../interpret.ts";
import { asType, type NdArray, ndarray } from "../ndarray.ts";
import { adam, type Optimiser } from "../optimisers/index.ts";
import { fillNormal, fold, type RandomKey } from "../random.ts";
import { constant, scalar, type Tensor } from "../tensor.ts";
import { leavesOf, mapTree, zipTree } from "../tree.ts";
import {
  type EvolutionStrategy,
  flattened,
  fromBest,
  keyFrom,
  numberFrom,
  storedKey,
  storedNumber,
} from "./strategy.ts";

export interface OpenAiEsOptions {
  /** σ: the standard deviation of the perturbations. */
  readonly spread: number;
  /** Candidates in a generation, two a perturbation. */
  readonly population: number;
  /** What follows the slope. Default adam(0.01). */
  readonly optimiser?: Optimiser;
}

export interface OpenAiEsState {
  /** A tree like the parameters, float32. */
  readonly params: unknown;
  /** What the optimiser remembers. */
  readonly memory: unknown;
  readonly generation: NdArray;
  /** [2] */
  readonly key: NdArray;
}

/** @throws Problem "bad-option" for a spread that is not above 0, or an odd population or one below 2 */
export function openAiEs<P>(
  params: P,
  { spread, population, optimiser = adam(0.01) }: OpenAiEsOptions,
): EvolutionStrategy<P, OpenAiEsState> {
  const where = "openAiEs";
  const { size, tree } = flattened(params, where);
  if (!(spread > 0 && spread < Number.POSITIVE_INFINITY)) {
    throw problem("bad-option", { where, name: "spread", given: spread, wanted: "a finite number above 0" });
  }
  if (!Number.isInteger(population) || population < 2 || population % 2 !== 0) {
    const wanted = "an even whole number of at least 2, as candidates come in pairs";
    throw problem("bad-option", { where, name: "population", given: population, wanted });
  }
  const perturbation = (state: OpenAiEsState, pair: number): Float64Array => {
    const noise = new Float64Array(size);
    fillNormal(noise, fold(keyFrom(state.key), "candidates", numberFrom(state.generation), pair));
    return noise;
  };
  return {
    population,
    start(key: RandomKey) {
      const start = asType32(params);
      const memory = valuesOf(optimiser.init(mapTree(start, constant)));
      return { params: start, memory, generation: storedNumber(0, "int32"), key: storedKey(key) };
    },
    mean: ({ params: at }) => at as P,
    /** Candidates 2i and 2i + 1 are either side of the mean. */
    ask(state) {
      const { vector } = flattened(state.params, where);
      return Array.from({ length: population / 2 }, (_, pair) => {
        const noise = perturbation(state, pair);
        return [spread, -spread].map((by) => tree(vector.map((v, i) => v + by * noise[i])));
      }).flat();
    },
    tell(state, costs) {
      const ranks = centredRanks(costs, fromBest(costs, population, where));
      const slope = new Float64Array(size);
      for (let pair = 0; pair < population / 2; pair++) {
        const by = (ranks[2 * pair] - ranks[2 * pair + 1]) / (population * spread);
        if (by === 0) continue;
        const noise = perturbation(state, pair);
        for (let i = 0; i < size; i++) slope[i] += by * noise[i];
      }
      const generation = numberFrom(state.generation);
      const now = mapTree(state.params, constant);
      const slopes = mapTree(asType32(tree(slope)), constant);
      const memory = mapTree(state.memory, constant);
      const next = optimiser.update(slopes, memory, now, scalar(generation));
      const moved = zipTree(now, next.updates, (p: Tensor, u: Tensor) => p.add(u));
      const values = valuesOf({ moved, memory: next.memory }) as { readonly moved: unknown; readonly memory: unknown };
      return {
        params: values.moved,
        memory: values.memory,
        generation: storedNumber(generation + 1, "int32"),
        key: state.key,
      };
    },
  };
}

/** Ranks from −½ at the least cost to ½ at the greatest; equal costs share the mean of theirs. */
export function centredRanks(costs: ArrayLike<number>, order: readonly number[]): Float64Array {
  const ranks = new Float64Array(order.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && costs[order[to]] === costs[order[from]]) to++;
    for (let i = from; i < to; i++) ranks[order[i]] = (from + to - 1) / 2 / (order.length - 1) - 0.5;
    from = to;
  }
  return ranks;
}

const asType32 = <P>(tree: P): P => mapTree(tree, (leaf: NdArray) => asType(leaf, "float32")) as P;

/** A tree of tensors made of constants, as values. */
function valuesOf(tree: unknown): unknown {
  const leaves = leavesOf<Tensor>(tree);
  const values = evaluate([...leaves.values()]);
  const byPath = new Map([...leaves].map(([path, { shape, dtype }], i) => [path, ndarrayOf(values[i], shape, dtype)]));
  return mapTree(tree, (_: Tensor, path) => byPath.get(path) as NdArray);
}

const ndarrayOf = (value: NdArray, shape: readonly number[], dtype: Tensor["dtype"]): NdArray => {
  const { data } = asType(value, dtype);
  return { ...ndarray(data), shape };
};
