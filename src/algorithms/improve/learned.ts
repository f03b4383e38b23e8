/** A candidate learned (or taken up again) in its own folder of the run. */
import { join } from "node:path";
import type { Recording } from "../../data/index.ts";
import { algorithmNamed } from "../lookup.ts";
import { type TrainedPolicy, train } from "../train.ts";
import type { Candidate } from "./candidates.ts";
import type { Setting } from "./improve.ts";

export function learned(
  { label, method, options }: Candidate,
  recording: Recording,
  setting: Setting,
): Promise<TrainedPolicy> {
  const { folder, seed, threads, progress, signal, tell } = setting;
  tell(`${label}: learning …`);
  return train(algorithmNamed(method), recording, {
    options,
    seed,
    folder: join(folder, "candidates", label),
    ...(threads ? { threads } : {}),
    ...(progress ? { progress } : {}),
    ...(signal ? { signal } : {}),
  });
}
