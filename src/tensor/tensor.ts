/**
 * A Tensor is symbolic: an operation, its inputs, a static shape and an element type. It never holds a buffer; values
 * appear when a program made of tensors runs (see program.ts), or when the interpreter evaluates it (interpret.ts).
 *
 * Conventions at kinks: minimum, maximum, atMost and atLeast give a tie's slope to the first argument; abs and relu have
 * slope 0 at 0; max and min over an axis share the slope among the elements that tie.
 */
import { problem } from "../problems.ts";
import {
  averagePool,
  type ConvOptions,
  type ConvTransposeOptions,
  conv,
  convTranspose,
  maxPool,
  type PerAxis,
  type WindowOptions,
} from "./convolution.ts";
import { type Dtype, type NdArray, ndarray, type Shape, sizeOf } from "./ndarray.ts";
import { type Attributes, type Inputs, type Operation, operations, type Row } from "./operations.ts";
import { cumprod, prod } from "./products.ts";
import { resolveAxis, sameShape, userLine } from "./shape.ts";

/** Numbers lift to scalars of the other operand's type. */
export type Operand = Tensor | number;
/** An axis by position (negative from the end) or by name. */
export type Axis = number | string;
export interface ReduceOptions {
  /** Keep the reduced axes with size 1. Default false. */
  readonly keep?: boolean;
}

let created = 0;

export class Tensor {
  readonly operation: Operation;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes<Operation>;
  readonly shape: Shape;
  readonly dtype: Dtype;
  /** A name per axis, "" where it has none. */
  readonly axes: readonly string[];
  /** Later tensors have larger numbers; a tensor's inputs have smaller ones. */
  readonly id: number;

  constructor(
    operation: Operation,
    inputs: readonly Tensor[],
    attributes: Attributes<Operation>,
    inferred: { readonly shape: Shape; readonly dtype: Dtype; readonly axes?: readonly string[] },
  ) {
    this.operation = operation;
    this.inputs = inputs;
    this.attributes = attributes;
    this.shape = inferred.shape;
    this.dtype = inferred.dtype;
    this.axes = inferred.axes ?? inferred.shape.map(() => "");
    this.id = created++;
  }

  get rank(): number {
    return this.shape.length;
  }
  /** Number of elements; negative when an axis is open. */
  get size(): number {
    return sizeOf(this.shape);
  }

  // Arithmetic, broadcasting as NumPy does.
  add(x: Operand): Tensor {
    return apply("add", [this, lift(x, this)], {});
  }
  sub(x: Operand): Tensor {
    return apply("sub", [this, lift(x, this)], {});
  }
  mul(x: Operand): Tensor {
    return apply("mul", [this, lift(x, this)], {});
  }
  div(x: Operand): Tensor {
    return apply("div", [this, lift(x, this)], {});
  }
  /** Differentiable in both where this > 0; in the base alone where the exponent is a number. */
  pow(x: Operand): Tensor {
    return apply("pow", [this, lift(x, this)], {});
  }
  /** x − this. */
  from(x: Operand): Tensor {
    return lift(x, this).sub(this);
  }
  /** x / this. */
  under(x: Operand): Tensor {
    return lift(x, this).div(this);
  }
  minimum(x: Operand): Tensor {
    return apply("minimum", [this, lift(x, this)], {});
  }
  maximum(x: Operand): Tensor {
    return apply("maximum", [this, lift(x, this)], {});
  }
  atMost(bound: Operand): Tensor {
    return this.minimum(bound);
  }
  atLeast(bound: Operand): Tensor {
    return this.maximum(bound);
  }
  clip(low: Operand, high: Operand): Tensor {
    return this.maximum(low).minimum(high);
  }

  // Comparisons: bool results, no slope.
  less(x: Operand): Tensor {
    return apply("less", [this, lift(x, this)], {});
  }
  lessEqual(x: Operand): Tensor {
    return apply("lessEqual", [this, lift(x, this)], {});
  }
  greater(x: Operand): Tensor {
    return apply("less", [lift(x, this), this], {});
  }
  greaterEqual(x: Operand): Tensor {
    return apply("lessEqual", [lift(x, this), this], {});
  }
  equal(x: Operand): Tensor {
    return apply("equal", [this, lift(x, this)], {});
  }
  and(x: Tensor): Tensor {
    return apply("and", [this, x], {});
  }
  or(x: Tensor): Tensor {
    return apply("or", [this, x], {});
  }
  not(): Tensor {
    return apply("not", [this], {});
  }
  /** Where this (bool) holds, `yes`, elsewhere `no`; slopes flow only into the side that was taken. */
  where(yes: Operand, no: Operand): Tensor {
    const like = yes instanceof Tensor ? yes : no instanceof Tensor ? no : undefined;
    const dtype = like?.dtype ?? "float32";
    return apply("where", [this, lift(yes, { dtype }), lift(no, { dtype })], {});
  }

  // Elementwise.
  neg(): Tensor {
    return apply("neg", [this], {});
  }
  abs(): Tensor {
    return apply("abs", [this], {});
  }
  sign(): Tensor {
    return apply("sign", [this], {});
  }
  exp(): Tensor {
    return apply("exp", [this], {});
  }
  /** eˣ − 1, exact near 0. */
  expm1(): Tensor {
    return apply("expm1", [this], {});
  }
  log(): Tensor {
    return apply("log", [this], {});
  }
  /** log(1 + x), exact near 0. */
  log1p(): Tensor {
    return apply("log1p", [this], {});
  }
  sqrt(): Tensor {
    return apply("sqrt", [this], {});
  }
  square(): Tensor {
    return this.mul(this);
  }
  tanh(): Tensor {
    return apply("tanh", [this], {});
  }
  sigmoid(): Tensor {
    return apply("sigmoid", [this], {});
  }
  /** log(1 + eˣ). */
  softplus(): Tensor {
    return apply("softplus", [this], {});
  }
  relu(): Tensor {
    return apply("relu", [this], {});
  }
  /** x above 0, α(eˣ − 1) below: Clevert et al. (2016), arXiv:1511.07289. */
  elu(alpha = 1): Tensor {
    return apply("elu", [this], { alpha });
  }
  /** x σ(x). */
  silu(): Tensor {
    const gate = this.sigmoid();
    return gated(this, gate, (value) => gate.add(value.mul(gate.from(1))));
  }
  /** x Φ(x), with the exact normal distribution function. */
  gelu(): Tensor {
    const gate = this.mul(Math.SQRT1_2).erf().mul(0.5).add(0.5);
    return gated(this, gate, () => {
      const density = this.square()
        .mul(-0.5)
        .exp()
        .mul(1 / Math.sqrt(2 * Math.PI));
      return gate.add(this.mul(density));
    });
  }
  erf(): Tensor {
    return apply("erf", [this], {});
  }
  sin(): Tensor {
    return apply("sin", [this], {});
  }
  cos(): Tensor {
    return apply("cos", [this], {});
  }
  floor(): Tensor {
    return apply("floor", [this], {});
  }
  cast(dtype: Dtype): Tensor {
    return dtype === this.dtype ? this : apply("cast", [this], { dtype });
  }
  /** The same value, of slope 0. Losses rarely need it: what they close over is constant already. */
  stopGradient(): Tensor {
    return apply("stopGradient", [this], {});
  }

  // Products.
  /** [… m k] × [… k n] → [… m n], leading axes broadcast. */
  matmul(x: Tensor, options: { transposeLeft?: boolean; transposeRight?: boolean } = {}): Tensor {
    const transposeLeft = options.transposeLeft ?? false;
    const transposeRight = options.transposeRight ?? false;
    // Many rows by one matrix is a single product, and its weight's slope needs no sum over a batch of them.
    if (x.rank === 2 && this.rank > 2 && !transposeLeft && !this.shape.slice(0, -1).every((d) => d === 1)) {
      const rows = this.reshape(-1, this.shape[this.rank - 1]).matmul(x, options);
      const product = rows.reshape(...this.shape.slice(0, -1), rows.shape[1]);
      return product.named(...this.axes.slice(0, -1), x.axes[transposeRight ? 0 : 1]);
    }
    return apply("matmul", [this, x], { transposeLeft, transposeRight });
  }

  /** [N, C, …] and weight [O, C/groups, …taps] → [N, O, …]. */
  conv(weight: Tensor, options?: ConvOptions): Tensor {
    return conv(this, weight, options);
  }
  /** [N, C, …] and weight [C, O/groups, …taps] → [N, O, …]. */
  convTranspose(weight: Tensor, options?: ConvTransposeOptions): Tensor {
    return convTranspose(this, weight, options);
  }
  /** The largest of each window of [N, C, …]; a tie's slope goes to the first. */
  maxPool(size: PerAxis, options?: WindowOptions): Tensor {
    return maxPool(this, size, options);
  }
  /** The mean of each window of [N, C, …], padding counted as zeros. */
  averagePool(size: PerAxis, options?: WindowOptions): Tensor {
    return averagePool(this, size, options);
  }
  /** Mean 0 and variance 1 over the last axis, then scale and bias [n]: Ba et al. (2016), arXiv:1607.06450. */
  layerNorm(scale: Tensor, bias: Tensor, epsilon = 1e-5): Tensor {
    return apply("layerNorm", [this, scale, bias], { epsilon: Math.fround(epsilon) });
  }
  /** Root mean square 1 over the last axis, then scale [n]: Zhang, Sennrich (2019), arXiv:1910.07467. */
  rmsNorm(scale: Tensor, epsilon = 1e-6): Tensor {
    return apply("rmsNorm", [this, scale], { epsilon: Math.fround(epsilon) });
  }

  // Reductions, over one axis, several, or all of them.
  sum(axis?: Axis | readonly Axis[], options: ReduceOptions = {}): Tensor {
    return this.#reduce("sum", axis, options);
  }
  mean(axis?: Axis | readonly Axis[], options: ReduceOptions = {}): Tensor {
    return this.#reduce("mean", axis, options);
  }
  max(axis?: Axis | readonly Axis[], options: ReduceOptions = {}): Tensor {
    return this.#reduce("max", axis, options);
  }
  min(axis?: Axis | readonly Axis[], options: ReduceOptions = {}): Tensor {
    return this.#reduce("min", axis, options);
  }
  /** Population variance. */
  variance(axis?: Axis | readonly Axis[], options: ReduceOptions = {}): Tensor {
    return this.sub(this.mean(axis, { keep: true }))
      .square()
      .mean(axis, options);
  }
  /** log Σ eˣ, without overflow. */
  logsumexp(axis: Axis, options: ReduceOptions = {}): Tensor {
    const top = this.max(axis, { keep: true }).stopGradient();
    const sum = this.sub(top).exp().sum(axis, { keep: true }).log().add(top);
    return options.keep ? sum : sum.squeeze(axis);
  }
  softmax(axis: Axis = -1): Tensor {
    return apply("softmax", [this], { axis: resolveAxis(this, axis, "softmax") });
  }
  logSoftmax(axis: Axis = -1): Tensor {
    return apply("logSoftmax", [this], { axis: resolveAxis(this, axis, "logSoftmax") });
  }
  /** int32 position of the (first) largest element along the axis. */
  argmax(axis: Axis = -1): Tensor {
    return apply("argmax", [this], { axis: resolveAxis(this, axis, "argmax") });
  }
  /** int32 position of the (first) smallest element along the axis. */
  argmin(axis: Axis = -1): Tensor {
    return apply("argmin", [this], { axis: resolveAxis(this, axis, "argmin") });
  }
  /** Running sum along the axis, each element included; from the end where `reverse`. */
  cumsum(axis: Axis = -1, { reverse = false }: { reverse?: boolean } = {}): Tensor {
    return apply("cumsum", [this], { axis: resolveAxis(this, axis, "cumsum"), reverse });
  }
  /** Running product along an axis of known size, each element included. Its slopes hold where elements are 0. */
  cumprod(axis: Axis = -1): Tensor {
    return cumprod(this, resolveAxis(this, axis, "cumprod"));
  }
  /** Product over axes of known size. Its slopes hold where elements are 0. */
  prod(axis?: Axis | readonly Axis[], options: ReduceOptions = {}): Tensor {
    return prod(this, this.#axesOf("prod", axis), options.keep ?? false);
  }

  // Shape.
  reshape(...shape: readonly number[]): Tensor {
    return sameShape(shape, this.shape) ? this : apply("reshape", [this], { shape });
  }
  /** Axes in a new order; without arguments, the last two swapped. */
  transpose(...order: readonly Axis[]): Tensor {
    const { rank } = this;
    const permutation =
      order.length === 0
        ? this.shape.map((_, i) => (i === rank - 1 ? rank - 2 : i === rank - 2 ? rank - 1 : i))
        : order.map((axis) => resolveAxis(this, axis, "transpose"));
    return apply("transpose", [this], { permutation });
  }
  broadcastTo(...shape: readonly number[]): Tensor {
    return sameShape(shape, this.shape) ? this : apply("broadcastTo", [this], { shape });
  }
  /** Broadcast to another tensor's shape, which may have an open axis. */
  broadcastLike(x: Tensor): Tensor {
    return sameShape(x.shape, this.shape) ? this : apply("broadcastLike", [this, x], {});
  }
  /** A new axis of size 1 before position `axis`. */
  unsqueeze(axis: number): Tensor {
    const at = axis < 0 ? axis + this.rank + 1 : axis;
    return apply("expandDims", [this], { axis: at });
  }
  /** Without an axis of size 1. */
  squeeze(axis: Axis): Tensor {
    return apply("squeeze", [this], { axis: resolveAxis(this, axis, "squeeze") });
  }
  /** Elements [from, to) along an axis; negative positions count from the end. */
  slice(axis: Axis, from: number, to?: number): Tensor {
    const at = resolveAxis(this, axis, "slice");
    const size = this.shape[at];
    const wrap = (position: number): number => (position < 0 ? position + size : position);
    return apply("slice", [this], { axis: at, from: wrap(from), to: to === undefined ? size : wrap(to) });
  }
  /** One position along an axis, which disappears. */
  at(axis: Axis, position: number): Tensor {
    const wrapped = position < 0 ? position + this.shape[resolveAxis(this, axis, "at")] : position;
    return this.slice(axis, wrapped, wrapped + 1).squeeze(axis);
  }
  /** Zeros before and after along an axis. */
  pad(axis: Axis, before: number, after: number): Tensor {
    return before === 0 && after === 0
      ? this
      : apply("pad", [this], { axis: resolveAxis(this, axis, "pad"), before, after });
  }
  /** Elements in reverse order along one axis, or several. */
  flip(axis: Axis | readonly Axis[] = -1): Tensor {
    return apply("flip", [this], { axes: this.#axesOf("flip", axis) });
  }
  /** Matrices with zeros above a diagonal (0 the main one, positive ones above it). */
  tril(diagonal = 0): Tensor {
    return apply("triangle", [this], { upper: false, diagonal });
  }
  /** Matrices with zeros below a diagonal. */
  triu(diagonal = 0): Tensor {
    return apply("triangle", [this], { upper: true, diagonal });
  }
  /** Rows of the leading axis by an int32 tensor of any shape: [n, …d] and [i…] → [i…, …d]. */
  gather(indices: Tensor): Tensor {
    return apply("gather", [this, indices], {});
  }
  /** Rows added to those of the leading axis that int32 indices name; one named twice gets both: [n, …d], [i…], [i…, …d]. */
  scatterAdd(indices: Tensor, updates: Tensor): Tensor {
    return apply("scatterAdd", [this, indices, updates], {});
  }
  /** Along one axis, the element each index names; `indices` has this tensor's rank. */
  takeAlong(axis: Axis, indices: Tensor): Tensor {
    return apply("takeAlong", [this, indices], { axis: resolveAxis(this, axis, "takeAlong") });
  }
  /** [batch, n] and int32 [batch] → [batch]: the chosen element of each row. */
  choose(indices: Tensor): Tensor {
    return this.takeAlong(-1, indices.unsqueeze(-1)).squeeze(-1);
  }
  /** int32 [i…] → dtype [i…, depth], 1 at each index. */
  oneHot(depth: number, dtype: Dtype = "float32"): Tensor {
    return apply("oneHot", [this], { depth, dtype });
  }
  /** Names for the axes, one each; "" for none. */
  named(...axes: readonly string[]): Tensor {
    if (axes.length !== this.rank) {
      throw problem("shape", { where: "named", wanted: `${axes.length} axes`, got: [this.shape], ...userLine() });
    }
    return apply("identity", [this], { axes });
  }

  #reduce(
    operation: "sum" | "mean" | "max" | "min",
    axis: Axis | readonly Axis[] | undefined,
    options: ReduceOptions,
  ): Tensor {
    const axes = this.#axesOf(operation, axis);
    return axes.length === 0 ? this : apply(operation, [this], { axes, keep: options.keep ?? false });
  }

  #axesOf(operation: string, axis: Axis | readonly Axis[] | undefined): readonly number[] {
    const wanted = axis === undefined ? this.shape.map((_, i) => i) : typeof axis === "object" ? axis : [axis];
    return wanted.map((a) => resolveAxis(this, a, operation)).sort((a, b) => a - b);
  }
}

/** x times its gate, with the slope in fewer passes over memory than the product rule makes. */
const gated = (x: Tensor, gate: Tensor, rise: (value: Tensor) => Tensor): Tensor =>
  apply("custom", [x.mul(gate), x], { pullback: (slope, _inputs, value) => [slope.mul(rise(value))] });

/** A new tensor by the operation's row: its shape rule runs now, and complains at the caller's line. */
export function apply<O extends Operation>(operation: O, inputs: Inputs<O>, attributes: Attributes<O>): Tensor {
  const row = operations[operation] as Row<O>;
  return new Tensor(operation, inputs, attributes, row.infer(inputs, attributes));
}

export const constant = (value: NdArray): Tensor => apply("constant", [], { value });

/** A number as a scalar tensor, of the element type of the tensor it stands beside. */
export function lift(x: Operand, like: { readonly dtype: Dtype } = { dtype: "float32" }): Tensor {
  return x instanceof Tensor ? x : scalar(x, like.dtype);
}

/** @throws Problem "dtype" for a fraction among whole numbers */
export const scalar = (value: number, dtype: Dtype = "float32"): Tensor => {
  if (dtype.startsWith("int") && !Number.isInteger(value)) {
    const wanted = `a whole number beside ${dtype} (cast the tensor, or round the number)`;
    throw problem("dtype", { where: "a number beside a tensor", wanted, got: [`${value}`], ...userLine() });
  }
  const array = ndarray([value], { dtype });
  return constant({ ...array, shape: [] });
};

/** A tensor of one repeated value. */
export const full = (shape: Shape, value: number, dtype: Dtype = "float32"): Tensor =>
  scalar(value, dtype).broadcastTo(...shape);
export const zerosOf = (shape: Shape, dtype: Dtype = "float32"): Tensor => full(shape, 0, dtype);
export const onesOf = (shape: Shape, dtype: Dtype = "float32"): Tensor => full(shape, 1, dtype);

export const minimum = (a: Tensor, b: Operand): Tensor => a.minimum(b);
export const maximum = (a: Tensor, b: Operand): Tensor => a.maximum(b);
