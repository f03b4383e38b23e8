/** What the recursions over time share: which axis time is, steps later, and sums that run backwards. */
import { problem } from "../problems.ts";
import type { Axis, Operand, Tensor } from "../tensor/index.ts";

export interface TimeOptions {
  /** The axis of time. Default: the one named "time", else the first. */
  readonly axis?: Axis;
}

/** Steps in a row, all tensors of one shape with an axis of time. */
export interface Segment {
  readonly reward: Tensor;
  /** 0 where the episode truly ended with this step, 1 elsewhere. */
  readonly continues: Tensor;
  /** Value of the observation each step led to; of the final observation where the recording was cut. */
  readonly nextValue: Tensor;
  /** 1 where the recording was cut after this step: nothing is taken from the row that follows. Default: nowhere. */
  readonly truncated?: Tensor;
}

export interface Discounting {
  /** γ in [0, 1] */
  readonly discount: Operand;
}

/**
 * The position of the axis of time.
 * @throws Problem "axis" when there is no such axis, "shape" when its length is open
 */
export function timeAxisOf(x: Tensor, { axis = x.axes.includes("time") ? "time" : 0 }: TimeOptions): number {
  const at = typeof axis === "string" ? x.axes.indexOf(axis) : axis < 0 ? axis + x.rank : axis;
  const length = x.shape[at];
  if (length === undefined) throw problem("axis", { where: "time", axis, known: x.axes.map((name, i) => name || i) });
  if (length < 1)
    throw problem("shape", { where: "time", wanted: "at least one step, their number known", got: [x.shape] });
  return at;
}

/** x one (or more) steps later; 0 behind the end. */
export const later = (x: Tensor, axis: number, steps = 1): Tensor =>
  steps < x.shape[axis] ? x.slice(axis, steps).pad(axis, 0, steps) : x.mul(0);

/** x one (or more) steps earlier; 0 before the beginning. */
export const earlier = (x: Tensor, axis: number, steps = 1): Tensor =>
  steps < x.shape[axis] ? x.slice(axis, 0, -steps).pad(axis, steps, 0) : x.mul(0);

/** 1 where the next row is the next step of the same recording, 0 at cuts and at the last row. */
export function goesOn({ truncated, reward }: Pick<Segment, "truncated" | "reward">, axis: number): Tensor {
  const uncut = (truncated ?? reward.mul(0)).from(1);
  return later(earlier(uncut, axis), axis);
}

/**
 * y_t = base_t + factor_t · y_{t+1}, with 0 behind the end, in log₂ T rounds over whole tensors: after each round a row
 * holds the sum over twice as many steps (Hillis, Steele 1986).
 */
export function backwardSum(base: Tensor, factor: Tensor, axis: number): Tensor {
  let [sum, product] = [base, factor];
  for (let steps = 1; steps < base.shape[axis]; steps *= 2) {
    sum = sum.add(product.mul(later(sum, axis, steps)));
    product = product.mul(later(product, axis, steps));
  }
  return sum;
}

/** Π factor over the steps up to and including each, from where a row last began anew (`follows` is 0 there, 1 elsewhere). */
export function forwardProduct(factor: Tensor, follows: Tensor, axis: number): Tensor {
  let [product, joined] = [factor, follows];
  for (let steps = 1; steps < factor.shape[axis]; steps *= 2) {
    product = product.mul(joined.mul(earlier(product, axis, steps).sub(1)).add(1));
    joined = joined.mul(earlier(joined, axis, steps));
  }
  return product;
}
