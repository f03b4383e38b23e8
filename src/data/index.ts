export {
  readConversations,
  readPreferences,
  writeConversations,
  writePreferences,
} from "./formats/conversations-file.ts";
export { type D4rlOptions, readD4rl } from "./formats/d4rl.ts";
export { readDsjson } from "./formats/dsjson.ts";
export { addFeedback, appendFeedback, readFeedback, readLabels } from "./formats/feedback-file.ts";
export { readJsonl, writeJsonl } from "./formats/jsonl.ts";
export { type LeRobotReadOptions, readLeRobot } from "./formats/lerobot.ts";
export { type LeRobotOptions, writeLeRobot } from "./formats/lerobot-writer.ts";
export { readMinari } from "./formats/minari.ts";
export { type MinariOptions, writeMinari } from "./formats/minari-writer.ts";
export { isOpenBandit, type OpenBanditOptions, readOpenBandit } from "./formats/open-bandit.ts";
export { type OvercookedOptions, overcookedActions, overcookedChannels, readOvercooked } from "./formats/overcooked.ts";
export { readParquet } from "./formats/parquet.ts";
export { writeParquet } from "./formats/parquet-writer.ts";
export { type PedestrianOptions, readPedestrians } from "./formats/pedestrians.ts";
export {
  type ReadOptions,
  readDecisionLog,
  readRecording,
  type WrittenFormat,
  writeRecording,
} from "./formats/read.ts";
export { type RllibOptions, readRllib } from "./formats/rllib.ts";
export { type RobomimicOptions, readRobomimic } from "./formats/robomimic.ts";
export { type Format, formatOf, formats as recordingFormats } from "./formats/sniff.ts";
export { type ColumnMap, readTable, type TableOptions } from "./formats/table.ts";
export { readStepTable, type StepColumnMap, type StepTableOptions } from "./formats/table-steps.ts";
export type { VwOptions } from "./formats/vw-decisions.ts";
export { readVw } from "./formats/vw-text.ts";
export { writeDsjson, writeVw } from "./formats/vw-writer.ts";
export * from "./index.browser.ts";
export {
  openSharded,
  type ShardedTrajectories,
  type TransitionShards,
  type TransitionShardsOptions,
} from "./shards.ts";
