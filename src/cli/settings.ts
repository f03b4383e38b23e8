/** Where the value of an option comes from: a flag, else --set, else --config, else its default. */
import type { Command, Option } from "commander";
import { type AnyAlgorithm, learnsByPlay, usualSchedule } from "../algorithms/index.ts";
import { readJson } from "../files.ts";
import { problem } from "../problems.ts";
import type { Assignments } from "./flags.ts";

/**
 * Gives flags that the command line left out the values that --set and --config have for them (by their names in camel
 * case), and returns what is no flag: options of a method.
 * @throws Problem "missing-file", "broken-file" for the configuration; "bad-option" for a value no flag can take
 */
export async function settle(command: Command): Promise<Assignments> {
  const { config, set = {} } = command.opts<{ config?: string; set?: Assignments }>();
  const given = { ...(config === undefined ? {} : await readConfig(config)), ...set };
  const others: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const flag = command.options.find((option) => option.attributeName() === name && !["config", "set"].includes(name));
    if (flag === undefined) others[name] = value;
    else if (command.getOptionValueSource(name) !== "cli") {
      command.setOptionValueWithSource(name, valueFor(flag, value), "config");
    }
  }
  return others;
}

/** The same for a command that takes no options but its flags. @throws Problem "unknown-option" for any other name */
export async function settleFlags(command: Command): Promise<void> {
  const [name] = Object.keys(await settle(command));
  if (name === undefined) return;
  const known = command.options.map((option) => option.attributeName()).filter((flag) => flag !== "config");
  throw problem("unknown-option", { where: `repertoire ${command.name()}`, name, known });
}

function valueFor(flag: Option, value: unknown): unknown {
  const name = flag.long ?? flag.name();
  const refuse = (wanted: string) => problem("bad-option", { where: "repertoire", name, given: value, wanted });
  if (flag.isBoolean()) {
    if (typeof value === "boolean") return value;
    throw refuse("true or false");
  }
  if (typeof value === "object" && value !== null) {
    if (flag.flags.endsWith("<key=value>") && !Array.isArray(value)) return value;
    throw refuse("a number or a text");
  }
  return flag.parseArg ? flag.parseArg(String(value), undefined as never) : String(value);
}

async function readConfig(path: string): Promise<Assignments> {
  const next = "Wanted a JSON object of options.";
  const json = await readJson(path, "configuration", next);
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as Assignments;
  throw problem("broken-file", { path, what: "configuration", reason: "it is no JSON object", next });
}

/** Options of a method apart from those of its schedule of play, which --set gives together. */
export function apart(
  algorithm: AnyAlgorithm,
  given: Assignments,
): { readonly options: Assignments; readonly schedule: Assignments } {
  const scheduled = learnsByPlay(algorithm) ? [] : Object.keys(usualSchedule);
  const [schedule, options] = [true, false].map((is) =>
    Object.fromEntries(Object.entries(given).filter(([name]) => scheduled.includes(name) === is)),
  );
  return { options, schedule };
}
