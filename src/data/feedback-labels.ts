/** Labels as people and their tools hand them in: feedback that leaves out what is known already. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { problem } from "../problems.ts";
import { type Feedback, outsideOf, parseFeedback, segmentsIn, wholeEpisode } from "./feedback.ts";
import { canonicalJson } from "./fingerprint.ts";
import type { Recording } from "./trajectories.ts";

export interface LabelOptions {
  /** Who gave labels that do not say. */
  readonly rater?: string;
  /** When labels were given that do not say, in milliseconds since 1970. */
  readonly time?: number;
  /** Pass over labels of other recordings; left out, such a one is refused. */
  readonly others?: "skip";
}

type Row = { readonly [name: string]: unknown };

const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Feedback on a recording from a label of it: a piece of feedback, in which may be left out or said shorter
 * - a segment's `recording`, its `from` (0) and its `to` (the episode's end); a whole episode is its number alone;
 * - `segment`, for `episode`, `from` and `to` beside the rest;
 * - `rater` and `time`, where the options say them; a time may be a date, "2026-05-01" or "2026-05-01T09:30:00Z" (UTC
 *   where it names no zone);
 * - `id`: then it is made of the rest, so that the same label is the same piece, however often it is sent.
 * @returns nothing for a label of another recording that is to be passed over
 * @throws Problem "bad-row" naming the field, "dangling-link" for a label of another recording
 */
export function feedbackFrom(
  label: unknown,
  recording: Recording,
  options: LabelOptions,
  source: string,
  place: string,
): Feedback | undefined {
  const full = isRow(label) ? completed(label, recording, options) : label;
  const piece = parseFeedback(full, source, place);
  const { fingerprint } = recording.provenance;
  for (const judged of segmentsIn(piece)) {
    if (judged.recording !== fingerprint) {
      if (options.others === "skip") return undefined;
      throw problem("dangling-link", {
        id: `${source}, ${place}`,
        what: `the recording ${judged.recording.slice(0, 12)}…`,
        wanted: `the recording at hand, ${fingerprint.slice(0, 12)}…`,
        next: "Give it beside the recording that it judges, or pass over labels of others.",
      });
    }
    const rule = outsideOf(recording, judged);
    if (rule === undefined) continue;
    throw problem("bad-row", {
      source,
      place,
      field: "segment",
      given: `steps ${judged.from} to ${judged.to} of episode ${judged.episode}`,
      rule: `wanted ${rule}`,
      next: "Episodes and steps are counted from 0, and a segment ends before its last number.",
    });
  }
  return piece;
}

function completed(label: Row, recording: Recording, { rater, time }: LabelOptions): Row {
  const { episode, from, to, ...rest } = label;
  const beside = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const segments =
    episode !== undefined && label.segment === undefined
      ? { segment: segmentFrom({ episode, ...beside }, recording) }
      : { ...(episode === undefined ? {} : { episode }), ...beside, ...inPlace(label, recording) };
  const said = {
    ...(rater === undefined ? {} : { rater }),
    ...(time === undefined ? {} : { time }),
    ...rest,
    ...segments,
  };
  const dated = { ...said, ...("time" in said ? { time: millisecondsOf(said.time) } : {}) };
  return "id" in dated ? dated : { ...dated, id: idOf(dated) };
}

const inPlace = (label: Row, recording: Recording): Row =>
  Object.fromEntries(
    ["segment", "first", "second"]
      .filter((name) => label[name] !== undefined)
      .map((name) => [name, segmentFrom(label[name], recording)]),
  );

/** What is no segment is left as it is, for the check to name. */
function segmentFrom(given: unknown, recording: Recording): unknown {
  const row = typeof given === "number" ? { episode: given } : given;
  if (!isRow(row)) return given;
  const whole = wholeEpisode(recording, Number(row.episode));
  // Of an episode that is not there, one step, so that it is the episode that is found wanting.
  return { ...whole, to: Math.max(1, whole.to), ...row };
}

/** A date as milliseconds since 1970; what is none is left as it is, for the check to name. */
export function millisecondsOf(time: unknown): unknown {
  if (typeof time !== "string") return time;
  const written = time.trim().replace(/^(\d{4}-\d\d-\d\d) (?=\d)/, "$1T");
  const day = /^\d{4}-\d\d-\d\d(T[\d:.]+)?$/.exec(written);
  const parsed = Date.parse(day?.[1] === undefined ? written : `${written}Z`);
  return /^\d{4}-\d\d-\d\d/.test(written) && Number.isFinite(parsed) ? parsed : time;
}

/** The first 16 digits of SHA-256 over the label. */
const idOf = (label: Row): string =>
  bytesToHex(sha256(new TextEncoder().encode(canonicalJson({ kind: "feedback", ...label })))).slice(0, 16);
