/** Loops inside a program. They are unrolled while tracing: every step is there to be differentiated and optimised. */
import { problem } from "../problems.ts";
import { stack } from "./joining.ts";
import type { Tensor } from "./tensor.ts";
import { checkSameSpecs, leavesOf, mapTree } from "./tree.ts";

const alike = "Each turn must return the state it was given: the same leaves, shapes and element types.";

/** The state after n turns of the body. @throws Problem "tree-mismatch" or "tree-leaf" when a turn changes its form */
export function repeat<S>(n: number, state: S, body: (state: S, turn: number) => S): S {
  if (!Number.isInteger(n) || n < 0) {
    throw problem("bad-value", { where: "repeat", given: n, wanted: "a number of turns, 0 or more" });
  }
  let now = state;
  for (let turn = 0; turn < n; turn++) {
    const next = body(now, turn);
    checkSameSpecs(now, next, "repeat", alike);
    now = next;
  }
  return now;
}

export interface ScanOptions {
  /** Slopes reach at most so many steps back: the state is cut off from its past before every k-th step. */
  readonly truncate?: number;
  /** From the last step to the first; outputs keep the place of their inputs. Default false. */
  readonly reverse?: boolean;
}

/**
 * A body carried along the leading axis of every leaf of `xs`. With `truncate` it is truncated backpropagation through
 * time: Williams, Peng (1990), Neural Computation 2(4).
 * @returns the last state, and the outputs of all steps stacked along a new leading axis
 * @throws Problem "bad-value" when the leaves of xs differ in length or one is open, "tree-mismatch" or "tree-leaf" when a
 * step changes the form of the state
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
  let now = state;
  const outputs: O[] = [];
  for (let turn = 0; turn < length; turn++) {
    const step = reverse ? length - 1 - turn : turn;
    if (truncate !== undefined && turn > 0 && turn % truncate === 0) {
      now = mapTree(now, (leaf: Tensor) => leaf.stopGradient()) as S;
    }
    const x = mapTree(xs, (leaf: Tensor) => leaf.at(0, step)) as X;
    const { state: next, outputs: out } = body(now, x, step);
    checkSameSpecs(now, next, "scan", alike);
    now = next;
    outputs[step] = out;
  }
  const paths = outputs.map((out) => leavesOf<Tensor>(out, "scan"));
  const stacked = mapTree(outputs[0], (_: Tensor, path) => stack(paths.map((leaves) => leaves.get(path) as Tensor)));
  return { state: now, outputs: stacked as O };
}
