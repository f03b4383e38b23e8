/** Results that a run folder keeps, so that a run taken up again does not compute them twice. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { exists, readJson, writeAtomically } from "../../files.ts";
import { problem } from "../../problems.ts";

const hint = "Delete it and run again.";

export interface Stages {
  /** The stage's result: what the folder holds of it, or what `compute` returns (which must survive JSON). */
  once<T>(name: string, compute: () => Promise<T>): Promise<T>;
}

/**
 * @param about what the run is: a folder that holds another one is refused
 * @throws Problem "run-mismatch", "broken-file"
 */
export async function openStages(folder: string, about: { readonly [field: string]: unknown }): Promise<Stages> {
  await mkdir(join(folder, "stages"), { recursive: true });
  const path = join(folder, "improve.json");
  const now = JSON.parse(JSON.stringify(about)) as Record<string, unknown>;
  if (await exists(path)) {
    const was = (await readJson(path, "description of a run", hint)) as Record<string, unknown>;
    for (const field of Object.keys(now)) {
      if (JSON.stringify(was[field]) !== JSON.stringify(now[field]))
        throw problem("run-mismatch", { folder, field, was: was[field], now: now[field] });
    }
  } else {
    await writeAtomically(path, `${JSON.stringify(now, null, 2)}\n`);
  }
  return {
    async once<T>(name: string, compute: () => Promise<T>): Promise<T> {
      const stage = join(folder, "stages", `${name}.json`);
      if (await exists(stage)) return (await readJson(stage, "stage of a run", hint)) as T;
      await writeAtomically(stage, `${JSON.stringify(await compute())}\n`);
      return (await readJson(stage, "stage of a run")) as T; // read back, so that a resumed run sees exactly what this one does
    },
  };
}
