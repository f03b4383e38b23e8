/** The command line as a user has it: a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const main = join(import.meta.dirname, "main.ts");

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts `repertoire …args` in a folder. */
export function start(cwd: string, ...args: string[]): Running {
  const child = spawn(process.execPath, [main, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  return {
    child,
    ended: new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal, ...said }))),
  };
}

export const repertoire = (cwd: string, ...args: string[]): Promise<Ended> => start(cwd, ...args).ended;

/** A folder that is gone when the test file is done, and is not the place to be then. */
export function workplace(after: (clean: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "repertoire-cli-"));
  after(() => {
    process.chdir(tmpdir());
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
