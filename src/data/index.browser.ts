/** What repertoire/data is in a page: all of it but the files. */
export { type Alignment, type AlignmentOptions, alignedSteps } from "./alignment.ts";
export { type TrajectoryColumns, trajectories } from "./build.ts";
export { type CardOptions, card, cardJson } from "./card.ts";
export { type CardPictures, cardPictures } from "./card-pictures.ts";
export { type Card, type CardMeasures, cardSchema } from "./card-schema.ts";
export { cardText } from "./card-text.ts";
export { type Column, called, type Source } from "./columns.ts";
export { concat } from "./concat.ts";
export {
  type Conversation,
  type ConversationStep,
  type Conversations,
  type ConversationTags,
  type ConversationTrajectoriesOptions,
  conversationsOf,
  conversationTrajectories,
  deedOf,
  type Message,
  type Preference,
  type Preferences,
  pairConversations,
  preferencesOf,
  stepsOf,
  type ToolCall,
} from "./conversations.ts";
export * from "./curation/index.ts";
export { type DecisionColumns, decisionLog } from "./decision-log.ts";
export { timeWarping, type Warping, type WarpingOptions } from "./dtw.ts";
export { type Episode, type EpisodesOptions, fromEpisodes } from "./episodes.ts";
export {
  type Feedback,
  type FeedbackOf,
  type FeedbackType,
  feedbackSchema,
  feedbackTypes,
  parseFeedback,
  type Segment,
  segment,
  segmentsIn,
} from "./feedback.ts";
export { feedbackFrom, type LabelOptions } from "./feedback-labels.ts";
export {
  interventionsApplied,
  type JoinOptions,
  type JudgedSegment,
  pairFeedback,
  segmentsOf,
} from "./judged.ts";
export * from "./measures/index.ts";
export { type Found, type Neighbours, neighbours } from "./neighbours.ts";
export {
  type Chunks,
  chunks,
  type DecisionRows,
  type Demonstrations,
  decisions,
  demonstrations,
  type Moments,
  moments,
  type RowMatrix,
  type Transitions,
  type TransitionsOptions,
  transitions,
  windows,
} from "./replay.ts";
export { aliasTable, episodeWeights, type Sampler, type SamplerOptions, sampler } from "./samplers.ts";
export { type Shard, type ShardPlan, type ShardPlanOptions, shardPlan } from "./shard-plan.ts";
export { split, splitByTime } from "./split.ts";
export { takeSteps } from "./steps.ts";
export { type Summary, summarise } from "./summaries.ts";
export type {
  ActionSet,
  DecisionLog,
  EnvironmentSpec,
  Labels,
  Provenance,
  Recording,
  Tag,
  Tags,
  Trajectories,
} from "./trajectories.ts";
export {
  asTrajectories,
  countOf,
  type EpisodeFacts,
  episodeLengths,
  filterEpisodes,
  relabelReward,
  returns,
  tag,
  takeEpisodes,
} from "./views.ts";
