export { readJsonl, writeJsonl } from "./formats/jsonl.ts";
export { isOpenBandit, type OpenBanditOptions, readOpenBandit } from "./formats/open-bandit.ts";
export { readParquet } from "./formats/parquet.ts";
export { writeParquet } from "./formats/parquet-writer.ts";
export { type Format, type ReadOptions, readDecisionLog, readRecording, writeRecording } from "./formats/read.ts";
export { type ColumnMap, readTable, type TableOptions } from "./formats/table.ts";
export * from "./index.browser.ts";
export {
  openSharded,
  type ShardedTrajectories,
  type TransitionShards,
  type TransitionShardsOptions,
} from "./shards.ts";
