/**
 * Optimisers as composable transformations of slopes, in Optax's conventions: each turns slopes into updates, keeps a
 * memory shaped like the parameters, and the learner adds what the last of them returns.
 */
import { valueAndGrad } from "../grad.ts";
import { concat } from "../joining.ts";
import { sameShape } from "../shape.ts";
import { type Operand, scalar, type Tensor, zerosOf } from "../tensor.ts";
import { isLeaf, leavesOf, mapTree, zipTree } from "../tree.ts";

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
export const moved = <P>(params: P, updates: unknown): P =>
  zipTree(params, updates, (p: Tensor, u: Tensor) => p.add(u), "descend") as P;

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

/**
 * An elementwise optimiser run on one vector of all the leaves, where they have fewer than `below` numbers together: in
 * small networks the number of operations is what costs, and ten on one vector are fewer than ten on each leaf. In large
 * ones joining would copy more than it saves. What is remembered keeps the leaves' names; between the updates of one
 * program, joining what was just taken apart costs nothing (see passes.ts).
 */
export const joined = (inner: Optimiser, below = 60_000): Optimiser => ({
  init: (params) => inner.init(params),
  update(slopes, memory, params, step) {
    const leaves = [...leavesOf<Tensor>(params)];
    const total = leaves.reduce((n, [, { size }]) => n + size, 0);
    if (leaves.length < 2 || total >= below) return inner.update(slopes, memory, params, step);
    const vector = (tree: unknown): Tensor =>
      concat(
        [...leavesOf<Tensor>(tree).values()].map((leaf) => leaf.reshape(leaf.size)),
        0,
      );
    const apart = (whole: Tensor): unknown => {
      let at = 0;
      const parts = new Map<string, Tensor>();
      for (const [path, { shape, size }] of leaves) {
        parts.set(path, whole.slice(0, at, at + size).reshape(...shape));
        at += size;
      }
      return mapTree(params, (_: Tensor, path) => parts.get(path));
    };
    const out = inner.update(vector(slopes), wherever(memory, params, vector), vector(params), step);
    return { updates: apart(out.updates as Tensor), memory: wherever(out.memory, vector(params), apart as never) };
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
