/** What a LeRobot dataset says of itself, in meta/info.json. */
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import { readJson } from "../../files.ts";
import { problem } from "../../problems.ts";
import { headerEntry } from "./own-header.ts";

const what = "LeRobot dataset";
export const lerobotVersion = "v3.0";
/** Our column of meta/episodes: LeRobot itself keeps nothing of what was seen after the last action. */
export const finalColumn = "repertoire/final_observation";
/** Our column of frames: where next.done is the world's doing. */
export const terminatedColumn = "next.terminated";

const infoSchema = z.object({
  codebase_version: z.string(),
  fps: z.number(),
  robot_type: z.string().nullish(),
  features: z.record(z.string(), z.looseObject({ dtype: z.string(), shape: z.array(z.int().min(0)) })),
  video_path: z.string().nullish(),
  [headerEntry]: z.string().optional(),
});
export type LeRobotInfo = z.output<typeof infoSchema>;

/** Whether a folder holds meta/info.json. */
export const isLeRobot = async (path: string): Promise<boolean> =>
  (await stat(join(path, "meta", "info.json")).catch(() => undefined))?.isFile() ?? false;

/** The folder of a dataset, given it or a file within it. */
export const lerobotFolder = (path: string): string =>
  /[\\/]meta[\\/]info\.json$/.test(path) ? dirname(dirname(path)) : path;

/** @throws Problem "missing-file", "broken-file", "not-a-recording" for another version */
export async function readInfo(path: string): Promise<LeRobotInfo> {
  const file = join(path, "meta", "info.json");
  const refuse = (reason: string, next: string) =>
    problem("not-a-recording", { source: file, reason, wanted: `the description of a ${what}`, next });
  const parsed = infoSchema.safeParse(await readJson(file, `description of a ${what}`));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const reason = `its entry "${issue.path.join(".")}" is wrong (${issue.message})`;
    throw refuse(reason, "Take the dataset again from where it was made.");
  }
  const { codebase_version } = parsed.data;
  if (!codebase_version.startsWith("v3.")) {
    throw refuse(
      `it is of version ${codebase_version}, not ${lerobotVersion}`,
      "Convert it in Python: python -m lerobot.datasets.v30.convert_dataset_v21_to_v30 --repo-id=…",
    );
  }
  return parsed.data;
}

/** The features of one type, as the dataset describes them. */
export const featuresOf = ({ features }: LeRobotInfo, dtype: string) =>
  new Map(Object.entries(features).filter(([, feature]) => feature.dtype === dtype));
