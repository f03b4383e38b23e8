export { openJsonl, readJsonl } from "./jsonl.ts";
export type { Metrics, MetricsLog } from "./log.ts";
export { duration, openProgress, type Progress } from "./progress.ts";
export { openEventFile } from "./tensorboard.ts";
