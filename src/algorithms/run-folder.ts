/** What a run leaves on disk, and how it is taken up again. */
import * as z from "zod";
import { builtin, exists, readJson, sweep, writeAtomically } from "../files.ts";
import { problem } from "../problems.ts";
import { leavesOf, loadTree, type NdArray, saveTree } from "../tensor/index.ts";
import { type MetricsLog, openEventFile, openJsonl } from "./logging/index.ts";

const runSchema = z.object({
  method: z.string(),
  options: z.record(z.string(), z.unknown()),
  seed: z.number(),
  /** Fingerprint of the recording it learns from, if it learns from one. */
  recording: z.string().optional(),
  /** The environment it learns in, if it learns in one. */
  environment: z.string().optional(),
  version: z.string(),
  /** Digest of the state it began with, if not with one of its own. */
  from: z.string().optional(),
  logEvery: z.number(),
});

/** What is being run: a folder that holds another run is refused. */
export type RunDescription = z.infer<typeof runSchema>;

export interface RunFolder {
  /** Where the policy goes. */
  readonly policy: string;
  /**
   * The state of the last checkpoint, where the run stood (updates or steps behind it), and what else was noted; undefined
   * at the start.
   * @param like the tree it must be; left out, it comes as it was saved
   */
  resume(
    like?: () => Promise<unknown>,
  ): Promise<{ readonly state: unknown; readonly update: number; readonly notes: string } | undefined>;
  /** @param notes anything else that going on needs, as text */
  checkpoint(state: unknown, update: number, notes?: string): Promise<void>;
  /** Both logs as one, without what an earlier process logged after its checkpoint. */
  logs(afterStep: number): MetricsLog;
}

/**
 * Opens a run's folder, new or to resume.
 * @throws Problem "run-mismatch" when it holds another run, "broken-file" when what it holds is damaged
 */
export async function openRunFolder(folder: string, now: RunDescription): Promise<RunFolder> {
  const { join } = builtin.path();
  await builtin.fsPromises().mkdir(folder, { recursive: true });
  const described = join(folder, "run.json");
  const checkpoint = join(folder, "checkpoint.safetensors");
  const policy = join(folder, "policy.onnx");
  for (const path of [described, checkpoint, policy]) await sweep(path);
  if (await exists(described)) checkSameRun(folder, await readRun(described), now);
  else await writeAtomically(described, `${JSON.stringify(now, null, 2)}\n`);
  return {
    policy,
    async resume(like) {
      if (!(await exists(checkpoint))) return undefined;
      const { tree, metadata } = await loadTree(checkpoint, like === undefined ? {} : { like: await like() });
      const notes = metadata.notes ?? "";
      const update = Number(metadata.update ?? Number.NaN);
      const broken = (reason: string) => problem("broken-file", { path: checkpoint, what: "checkpoint", reason });
      if (!Number.isSafeInteger(update) || update < 0) throw broken("it does not say after how many updates");
      if (metadata.sha256 !== digest(tree, notes)) throw broken("its numbers are not those that were saved");
      return { state: tree, update, notes };
    },
    checkpoint(state, update, notes = "") {
      const about = { update: String(update), sha256: digest(state, notes), ...(notes === "" ? {} : { notes }) };
      return saveTree(checkpoint, state, about);
    },
    logs: (afterStep) => openLogs(folder, afterStep),
  };
}

/** What a run's folder says it is. @throws Problem "missing-file", "broken-file" */
export async function readRun(path: string): Promise<RunDescription> {
  const parsed = runSchema.safeParse(await readJson(path, "run description"));
  if (parsed.success) return parsed.data;
  const reason = z.prettifyError(parsed.error).replaceAll(/\s+/g, " ");
  throw problem("broken-file", { path, what: "run description", reason });
}

function checkSameRun(folder: string, was: RunDescription, now: RunDescription): void {
  const flat = ({ options, ...rest }: RunDescription): Record<string, unknown> => ({ ...rest, ...options });
  const [before, after] = [flat(was), flat(now)];
  for (const field of Object.keys({ ...before, ...after })) {
    if (JSON.stringify(before[field]) !== JSON.stringify(after[field])) {
      throw problem("run-mismatch", { folder, field, was: before[field], now: after[field] });
    }
  }
}

/** Of every number of a state, in the order of their names, and of what was noted. */
export function digest(state: unknown, notes = ""): string {
  const hash = builtin.crypto().createHash("sha256").update(notes);
  for (const [path, { data }] of [...leavesOf<NdArray>(state)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(path);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}

function openLogs(folder: string, afterStep: number): MetricsLog {
  const { join } = builtin.path();
  let step = afterStep;
  // The event file's clock counts updates, so that the same run leaves the same bytes whenever it is made.
  const logs = [
    openJsonl(join(folder, "metrics.jsonl"), { afterStep }),
    openEventFile(join(folder, "events.out.tfevents.repertoire"), { clock: () => step, afterStep }),
  ];
  const each = (f: (log: MetricsLog) => void): void => {
    for (const log of logs) f(log);
  };
  return {
    write(at, metrics) {
      step = at;
      each((log) => log.write(at, metrics));
    },
    sync: () => each((log) => log.sync()),
    close: () => each((log) => log.close()),
    [Symbol.dispose]: () => each((log) => log.close()),
  };
}
