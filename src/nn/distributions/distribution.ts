/** Distributions as values. The event is the last axis for densities; everything before it is a batch. */
import type { Key, Tensor } from "../../tensor/index.ts";

export interface Distribution {
  /**
   * A density over vectors, a mass over numbers 0 … n − 1, masses over vectors of such numbers, a single point, or draws
   * alone, whose density nobody knows.
   */
  readonly kind: "density" | "mass" | "masses" | "point" | "sampled";
  /** The most likely value, or what stands for it where that is not defined (each distribution says). */
  mode(): Tensor;
  /** A draw, of slope 0. */
  sample(key: Key): Tensor;
  /** log p(value): [batch]. A point has none, nor has what is only sampled, and they refuse. */
  logProb(value: Tensor): Tensor;
}

/** Noise in another's shape, whose size may be open, and in its element type. */
export const normalLike = (x: Tensor, key: Key): Tensor => key.normal(...x.shape).cast(x.dtype);
export const uniformLike = (x: Tensor, key: Key): Tensor => key.uniform(...x.shape).cast(x.dtype);

/** The largest number below 1 of x's element type. */
export const belowOne = (x: Tensor): number => 1 - (x.dtype === "float64" ? 2 ** -53 : 2 ** -24);
