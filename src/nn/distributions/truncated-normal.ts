import { type Key, scalar, type Tensor } from "../../tensor/index.ts";
import { type Distribution, uniformLike } from "./distribution.ts";
import { halfLogTwoPi } from "./gaussian.ts";
import { logDifference, logNormalCdf, logNormalPdf, logSum, normalQuantileBelow } from "./normal-function.ts";

export interface TruncatedNormal extends Distribution {
  readonly centre: Tensor;
  readonly logScale: Tensor;
  /** [… n] log of the mass the bounds leave of the whole normal */
  readonly logMass: Tensor;
  mean(): Tensor;
  entropy(): Tensor;
  /** A draw that is differentiable in centre and scale: its place among the probabilities stays, the quantile moves. */
  rsample(key: Key): Tensor;
  /** KL(this ‖ other), over the same bounds: [batch] */
  kl(other: TruncatedNormal): Tensor;
}

/**
 * Independent normals over the last axis, each cut to [low, high] and scaled up to mass 1; −∞ outside. Log-densities and
 * draws (by the inverse distribution function) hold however many deviations the centre lies outside the bounds. The mode is
 * the number in the bounds that lies nearest to the centre.
 * @param centre [… n] mean before the cut
 * @param logScale log standard deviation before the cut; broadcasts against the centre
 */
export function truncatedNormal(
  centre: Tensor,
  logScale: Tensor,
  { low, high }: { readonly low: number; readonly high: number },
): TruncatedNormal {
  const scale = logScale.exp();
  const from = centre.from(low).div(scale);
  const to = centre.from(high).div(scale);
  // Mirrored where most of the interval lies above the centre, so that Φ is only taken where it is small.
  const mirrored = from.add(to).greater(0);
  const below = mirrored.where(to.neg(), from);
  const above = mirrored.where(from.neg(), to);
  const [logBelow, logAbove] = [logNormalCdf(below), logNormalCdf(above)];
  const logMass = logDifference(logAbove, logBelow);
  /** φ / mass at each end, and z φ / mass. */
  const [densityFrom, densityTo] = [from, to].map((z) => logNormalPdf(z).sub(logMass).exp());
  const lean = densityFrom.sub(densityTo);
  const tilt = from.mul(densityFrom).sub(to.mul(densityTo));
  const mean = (): Tensor => centre.add(scale.mul(lean));
  const entropyEach = (): Tensor =>
    logScale
      .add(0.5 + halfLogTwoPi)
      .add(logMass)
      .add(tilt.mul(0.5));
  const rsample = (key: Key): Tensor => {
    const u = uniformLike(centre, key).atLeast(2 ** -25);
    const [share, rest] = [u, u.from(1).atLeast(2 ** -25)];
    const left = logSum(logBelow, logMass.add(share.log()));
    const right = logSum(logNormalCdf(above.neg()), logMass.add(rest.log()));
    const small = normalQuantileBelow(left.minimum(right).atMost(Math.log(0.5)));
    const inner = left.lessEqual(right).where(small, small.neg());
    const z = mirrored.where(inner.neg(), inner);
    // Φ(z) is a mean of Φ at the two ends, so z moves with each end by its weight times φ(end) / φ(z).
    const moved = (end: Tensor, weight: Tensor): Tensor => {
      const by = weight.mul(z.square().sub(end.square()).mul(0.5).exp()).stopGradient();
      return by.mul(end.sub(end.stopGradient()));
    };
    const [towardsLow, towardsHigh] = [mirrored.where(share, rest), mirrored.where(rest, share)];
    const quantile = z.stopGradient().add(moved(from, towardsLow)).add(moved(to, towardsHigh));
    return centre.add(scale.mul(quantile)).clip(low, high);
  };
  return {
    kind: "density",
    centre,
    logScale,
    logMass,
    mode: () => centre.clip(low, high),
    mean,
    sample: (key) => rsample(key).stopGradient(),
    rsample,
    logProb(value) {
      const z = value.sub(centre).div(scale);
      const each = z.square().mul(-0.5).sub(logScale).sub(logMass).sub(halfLogTwoPi);
      const inside = value.greaterEqual(low).and(value.lessEqual(high));
      return inside.where(each, scalar(Number.NEGATIVE_INFINITY, each.dtype)).sum(-1);
    },
    entropy: () => entropyEach().sum(-1),
    kl(other) {
      const variance = tilt.add(1).sub(lean.square()).mul(scale.square());
      const apart = variance.add(mean().sub(other.centre).square()).mul(other.logScale.mul(-2).exp());
      const cross = apart.mul(0.5).add(other.logScale).add(other.logMass).add(halfLogTwoPi);
      return cross.sub(entropyEach()).sum(-1);
    },
  };
}
