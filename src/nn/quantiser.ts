/** Vector quantisation: vectors replaced by the nearest of a few. Van den Oord et al. (2017), arXiv:1711.00937. */
import { type Key, onesOf, type Tensor } from "../tensor/index.ts";

/** State, not parameters, where it is learned by moving averages. */
export interface Codebook {
  /** [count, size] */
  readonly codes: Tensor;
  /** [count]: how often each was nearest of late */
  readonly counts: Tensor;
  /** [count, size]: the sum of what it was nearest to */
  readonly sums: Tensor;
}

/** Normal codes, each seen once. */
export function codebook(key: Key, count: number, size: number, spread = 1): Codebook {
  const codes = key.normal(count, size).mul(spread);
  return { codes, counts: onesOf([count]), sums: codes };
}

export interface Quantised {
  /** [… size]: the nearest codes, with the slope of what came in (straight-through). */
  readonly out: Tensor;
  /** int32 [… ] */
  readonly indices: Tensor;
  /** Scalar mean square distance, with a slope to what came in: weigh it by the paper's β = 0.25. */
  readonly commitment: Tensor;
  /** Scalar mean square distance, with a slope to the codes: for codes learned by descent, not moving averages. */
  readonly codebookLoss: Tensor;
}

/** The nearest code of each vector [… size]. */
export function quantise({ codes }: Pick<Codebook, "codes">, x: Tensor): Quantised {
  const still = x.stopGradient();
  // ‖x − c‖² without ‖x‖², which is the same for every code: one product instead of a difference with each.
  const closeness = still
    .matmul(codes.stopGradient(), { transposeRight: true })
    .sub(codes.stopGradient().square().sum(-1).mul(0.5));
  const indices = closeness.argmax();
  const nearest = codes.gather(indices);
  return {
    out: x.add(nearest.sub(x).stopGradient()),
    indices,
    commitment: x.sub(nearest.stopGradient()).square().mean(),
    codebookLoss: still.sub(nearest).square().mean(),
  };
}

/**
 * Codes moved towards the mean of the vectors they were nearest to: the paper's appendix A.1.
 * @param decay share of the past kept. Default 0.99
 * @param epsilon keeps a code that nothing chose from dividing by 0. Default 1e-5
 */
export function movedCodes(
  state: Codebook,
  x: Tensor,
  indices: Tensor,
  { decay = 0.99, epsilon = 1e-5 }: { readonly decay?: number; readonly epsilon?: number } = {},
): Codebook {
  const [count, size] = state.codes.shape;
  const chosen = indices.reshape(-1).oneHot(count).stopGradient();
  const rows = x.stopGradient().reshape(-1, size);
  const counts = state.counts.mul(decay).add(chosen.sum(0).mul(1 - decay));
  const sums = state.sums.mul(decay).add(chosen.matmul(rows, { transposeLeft: true }).mul(1 - decay));
  const total = counts.sum();
  const smooth = counts
    .add(epsilon)
    .div(total.add(count * epsilon))
    .mul(total);
  return { codes: sums.div(smooth.unsqueeze(-1)), counts, sums };
}
