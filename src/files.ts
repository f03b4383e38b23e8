/** Files read with a clear sentence when they are missing, and written whole or not at all. */
import { problem } from "./problems.ts";

/** Whether this runs under Node (or what stands in for it), rather than in a page. */
export const inNode: boolean = typeof globalThis.process?.getBuiltinModule === "function";

/**
 * Node's own modules where they are used, not imported: a page has none, and a bundler refuses a file that imports one.
 * @throws Problem "needs-node" in a page
 */
export const builtin = {
  crypto: () => asked("node:crypto"),
  fs: () => asked("node:fs"),
  fsPromises: () => asked("node:fs/promises"),
  path: () => asked("node:path"),
  /** @param next what to do in a page instead */
  workerThreads: (next: string) => asked("node:worker_threads", next),
};

type Builtin = "node:crypto" | "node:fs" | "node:fs/promises" | "node:path" | "node:worker_threads";

function asked<M extends Builtin>(module: M, next?: string) {
  if (!inNode) throw problem("needs-node", next === undefined ? { module } : { module, next });
  return process.getBuiltinModule(module);
}

/**
 * A file's bytes; in a page, what the server has at that address.
 * @throws Problem "missing-file" when there is none, "broken-file" when it cannot be read
 */
export async function readBytes(path: string, what: string, next?: string): Promise<Uint8Array> {
  if (!inNode) return await fetched(path, what, next);
  try {
    return await builtin.fsPromises().readFile(path);
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

async function fetched(path: string, what: string, next?: string): Promise<Uint8Array> {
  const hint = next === undefined ? {} : { next };
  const broken = (reason: string, then: string) => problem("broken-file", { path, what, reason, next: then });
  const response = await fetch(path).catch((error: Error) => {
    throw broken(error.message, "Check the address, and that its server lets this page read it.");
  });
  if (response.status === 404) throw problem("missing-file", { path, what, ...hint });
  if (!response.ok) throw broken(`the server answered ${response.status}`, "Check that it may be read from this page.");
  return new Uint8Array(await response.arrayBuffer());
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
  builtin
    .fsPromises()
    .access(path)
    .then(
      () => true,
      () => false,
    );

/** Takes away what a process killed while writing `path` left beside it. */
export async function sweep(path: string): Promise<void> {
  const { readdir, rm } = builtin.fsPromises();
  const { basename, dirname, join } = builtin.path();
  const left = (await readdir(dirname(path))).filter((name) => name.startsWith(`.${basename(path)}.`));
  for (const name of left) await rm(join(dirname(path), name), { force: true });
}

/**
 * Writes beside the target, syncs, then renames over it: a reader sees the old file or the new one, never half of one,
 * whatever interrupts us.
 */
export async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
  await replaceAtomically(path, async (temporary) => {
    const file = await builtin.fsPromises().open(temporary, "wx");
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
  const { mkdir, rename, rm } = builtin.fsPromises();
  const { basename, dirname, join } = builtin.path();
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = join(
    folder,
    `.${basename(path)}.${process.pid}.${builtin.crypto().randomBytes(4).toString("hex")}`,
  );
  try {
    await write(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
