/** repertoire/formulas: pure functions named as in the literature. */
export { infoNce, nceLoss, tripletLoss } from "./contrastive.ts";
export { cycleConsistencyLoss } from "./cycle-consistency.ts";
export { type DivergenceName, type FDivergence, fDivergence, fDivergences, variationalBound } from "./divergences.ts";
export {
  clippedSurrogate,
  clippedWeights,
  effectiveSize,
  importanceRatio,
  perDecisionWeights,
  selfNormalised,
  truncatedWeights,
} from "./importance.ts";
export {
  discountedSoFar,
  generalisedAdvantages,
  lambdaReturns,
  nStepReturns,
  upgoingReturns,
} from "./lambda-returns.ts";
export { batchMean, expectileLoss, huber, huberLoss, squaredError } from "./losses.ts";
export { retrace, type VTrace, vTrace } from "./off-policy-returns.ts";
export {
  bradleyTerry,
  dpoLogits,
  dpoLoss,
  ipoLoss,
  type PairedLogProbs,
  plackettLuce,
  preferenceLoss,
} from "./preferences.ts";
export { asymmetricLoss, gumbelLoss, quantileHuber, quantileHuberLoss, quantileLoss } from "./quantile-losses.ts";
export { discounted, returnsToGo } from "./returns.ts";
export { bootstrapped } from "./targets.ts";
export type { Discounting, Segment, TimeOptions } from "./time.ts";
