export { type BlindComparison, type BlindTrial, blindComparison, type Outcome } from "./blind.ts";
export { letters } from "./letters.ts";
export { type Posterior, probabilityBetter, rateEstimate, successPosterior } from "./posterior.ts";
export { holm, type SequentialOptions, type SequentialTest, sequentialTest } from "./sequential.ts";
