export {
  episodeAdvantages,
  positiveSidedVariance,
  type TrajectoryWeightOptions,
  trajectoryWeights,
} from "./advantage.ts";
export { type BehaviourEntropyOptions, behaviourEntropy, conditionalBehaviourEntropy } from "./behaviour-entropy.ts";
export {
  type Compatibility,
  type CompatibilityThresholds,
  compatibility,
  compatibilityThresholds,
  compatibleEpisodes,
  type Disagreement,
  disagreement,
  nearestDemonstration,
  worstMoments,
} from "./compatibility.ts";
export { type Coverage, type CoverageOptions, coverageOver, stateActionCoverage } from "./coverage.ts";
export { type DistinctCounter, distinctCounter } from "./distinct.ts";
export {
  actionVariance,
  episodeMeans,
  type LocalMeasure,
  type LocalOptions,
  stateSimilarity,
  transitionDiversity,
} from "./local.ts";
export { type Operator, type OperatorOptions, operatorTiers, pathRegularity } from "./operators.ts";
export { type QualityScale, trajectoryQuality } from "./quality.ts";
