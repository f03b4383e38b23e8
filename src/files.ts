/** Files read with a clear sentence when they are missing, and written whole or not at all. */
import { randomBytes } from "node:crypto";
import { access, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { problem } from "./problems.ts";

/** @throws Problem "missing-file" when there is none, "broken-file" when it cannot be read */
export async function readBytes(path: string, what: string, next?: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const hint = next === undefined ? {} : { next };
    if (code === "ENOENT") throw problem("missing-file", { path, what, ...hint });
    throw problem("broken-file", {
      path,
      what,
      reason: code ?? message,
      next: "Check that it is a file you may read.",
    });
  }
}

export const readText = async (path: string, what: string, next?: string): Promise<string> =>
  new TextDecoder().decode(await readBytes(path, what, next));

/** A JSON file's value. @throws Problem as `readBytes`, and "broken-file" when it is not JSON */
export async function readJson(path: string, what: string, next?: string): Promise<unknown> {
  const text = await readText(path, what, next);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw problem("broken-file", {
      path,
      what,
      reason: (error as Error).message,
      ...(next === undefined ? {} : { next }),
    });
  }
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Takes away what a process killed while writing `path` left beside it. */
export async function sweep(path: string): Promise<void> {
  const left = (await readdir(dirname(path))).filter((name) => name.startsWith(`.${basename(path)}.`));
  for (const name of left) await rm(join(dirname(path), name), { force: true });
}

/**
 * Writes beside the target, syncs, then renames over it: a reader sees the old file or the new one, never half of one,
 * whatever interrupts us.
 */
export async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
  await replaceAtomically(path, async (temporary) => {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

/** The same for a writer that wants a path of its own: `write` fills the temporary file, which then takes the name. */
export async function replaceAtomically(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${randomBytes(4).toString("hex")}`);
  try {
    await write(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
