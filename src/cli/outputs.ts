/** Places for what a command writes, checked before any work is done for them. */
import { randomBytes } from "node:crypto";
import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { problem } from "../problems.ts";

/**
 * A file that may be written.
 * @throws Problem "bad-usage" when none was named, "bad-value" for an ending that none of `endings` is, "output-exists"
 */
export async function outputFile(
  path: string | undefined,
  endings: readonly string[],
  { where, overwrite = false }: { readonly where: string; readonly overwrite?: boolean },
): Promise<string> {
  if (path === undefined) {
    throw problem("bad-usage", { where, reason: "no output was named", next: `Say -o FILE${endings[0]}.` });
  }
  if (!endings.some((ending) => path.toLowerCase().endsWith(ending))) {
    throw problem("bad-value", {
      where: `${where} -o`,
      given: path,
      wanted: `a name that ends in ${endings.join(" or ")}`,
    });
  }
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) {
    throw problem("output-exists", { path, what: "it is a folder", next: "Name a file." });
  }
  if (found !== undefined && !overwrite) {
    throw problem("output-exists", {
      path,
      what: "the file exists already",
      next: "Choose another name, or say --overwrite.",
    });
  }
  await checkWritable(path);
  return path;
}

/** Tries it, in the nearest folder that exists: rights alone do not tell. @throws Problem "file-system" */
async function checkWritable(path: string): Promise<void> {
  let folder = dirname(resolve(path));
  while (!(await stat(folder).catch(() => undefined)) && dirname(folder) !== folder) folder = dirname(folder);
  const probe = join(folder, `.repertoire.${process.pid}.${randomBytes(4).toString("hex")}`);
  try {
    await writeFile(probe, "", { flag: "wx" });
    await rm(probe);
  } catch (error) {
    throw problem("file-system", { path, doing: "write", reason: (error as NodeJS.ErrnoException).code ?? "refused" });
  }
}

/**
 * A folder for a run: new, empty, or one that holds a run, which a file named `marker` shows (whether it is the same run
 * is for the loop to say).
 * @throws Problem "bad-usage" when none was named, "output-exists" when it is a file or holds something else,
 * "file-system" when nothing can be written there
 */
export async function runFolder(path: string | undefined, where: string, marker = "run.json"): Promise<string> {
  if (path === undefined) {
    throw problem("bad-usage", { where, reason: "no folder was named for the run", next: "Say -o FOLDER." });
  }
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && !found.isDirectory()) {
    throw problem("output-exists", { path, what: "a file of this name exists", next: "Name a folder for the run." });
  }
  const isRun = (await stat(join(path, marker)).catch(() => undefined)) !== undefined;
  if (found !== undefined && !isRun && (await readdir(path)).length > 0) {
    throw problem("output-exists", {
      path,
      what: "the folder holds files, and no run to resume",
      next: "Name a new folder.",
    });
  }
  await checkWritable(join(path, "run.json"));
  return path;
}
