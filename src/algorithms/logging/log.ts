/** What every metrics log is, and the file that only grows which all of them stand on. */
import { builtin } from "../../files.ts";
import { problem, unreachable } from "../../problems.ts";

export type Metrics = { readonly [name: string]: number };

export interface MetricsLog extends Disposable {
  /**
   * Appends the metrics of one step; it has left this process when the call returns, so `kill -9` loses nothing.
   * Several calls may name the same step; a smaller step than the last is a fault.
   */
  write(step: number, metrics: Metrics): void;
  /** Forces what was written onto the disk (it then also survives the machine): call it before a checkpoint is named. */
  sync(): void;
  close(): void;
}

export interface LogOptions {
  /** The step a run resumes from: whatever an earlier process logged after it is cut. Default: a new log, all is cut. */
  readonly afterStep?: number;
}

/** One record of a log as it lies in the file. */
export interface LogRecord {
  readonly step: number;
  /** Where the next record begins, in bytes. */
  readonly end: number;
}

/** How a log of one format is written and found again. */
export interface LogFormat {
  /** What a log is called in an error's sentence. */
  readonly name: string;
  /** What the file begins with, before any record. */
  readonly head: Uint8Array;
  /** One record's bytes. */
  readonly encode: (step: number, metrics: Metrics) => Uint8Array;
  /** The whole records after the head, in order; ends quietly at a torn last one. @throws Problem "broken-file" */
  readonly records: (content: Uint8Array, path: string) => Iterable<LogRecord>;
}

/**
 * Opens the log at `path`, keeping what was logged up to and including `afterStep`, so that the log of a resumed run
 * is the log of one never stopped. A last record that a killed process left half-written is dropped.
 * @throws Problem "broken-file" when it cannot be written, or when what stands before its end is no such log
 */
export function openLog(path: string, format: LogFormat, { afterStep }: LogOptions = {}): MetricsLog {
  const { closeSync, fdatasyncSync, ftruncateSync, readFileSync, writeSync } = builtin.fs();
  const file = openForAppending(path, format.name);
  let last = afterStep ?? Number.NEGATIVE_INFINITY;
  const append = (bytes: Uint8Array): void => {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
  };
  let open = true;
  const close = (): void => {
    if (open) closeSync(file);
    open = false;
  };
  try {
    ftruncateSync(file, afterStep === undefined ? 0 : lengthUpTo(path, format, afterStep));
    if (readFileSync(path).length === 0) append(format.head);
  } catch (error) {
    close();
    throw error;
  }
  return {
    write(step, metrics) {
      if (step < last) unreachable(`${path}: step ${step} was logged after step ${last}`);
      last = step;
      append(format.encode(step, metrics));
    },
    sync: () => fdatasyncSync(file),
    close,
    [Symbol.dispose]: close,
  };
}

function openForAppending(path: string, what: string): number {
  try {
    builtin.fs().mkdirSync(builtin.path().dirname(path), { recursive: true });
    return builtin.fs().openSync(path, "a");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw problem("broken-file", { path, what, reason, next: "Choose a folder you may write to." });
  }
}

function lengthUpTo(path: string, format: LogFormat, step: number): number {
  const content = builtin.fs().readFileSync(path);
  if (content.length < format.head.length) return 0;
  if (Buffer.compare(content.subarray(0, format.head.length), format.head) !== 0)
    throw problem("broken-file", { path, what: format.name, reason: "it begins as no such log does" });
  let end = format.head.length;
  for (const record of format.records(content, path)) {
    if (record.step > step) break;
    end = record.end;
  }
  return end;
}
