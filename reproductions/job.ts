/** One arm at one seed, or all of them together, in a process of its own: `node job.ts FILE SEED full|tiny [ARM]`, answering over IPC. */
import { pathToFileURL } from "node:url";
import type { Reproduction } from "./reproduction.ts";

/** What a job says: how far it is, then its numbers by arm. */
export type Answer = { readonly fraction: number } | Numbers;
export interface Numbers {
  readonly values: { readonly [arm: string]: number };
  readonly seconds: number;
}

const [file, seed, size, arm] = process.argv.slice(2);
const answer = (it: Answer): unknown => process.send?.(it);
// A job whose parent is gone has nobody to answer to.
process.on("disconnect", () => process.exit(1));

const { reproduction } = (await import(pathToFileURL(file).href)) as { reproduction: Reproduction };
const budget = reproduction.budget[size as "full" | "tiny"];
const started = performance.now();
const job = { seed: Number(seed), budget, progress: (fraction: number) => answer({ fraction }) };
const values =
  arm === undefined ? await reproduction.together!(job) : { [arm]: await reproduction.run({ ...job, arm }) };
answer({ values, seconds: (performance.now() - started) / 1000 });
process.disconnect?.();
