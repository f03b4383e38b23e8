export { type BootstrapOptions, bootstrap, bootstrapRows, quantile } from "./bootstrap.ts";
export * from "./decisions/index.ts";
export { type Estimate, isRefusal, type Refusal } from "./estimate.ts";
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
