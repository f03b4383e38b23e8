/** Metrics as JSON lines, one object a step: `{"step":100,"loss":0.25}`. */
import { readText } from "../../files.ts";
import { problem } from "../../problems.ts";
import { type LogFormat, type LogOptions, type LogRecord, type Metrics, type MetricsLog, openLog } from "./log.ts";

const what = "metrics log";

/** A metrics log at `path`, e.g. `metrics.jsonl`. It holds no times, so equal runs write equal bytes. */
export const openJsonl = (path: string, options?: LogOptions): MetricsLog => openLog(path, format, options);

/**
 * The rows of a metrics log, without a torn last one.
 * @throws Problem "missing-file", or "broken-file" naming the line
 */
export async function readJsonl(path: string): Promise<readonly (Metrics & { readonly step: number })[]> {
  const text = await readText(path, what);
  return text
    .split("\n")
    .slice(0, -1)
    .map((line, index) => parse(line, index + 1, path));
}

const format: LogFormat = {
  name: what,
  head: new Uint8Array(),
  encode: (step, metrics) => Buffer.from(`${JSON.stringify({ step, ...metrics }, spelled)}\n`),
  *records(content, path): Iterable<LogRecord> {
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
    let start = 0;
    for (let line = 1; ; line++) {
      const newline = bytes.indexOf(10, start);
      if (newline < 0) return;
      yield { step: parse(bytes.toString("utf8", start, newline), line, path).step, end: newline + 1 };
      start = newline + 1;
    }
  },
};

/** JSON has no NaN and no infinities, and a loss that diverged must not read as missing. */
const spelled = (_: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isFinite(value) ? String(value) : value;

function parse(line: string, number: number, path: string): Metrics & { readonly step: number } {
  let row: unknown;
  try {
    row = JSON.parse(line, (_, value) => (typeof value === "string" ? Number(value) : value));
  } catch {
    row = undefined;
  }
  if (typeof row === "object" && row !== null && "step" in row && typeof row.step === "number")
    return row as Metrics & { readonly step: number };
  const reason = `line ${number} is no JSON object with a number "step"`;
  throw problem("broken-file", { path, what, reason, next: "Mend or remove that line." });
}
