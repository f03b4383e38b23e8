/** One command line from its words to its exit code. */
import { type Command, CommanderError } from "commander";
import { Problem, problem } from "../problems.ts";
import { version } from "../version.ts";
import { commandLine } from "./interruption.ts";
import { programFor } from "./program.ts";
import { usageProblem } from "./usage.ts";

export interface Outcome {
  /** 0 done; 2 something a person can mend; 1 a fault of ours. */
  readonly code: number;
  /** What to say on standard error about an end that is not 0. */
  readonly said: string;
}

/** Runs a command; its results are on standard output. `help train` is `train --help`. */
export async function run(args: readonly string[]): Promise<Outcome> {
  try {
    await parsed(args[0] === "help" ? [...args.slice(1), "--help"] : args);
    return { code: 0, said: "" };
  } catch (error) {
    const known = error instanceof Problem ? error : systemProblem(error);
    // What a parser complains of may quote a file's own line breaks.
    if (known) return { code: 2, said: `${known.message.replaceAll(/\s*[\r\n]+\s*/g, " ")}\n` };
    const { stack, message } = error as Error;
    const ask = `A fault in Repertoire ${version}; please report it with what follows.`;
    return { code: 1, said: `${ask}\n  ${commandLine(args)}\n${stack ?? message}\n` };
  }
}

async function parsed(args: readonly string[]): Promise<void> {
  const program = await programFor(args);
  if (args.length === 0) {
    program.outputHelp();
    return;
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const usage = usageProblem(error, commandOf(program, args));
    if (usage) throw usage;
  }
}

function commandOf(program: Command, args: readonly string[]): Command {
  const asked = args.find((word) => !word.startsWith("-"));
  return program.commands.find((command) => command.name() === asked) ?? program;
}

/** The system's refusals (no right, no space, a folder where a file should be), which a person can mend. */
function systemProblem(error: unknown): Problem | undefined {
  const { code, syscall, path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  if (typeof code !== "string" || typeof syscall !== "string") return undefined;
  return problem("file-system", { path: dest ?? path ?? "a file", doing: syscall, reason: code });
}
