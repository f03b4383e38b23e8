/** Files of JSON values, a line each or in one list; .gz is unpacked. */
import { readBytes } from "../../files.ts";
import { problem } from "../../problems.ts";
import { gunzipped } from "./peek.ts";

export interface JsonItem {
  /** How a reader finds it: "line 18", or "item 3" of a list. */
  readonly place: string;
  readonly value: unknown;
}

/**
 * The values of a file.
 * @throws Problem "missing-file", "broken-file", "bad-row" for a line that is not JSON, "not-a-recording" when there is none
 */
export async function readJsonItems(path: string, what: string): Promise<readonly JsonItem[]> {
  const text = new TextDecoder().decode(gunzipped(await readBytes(path, what), path, what)).replace(/^\ufeff/, "");
  const items = text.trimStart().startsWith("[") ? listIn(text, path, what) : linesIn(text, path);
  if (items.length > 0) return items;
  throw problem("not-a-recording", {
    source: path,
    reason: "it is empty",
    wanted: what,
    next: "Check how it was made.",
  });
}

function listIn(text: string, path: string, what: string): readonly JsonItem[] {
  try {
    return (JSON.parse(text) as unknown[]).map((value, i) => ({ place: `item ${i}`, value }));
  } catch (error) {
    throw problem("broken-file", { path, what, reason: (error as Error).message.split("\n")[0] });
  }
}

function linesIn(text: string, path: string): readonly JsonItem[] {
  return text.split("\n").flatMap((line, i): JsonItem[] => {
    if (line.trim() === "") return [];
    try {
      return [{ place: `line ${i + 1}`, value: JSON.parse(line) }];
    } catch (error) {
      throw problem("bad-row", {
        source: path,
        place: `line ${i + 1}`,
        field: "the whole line",
        given: (error as Error).message.split("\n")[0],
        rule: "each line is one JSON value",
        next: "If a program was stopped while it wrote, delete the last line.",
      });
    }
  });
}
