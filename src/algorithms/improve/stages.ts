/** Results that a run folder keeps, so that a run taken up again does not compute them twice. */
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { readText, writeAtomically } from "../../files.ts";
import { problem } from "../../problems.ts";

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
    const was = await parsed<Record<string, unknown>>(path);
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
      if (await exists(stage)) return await parsed<T>(stage);
      await writeAtomically(stage, `${JSON.stringify(await compute())}\n`);
      return await parsed<T>(stage); // read back, so that a resumed run sees exactly what this one does
    },
  };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function parsed<T>(path: string): Promise<T> {
  const text = await readText(path, "a stage of a run");
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw problem("broken-file", {
      path,
      what: "stage of a run",
      reason: (error as Error).message,
      next: "Delete it and run again.",
    });
  }
}
