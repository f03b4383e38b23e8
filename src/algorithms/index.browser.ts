/** What repertoire/algorithms is in a page: the methods, what a method is, and the loop that runs one. */
export { catalogue } from "./catalogue.ts";
export { behaviourClusters, type ClusterOptions, type Clusters } from "./curation/behaviour-clusters.ts";
export { type Curated, type ExtraneousOptions, extraneousFrames } from "./curation/extraneous-frames.ts";
export { drPolicy } from "./decisions/dr-policy.ts";
export { regression, rewardModel } from "./decisions/reward-model.ts";
export {
  type Algorithm,
  type AnyAlgorithm,
  type DecisionBatch,
  type Demonstrations,
  defineAlgorithm,
  type ImitatedSteps,
  type JudgedSteps,
  type JudgedStretches,
  learnsByPlay,
  type OnReplay,
  type OnRollouts,
  type Rollout,
  type Schedule,
  type Sequences,
  type Sizes,
  type Sources,
  type Stretch,
  type Transitions,
} from "./define.ts";
export { bc, cloning } from "./demonstrations/bc.ts";
export { bcCvae } from "./demonstrations/bc-cvae.ts";
export { bcEnsemble } from "./demonstrations/bc-ensemble.ts";
export { bcLanguage } from "./demonstrations/bc-language.ts";
export { bcMixture } from "./demonstrations/bc-mixture.ts";
export { bcRnn } from "./demonstrations/bc-rnn.ts";
export { bet } from "./demonstrations/bet.ts";
export { diffusionPolicy } from "./demonstrations/diffusion-policy.ts";
export {
  type Acceptance,
  type CompatibilityBase,
  type CompatibilityBaseOptions,
  compatibilityBase,
  type DemonstrationRequest,
  type Elicited,
  type ElicitOptions,
  elicit,
  type JudgedDemonstration,
  judgeDemonstrations,
  judgeSteps,
  type RecordedSteps,
} from "./elicitation.ts";
export { type Experience, experienceFor } from "./experience.ts";
export { a2c } from "./interaction/a2c.ts";
export { dqn } from "./interaction/dqn.ts";
export { gaifo, takenForOwn } from "./interaction/gaifo.ts";
export { ppo } from "./interaction/ppo.ts";
export { ppoRecurrent } from "./interaction/ppo-recurrent.ts";
export { qrDqn } from "./interaction/qr-dqn.ts";
export { reinforce } from "./interaction/reinforce.ts";
export { sac } from "./interaction/sac.ts";
export { sacDiscrete } from "./interaction/sac-discrete.ts";
export { sacMultiTask } from "./interaction/sac-multi-task.ts";
export { td3 } from "./interaction/td3.ts";
export { algorithmNamed } from "./lookup.ts";
export { type TrainedOnline, type TrainOnlineOptions, trainOnline, usualSchedule } from "./online/train-online.ts";
export {
  atLeastZero,
  choice,
  count,
  flag,
  fraction,
  type Option,
  type Options,
  parseOption,
  positive,
  resolveOptions,
  type ValuesOf,
  widths,
} from "./options.ts";
export { type TrainedPolicy, type TrainOptions, train } from "./train.ts";
export { startTraining, type Training, type TrainingData, type TrainingSetup } from "./training.ts";
export { bcq } from "./transitions/bcq.ts";
export { cql } from "./transitions/cql.ts";
export { cqlSac } from "./transitions/cql-sac.ts";
export { crr } from "./transitions/crr.ts";
export { iql } from "./transitions/iql.ts";
export { td3bc } from "./transitions/td3-bc.ts";
