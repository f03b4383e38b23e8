/** repertoire curate: a recording made from others by a recipe. */
import { dirname, isAbsolute, join } from "node:path";
import { Command } from "commander";
import {
  type CurationStep,
  checkRecipe,
  countOf,
  curate,
  type Recording,
  readRecording,
  writeRecording,
} from "../data/index.ts";
import { readJson } from "../files.ts";
import { problem } from "../problems.ts";
import { type Assignments, assignment } from "./flags.ts";
import { outputFile } from "./outputs.ts";
import { printJson, say } from "./printing.ts";

interface Flags {
  readonly out?: string;
  readonly source?: Assignments;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

const where = "repertoire curate";

export const curateCommand = (): Command =>
  new Command("curate")
    .description(
      "Makes a recording from others by a recipe: filters, trims, splits, merges, relabels, reweights, balances, and takes out what comes twice. The recipe is JSON (docs/curation.md); it is kept in the recording, and the same recipe on the same sources makes the same fingerprint. Sources are never changed.",
    )
    .argument("<recipe>", "a recipe, e.g. recipe.json; its files are found from its folder")
    .usage("<recipe> -o <file> [options]")
    .option("-o, --out <file>", "the recording to write: .parquet, .jsonl or .jsonl.gz")
    .option("--source <name=file>", "read this source from another file; may be repeated", assignment("--source"))
    .option("--overwrite", "replace the file if it exists")
    .option("--json", "print what each step did as JSON")
    .action(async (path: string, flags: Flags) => {
      const replacing = { where, ...(flags.overwrite ? { overwrite: true } : {}) };
      const out = await outputFile(flags.out, [".parquet", ".jsonl", ".jsonl.gz"], replacing);
      const recipe = checkRecipe(
        await readJson(path, "recipe", "Wanted JSON; docs/curation.md says what it holds."),
        path,
      );
      const sources = await opened(path, recipe.sources, flags.source ?? {});
      const steps: CurationStep[] = [];
      const made = curate(recipe, sources, { onStep: (step) => steps.push(step) });
      await writeRecording(out, made);
      const { fingerprint } = made.provenance;
      if (flags.json) printJson({ path: out, episodes: countOf(made), rows: made.reward.length, fingerprint, steps });
      const lines = steps.map(
        ({ where: at, before, after }) => `${at}: ${sizeOf(made, before)} → ${sizeOf(made, after)}`,
      );
      const whole = sizeOf(made, { episodes: countOf(made), rows: made.reward.length });
      say([...lines, `${out}: ${whole}.\nNext: repertoire card ${out}`].join("\n"), flags);
    });

const sizeOf = ({ kind }: Recording, { episodes, rows }: CurationStep["before"]): string =>
  kind === "decisions" ? `${rows} decisions` : `${episodes} episodes, ${rows} steps`;

/** The sources by name, from where the recipe or a flag says they are. */
async function opened(
  recipe: string,
  sources: ReturnType<typeof checkRecipe>["sources"],
  given: Assignments,
): Promise<{ readonly [name: string]: Recording }> {
  const names = sources.map(({ name }) => name);
  for (const name of Object.keys(given)) {
    if (!names.includes(name))
      throw problem("unknown-name", { where: `${where} --source`, what: "source", name, known: names });
  }
  const recordings: [string, Recording][] = [];
  for (const { name, file } of sources) {
    const beside = file === undefined || isAbsolute(file) ? file : join(dirname(recipe), file);
    const path = Object.hasOwn(given, name) ? String(given[name]) : beside;
    if (path === undefined) {
      const reason = `the recipe does not say where the source "${name}" is`;
      throw problem("bad-usage", { where, reason, next: `Say --source ${name}=FILE, or give it a "file".` });
    }
    recordings.push([name, await readRecording(path)]);
  }
  return Object.fromEntries(recordings);
}
