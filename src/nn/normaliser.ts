/** Observations on one scale, inside the policy: moments of a data set, or moments that follow what is seen. */
import { problem } from "../problems.ts";
import { type NdArray, ndarray, onesOf, scalar, type Tensor, zerosOf } from "../tensor/index.ts";
import { beside, type Net, net } from "./net.ts";

/** Welford's state: how many rows were seen, their mean, and the sum of squared distances from it. */
export interface Moments<T = Tensor> {
  /** [] */
  readonly count: T;
  /** [size] */
  readonly mean: T;
  /** [size] */
  readonly squares: T;
}

/** Nothing seen: normalising with it changes nothing. */
export const noMoments = (size: number): Moments => ({
  count: zerosOf([]),
  mean: zerosOf([size]),
  squares: zerosOf([size]),
});

/** Moments of a data set's rows [n, size], summed in double precision. @throws Problem "bad-value" without rows */
export function momentsOf({ data, shape }: NdArray): Moments<NdArray> {
  const size = shape[shape.length - 1];
  const rows = data.length / size;
  if (!(rows >= 1)) throw problem("bad-value", { where: "momentsOf", given: `[${shape}]`, wanted: "at least one row" });
  const mean = new Float64Array(size);
  const squares = new Float64Array(size);
  for (let i = 0; i < data.length; i++) mean[i % size] += Number(data[i]) / rows;
  for (let i = 0; i < data.length; i++) squares[i % size] += (Number(data[i]) - mean[i % size]) ** 2;
  return {
    count: ndarray(Float32Array.of(rows), { shape: [] }),
    mean: ndarray(Float32Array.from(mean)),
    squares: ndarray(Float32Array.from(squares)),
  };
}

/**
 * The moments after a batch [… size]: exact, however the rows were cut into batches. Chan, Golub, LeVeque (1983).
 * Of slope 0.
 */
export function observed(moments: Moments, batch: Tensor): Moments {
  const size = batch.shape[batch.rank - 1];
  const rows = batch.stopGradient().reshape(-1, size);
  const added = rows.shape[0] < 0 ? onesOf([1]).broadcastLike(rows.at(1, 0)).sum() : scalar(rows.shape[0]);
  const count = moments.count.add(added);
  const mean = rows.mean(0);
  const off = mean.sub(moments.mean);
  const share = added.div(count);
  return {
    count,
    mean: moments.mean.add(off.mul(share)),
    squares: moments.squares.add(rows.sub(mean).square().sum(0)).add(off.square().mul(moments.count.mul(share))),
  };
}

export interface NormaliseOptions {
  /** Values beyond this many standard deviations are cut. Default 10. */
  readonly clip?: number;
  /** Added to the variance. Default 1e-8. */
  readonly epsilon?: number;
}

/** (x − mean) / standard deviation, [… size] → the same. Before the second row was seen, the deviation counts as 1. */
export function normalise(moments: Moments, x: Tensor, { clip = 10, epsilon = 1e-8 }: NormaliseOptions = {}): Tensor {
  const { count, mean, squares } = moments;
  const rows = beside(count, 0, squares);
  const variance = rows.greater(1.5).where(squares.div(rows.atLeast(1)), 1);
  const scale = variance.add(epsilon).sqrt();
  return x
    .sub(beside(mean, 1, x).stopGradient())
    .div(beside(scale, 1, x).stopGradient())
    .clip(-clip, clip);
}

export interface Normalised<P> {
  readonly moments: Moments;
  readonly inner: P;
}

/**
 * A network that sees its first input normalised; the moments travel with its parameters into every file. They have
 * slope 0: replace them in the step by `observed(params.moments, batch)`, or start from `momentsOf(data)`.
 */
export const normalised = <P, In extends readonly unknown[], Out>(
  inner: Net<P, readonly [x: Tensor, ...In], Out>,
  size: number,
  options: NormaliseOptions = {},
): Net<Normalised<P>, [x: Tensor, ...In], Out> =>
  net(
    (key) => ({ moments: noMoments(size), inner: inner.init(key) }),
    (params, x, ...rest) => inner(params.inner, normalise(params.moments, x, options), ...rest),
  );
