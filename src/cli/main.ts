#!/usr/bin/env node
/** repertoire <command>: see run.ts for how it ends. */
import { enableCompileCache } from "node:module";
import { commandLine, endOnInterrupt } from "./interruption.ts";

// What was compiled once is kept beside the system's other temporary files, which halves the time to start.
enableCompileCache();
const args = process.argv.slice(2);
endOnInterrupt(commandLine(args));
// A reader that has seen enough (| head) closes the pipe; that is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

const { run } = await import("./run.ts");
const { code, said } = await run(args);
if (said !== "") process.stderr.write(said);
if (code !== 0) process.exitCode = code;
