/** Optimisers that look at a whole matrix at once: LAMB at its length, Muon at its directions. */
import type { Operand, Tensor } from "../tensor.ts";
import { mapTree, zipTree } from "../tree.ts";
import { type AdamOptions, adamw, scaleByAdam } from "./adam.ts";
import { velocityOf } from "./gradient-descent.ts";
import { chain, decayWeights, type Optimiser, type Rate, scaledDown, stateless, type Where } from "./optimiser.ts";
import { partition } from "./partition.ts";

/** Each leaf's update scaled to the length of the leaf itself, where neither is 0. */
export const scaleByTrust: Optimiser = stateless((slopes, params) =>
  zipTree(slopes, params, (u: Tensor, p: Tensor) => {
    const [length, step] = [p.square().sum().sqrt(), u.square().sum().sqrt()];
    const ratio = length.div(step.equal(0).where(1, step));
    return u.mul(length.equal(0).or(step.equal(0)).where(1, ratio));
  }),
);

/** LAMB: You et al. (2020), arXiv:1904.00962. ε is 1e-6, as in the paper. */
export const lamb = (
  rate: Rate,
  decay: Operand,
  { where, ...options }: AdamOptions & { readonly where?: Where } = {},
): Optimiser =>
  chain(scaleByAdam({ epsilon: 1e-6, ...options }), decayWeights(decay, where), scaleByTrust, scaledDown(rate));

/** Coefficients of the quintic that brings singular values in (0, 1] near 1 in five turns: Jordan et al. (2024). */
const quintic = [3.4445, -4.775, 2.0315] as const;

/**
 * A matrix with (nearly) the same singular vectors and singular values of about 1, by Newton–Schulz iteration.
 * @param x [… rows, columns]
 */
export function orthogonalised(x: Tensor, turns = 5): Tensor {
  const [rows, columns] = x.shape.slice(-2);
  const wide = rows > columns ? x.transpose() : x;
  const length = wide.square().sum([-2, -1], { keep: true }).sqrt();
  let y = wide.div(length.maximum(1e-7));
  const [a, b, c] = quintic;
  for (let turn = 0; turn < turns; turn++) {
    const gram = y.matmul(y, { transposeRight: true });
    y = y.mul(a).add(gram.mul(b).add(gram.matmul(gram).mul(c)).matmul(y));
  }
  return rows > columns ? y.transpose() : y;
}

export interface MuonOptions {
  /** Default 0.95. */
  readonly momentum?: Operand;
  /** Default true. */
  readonly nesterov?: boolean;
  /** Decoupled weight decay of the leaves it moves by Newton–Schulz. Default 0.1. */
  readonly decay?: Operand;
  /** Newton–Schulz iterations. Default 5. */
  readonly turns?: number;
  /**
   * Leaves to orthogonalise, as matrices in their last two axes; the others go to AdamW. Default: those of rank 2. Leave
   * out embeddings and first and last layers, as its authors advise, and let in ensembles' [member, inputs, outputs].
   */
  readonly where?: Where;
  /** AdamW's rate, for the others. Default: 0.0003. */
  readonly otherRate?: Rate;
}

/**
 * Muon: momentum made orthogonal, so that a step moves every direction of a matrix alike; scaled by √max(1, outputs /
 * inputs) for a weight [inputs, outputs]. Jordan et al. (2024), "Muon: an optimizer for hidden layers in neural
 * networks"; with PyTorch's defaults, in float32 where PyTorch uses bfloat16.
 */
export function muon(
  rate: Rate,
  { momentum = 0.95, nesterov = true, decay = 0.1, turns = 5, otherRate = 3e-4, ...given }: MuonOptions = {},
): Optimiser {
  const where = given.where ?? ((_path, leaf) => leaf.rank === 2);
  const directions = stateless((slopes) =>
    mapTree(slopes, (g: Tensor) => {
      const [inputs, outputs] = g.shape.slice(-2);
      return orthogonalised(g, turns).mul(Math.sqrt(Math.max(1, outputs / inputs)));
    }),
  );
  const turned = chain(
    velocityOf(momentum, nesterov),
    directions,
    decayWeights(decay, () => true),
    scaledDown(rate),
  );
  return partition((path, leaf) => (where(path, leaf) ? "turned" : "other"), {
    turned,
    other: adamw(otherRate, decay),
  });
}
