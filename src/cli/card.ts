/** repertoire card: what a recording holds. */
import { Command } from "commander";
import { card, cardJson, cardText } from "../data/index.ts";
import { openRecording, type RecordingFlags, recordingFlags } from "./sources.ts";

export const cardCommand = (): Command =>
  recordingFlags(
    new Command("card")
      .description(
        "Says what a recording holds: sizes, spaces, returns, how actions are covered, who acted, and what to beware of. Reads .parquet and .jsonl(.gz) recordings, the files and folders of other tools (docs/recordings.md lists them), and tables of your own (--columns).",
      )
      .argument("<file>", "a recording"),
  )
    .option("--json", "print the card as JSON")
    .action(async (file: string, flags: RecordingFlags & { readonly json?: boolean }) => {
      const made = card(await openRecording(file, flags));
      process.stdout.write(flags.json ? cardJson(made) : cardText(made));
    });
