import { unreachable } from "../../problems.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { Distribution } from "./distribution.ts";

/**
 * One of several vectors, each with its own chance: what bins with offsets make. Its mode is the likeliest; it has no density
 * over vectors, and refuses to be asked.
 * @param weights [… atoms] unnormalised log-weights
 * @param values [… atoms, size]
 */
export function atoms(weights: Tensor, values: Tensor): Distribution {
  const count = weights.shape[weights.rank - 1];
  const picked = (chosen: Tensor): Tensor => values.mul(chosen.oneHot(count, values.dtype).unsqueeze(-1)).sum(-2);
  return {
    kind: "sampled",
    mode: () => picked(weights.argmax()),
    sample: (key) => picked(weights.add(key.gumbel(...weights.shape).cast(weights.dtype)).argmax()).stopGradient(),
    logProb: () => unreachable("a few vectors have no density: ask for the log-softmax of their weights instead"),
  };
}
