export {
  type ExportOptions,
  exportPolicy,
  loadPolicy,
  type OnnxPolicy,
  openPolicy,
  withEvaluation,
} from "./artefact.ts";
export { type CollectOptions, collect } from "./collect.ts";
export { controlExpert } from "./control-experts.ts";
export {
  type Affine,
  type DecisionFunction,
  decisionProgram,
  type MemoryShapes,
  type Planning,
  type Remembered,
  type Remembering,
} from "./decision.ts";
export { type Actor, type DemonstrateOptions, demonstrate } from "./demonstrate.ts";
export { demonstratorPolicy } from "./demonstrator.ts";
export { describePolicy, type PolicyDescription, type PolicyProvenance } from "./description.ts";
export { dosingPolicy } from "./dosing-policy.ts";
export { type Expert, expertFor, hasExpert } from "./experts.ts";
export { type MazeDemonstratorOptions, mazeDemonstrator } from "./maze-demonstrator.ts";
export { type PlayedByOptions, playedBy, type Question } from "./played-by.ts";
export type { ActOptions, Decision, Decisions, Memory, Policy } from "./policy.ts";
export { type RankingOptions, rankingPolicy } from "./ranking-policy.ts";
export { type Choice, randomPolicy, type Script, scripted } from "./scripted.ts";
export { type ToyExpertOptions, toyExpert } from "./toy-expert.ts";
