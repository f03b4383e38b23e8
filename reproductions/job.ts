/** One arm at one seed, in a process of its own: `node job.ts FILE ARM SEED full|tiny`, answering over IPC. */
import { pathToFileURL } from "node:url";
import type { Reproduction } from "./reproduction.ts";

/** What a job says: how far it is, then its number. */
export type Answer = { readonly fraction: number } | { readonly value: number; readonly seconds: number };

const [file, arm, seed, size] = process.argv.slice(2);
const answer = (it: Answer): unknown => process.send?.(it);
// A job whose parent is gone has nobody to answer to.
process.on("disconnect", () => process.exit(1));

const { reproduction } = (await import(pathToFileURL(file).href)) as { reproduction: Reproduction };
const budget = reproduction.budget[size as "full" | "tiny"];
const started = performance.now();
const value = await reproduction.run({ arm, seed: Number(seed), budget, progress: (fraction) => answer({ fraction }) });
answer({ value, seconds: (performance.now() - started) / 1000 });
process.disconnect?.();
