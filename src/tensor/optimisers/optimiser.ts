/**
 * Optimisers as composable transformations of slopes, in Optax's conventions: each turns slopes into updates, keeps a
 * memory shaped like the parameters, and the learner adds what the last of them returns.
 */
import { valueAndGrad } from "../grad.ts";
import { type Operand, scalar, type Tensor, zerosOf } from "../tensor.ts";
import { checkSameSpecs, mapTree, zipTree } from "../tree.ts";
import { elementwise } from "./joined.ts";

/** A rate as a number, an option of the program, or a function of the learner's step number (0 at the first). */
export type Rate = Operand | ((step: Tensor) => Tensor);

/** Chooses leaves by their path ("layers/0/weight"), their shape, or both. */
export type Where = (path: string, leaf: Tensor) => boolean;

export interface Optimiser {
  /** Memory for these parameters, before the first step. */
  init(params: unknown): unknown;
  /** Updates to add to the parameters, and the new memory. `step` is float32, 0 at the first step. */
  update(
    slopes: unknown,
    memory: unknown,
    params: unknown,
    step: Tensor,
  ): { readonly updates: unknown; readonly memory: unknown };
}

/** Parameters with what their optimiser remembers. One tree: saving, resuming and exporting walk it. */
export interface Learner<P> {
  readonly params: P;
  readonly memory: unknown;
  /** int32 number of steps taken */
  readonly step: Tensor;
}

export const learner = <P>(params: P, optimiser: Pick<Optimiser, "init">): Learner<P> => ({
  params,
  memory: optimiser.init(params),
  step: scalar(0, "int32"),
});

/** One step down the slope of a scalar loss; also the loss before it. */
export function descendWith<P>(
  optimiser: Optimiser,
  { params, memory, step }: Learner<P>,
  loss: (params: P) => Tensor,
): readonly [Learner<P>, Tensor] {
  const [value, slopes] = valueAndGrad(loss)(params);
  const next = optimiser.update(slopes, memory, params, step.cast("float32"));
  return [{ params: moved(params, next.updates), memory: next.memory, step: step.add(1) }, value];
}

/** Parameters with their updates added. */
export const moved = <P>(params: P, updates: unknown): P => {
  checkSameSpecs(params, updates, "descend", "An optimiser returns updates shaped like the parameters.");
  return elementwise([params, updates], (p, u) => p.add(u)) as P;
};

export const rateAt = (rate: Rate, step: Tensor): Operand => (typeof rate === "function" ? rate(step) : rate);

export const zerosLike = (params: unknown): unknown => mapTree(params, (p: Tensor) => zerosOf(p.shape, p.dtype));

/** A transformation that remembers nothing. */
export const stateless = (transform: (slopes: unknown, params: unknown, step: Tensor) => unknown): Optimiser => ({
  init: () => ({}),
  update: (slopes, _memory, params, step) => ({ updates: transform(slopes, params, step), memory: {} }),
});

/** Several in turn, each transforming what the one before returned. */
export const chain = (...parts: readonly Optimiser[]): Optimiser => ({
  init: (params) => parts.map((part) => part.init(params)),
  update(slopes, memory, params, step) {
    const memories: unknown[] = [];
    let updates = slopes;
    parts.forEach((part, i) => {
      const out = part.update(updates, (memory as readonly unknown[])[i], params, step);
      updates = out.updates;
      memories.push(out.memory);
    });
    return { updates, memory: memories };
  },
});

/** −rate · slope. */
export const scaledDown = (rate: Rate): Optimiser =>
  stateless((slopes, _params, step) => {
    const by = rateAt(rate, step);
    const negative = typeof by === "number" ? -by : by.neg();
    return mapTree(slopes, (g: Tensor) => g.mul(negative));
  });

/** Matrices and what has more axes: biases and scales are vectors. */
export const matrices: Where = (_path, leaf) => leaf.rank >= 2;

/** Adds weight · parameter to the slope of the chosen leaves; by default of every matrix. */
export const decayWeights = (weight: Operand, where: Where = matrices): Optimiser =>
  stateless((slopes, params) =>
    zipTree(slopes, params, (g: Tensor, p: Tensor, path) => (where(path, p) ? g.add(p.mul(weight)) : g)),
  );
