/**
 * Loops inside a program. Turns are unrolled while tracing, so that every one is there to be differentiated and optimised;
 * many turns that are alike and that no slope flows through become one body, which the runtime turns (see rolling.ts).
 */
import { problem } from "../problems.ts";
import { inTurns } from "./rolling.ts";
import type { Tensor } from "./tensor.ts";
import { checkSameSpecs, leavesOf, mapTree } from "./tree.ts";

const alike = "Each turn must return the state it was given: the same leaves, shapes and element types.";

/** A tree like another, of leaves in its order. */
function treeOf<T>(like: T, leaves: readonly Tensor[]): T {
  const order = [...leavesOf(like).keys()];
  return mapTree(like, (_: Tensor, path) => leaves[order.indexOf(path)]) as T;
}
/** A tree's leaves in another's order. */
function inOrderOf(like: unknown, tree: unknown): Tensor[] {
  const leaves = leavesOf<Tensor>(tree);
  return [...leavesOf(like).keys()].map((path) => leaves.get(path) as Tensor);
}
const leavesIn = (tree: unknown, where: string): Tensor[] => [...leavesOf<Tensor>(tree, where).values()];

/**
 * The state after n turns of the body: a pure function, which may be traced more often than it is turned. Constants and draws
 * may differ from turn to turn where turns become a loop, nothing else.
 * @throws Problem "tree-mismatch" or "tree-leaf" when a turn changes its form; "bad-value" when more must be unrolled than a
 * graph can hold
 */
export function repeat<S>(n: number, state: S, body: (state: S, turn: number) => S): S {
  if (!Number.isInteger(n) || n < 0) {
    throw problem("bad-value", { where: "repeat", given: n, wanted: "a number of turns, 0 or more" });
  }
  const last = inTurns({
    where: "repeat",
    count: n,
    state: leavesIn(state, "repeat"),
    rows: [],
    turn(leaves, _rows, turn) {
      const now = treeOf(state, leaves);
      const next = body(now, turn);
      checkSameSpecs(now, next, "repeat", alike);
      return { state: inOrderOf(state, next), outputs: [] };
    },
  });
  return treeOf(state, last.state);
}

export interface ScanOptions {
  /** Slopes reach at most so many steps back: the state is cut off from its past before every k-th step. */
  readonly truncate?: number;
  /** From the last step to the first; outputs keep the place of their inputs. Default false. */
  readonly reverse?: boolean;
}

/**
 * A body carried along the leading axis of every leaf of `xs`: a pure function, as for `repeat`. With `truncate` it is truncated backpropagation through
 * time: Williams, Peng (1990), Neural Computation 2(4).
 * @returns the last state, and the outputs of all steps stacked along a new leading axis
 * @throws Problem "bad-value" when the leaves of xs differ in length or one is open, "tree-mismatch" or "tree-leaf" when a
 * step changes the form of the state, "bad-value" when more must be unrolled than a graph can hold
 */
export function scan<X, S, O>(
  xs: X,
  state: S,
  body: (state: S, x: X, step: number) => { readonly state: S; readonly outputs: O },
  { truncate, reverse = false }: ScanOptions = {},
): { readonly state: S; readonly outputs: O } {
  const lengths = [...leavesOf<Tensor>(xs, "scan").values()].map(({ shape }) => shape[0] ?? 0);
  const [length] = lengths;
  if (!(length > 0) || lengths.some((l) => l !== length)) {
    throw problem("bad-value", {
      where: "scan",
      given: `lengths ${lengths}`,
      wanted: "one known length of at least 1",
    });
  }
  if (truncate !== undefined && !(Number.isInteger(truncate) && truncate >= 1)) {
    throw problem("bad-option", {
      where: "scan",
      name: "truncate",
      given: truncate,
      wanted: "a number of steps, 1 or more",
    });
  }
  let shape: O | undefined;
  const turned = (x: Tensor): Tensor => (reverse ? x.flip(0) : x);
  const last = inTurns({
    where: "scan",
    count: length,
    state: leavesIn(state, "scan"),
    rows: leavesIn(xs, "scan").map(turned),
    turn(leaves, rows, turn) {
      const cut = truncate !== undefined && turn > 0 && turn % truncate === 0;
      const now = treeOf(state, cut ? leaves.map((leaf) => leaf.stopGradient()) : leaves);
      const { state: next, outputs } = body(now, treeOf(xs, rows), reverse ? length - 1 - turn : turn);
      checkSameSpecs(now, next, "scan", alike);
      shape ??= outputs;
      return { state: inOrderOf(state, next), outputs: inOrderOf(shape, outputs) };
    },
  });
  return { state: treeOf(state, last.state), outputs: treeOf(shape as O, last.outputs.map(turned)) };
}
