/** The manual of the command line, made from the commands' own help: node src/cli/manual.ts > docs/command-line.md */
import { commands } from "./commands.ts";
import { examples, programFor } from "./program.ts";

const introduction = `# The command line

\`repertoire <command>\` goes from recorded behaviour to a policy that can be shipped. This page is made from the commands'
own help (\`node src/cli/manual.ts > docs/command-line.md\`); a test says when it is stale.

\`\`\`sh
${examples.join("\n")}
repertoire evaluate runs/bc/policy.onnx
\`\`\`

## What all commands share

- **Options.** A flag wins over \`--set key=value\`, which wins over \`--config file.json\`, which wins over the default. The
  file is one JSON object; its names are a method's options (\`repertoire methods iql\`) and the flags in camel case:
  \`{ "steps": 20000, "hidden": [64, 64], "seed": 1, "evaluateEvery": 5000 }\`. An unknown name is refused, with the known ones,
  the nearest first.
- **Results** are on standard output, progress on standard error. With \`--json\` standard output holds one JSON value and
  nothing else; what is said to people goes to standard error. A bound that is not finite is \`null\`.
- **Chance** follows from \`--seed\`: the same command writes the same bytes.
- **Files** are written whole or not at all, and never over another unless \`--overwrite\` says so.
- **Stopping.** Ctrl-C stops \`train\` at the next line of its log, says what was saved, and prints the command that goes on;
  a second one stops at once. After a crash or \`kill -9\` the same command goes on from the last checkpoint. Either way the
  folder ends with the bytes it would have had.
- **How it ends.** 0: done (a refusal to estimate, or a verdict of hold, is an answer too). 2: something to mend, in one
  sentence. 130: Ctrl-C. 1: a fault of ours; please report it.

A **policy** to record is written \`random\`; \`expert\`, with dials behind a colon, \`expert:skill=0.8,style=left\` (most worlds
have one: control, mazes, grids, toys, pushing, the arm, landers; a wrong dial is refused with those it has); or a file,
\`runs/bc/policy.onnx\`.
`;

/** The page, in Markdown. */
export async function manual(): Promise<string> {
  const parts = [introduction, `## repertoire\n\n${await helpOf(undefined)}`];
  for (const { name } of commands) parts.push(`## repertoire ${name}\n\n${await helpOf(name)}`);
  return `${parts.join("\n")}`;
}

/** What --help prints, 100 columns wide. */
async function helpOf(name: string | undefined): Promise<string> {
  const program = await programFor(name === undefined ? [] : [name]);
  const command = program.commands.find((it) => it.name() === name) ?? program;
  let text = "";
  command
    .configureOutput({
      writeOut: (part) => {
        text += part;
      },
      getOutHelpWidth: () => 100,
      getOutHasColors: () => false,
    })
    .outputHelp();
  return `\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`;
}

if (import.meta.main) process.stdout.write(await manual());
