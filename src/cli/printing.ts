/** What commands print: results on standard output, words about them there too unless a program reads it. */
import { type Estimate, isRefusal, type Refusal } from "../evaluation/index.ts";

/** The machine's form of a result: JSON, alone on standard output. */
export const printJson = (result: unknown): void => {
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
};

/** What is no result: on standard error. */
export const sayAside = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** People's text: on standard output, or beside it when --json has that for a program. */
export const say = (text: string, { json }: { readonly json?: boolean }): void => {
  if (json) sayAside(text);
  else process.stdout.write(`${text}\n`);
};

/** Rows of cells in columns as wide as their widest cell; the last column runs free. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, i) => Math.max(widest[i] ?? 0, cell.length)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const short = (value: number): string => String(Number(value.toPrecision(4)));

/** A row for `table`: what was estimated, how much, how surely, and how. */
export function estimateRow(name: string, answer: Estimate | Refusal, unit: string): readonly string[] {
  if (isRefusal(answer)) return [name, "refused", "", "", answer.reason];
  const { value, interval, level, n, method } = answer;
  const around = `${short(100 * level)}% interval ${short(interval[0])} to ${short(interval[1])}`;
  return [name, short(value), around, `${n} ${unit}${n === 1 ? "" : "s"}`, method];
}
