/** What commander finds wrong with a command line, in our own words. */
import type { Command, CommanderError } from "commander";
import { type Problem, problem } from "../problems.ts";

/** The problem behind an error of commander's; undefined for help and version, which it throws too. */
export function usageProblem(error: CommanderError, command: Command): Problem | undefined {
  const where = command.parent === null ? command.name() : `${command.parent.name()} ${command.name()}`;
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? "";
  const next = `Wanted: ${where} ${command.usage()}; see ${where} --help.`;
  const wrong = (reason: string): Problem => problem("bad-usage", { where, reason, next });
  switch (error.code) {
    case "commander.help":
    case "commander.helpDisplayed":
    case "commander.version":
      return undefined;
    case "commander.unknownOption":
      return problem("unknown-option", { where, name: quoted, known: flagsOf(command) });
    case "commander.optionMissingArgument":
      return wrong(`the option ${quoted} has no value`);
    case "commander.missingArgument":
      return wrong(`${quoted} is missing`);
    case "commander.excessArguments":
      return wrong("there are more arguments than it takes");
    default:
      return wrong(error.message.replace(/^error: /, "").replace(/\.$/, ""));
  }
}

const flagsOf = (command: Command): string[] => [
  ...command.options.map(({ long, short }) => long ?? short ?? ""),
  "--help",
];
