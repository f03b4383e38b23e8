/** Files read with a clear sentence when they are missing, and written whole or not at all. */
import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
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
    throw problem("broken-file", { path, what, reason: code ?? message, next: "Check that it is a file you may read." });
  }
}

export const readText = async (path: string, what: string, next?: string): Promise<string> =>
  new TextDecoder().decode(await readBytes(path, what, next));

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
