/** repertoire feedback: what people say of a recording, checked against it, linked to it, summed up. */
import { Command } from "commander";
import { millisecondsOf } from "../data/feedback-labels.ts";
import {
  addFeedback,
  type Feedback,
  type FeedbackType,
  feedbackTypes,
  type Recording,
  readLabels,
  type Segment,
  segmentsIn,
} from "../data/index.ts";
import { type FeedbackSummary, feedbackSummary } from "../evaluation/index.ts";
import { problem } from "../problems.ts";
import { randomKey } from "../tensor/index.ts";
import { confidence, oneOf, wholeNumber } from "./flags.ts";
import { outputFile } from "./outputs.ts";
import { estimateRow, printJson, say, table } from "./printing.ts";
import { openRecording, type RecordingFlags, recordingFlags } from "./sources.ts";

interface Flags extends RecordingFlags {
  readonly out?: string;
  readonly rater?: string;
  readonly time?: number;
  readonly others?: "skip" | "refuse";
  readonly type?: FeedbackType;
  readonly list?: boolean;
  readonly level: number;
  readonly seed: number;
  readonly json?: boolean;
}

const where = "repertoire feedback";

export const feedbackCommand = (): Command =>
  recordingFlags(
    new Command("feedback")
      .description(
        `Checks what people said of a recording (${feedbackTypes.join(", ")}) against it, links it to the episodes and steps that it judges, and says what it comes to, with intervals: how far people agree, whether the reward says what they prefer. Labels are lines of JSON, in which may be left out what is known: {"type":"rating","episode":3,"value":4,"low":1,"high":5}; docs/recordings.md has one of each type. With -o they are added to a file of feedback, which only grows; a label that it has already is not added twice.`,
      )
      .argument("<recording>", "the recording that they judge")
      .argument("<labels...>", "files of labels, or of feedback (.jsonl, .jsonl.gz)")
      .option("-o, --out <file>", "add the pieces to this file of feedback (.jsonl); made if there is none")
      .option("--rater <name>", "who gave labels that do not say")
      .option("--time <date>", 'when labels were given that do not say, e.g. "2026-05-01T09:30:00Z"', date("--time"))
      .option(
        "--others <what>",
        "labels of other recordings: refuse, or skip",
        oneOf("--others", ["refuse", "skip"]),
        "refuse",
      )
      .option("--type <name>", "only pieces of this type", oneOf("--type", feedbackTypes))
      .option("--list", "print each piece")
      .option("--level <number>", "confidence of the intervals", confidence("--level"), 0.95)
      .option("--seed <n>", "of the resampling behind intervals of agreement", wholeNumber("--seed", 0), 0),
  )
    .option("--json", "print the summary as JSON, with --list the pieces too")
    .action(async (file: string, labels: readonly string[], flags: Flags) => {
      const out =
        flags.out === undefined ? undefined : await outputFile(flags.out, [".jsonl"], { where, overwrite: true });
      const recording = await openRecording(file, flags);
      const { rater, time, others, type } = flags;
      const all = await readLabels(labels, recording, {
        ...(rater === undefined ? {} : { rater }),
        ...(time === undefined ? {} : { time }),
        ...(others === "skip" ? { others } : {}),
      });
      const feedback = all.filter((piece) => type === undefined || piece.type === type);
      const { level, seed } = flags;
      const summary = feedbackSummary(feedback, recording, { level, key: randomKey(seed) });
      const added = out === undefined ? undefined : (await addFeedback(out, feedback)).length;
      if (flags.json) {
        const { fingerprint } = recording.provenance;
        const written = added === undefined ? {} : { path: out, added };
        printJson({ recording: file, fingerprint, ...written, ...summary, ...(flags.list ? { feedback } : {}) });
      }
      const said = [
        ...(flags.list ? [table(feedback.map((piece) => listed(piece, recording))), ""] : []),
        summed(file, summary, recording),
        ...(added === undefined ? [] : [`${out}: ${added} added, ${feedback.length - added} there already`]),
      ];
      say(said.filter((part, i) => part !== "" || i > 0).join("\n"), flags);
    });

/** A parser for commander: a date, as milliseconds since 1970. @throws Problem "bad-option" */
function date(name: string): (text: string) => number {
  return (text) => {
    const time = millisecondsOf(text);
    if (typeof time === "number") return time;
    throw problem("bad-option", { where, name, given: text, wanted: "a date, such as 2026-05-01T09:30:00Z" });
  };
}

function summed(file: string, summary: FeedbackSummary, { kind }: Recording): string {
  const { pieces, types, raters, judged, of, choices = {}, measures } = summary;
  const parts = (counts: object): string =>
    Object.entries(counts)
      .map(([name, count]) => `${count} ${name}`)
      .join(", ");
  const unit = kind === "decisions" ? "decision" : "episode";
  const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;
  const steps = kind === "decisions" ? "" : `, ${judged.steps} of ${of.steps} steps`;
  const head = [
    ["feedback", `${many(pieces, "piece")} on ${file}: ${judged.episodes} of ${many(of.episodes, unit)}${steps}`],
    ["types", parts(types)],
    ["raters", parts(raters)],
    ["choices", parts(choices)],
  ].filter(([, words]) => words !== "");
  const rows = Object.entries(measures).map(([name, answer]) => estimateRow(name, answer, unitOf(name, unit)));
  return [table(head), table(rows)].filter(Boolean).join("\n");
}

/** What a measure is a mean or a share of. */
function unitOf(name: string, unit: string): string {
  if (name === "first chosen") return "choice";
  if (name === "preferred earned more") return "pair";
  return name === "episodes taken over" ? unit : name.startsWith("agreement") ? "thing" : "segment";
}

const placeOf = ({ episode, from, to }: Segment, { kind }: Recording): string =>
  kind === "decisions" ? `decision ${episode}` : `episode ${episode}, steps ${from}–${to}`;

/** A piece in a row: which, who, when, of what, and what it says. */
function listed(piece: Feedback, recording: Recording): readonly string[] {
  const places = segmentsIn(piece).map((segment) => placeOf(segment, recording));
  const day = new Date(piece.time).toISOString().replace(/\.\d+Z$/, "Z");
  return [piece.id, piece.type, piece.rater, day, places.join(" / "), wordsOf(piece)];
}

function wordsOf(piece: Feedback): string {
  switch (piece.type) {
    case "preference":
      return piece.strength === undefined ? piece.choice : `${piece.choice}, ${piece.strength} sure`;
    case "rating":
      return `${piece.aspect ? `${piece.aspect} ` : ""}${piece.value} in ${piece.low} … ${piece.high}`;
    case "intervention":
      return piece.actions ? `${piece.actions.length} actions instead` : "took over";
    case "sketch":
      return `${piece.points.length} points (${piece.axes.join(", ")})`;
    case "scalar":
      return String(piece.value);
    default:
      return JSON.stringify(piece.text);
  }
}
