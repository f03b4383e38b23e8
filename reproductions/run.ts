/** `npm run reproduce -- P007 [--tiny] [--seeds 0,1,2] [--parallel 2]`; without an id, the list of them. */
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { Problem, problem } from "repertoire/problems";
import { readResults } from "../results/store.ts";
import { loadReproduction, reproduce, reproductionFiles } from "./runner.ts";

interface Flags {
  readonly tiny?: true;
  readonly seeds?: readonly number[];
  readonly parallel: number;
}

const wholeNumber = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Wanted a whole number.");
  return Number(text);
};

const command = new Command("npm run reproduce --")
  .description("Runs a published claim as an experiment and writes results/<id>.json with its verdict.")
  .argument("[id]", "a reproduction, e.g. P007; without one, lists them")
  .option("--tiny", "the tiny budget: shows that it runs, says nothing about the claim")
  .option("--seeds <list>", "some of the seeds, e.g. 0,1,2", (text) => text.split(",").map(wholeNumber))
  .option("--parallel <n>", "processes at once", wholeNumber, 1)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action((id: string | undefined, flags: Flags) => (id === undefined ? list() : run(id, flags)));

async function list(): Promise<void> {
  const { reproductions } = await readResults();
  for (const [id, file] of reproductionFiles()) {
    const verdict = reproductions.find((it) => it.id === id)?.verdict ?? "not run";
    console.log(`${id}  ${verdict.padEnd(13)}  ${(await loadReproduction(file)).name}`);
  }
}

async function run(id: string, flags: Flags): Promise<void> {
  const files = reproductionFiles();
  const file = files.get(id);
  if (file === undefined)
    throw problem("unknown-name", { where: "reproduce", what: "reproduction", name: id, known: [...files.keys()] });
  const stopped = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped.abort(signal));
  try {
    const { result, path } = await reproduce(file, { ...flags, signal: stopped.signal });
    const evidence = path.endsWith(join("results", `${id}.json`));
    const rank = evidence ? "" : "No evidence (not the full budget with the stated seeds): ";
    console.log(`${rank}${id} ${result.name}: ${result.verdict}. ${result.notes}\nWritten: ${path}`);
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    console.error(`Stopped. Every finished run is kept; the same command goes on from there.`);
    process.exitCode = 130;
  }
}

try {
  await command.parseAsync();
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
