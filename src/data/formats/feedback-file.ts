/** Files of feedback: a piece a line, only ever added to. */
import { open, stat } from "node:fs/promises";
import { exists } from "../../files.ts";
import { problem } from "../../problems.ts";
import { type Feedback, parseFeedback } from "../feedback.ts";
import { feedbackFrom, type LabelOptions } from "../feedback-labels.ts";
import { canonicalJson } from "../fingerprint.ts";
import type { Recording } from "../trajectories.ts";
import { readJsonItems } from "./json-lines.ts";

const what = "feedback in JSON lines";

/**
 * Every piece of a file, in the order in which they were given. A piece that was sent twice counts once.
 * @throws Problem "missing-file", "broken-file", "not-a-recording" (empty), "bad-row" naming line and field, or an id that
 *   an earlier line has for something else
 */
export async function readFeedback(path: string): Promise<readonly Feedback[]> {
  const items = await readJsonItems(path, what);
  const known = knownPieces();
  return items.flatMap(({ place, value }) => known.fresh(parseFeedback(value, path, place), path, place));
}

/**
 * What labels of a recording say, as feedback linked to it; `feedbackFrom` says what a label may leave out. Across all
 * files a piece that comes twice counts once.
 * @throws Problem as `readFeedback`, "dangling-link" for a label of another recording (unless skipped)
 */
export async function readLabels(
  paths: readonly string[],
  recording: Recording,
  options: LabelOptions = {},
): Promise<readonly Feedback[]> {
  const known = knownPieces();
  const pieces: Feedback[] = [];
  for (const path of paths) {
    for (const { place, value } of await readJsonItems(path, what)) {
      const piece = feedbackFrom(value, recording, options, path, place);
      if (piece !== undefined) pieces.push(...known.fresh(piece, path, place));
    }
  }
  return pieces;
}

/** Pieces by their ids, as they come. */
function knownPieces() {
  const known = new Map<string, { readonly at: string; readonly text: string }>();
  return {
    /** The piece; nothing when it came before. @throws Problem "bad-row" when another came under its id */
    fresh(piece: Feedback, source: string, place: string): readonly Feedback[] {
      const text = canonicalJson(piece);
      const earlier = known.get(piece.id);
      if (earlier === undefined) {
        known.set(piece.id, { at: `${source}, ${place}`, text });
        return [piece];
      }
      if (earlier.text === text) return [];
      throw twice(piece.id, source, place, earlier.at);
    },
  };
}

const twice = (id: string, source: string, place: string, earlier: string) =>
  problem("bad-row", {
    source,
    place,
    field: "id",
    given: `"${id}", which ${earlier.startsWith(`${source}, `) ? earlier.slice(source.length + 2) : earlier} has`,
    rule: "each piece has an id of its own",
    next: "Give the later one another id, or delete it.",
  });

/**
 * Adds to a file those pieces that it does not have yet, and says which they were.
 * @throws Problem as `readFeedback`, of what is there; "bad-row" for an id that it has for something else
 */
export async function addFeedback(path: string, pieces: readonly Feedback[]): Promise<readonly Feedback[]> {
  const known = knownPieces();
  const there = (await exists(path)) && (await stat(path)).size > 0 ? await readFeedback(path) : [];
  for (const piece of there) known.fresh(piece, path, `piece "${piece.id}"`);
  const added = pieces.flatMap((piece, i) => known.fresh(piece, "what is to be added", `piece ${i}`));
  if (added.length > 0) await appendFeedback(path, added);
  return added;
}

/**
 * Adds pieces to the end of a file, which is made when there is none, and waits until they are on the disk. What was there
 * stays as it is: a correction of feedback is another piece. A last line that was never finished is ended first, so that
 * it spoils no other.
 * @throws Problem "bad-row" for a piece that is not feedback, before anything is written
 */
export async function appendFeedback(path: string, pieces: readonly Feedback[]): Promise<void> {
  const checked = pieces.map((piece, i) => parseFeedback(piece, path, `piece ${i}`));
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  const file = await open(path, "a+").catch((error: NodeJS.ErrnoException) => {
    throw problem("file-system", { path, doing: "append to", reason: error.code ?? error.message });
  });
  try {
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    const ended = size === 0 || last[0] === 10;
    await file.appendFile(`${ended ? "" : "\n"}${checked.map((piece) => `${JSON.stringify(piece)}\n`).join("")}`);
    await file.sync();
  } finally {
    await file.close();
  }
}
