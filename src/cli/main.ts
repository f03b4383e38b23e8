#!/usr/bin/env node
/** repertoire <command>. Ends with 0; with 2 for what a person can mend; with 130 after Ctrl-C; with 1 for a fault. */
import { type Command, CommanderError } from "commander";
import { Problem, problem } from "../problems.ts";
import { version } from "../version.ts";
import { commandLine, endOnInterrupt } from "./interruption.ts";
import { programFor } from "./program.ts";
import { usageProblem } from "./usage.ts";

const args = process.argv.slice(2);
endOnInterrupt(commandLine(args));
// A reader that has seen enough (| head) closes the pipe; that is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  fail(error);
});
try {
  await run();
} catch (error) {
  fail(error);
}

async function run(): Promise<void> {
  const program = await programFor(args);
  if (args.length === 0) {
    program.outputHelp();
    return;
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const usage = usageProblem(error, commandOf(program));
    if (usage) throw usage;
  }
}

function commandOf(program: Command): Command {
  return program.commands.find((command) => command.name() === args.find((word) => !word.startsWith("-"))) ?? program;
}

/** Says what went wrong on standard error, and how the process ends. */
function fail(error: unknown): void {
  const known = error instanceof Problem ? error : systemProblem(error);
  if (known) process.stderr.write(`${known.message}\n`);
  else {
    const { stack, message } = error as Error;
    const again = commandLine(args);
    process.stderr.write(
      `A fault in Repertoire ${version}; please report it with what follows.\n  ${again}\n${stack ?? message}\n`,
    );
  }
  process.exitCode = known ? 2 : 1;
}

/** The system's refusals (no right, no space, a folder where a file should be), which a person can mend. */
function systemProblem(error: unknown): Problem | undefined {
  const { code, syscall, path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  if (typeof code !== "string" || typeof syscall !== "string") return undefined;
  return problem("file-system", { path: dest ?? path ?? "the file", doing: syscall, reason: code });
}
