/** repertoire card: what a recording holds. */
import { Command } from "commander";
import { card, cardJson, cardPictures, cardText, type Trajectories } from "../data/index.ts";
import { cardReport, reportHtml } from "../evaluation/report/index.ts";
import { writeAtomically } from "../files.ts";
import { problem } from "../problems.ts";
import { finiteNumber } from "./flags.ts";
import { outputFile } from "./outputs.ts";
import { sayAside } from "./printing.ts";
import { openRecording, type RecordingFlags, recordingFlags } from "./sources.ts";

interface Flags extends RecordingFlags {
  readonly reference?: string;
  readonly test?: string;
  readonly random?: number;
  readonly best?: number;
  readonly source?: string;
  readonly axes?: readonly [string, string];
  readonly html?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

const where = "repertoire card";

export const cardCommand = (): Command =>
  recordingFlags(
    new Command("card")
      .description(
        "Says what a recording holds: sizes, spaces, returns, how actions are covered, who acted, the published measures of what can be learned from it, and what to beware of. Reads .parquet and .jsonl(.gz) recordings, the files and folders of other tools (docs/recordings.md lists them), and tables of your own (--columns).",
      )
      .argument("<file>", "a recording"),
  )
    .option(
      "--reference <file>",
      "measure coverage and consistency against this recording: the replay of a training run",
    )
    .option("--random <return>", "return of a policy that acts by chance: quality 0", finiteNumber("--random"))
    .option("--best <return>", "return of the best policy known: quality 1", finiteNumber("--best"))
    .option("--source <tag>", "the tag that tells who acted (default: found by its name)")
    .option("--test <file>", "say what this recording shares with one to test on")
    .option("--html <file>", "write the card as a page with pictures")
    .option("--axes <x,y>", 'columns to picture, e.g. "state 0,action 1" (default: where it varies most)', twoNames)
    .option("--overwrite", "replace the page if it exists")
    .option("--json", "print the card as JSON")
    .action(async (file: string, flags: Flags) => {
      const replacing = { where, ...(flags.overwrite ? { overwrite: true } : {}) };
      const page = flags.html === undefined ? undefined : await outputFile(flags.html, [".html"], replacing);
      const recording = await openRecording(file, flags);
      const { random, best, source, axes } = flags;
      const made = card(recording, {
        ...(flags.reference === undefined ? {} : { reference: await episodes(flags.reference) }),
        ...(flags.test === undefined ? {} : { test: await openRecording(flags.test, flags) }),
        ...(random === undefined ? {} : { random }),
        ...(best === undefined ? {} : { best }),
        ...(source === undefined ? {} : { source }),
      });
      if (page !== undefined) {
        const pictures = cardPictures(recording, made, axes === undefined ? {} : { axes });
        await writeAtomically(
          page,
          reportHtml(cardReport(made, pictures, { name: file, command: commandOf(file, flags) })),
        );
        sayAside(`written: ${page}`);
      }
      process.stdout.write(flags.json ? cardJson(made) : cardText(made));
    });

async function episodes(path: string): Promise<Trajectories> {
  const recording = await openRecording(path, {});
  if (recording.kind === "trajectories") return recording;
  throw problem("not-a-recording", {
    source: path,
    reason: "it holds a decision log",
    wanted: "trajectories to measure against",
    next: "A decision log has no measures that need a reference; leave --reference out.",
  });
}

function twoNames(text: string): readonly [string, string] {
  const names = text.split(",").map((name) => name.trim());
  if (names.length === 2 && names.every((name) => name !== "")) return [names[0], names[1]];
  throw problem("bad-option", {
    where: "repertoire",
    name: "--axes",
    given: text,
    wanted: "two columns with a comma between",
  });
}

/** The command line that makes this card again. */
function commandOf(file: string, flags: Flags): string {
  const quoted = (word: unknown): string => (/^[\w./=:-]+$/.test(String(word)) ? String(word) : `'${String(word)}'`);
  const said = (
    ["format", "columns", "reference", "random", "best", "source", "test", "axes", "html"] as const
  ).flatMap((name) => (flags[name] === undefined ? [] : [`--${name}`, quoted(flags[name])]));
  return ["repertoire", "card", quoted(file), ...said].join(" ");
}
