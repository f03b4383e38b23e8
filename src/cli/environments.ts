/** repertoire environments: where a policy can play. */
import { Command } from "commander";
import { environmentNames, prepare, registered } from "../envs/index.ts";
import { problem } from "../problems.ts";
import { printJson, table } from "./printing.ts";

export const environmentsCommand = (): Command =>
  new Command("environments")
    .description("Lists the environments; with a part of a name, those whose name has it, with their options.")
    .argument("[part]", "a part of a name, e.g. Maze")
    .option("--json", "print as JSON")
    .action(async (part: string | undefined, { json }: { readonly json?: boolean }) => {
      const wanted = (part ?? "").toLowerCase();
      for (const name of environmentNames()) if (name.toLowerCase().includes(wanted)) await prepare(name);
      const found = registered().filter(({ name }) => name.toLowerCase().includes(wanted));
      if (found.length === 0) {
        const where = "repertoire environments";
        throw problem("unknown-name", { where, what: "environment", name: part!, known: environmentNames() });
      }
      const about = found.map(({ name, about, options = [], maxSteps }) => ({ name, about, options, maxSteps }));
      if (json) {
        printJson(about);
        return;
      }
      const rows = about.map(({ name, about: sentence, options }) =>
        part === undefined || options.length === 0
          ? [name, sentence]
          : [name, sentence, `options: ${options.join(", ")}`],
      );
      process.stdout.write(`${table(rows)}\n`);
    });
