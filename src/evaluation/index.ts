export { quantile } from "../data/summaries.ts";
export {
  type AggregateOptions,
  aggregate,
  interquartileMean,
  meanScore,
  medianScore,
  optimalityGap,
  performanceProfile,
  probabilityOfImprovement,
  type Scores,
  stratifiedBootstrap,
} from "./aggregate.ts";
export {
  type AgreementOptions,
  agreement,
  type Difference,
  intervalDifference,
  nominalDifference,
} from "./agreement.ts";
export { type BootstrapOptions, bootstrap, bootstrapRows } from "./bootstrap.ts";
export {
  type CompareOptions,
  type CompareRolloutsOptions,
  type Comparison,
  compare,
  compareRollouts,
} from "./compare.ts";
export { type Decision, decide, type Question } from "./decide.ts";
export { type ClippingOptions, clippedIps } from "./decisions/clipped-ips.ts";
export { type CrossFitOptions, crossFit } from "./decisions/cross-fit.ts";
export {
  type Diagnostics,
  defaultThresholds,
  diagnostics,
  type EstimatorOptions,
  noThresholds,
  type Thresholds,
} from "./decisions/diagnostics.ts";
export { directMethod } from "./decisions/direct-method.ts";
export { doublyRobust } from "./decisions/doubly-robust.ts";
export { ips } from "./decisions/ips.ts";
export { meanRewards } from "./decisions/mean-rewards.ts";
export type { RatioOptions } from "./decisions/ratio.ts";
export { sndr } from "./decisions/sndr.ts";
export { snips } from "./decisions/snips.ts";
export { probabilitiesOf } from "./decisions/target.ts";
export { type Estimate, isRefusal, type Refusal } from "./estimate.ts";
export { type FeedbackSummary, type FeedbackSummaryOptions, feedbackSummary } from "./feedback.ts";
export { type Fqe, type FqeOptions, fqe } from "./fqe/fqe.ts";
export { differenceOfMeans, type IntervalOptions, meanEstimate, pairedDifference, proportion } from "./intervals.ts";
export {
  type EpisodeResult,
  type Evaluation,
  evaluate,
  type RolloutOptions,
  type Rollouts,
  rollouts,
  summarise,
} from "./rollouts.ts";
export { type ScalingFit, type ScalingOptions, scalingFit } from "./scaling.ts";
export { support } from "./support.ts";
export { evaluateTasks, type TasksEvaluation } from "./tasks.ts";
export {
  type BlindComparison,
  type BlindTrial,
  blindComparison,
  holm,
  letters,
  type Outcome,
  type Posterior,
  probabilityBetter,
  rateEstimate,
  type SequentialOptions,
  type SequentialTest,
  sequentialTest,
  successPosterior,
} from "./trials/index.ts";
