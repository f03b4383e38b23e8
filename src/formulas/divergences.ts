/**
 * f-divergences D(P ‖ Q) = E_Q f(dP/dQ), between probabilities and, in their variational form, between samples:
 * D ≥ E_P T − E_Q f*(T), with equality at T = f′(dP/dQ) (Nguyen, Wainwright, Jordan 2010, arXiv:0809.0853; Nowozin, Cseke,
 * Tomioka 2016, arXiv:1606.00709).
 */
import type { Tensor } from "../tensor/index.ts";

export type DivergenceName = "kl" | "reverseKl" | "jensenShannon" | "chiSquare" | "totalVariation";

export interface FDivergence {
  /** f(u), convex on u > 0 with f(1) = 0. */
  generator(u: Tensor): Tensor;
  /** f*(t) = sup_u (u t − f(u)) over u ≥ 0. */
  conjugate(t: Tensor): Tensor;
  /** f′(u): the best critic where dP/dQ = u. */
  slope(u: Tensor): Tensor;
  /** Any number to one that f* takes, so that a network's last layer may be linear. */
  activation(v: Tensor): Tensor;
}

const logTwo = Math.log(2);

export const fDivergences: { readonly [name in DivergenceName]: FDivergence } = {
  /** KL(P ‖ Q): u log u */
  kl: {
    generator: (u) => u.mul(u.log()),
    conjugate: (t) => t.sub(1).exp(),
    slope: (u) => u.log().add(1),
    activation: (v) => v,
  },
  /** KL(Q ‖ P): −log u */
  reverseKl: {
    generator: (u) => u.log().neg(),
    conjugate: (t) => t.neg().log().neg().sub(1),
    slope: (u) => u.under(-1),
    activation: (v) => v.exp().neg(),
  },
  /** Half of KL to the middle from each side; at most log 2. */
  jensenShannon: {
    generator: (u) =>
      u
        .mul(u.log())
        .sub(u.add(1).mul(u.add(1).mul(0.5).log()))
        .mul(0.5),
    conjugate: (t) => t.mul(2).exp().from(2).log().mul(-0.5),
    slope: (u) => u.mul(2).div(u.add(1)).log().mul(0.5),
    activation: (v) => v.neg().softplus().from(logTwo).mul(0.5),
  },
  /** Pearson's: (u − 1)². The conjugate is −1 below −2, where u would be negative. */
  chiSquare: {
    generator: (u) => u.sub(1).square(),
    conjugate: (t) => t.atLeast(-2).square().mul(0.25).add(t.atLeast(-2)),
    slope: (u) => u.sub(1).mul(2),
    activation: (v) => v,
  },
  /** ½ |u − 1|; at most 1 */
  totalVariation: {
    generator: (u) => u.sub(1).abs().mul(0.5),
    conjugate: (t) => t.atLeast(-0.5),
    slope: (u) => u.sub(1).sign().mul(0.5),
    activation: (v) => v.tanh().mul(0.5),
  },
};

/** D(P ‖ Q) of probabilities [… n] that are all above 0: [...]. */
export const fDivergence = (name: DivergenceName, p: Tensor, q: Tensor): Tensor =>
  q.mul(fDivergences[name].generator(p.div(q))).sum(-1);

/**
 * The variational bound from a critic's outputs: E_P g(v) − E_Q f*(g(v)). A critic climbs it, a generator of Q descends.
 * @param onP a critic's raw outputs on samples of P, any shape
 * @param onQ on samples of Q
 */
export function variationalBound(name: DivergenceName, onP: Tensor, onQ: Tensor): Tensor {
  const { activation, conjugate } = fDivergences[name];
  return activation(onP)
    .mean()
    .sub(conjugate(activation(onQ)).mean());
}
