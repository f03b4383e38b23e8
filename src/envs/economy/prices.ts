/** Recorded prices: a table of bars, checked row by row, since whoever trades on a wrong price learns to wait for it. */
import { builtin } from "../../files.ts";
import { problem } from "../../problems.ts";

/** Bars of one asset, in order of time. */
export interface Prices {
  readonly name: string;
  /** [bars] milliseconds since 1970, each later than the one before */
  readonly time: Float64Array;
  /** [bars] above 0 */
  readonly close: Float64Array;
  /** [bars] at least the close, at most; where none was recorded, of the close and the one before */
  readonly high: Float64Array;
  readonly low: Float64Array;
  /** [bars] at least 0; where none was recorded, 1 */
  readonly volume: Float64Array;
}

/** The table's name for each column; those left out are found by their usual names. */
export interface PriceColumns {
  readonly time?: string;
  readonly close?: string;
  readonly open?: string;
  readonly high?: string;
  readonly low?: string;
  readonly volume?: string;
}

const usual = {
  time: ["time", "timestamp", "date", "datetime", "date_time", "open_time", "open time"],
  close: ["close", "price", "last"],
  open: ["open"],
  high: ["high"],
  low: ["low"],
  volume: ["volume", "vol"],
} as const;
type Name = keyof typeof usual;
const names = Object.keys(usual) as readonly Name[];

/**
 * Prices from the text of a CSV file (comma, semicolon, tab or bar; the first line names the columns): a time and a close,
 * and open, high, low and volume where there are any. A time is a date ("2026-05-01", "2026-05-01T09:30:00Z"; UTC where it
 * names no zone), or seconds or milliseconds since 1970.
 * @throws Problem "not-a-recording" without a time, a close or a row; "bad-option" for a column that is not there; "bad-row"
 *   naming line and column: a value that is missing or no number, a price that is not above 0, a high below or a low above
 *   another price, times that do not rise
 */
export function parsePrices(
  text: string,
  { name = "prices", columns = {} }: { readonly name?: string; readonly columns?: PriceColumns } = {},
): Prices {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  const heading = lines.findIndex((line) => line.trim() !== "");
  const header = heading < 0 ? "" : lines[heading];
  const mark = [",", ";", "\t", "|"].reduce((a, b) => (header.split(b).length > header.split(a).length ? b : a));
  const place = placesOf(cells(header, mark), columns, name);
  const rows: { readonly [column in Name]: number }[] = [];
  for (let i = heading + 1; i < lines.length; i++) {
    if (lines[i].trim() === "") continue;
    const row = rowOf(cells(lines[i], mark), place, rows.at(-1), name, i + 1);
    rows.push(row);
  }
  if (rows.length === 0) throw notPrices(name, "it has no rows");
  const column = (of: Name): Float64Array => Float64Array.from(rows, (row) => row[of]);
  const [time, close, volume, high, low] = (["time", "close", "volume", "high", "low"] as const).map(column);
  return { name, time, close, high, low, volume };
}

const notPrices = (source: string, reason: string) =>
  problem("not-a-recording", {
    source,
    reason,
    wanted: "a table of prices, its first line naming a time and a close",
    next: 'Say which column is what: { columns: { time: "Date", close: "Adj Close" } }.',
  });

/** Cells of a line, quotes taken off. */
function cells(line: string, mark: string): readonly string[] {
  const found: string[] = [];
  let at = 0;
  while (at <= line.length) {
    const quoted = /^ *"((?:[^"]|"")*)" */.exec(line.slice(at));
    const from = at + (quoted?.[0].length ?? 0);
    const next = line.indexOf(mark, from);
    const end = next < 0 ? line.length : next;
    found.push(quoted ? quoted[1].replaceAll('""', '"') + line.slice(from, end) : line.slice(at, end).trim());
    at = end + 1;
  }
  return found;
}

type Places = { readonly [column in Name]?: number } & { readonly width: number };

/** Where each column stands. */
function placesOf(header: readonly string[], columns: PriceColumns, source: string): Places {
  const folded = header.map((cell) => cell.toLowerCase());
  const found: { [column in Name]?: number } = {};
  for (const name of names) {
    const wanted = columns[name];
    const at =
      wanted === undefined
        ? usual[name].map((other) => folded.indexOf(other)).find((index) => index >= 0)
        : header.indexOf(wanted);
    if (at !== undefined && at >= 0) found[name] = at;
    else if (wanted !== undefined) {
      const there = `one of the columns of ${source}: ${header.join(", ")}`;
      throw problem("bad-option", { where: "prices", name: `columns.${name}`, given: wanted, wanted: there });
    }
  }
  for (const name of ["time", "close"] as const) {
    if (found[name] === undefined) throw notPrices(source, `it has no column for the ${name}`);
  }
  return { ...found, width: header.length };
}

type Row = { readonly [column in Name]: number };

function rowOf(row: readonly string[], places: Places, before: Row | undefined, source: string, line: number): Row {
  const refuse = (field: string, given: string, rule: string, next = "Correct the row, or drop it.") =>
    problem("bad-row", { source, place: `line ${line}`, field, given, rule, next });
  if (row.length !== places.width) {
    throw refuse("the whole line", `${row.length} cells`, `the first line names ${places.width} columns`);
  }
  const text = (name: Name): string => row[places[name] ?? -1] ?? "";
  const number = (name: Name, least: number, rule: string): number => {
    const written = text(name);
    const value = Number(written);
    if (written !== "" && Number.isFinite(value) && value > least) return value;
    const next =
      "Drop the row, or take it again from where it was recorded: a price made up in its place is one nobody could have had.";
    throw refuse(name, written === "" ? "nothing" : written, rule, next);
  };
  const price = (name: Name): number => number(name, 0, "a price is a number above 0");
  const time = timeOf(text("time"));
  if (time === undefined) {
    throw refuse(
      "time",
      text("time") || "nothing",
      'wanted a date such as "2026-05-01T09:30:00Z", or seconds or milliseconds since 1970',
    );
  }
  if (before !== undefined && time <= before.time) {
    throw refuse(
      "time",
      text("time"),
      "each row is later than the one before",
      "Sort the rows, the oldest first, and keep one a time.",
    );
  }
  const close = price("close");
  const had = (name: Name): boolean => places[name] !== undefined;
  const open = had("open") ? price("open") : (before?.close ?? close);
  const high = had("high") ? price("high") : Math.max(open, close);
  const low = had("low") ? price("low") : Math.min(open, close);
  if (high < Math.max(open, close, low)) throw refuse("high", String(high), "no other price of the row is above it");
  if (low > Math.min(open, close)) throw refuse("low", String(low), "no other price of the row is below it");
  const volume = had("volume") ? number("volume", -Number.MIN_VALUE, "a volume is a number of at least 0") : 1;
  return { time, close, open, high, low, volume };
}

/** Seconds since 1970 stay below this until the year 5138, milliseconds were above it from 1973 on. */
const mostSeconds = 1e11;

/** Milliseconds since 1970; nothing for what is no time. */
function timeOf(written: string): number | undefined {
  const value = Number(written);
  if (written !== "" && Number.isFinite(value)) return Math.abs(value) < mostSeconds ? 1000 * value : value;
  const [, day, clock = "T00:00", zone = "Z"] =
    /^(\d{4}-\d\d-\d\d)(?:[T ]((?:\d\d:\d\d)(?::\d\d(?:\.\d+)?)?)\s*(Z|UTC|[+-]\d\d:?\d\d)?)?$/.exec(written) ?? [];
  if (day === undefined) return undefined;
  const time = Date.parse(`${day}T${clock.replace("T", "")}${zone === "UTC" ? "Z" : zone}`);
  return Number.isFinite(time) ? time : undefined;
}

const read = new Map<string, Prices>();

/**
 * The prices in a CSV file, plain or ".gz"; read once a file. Needs Node.
 * @throws Problem "missing-file", "broken-file", and what `parsePrices` throws
 */
export function readPrices(path: string, columns: PriceColumns = {}): Prices {
  const { existsSync, readFileSync } = builtin.fs();
  const { basename, resolve } = builtin.path();
  const key = JSON.stringify([resolve(path), columns]);
  const known = read.get(key);
  if (known !== undefined) return known;
  if (!existsSync(path)) throw problem("missing-file", { path, what: "a table of prices (CSV)" });
  let bytes: Uint8Array = readFileSync(path);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      bytes = process.getBuiltinModule("node:zlib").gunzipSync(bytes);
    } catch (error) {
      throw problem("broken-file", { path, what: "table of prices", reason: (error as Error).message });
    }
  }
  const prices = parsePrices(new TextDecoder().decode(bytes), { name: basename(path), columns });
  read.set(key, prices);
  return prices;
}
