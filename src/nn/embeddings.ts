/** Vectors for what is no vector: choices, positions in a sequence, and numbers of many scales. */
import { problem } from "../problems.ts";
import { concat, constant, type Key, ndarray, type Tensor } from "../tensor/index.ts";
import { rowsByMatrix } from "./layers.ts";
import { beside, type Net, net } from "./net.ts";

export interface Embedding {
  /** [count, size] */
  readonly table: Tensor;
}

/** A learned vector for each of `count` things: int32 [… ] → [… size]. @param spread standard deviation at the start */
export const embedding = (count: number, size: number, spread = 1): Net<Embedding, [indices: Tensor], Tensor> =>
  net(
    (key) => ({ table: key.normal(count, size).mul(spread) }),
    ({ table }, indices) => {
      if (table.rank === 2) return table.gather(indices);
      // Members' tables lie one behind the other, so that each member's indices begin where its table does.
      const members = table.shape[0];
      const starts = constant(ndarray(Int32Array.from({ length: members }, (_, i) => i * count)));
      const own = starts.reshape(members, ...new Array(indices.rank - 1).fill(1));
      return table.reshape(members * count, size).gather(indices.add(own));
    },
  );

/** Wavelengths from 2π to 10000 · 2π, as frequencies. */
const frequencies = (size: number): Tensor => {
  const half = size / 2;
  return constant(ndarray(Float32Array.from({ length: half }, (_, i) => 10_000 ** (-i / half))));
};

/**
 * Sines, then cosines, of positions or times at geometrically spaced wavelengths: [… ] → [… size]. Vaswani et al. (2017),
 * arXiv:1706.03762; the layout is that of diffusion models.
 * @param position float, any shape
 * @param size even
 * @throws Problem "bad-value" when the size is odd
 */
export function sinusoidal(position: Tensor, size: number): Tensor {
  if (size % 2 !== 0) throw problem("bad-value", { where: "sinusoidal", given: size, wanted: "an even size" });
  return sinesAndCosines(position.unsqueeze(-1).mul(frequencies(size)));
}

const sinesAndCosines = (angle: Tensor): Tensor => concat([angle.sin(), angle.cos()]);

export interface LearnedPositions {
  /** [length, size] */
  readonly positions: Tensor;
}

/** A learned vector added at each place of a sequence: [… time, size] → the same; time is at most `length`. */
export const learnedPositions = (
  length: number,
  size: number,
  spread = 0.02,
): Net<LearnedPositions, [x: Tensor], Tensor> =>
  net(
    (key) => ({ positions: key.normal(length, size).mul(spread) }),
    ({ positions }, x) => x.add(beside(positions.slice(-2, 0, x.shape[x.rank - 2]), 2, x)),
  );

export interface FourierFeatures {
  /** [inputs, features]; it never learns */
  readonly frequencies: Tensor;
}

/**
 * Sines and cosines of random projections, with which a perceptron learns high frequencies: [… inputs] → [… 2 features].
 * Tancik et al. (2020), arXiv:2006.10739.
 * @param scale standard deviation of the frequencies: larger sees finer
 */
export const fourierFeatures = (
  inputs: number,
  features: number,
  scale = 1,
): Net<FourierFeatures, [x: Tensor], Tensor> =>
  net(
    (key: Key) => ({ frequencies: key.normal(inputs, features).mul(2 * Math.PI * scale) }),
    (params, x) => sinesAndCosines(rowsByMatrix(x, params.frequencies.stopGradient())),
  );
