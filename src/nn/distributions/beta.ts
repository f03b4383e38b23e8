import type { Tensor } from "../../tensor/index.ts";
import { belowOne, type Distribution } from "./distribution.ts";
import { digamma, lgamma, logGammaDraw } from "./gamma-function.ts";

export interface Beta extends Distribution {
  readonly alpha: Tensor;
  readonly beta: Tensor;
  mean(): Tensor;
  entropy(): Tensor;
  /** KL(this ‖ other), over the same bounds: [batch] */
  kl(other: Beta): Tensor;
}

/**
 * Independent beta variables over the last axis, stretched from [0, 1] to [low, high]: a policy over bounded actions without
 * the bias of clipping (Chou, Maturana, Scherer 2017). Draws are exact but for an event of probability below 10⁻¹⁰ (see
 * logGammaDraw), and have no slope. The mode is a bound where the density climbs to it from everywhere, and the mean where
 * there is no single one (neither parameter above 1). A value at a bound, or beyond, is read as the nearest number inside.
 * @param alpha […, n] above 0
 * @param beta […, n] above 0
 */
export function beta(
  alpha: Tensor,
  beta: Tensor,
  { low = 0, high = 1 }: { readonly low?: number; readonly high?: number } = {},
): Beta {
  const stretched = (x: Tensor): Tensor => x.mul(high - low).add(low);
  const total = alpha.add(beta);
  const logNormaliser = lgamma(alpha).add(lgamma(beta)).sub(lgamma(total));
  const width = total.shape[total.rank - 1];
  const inside = (x: Tensor): Tensor => x.clip(1 - belowOne(x), belowOne(x));
  return {
    kind: "density",
    alpha,
    beta,
    mean: () => stretched(alpha.div(total)),
    mode() {
      const [up, down] = [alpha.greater(1), beta.greater(1)];
      const peak = alpha.sub(1).div(up.and(down).where(total.sub(2), 1));
      const edge = up.where(alpha.mul(0).add(1), down.where(alpha.mul(0), alpha.div(total)));
      return stretched(up.and(down).where(peak, edge));
    },
    sample(key) {
      const share = logGammaDraw(alpha, key.at("alpha"))
        .sub(logGammaDraw(beta, key.at("beta")))
        .sigmoid();
      return stretched(inside(share)).stopGradient();
    },
    logProb(value) {
      const x = inside(value.sub(low).div(high - low));
      const each = alpha
        .sub(1)
        .mul(x.log())
        .add(beta.sub(1).mul(x.from(1).log()))
        .sub(logNormaliser);
      return each.sum(-1).sub(width * Math.log(high - low));
    },
    entropy() {
      const each = logNormaliser
        .sub(alpha.sub(1).mul(digamma(alpha)))
        .sub(beta.sub(1).mul(digamma(beta)))
        .add(total.sub(2).mul(digamma(total)));
      return each.sum(-1).add(width * Math.log(high - low));
    },
    kl(other) {
      const otherTotal = other.alpha.add(other.beta);
      return lgamma(other.alpha)
        .add(lgamma(other.beta))
        .sub(lgamma(otherTotal))
        .sub(logNormaliser)
        .add(alpha.sub(other.alpha).mul(digamma(alpha)))
        .add(beta.sub(other.beta).mul(digamma(beta)))
        .add(otherTotal.sub(total).mul(digamma(total)))
        .sum(-1);
    },
  };
}
