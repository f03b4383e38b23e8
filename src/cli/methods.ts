/** repertoire methods: what can learn, from what, and with which options. */
import { Command } from "commander";
import { type AnyAlgorithm, algorithmNamed, catalogue, learnsByPlay, type Options } from "../algorithms/index.ts";
import { printJson, table } from "./printing.ts";

export const methodsCommand = (): Command =>
  new Command("methods")
    .description("Lists the methods; with a name, that method's options, their defaults and what they mean.")
    .argument("[name]", "a method, e.g. iql")
    .option("--json", "print as JSON")
    .action((name: string | undefined, { json }: { readonly json?: boolean }) => {
      if (name === undefined) listAll(json);
      else listOne(algorithmNamed(name), json);
    });

const summary = ({ name, title, learnsFrom, actions, paper, online }: AnyAlgorithm) => ({
  name,
  title,
  learnsFrom:
    learnsFrom === "rollouts" || learnsFrom === "memories"
      ? "its own play"
      : learnsFrom === "imitations"
        ? "its own play and demonstrations"
        : online
          ? `its own play, or ${learnsFrom}`
          : String(learnsFrom),
  actions,
  paper,
});

function listAll(json: boolean | undefined): void {
  if (json) {
    printJson(catalogue.map(summary));
    return;
  }
  const heading = ["method", "", "learns from", "actions", "paper"];
  process.stdout.write(`${table([heading, ...catalogue.map((method) => Object.values(summary(method)))])}\n`);
  process.stdout.write("\nThe options of one: repertoire methods NAME\n");
}

function listOne(method: AnyAlgorithm, json: boolean | undefined): void {
  const options = Object.entries(method.options as Options);
  if (json) {
    const described = options.map(([name, { default: value, wanted, meaning }]) => [
      name,
      { default: value, wanted, meaning },
    ]);
    printJson({
      ...summary(method),
      ...(method.id ? { id: method.id } : {}),
      departures: method.departures,
      options: Object.fromEntries(described),
    });
    return;
  }
  const { name, title, learnsFrom, actions, paper } = summary(method);
  const rows = options.map(([option, { default: value, wanted, meaning }]) => [option, String(value), wanted, meaning]);
  const departures = method.departures.map((departure) => `  - ${departure}`).join("\n");
  process.stdout.write(
    `${name}: ${title} (${paper})\nlearns from ${learnsFrom}; actions: ${actions}\n\n` +
      `${table([["option", "default", "wanted", "meaning"], ...rows])}\n\n` +
      `${departures ? `departures from the paper\n${departures}\n\n` : ""}` +
      `Set one with: repertoire train ${name} ${learnsByPlay(method) ? "--env NAME" : "FILE"} -o FOLDER --set ${options[0]?.[0] ?? "option"}=value\n`,
  );
}
