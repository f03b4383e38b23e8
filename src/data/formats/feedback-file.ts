/** Files of feedback: a piece a line, only ever added to. */
import { open, stat } from "node:fs/promises";
import { problem } from "../../problems.ts";
import { type Feedback, parseFeedback } from "../feedback.ts";
import { canonicalJson } from "../fingerprint.ts";
import { readJsonItems } from "./json-lines.ts";

const what = "feedback in JSON lines";

/**
 * Every piece of a file, in the order in which they were given. A piece that was sent twice counts once.
 * @throws Problem "missing-file", "broken-file", "not-a-recording" (empty), "bad-row" naming line and field, or an id that
 *   an earlier line has for something else
 */
export async function readFeedback(path: string): Promise<readonly Feedback[]> {
  const items = await readJsonItems(path, what);
  const known = new Map<string, { readonly place: string; readonly text: string }>();
  return items.flatMap(({ place, value }): Feedback[] => {
    const piece = parseFeedback(value, path, place);
    const text = canonicalJson(piece);
    const earlier = known.get(piece.id);
    if (earlier === undefined) {
      known.set(piece.id, { place, text });
      return [piece];
    }
    if (earlier.text === text) return [];
    throw twice(piece.id, place, earlier.place, path);
  });
}

const twice = (id: string, place: string, earlier: string, path: string) =>
  problem("bad-row", {
    source: path,
    place,
    field: "id",
    given: `"${id}", which ${earlier} has`,
    rule: "each piece has an id of its own",
    next: "Give the later one another id, or delete it.",
  });

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
