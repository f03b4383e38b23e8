/**
 * Minari's episodes where they are kept as tables, Arrow or Parquet: a folder an episode, with part-0.arrow or part-0.parquet
 * and metadata.json; T + 1 rows, of which the last is padding but for observations and infos. They are seen here as the
 * groups of an HDF5 file, so that one reader serves all three.
 */
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { exists, readJson } from "../../files.ts";
import { problem } from "../../problems.ts";
import { type Data, type Dtype, sizeOf } from "../../tensor/ndarray.ts";
import { type ArrowColumns, readArrow } from "./arrow.ts";
import { withDuckDB } from "./duckdb.ts";
import type { Attribute, Hdf5Array, Hdf5Group } from "./hdf5.ts";
import { minariName } from "./minari-spaces.ts";
import { nestedColumns } from "./nested-parquet.ts";

const what = "episode of a Minari dataset";

type Table = ArrowColumns;

/**
 * Every episode of a folder, in the order of their numbers.
 * @throws Problem "missing-file", "broken-file"
 */
export async function tableEpisodes(folder: string, format: "arrow" | "parquet"): Promise<readonly Hdf5Group[]> {
  const numbers = (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
  numbers.sort((a, b) => a - b);
  const read = async (tableOf: (path: string) => Promise<Table>): Promise<readonly Hdf5Group[]> => {
    const groups: Hdf5Group[] = [];
    for (const number of numbers) {
      const path = join(folder, String(number), `part-0.${format}`);
      const group = episodeGroup(await tableOf(path), await attributesIn(dirname(path)), path);
      groups.push({ ...group, path: String(number) });
    }
    return groups;
  };
  if (format === "arrow") return read((path) => readArrow(path, what));
  return withDuckDB((connection) =>
    read(async (path) => ({ columns: await nestedColumns(connection, path, what), shapes: new Map() })),
  );
}

/** What metadata.json says of an episode, options with slashes between, as in HDF5. */
async function attributesIn(folder: string): Promise<{ readonly [name: string]: Attribute }> {
  const path = join(folder, "metadata.json");
  const flat = (value: unknown, name: string): [string, Attribute][] => {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return [[name, value]];
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
    return Object.entries(value).flatMap(([inner, part]) => flat(part, name === "" ? inner : `${name}/${inner}`));
  };
  return (await exists(path)) ? Object.fromEntries(flat(await readJson(path, `metadata of an ${what}`), "")) : {};
}

function episodeGroup({ columns, shapes }: Table, attributes: Hdf5Group["attributes"], path: string): Hdf5Group {
  const whole = new Set(["observations", "infos"]);
  const shown = Object.entries(columns).map(
    ([name, rows]) => [name, whole.has(name) ? rows : rows.slice(0, -1)] as const,
  );
  return groupOf(Object.fromEntries(shown), "", shapes, attributes, path);
}

const isRecord = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

const spoken = {
  group: "a group",
  numbers: "numbers",
  texts: "texts",
  other: "values of another type",
  nothing: "missing",
};

function groupOf(
  columns: Table["columns"],
  at: string,
  shapes: Table["shapes"],
  attributes: Hdf5Group["attributes"],
  file: string,
): Hdf5Group {
  const names = Object.keys(columns).sort();
  // The names of parts are those of HDF5, which has none with a slash, and calls the items of a Tuple _index_0, _index_1 …
  const own = (name: string): string | undefined =>
    names.find((raw) => raw === name || minariName(raw) === name || `_index_${raw}` === name);
  const rowsOf = (name: string): readonly unknown[] => columns[own(name) ?? ""] ?? [];
  const pathOf = (name: string): string => (at === "" ? (own(name) ?? name) : `${at}/${own(name) ?? name}`);
  const kind = (name: string): keyof typeof spoken => {
    const first = rowsOf(name).find((value) => value !== null && value !== undefined);
    if (own(name) === undefined) return "nothing";
    if (isRecord(first)) return "group";
    if (typeof first === "string") return "texts";
    const plain = typeof first === "number" || typeof first === "bigint" || typeof first === "boolean";
    return plain || ArrayBuffer.isView(first) || Array.isArray(first) || first === undefined ? "numbers" : "other";
  };
  const wanted = (name: string, is: "group" | "numbers" | "texts"): readonly unknown[] => {
    const got = kind(name);
    if (got === is) return rowsOf(name);
    throw wrong(
      file,
      pathOf(name),
      got === "nothing" ? spoken.nothing : `it holds ${spoken[got]}`,
      `it is ${spoken[is]}`,
    );
  };
  return {
    path: at,
    names,
    kind,
    attributes,
    group(name) {
      const rows = wanted(name, "group");
      const parts = new Set(rows.flatMap((row) => (isRecord(row) ? Object.keys(row) : [])));
      const inner = [...parts].map(
        (part) => [part, rows.map((row) => (isRecord(row) ? row[part] : undefined))] as const,
      );
      return groupOf(Object.fromEntries(inner), pathOf(name), shapes, {}, file);
    },
    numbers(name) {
      const array = numbersOf(wanted(name, "numbers"), file, pathOf(name));
      const shape = shapes.get(pathOf(name));
      const [rows] = array.shape;
      return shape !== undefined && rows * sizeOf(shape) === array.data.length
        ? { ...array, shape: [rows, ...shape] }
        : array;
    },
    texts: (name) => wanted(name, "texts").filter((value) => typeof value === "string"),
    pieces(name) {
      const rows = rowsOf(name);
      return rows.length > 0 && rows.every((row) => row instanceof Uint8Array) ? rows : undefined;
    },
  };
}

const wrong = (source: string, field: string, given: string, rule: string) =>
  problem("bad-field", { source, field, given, rule, next: "Take the dataset again from where it was made." });

const dtypes: { readonly [array: string]: Dtype } = {
  Float32Array: "float32",
  Float64Array: "float64",
  Int8Array: "int32",
  Uint8Array: "int32",
  Int16Array: "int32",
  Uint16Array: "int32",
  Int32Array: "int32",
  Uint32Array: "int64",
  BigInt64Array: "int64",
  BigUint64Array: "int64",
};

/** Rows of numbers, or of lists of numbers that are all as long, as one array. */
function numbersOf(rows: readonly unknown[], file: string, field: string): Hdf5Array {
  const [first] = rows;
  const list = ArrayBuffer.isView(first) || Array.isArray(first);
  const width = list ? (first as ArrayLike<unknown>).length : 1;
  const values = list ? (first as ArrayLike<unknown>)[0] : first;
  const dtype: Dtype =
    (ArrayBuffer.isView(first) ? dtypes[first.constructor.name] : undefined) ??
    (typeof values === "bigint" ? "int64" : typeof values === "boolean" ? "bool" : "float64");
  const data = allocated(dtype, rows.length * width);
  rows.forEach((row, r) => {
    const items = list ? (row as ArrayLike<unknown> | null | undefined) : [row];
    if (items?.length !== width)
      throw wrong(file, field, `row ${r} holds ${items?.length ?? "nothing"}`, `row 0 holds ${width} numbers`);
    for (let i = 0; i < width; i++)
      put(data, r * width + i, items[i], () =>
        wrong(file, field, `row ${r} holds ${String(items[i])}`, "it is numbers"),
      );
  });
  return { shape: list ? [rows.length, width] : [rows.length], dtype, data, bytes: first instanceof Uint8Array };
}

function allocated(dtype: Dtype, length: number): Data {
  const constructors = {
    float32: Float32Array,
    float64: Float64Array,
    int32: Int32Array,
    int64: BigInt64Array,
    bool: Uint8Array,
  };
  return new constructors[dtype](length);
}

function put(data: Data, at: number, value: unknown, refuse: () => Error): void {
  const whole = typeof value === "bigint" || typeof value === "boolean" || Number.isInteger(value);
  if (!whole && (typeof value !== "number" || data instanceof BigInt64Array)) throw refuse();
  if (data instanceof BigInt64Array) data[at] = BigInt(value as bigint);
  else data[at] = Number(value);
}
