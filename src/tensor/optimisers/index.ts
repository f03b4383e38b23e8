/** Optimisers, schedules and averages of parameters. */
export { type AdamOptions, adam, adamax, adamw, amsgrad, nadam, scaleByAdam } from "./adam.ts";
export { averageOf, averaging, blend } from "./averages.ts";
export { clipByGlobalNorm, clipByNorm, clipByValue } from "./clipping.ts";
export { adagrad, rmsprop, sgd } from "./gradient-descent.ts";
export { joined } from "./joined.ts";
export { lamb, type MuonOptions, muon, orthogonalised, scaleByTrust } from "./large-batch.ts";
export {
  chain,
  decayWeights,
  descendWith,
  type Learner,
  learner,
  matrices,
  type Optimiser,
  type Rate,
  scaledDown,
  type Where,
} from "./optimiser.ts";
export { frozen, partition } from "./partition.ts";
export {
  constantRate,
  cosineDecay,
  cosineRestarts,
  exponentialDecay,
  linearDecay,
  piecewise,
  type Schedule,
  sequence,
  warmUp,
  warmUpThen,
} from "./schedules.ts";
export { accumulating, skipNonFinite } from "./sometimes.ts";
export { climbWith, type ObgdOptions, obgd, type Surprise, type TraceOptimiser } from "./streaming.ts";
