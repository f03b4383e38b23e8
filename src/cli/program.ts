/** The command line as commander sees it: the command that is asked for in full, the others by name. */
import { Command } from "commander";
import { problem } from "../problems.ts";
import { version } from "../version.ts";
import { commands } from "./commands.ts";

/** Each must run as it stands; walk.test.ts runs them. */
export const examples = [
  "repertoire record CartPole-v1 -o cartpole.parquet --policy expert:skill=0.9 --episodes 20",
  "repertoire train bc cartpole.parquet -o runs/bc --set steps=500 --evaluate-every 250",
] as const;

/**
 * The program for these arguments. Errors are thrown, never printed: see usage.ts.
 * @throws Problem "unknown-name" for a command that does not exist
 */
export async function programFor(args: readonly string[]): Promise<Command> {
  const asked = args.find((word) => !word.startsWith("-"));
  if (asked !== undefined && !commands.some(({ name }) => name === asked)) {
    throw problem("unknown-name", {
      where: "repertoire",
      what: "command",
      name: asked,
      known: commands.map(({ name }) => name),
    });
  }
  const program = new Command("repertoire")
    .description("Record behaviour, learn policies from it, prove them, ship them as ONNX.")
    .usage("<command> [options]")
    .version(version, "--version", "print the version")
    .helpOption("-h, --help", "print this; after a command, print what it takes")
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .configureHelp({ subcommandTerm: (command) => command.name(), showGlobalOptions: false })
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .addHelpText("after", `\nExamples:\n${examples.map((example) => `  ${example}`).join("\n")}`);
  for (const { name, group, about, load } of commands) {
    const command = name === asked ? await load() : new Command(name);
    command.summary(about).helpGroup(`${group}:`).helpOption("-h, --help", "print this");
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}
