import { problem } from "../problems.ts";
import type { Key, Tensor } from "../tensor/index.ts";

/**
 * A share of the elements set to 0, the rest scaled up so that the mean stays: Srivastava et al. (2014). Without a key,
 * as when acting, nothing is dropped.
 * @param rate share dropped, in [0, 1)
 * @throws Problem "bad-value" when the rate lies outside
 */
export function dropout(x: Tensor, rate: number, key?: Key): Tensor {
  if (!(rate >= 0 && rate < 1)) {
    throw problem("bad-value", { where: "dropout", given: rate, wanted: "a share in [0, 1)" });
  }
  if (key === undefined || rate === 0) return x;
  // Multiplying by an indicator costs one pass, and its slope another; where would cost three.
  const kept = key
    .uniform(...x.shape)
    .greaterEqual(rate)
    .cast(x.dtype);
  return x.mul(kept.mul(1 / (1 - rate)));
}
