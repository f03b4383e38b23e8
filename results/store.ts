/** The result files: read and checked, written whole, and the facts about this machine and commit that go into them. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { readText, writeAtomically } from "../src/files.ts";
import { problem } from "../src/problems.ts";
import { type BenchResult, benchResult, type ReproductionResult, reproductionResult } from "./schema.ts";

export const folder = import.meta.dirname;

/** Every committed result, in the order of file names. @throws Problem "broken-file" naming file and field */
export async function readResults(from = folder): Promise<{
  readonly reproductions: readonly ReproductionResult[];
  readonly bench: readonly BenchResult[];
}> {
  const bench = await readAll(join(from, "bench"), benchResult);
  return { reproductions: await readAll(from, reproductionResult), bench };
}

async function readAll<T>(from: string, schema: z.ZodType<T>): Promise<T[]> {
  if (!existsSync(from)) return [];
  const names = readdirSync(from).filter((name) => name.endsWith(".json"));
  const lists = await Promise.all(names.sort().map((name) => readOne(join(from, name), schema)));
  return lists.flat();
}

async function readOne<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  const what = "result";
  let content: unknown;
  try {
    content = JSON.parse(await readText(path, what));
  } catch (error) {
    throw problem("broken-file", { path, what, reason: `it is not JSON (${(error as Error).message})` });
  }
  const checked = z.array(schema).safeParse(Array.isArray(content) ? content : [content]);
  if (checked.success) return checked.data;
  const [
    {
      path: [index, ...field],
      message,
    },
  ] = checked.error.issues;
  throw problem("broken-file", {
    path,
    what,
    reason: `result ${String(index)}, ${field.join(".") || "whole"}: ${message}`,
  });
}

/** Writes `<id>.json`. @throws ZodError when it is not a result, which is a fault of the caller */
export async function writeReproduction(result: ReproductionResult, to = folder): Promise<string> {
  const path = join(to, `${result.id}.json`);
  await writeAtomically(path, `${JSON.stringify(reproductionResult.parse(result), null, 2)}\n`);
  return path;
}

/** Writes `bench/<name>.json`. @throws ZodError when it is not a list of results, which is a fault of the caller */
export async function writeBench(name: string, results: readonly BenchResult[], to = folder): Promise<string> {
  const path = join(to, "bench", `${name}.json`);
  await writeAtomically(path, `${JSON.stringify(z.array(benchResult).min(1).parse(results), null, 2)}\n`);
  return path;
}

/** The commit that is checked out, "+changes" when tracked files differ from it. @throws Problem "broken-file" */
export function commitHere(): string {
  try {
    const git = (...args: string[]): string => execFileSync("git", args, { cwd: folder, encoding: "utf8" }).trim();
    const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
    return git("rev-parse", "--short=12", "HEAD") + (changed ? "+changes" : "");
  } catch {
    const next = "A result names the commit it comes from: run this in a clone with git installed.";
    throw problem("broken-file", { path: folder, what: "git checkout", reason: "git gave no commit", next });
  }
}

/** E.g. "AMD EPYC 7B13, 2 cores, 24 GiB, linux x64, Node 24.21.0". */
export function machineHere(): string {
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  const [{ model }] = cpus();
  return `${model.trim()}, ${cpus().length} cores, ${gibibytes} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}
