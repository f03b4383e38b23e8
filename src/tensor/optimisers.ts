/**
 * Optimisers as composable transformations of slopes, in Optax's conventions: each turns slopes into updates, keeps a
 * memory shaped like the parameters, and the learner adds what the last of them returns.
 */

import { valueAndGrad } from "./grad.ts";
import { type Operand, scalar, type Tensor, zerosOf } from "./tensor.ts";
import { leavesOf, mapTree, zipTree } from "./tree.ts";

/** A rate as a number, an option of the program, or a function of the learner's step number (0 at the first). */
export type Rate = Operand | ((step: Tensor) => Tensor);

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

export const learner = <P>(params: P, optimiser: Optimiser): Learner<P> => ({
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
  const moved = zipTree(params, next.updates, (p: Tensor, u: Tensor) => p.add(u), "descend") as P;
  return [{ params: moved, memory: next.memory, step: step.add(1) }, value];
}

const rateAt = (rate: Rate, step: Tensor): Operand => (typeof rate === "function" ? rate(step) : rate);

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

const stateless = (transform: (slopes: unknown, params: unknown, step: Tensor) => unknown): Optimiser => ({
  init: () => ({}),
  update: (slopes, _memory, params, step) => ({ updates: transform(slopes, params, step), memory: {} }),
});

/** −rate · slope. */
export const scaledDown = (rate: Rate): Optimiser =>
  stateless((slopes, _params, step) => {
    const by = rateAt(rate, step);
    const negative = typeof by === "number" ? -by : by.neg();
    return mapTree(slopes, (g: Tensor) => g.mul(negative));
  });

/** Slopes scaled so that the norm of all of them together is at most `norm`. */
export const clipByGlobalNorm = (norm: Operand): Optimiser =>
  stateless((slopes) => {
    const squares = [...leavesOf<Tensor>(slopes).values()].map((g) => g.square().sum());
    const length = squares.reduce((a, b) => a.add(b)).sqrt();
    const factor = length.add(1e-12).under(norm).atMost(1);
    return mapTree(slopes, (g: Tensor) => g.mul(factor));
  });

/** Adds weight · parameter to the slope of every matrix (biases and scales are left alone). */
export const decayWeights = (weight: Operand): Optimiser =>
  stateless((slopes, params) =>
    zipTree(slopes, params, (g: Tensor, p: Tensor) => (p.rank >= 2 ? g.add(p.mul(weight)) : g)),
  );

const zerosLike = (params: unknown): unknown => mapTree(params, (p: Tensor) => zerosOf(p.shape, p.dtype));

export interface AdamOptions {
  /** β₁ */
  readonly momentum?: Operand;
  /** β₂ */
  readonly squares?: Operand;
  /** ε, beside the square root */
  readonly epsilon?: number;
}

/**
 * m̂ / (√v̂ + ε).
 *
 * The moments are kept without their factors 1 − β (M = m / (1 − β₁), V = v / (1 − β₂)), which go into one scalar with
 * the bias corrections: ten passes over memory instead of thirteen, and the same numbers.
 */
export const scaleByAdam = ({ momentum = 0.9, squares = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimiser => ({
  init: (params) => ({ mean: zerosLike(params), square: zerosLike(params) }),
  update(slopes, memory, _params, step) {
    const before = memory as { mean: unknown; square: unknown };
    const decay = (x: Operand): Tensor => (typeof x === "number" ? scalar(x) : x);
    const [b1, b2] = [decay(momentum), decay(squares)];
    const t = step.add(1);
    // √v̂ = √V · root, so m̂ / (√v̂ + ε) = M · share / (√V + ε / root), with share = (1 − β₁) / ((1 − β₁ᵗ) root).
    const root = b2.from(1).div(b2.pow(t).from(1)).sqrt();
    const share = b1.from(1).div(b1.pow(t).from(1)).div(root);
    const floor = root.under(epsilon);
    const mean = zipTree(before.mean, slopes, (m: Tensor, g: Tensor) => m.mul(b1).add(g));
    const square = zipTree(before.square, slopes, (v: Tensor, g: Tensor) => v.mul(b2).add(g.square()));
    const updates = zipTree(mean, square, (m: Tensor, v: Tensor) => m.div(v.sqrt().add(floor)).mul(share));
    return { updates, memory: { mean, square } };
  },
});

/** Adam: Kingma, Ba (2015), arXiv:1412.6980. */
export const adam = (rate: Rate, options: AdamOptions = {}): Optimiser => chain(scaleByAdam(options), scaledDown(rate));

/** Adam with decoupled weight decay on matrices: Loshchilov, Hutter (2019), arXiv:1711.05101. */
export const adamw = (rate: Rate, decay: Operand, options: AdamOptions = {}): Optimiser =>
  chain(scaleByAdam(options), decayWeights(decay), scaledDown(rate));

/** Gradient descent, with momentum (and Nesterov's look-ahead) when asked. */
export const sgd = (
  rate: Rate,
  { momentum, nesterov = false }: { momentum?: Operand; nesterov?: boolean } = {},
): Optimiser =>
  momentum === undefined
    ? scaledDown(rate)
    : chain(
        {
          init: zerosLike,
          update(slopes, memory) {
            const velocity = zipTree(memory, slopes, (v: Tensor, g: Tensor) => v.mul(momentum).add(g));
            const updates = nesterov
              ? zipTree(velocity, slopes, (v: Tensor, g: Tensor) => v.mul(momentum).add(g))
              : velocity;
            return { updates, memory: velocity };
          },
        },
        scaledDown(rate),
      );

/** Slope / √(running mean of its square): Tieleman, Hinton (2012). */
export const rmsprop = (
  rate: Rate,
  { decay = 0.99, epsilon = 1e-8 }: { decay?: number; epsilon?: number } = {},
): Optimiser =>
  chain(
    {
      init: zerosLike,
      update(slopes, memory) {
        const square = zipTree(memory, slopes, (v: Tensor, g: Tensor) => v.mul(decay).add(g.square().mul(1 - decay)));
        const updates = zipTree(slopes, square, (g: Tensor, v: Tensor) => g.div(v.sqrt().add(epsilon)));
        return { updates, memory: square };
      },
    },
    scaledDown(rate),
  );

/** From `rate` to `rate · floor` along half a cosine over `steps`, and flat after. */
export const cosineDecay =
  (rate: Operand, steps: number, floor = 0) =>
  (step: Tensor): Tensor =>
    step
      .div(steps)
      .atMost(1)
      .mul(Math.PI)
      .cos()
      .add(1)
      .mul((1 - floor) / 2)
      .add(floor)
      .mul(rate);

/** From 0 to `rate` over `steps`, and flat after. */
export const warmUp =
  (rate: Operand, steps: number) =>
  (step: Tensor): Tensor =>
    step.add(1).div(steps).atMost(1).mul(rate);

/** Polyak averaging: the share `rate` of `towards` blended into `from`, leaf by leaf. */
export const blend = <P>(from: P, towards: P, rate: Operand): P =>
  zipTree(from, towards, (a: Tensor, b: Tensor) => a.add(b.sub(a).mul(rate)), "blend") as P;
