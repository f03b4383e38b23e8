/** Likelihoods of what people prefer, and losses on them. */
import { concat, type Operand, type Tensor } from "../tensor/index.ts";
import { batchMean } from "./losses.ts";

/** log P(first over second) = log σ(score₁ − score₂), elementwise: Bradley, Terry (1952). */
export const bradleyTerry = (first: Tensor, second: Tensor): Tensor => second.sub(first).softplus().neg();

/**
 * Cross-entropy of Bradley–Terry with labels that may be shared, as preference-based reinforcement learning has them
 * (Christiano and others 2017, arXiv:1706.03741, equation 1).
 * @param label share of the preference for the first: 1, 0, or ½ where they are as good
 */
export const preferenceLoss = (first: Tensor, second: Tensor, label: Tensor): Tensor =>
  batchMean(
    label
      .mul(bradleyTerry(first, second))
      .add(label.from(1).mul(bradleyTerry(second, first)))
      .neg(),
  );

/**
 * log P(ranking) = Σᵢ (scoreᵢ − log Σ_{j ≥ i} e^score_j): Plackett (1975), Luce (1959). With two it is Bradley–Terry.
 * @param scores [… n], the best first
 */
export function plackettLuce(scores: Tensor): Tensor {
  const n = scores.shape[scores.rank - 1];
  const left = Array.from({ length: n }, (_, i) => scores.slice(-1, i).logsumexp(-1, { keep: true }));
  return scores.sub(concat(left, -1)).sum(-1);
}

export interface PairedLogProbs {
  /** [batch] log π of the preferred answer, under the policy and under the reference */
  readonly preferred: Tensor;
  readonly preferredReference: Tensor;
  /** [batch] of the other answer */
  readonly other: Tensor;
  readonly otherReference: Tensor;
}

/** log (π/π_ref) of the preferred less that of the other: the margin DPO's losses are functions of. */
const margin = (p: PairedLogProbs): Tensor => p.preferred.sub(p.preferredReference).sub(p.other.sub(p.otherReference));

/** β times the margin, the logit that the preferred answer wins: Rafailov and others (2023), arXiv:2305.18290, equation 7. */
export const dpoLogits = (p: PairedLogProbs, beta: Operand): Tensor => margin(p).mul(beta);

/** −log σ(logit); with label smoothing ε, conservative DPO. */
export function dpoLoss(p: PairedLogProbs, beta: Operand, smoothing = 0): Tensor {
  const logits = dpoLogits(p, beta);
  return batchMean(
    logits
      .neg()
      .softplus()
      .mul(1 - smoothing)
      .add(logits.softplus().mul(smoothing)),
  );
}

/** (margin − 1/(2β))², which does not run off where preferences are certain: Azar and others (2023), arXiv:2310.12036, equation 17. */
export const ipoLoss = (p: PairedLogProbs, beta: number): Tensor =>
  batchMean(
    margin(p)
      .sub(0.5 / beta)
      .square(),
  );
