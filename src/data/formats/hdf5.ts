/**
 * HDF5 files, opened for one piece of work and then closed. The library (HDF5 itself, compiled to WebAssembly) is loaded
 * when the first such file is.
 */
import { open, stat } from "node:fs/promises";
import { replaceAtomically } from "../../files.ts";
import { Problem, problem } from "../../problems.ts";
import { type Data, type NdArray, sizeOf } from "../../tensor/ndarray.ts";

type Library = typeof import("h5wasm");
type OpenGroup = InstanceType<Library["Group"]>;
type OpenDataset = InstanceType<Library["Dataset"]>;

/** Numbers as they stand in the file; integers of up to 32 bits are int32, wider ones int64. */
export interface Hdf5Array extends NdArray {
  /** Whether the file holds bytes, as images are kept. */
  readonly bytes: boolean;
}

export type Attribute = string | number | boolean;

/** A group of a file that is open. */
export interface Hdf5Group {
  /** The group's path within the file, "" at the root. */
  readonly path: string;
  /** What is in it, in the order of names. */
  readonly names: readonly string[];
  /** What stands under a name; links out of the file and types of one's own count as nothing. */
  kind(name: string): "group" | "numbers" | "texts" | "other" | "nothing";
  /** @throws Problem "bad-field" when it is not there or is not a group */
  group(name: string): Hdf5Group;
  /** @throws Problem "bad-field" when it is not there or does not hold numbers */
  numbers(name: string): Hdf5Array;
  /** @throws Problem "bad-field" when it is not there or does not hold texts */
  texts(name: string): readonly string[];
  /** A row of bytes each, as files within the file are kept; nothing for what is no such thing. */
  pieces(name: string): readonly Uint8Array[] | undefined;
  /** Texts, numbers and booleans that are said of the group; others are left out. */
  readonly attributes: { readonly [name: string]: Attribute };
}

const spoken = { group: "a group", numbers: "numbers", texts: "texts", other: "values of another type" };

const integer = 0;
const float = 1;
const text = 3;
const enumeration = 8;
const variable = 9;

/** How often the library has been given up. */
let givenUp = 0;

async function library(): Promise<Library> {
  // Each address is loaded afresh, memory and all.
  const address = givenUp === 0 ? "h5wasm/node" : `${import.meta.resolve("h5wasm/node")}?${givenUp}`;
  const hdf5 = (await import(address)) as Library;
  const module = await hdf5.ready;
  // Left alone, it prints what is wrong and carries on with zeros.
  module.activate_throwing_error_handler();
  return hdf5;
}

/** Whether WebAssembly could not go on, after which the library is of no more use. */
const isFatal = (error: unknown): boolean => (error as Error).name === "RuntimeError";

function reasonOf(error: unknown): string {
  if (isFatal(error)) return "it is damaged where it says what is where";
  const message = String((error as Error).message ?? error);
  const [first] = message.split("\n");
  return message.match(/#\d+: [^\n]*?\(\): ([^\n]+)(?![\s\S]*#\d+:)/)?.[1] ?? first;
}

/**
 * Runs work on the root group of a file; what the library cannot make of it becomes a sentence. The work may run twice.
 * @throws Problem "missing-file", "broken-file"
 */
export async function readingHdf5<T>(path: string, what: string, work: (root: Hdf5Group) => T): Promise<T> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw problem("missing-file", { path, what });
  const attempt = async (): Promise<T> => {
    const hdf5 = await library();
    const file = new hdf5.File(path, "r");
    try {
      return work(groupOf(file, { path, size: found.size }));
    } finally {
      closed(file);
    }
  };
  try {
    return await attempt().catch((error: unknown) => {
      if (!isFatal(error)) throw error;
      // Each error costs the library a file handle, so it may be thousands of damaged files before that wore it out.
      givenUp++;
      return attempt();
    });
  } catch (error) {
    if (isFatal(error)) givenUp++;
    throw error instanceof Problem ? error : problem("broken-file", { path, what, reason: reasonOf(error) });
  }
}

/** A damaged file may fail to close as well; what was wrong with it has been said by then. */
function closed(file: { close(): unknown }): void {
  try {
    file.close();
  } catch {
    // nothing more can be done for it
  }
}

interface Within {
  readonly path: string;
  /** Bytes of the whole file. */
  readonly size: number;
}

function groupOf(group: OpenGroup, file: Within): Hdf5Group {
  const path = group.path === "/" ? "" : group.path.replace(/^\//, "");
  const at = (name: string): string => (path === "" ? name : `${path}/${name}`);
  const found = (name: string) => {
    const entity = names.includes(name) ? group.get(name) : null;
    const is = entity !== null && "type" in entity ? String(entity.type) : "";
    return is === "Group" || is === "Dataset" ? (entity as OpenGroup | OpenDataset) : undefined;
  };
  const kind = (name: string) => {
    const entity = found(name);
    if (entity === undefined) return "nothing";
    if (String(entity.type) === "Group") return "group";
    const { type } = (entity as OpenDataset).metadata;
    if (type === integer || type === float || type === enumeration) return "numbers";
    return type === text ? "texts" : "other";
  };
  const wanted = (name: string, is: "group" | "numbers" | "texts") => {
    const got = kind(name);
    if (got === is) return found(name) as OpenGroup | OpenDataset;
    throw problem("bad-field", {
      source: file.path,
      field: at(name),
      given: got === "nothing" ? "missing" : `it holds ${spoken[got]}`,
      rule: `it is ${spoken[is]} in this format`,
      next: "Take the file again from where it was made.",
    });
  };
  const names = group.keys().sort();
  return {
    path,
    names,
    kind,
    group: (name) => groupOf(wanted(name, "group") as OpenGroup, file),
    numbers: (name) => numbersOf(wanted(name, "numbers") as OpenDataset, at(name), file),
    texts: (name) => textsOf(wanted(name, "texts") as OpenDataset, at(name), file),
    pieces: (name) => (found(name) ? piecesOf(found(name) as OpenDataset, at(name), file) : undefined),
    get attributes() {
      return attributesOf(group);
    },
  };
}

function attributesOf(group: OpenGroup): { readonly [name: string]: Attribute } {
  const plain = Object.entries(group.attrs).flatMap(([name, { value }]): [string, Attribute][] => {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return [[name, value]];
    return typeof value === "bigint" ? [[name, Number(value)]] : [];
  });
  return Object.fromEntries(plain);
}

/** Deflate makes a thousand bytes of one at best, so a file that promises more than that is lying. */
const mostInflation = 1100;

function checkedSize(dataset: OpenDataset, field: string, file: Within): readonly number[] {
  const { metadata } = dataset;
  const shape = metadata.shape ?? [];
  const promised = sizeOf(shape) * Math.max(1, metadata.size);
  if (promised <= mostInflation * file.size) return shape;
  throw problem("broken-file", {
    path: file.path,
    what: "HDF5 file",
    reason: `"${field}" claims ${promised} bytes, more than a file of ${file.size} can hold`,
  });
}

function numbersOf(dataset: OpenDataset, field: string, file: Within): Hdf5Array {
  const shape = checkedSize(dataset, field, file);
  const { value } = dataset;
  const { enum_type, size } = dataset.metadata;
  const flat = ArrayBuffer.isView(value) ? (value as unknown as Numbers) : one(value, field, file);
  const truths = enum_type !== undefined && "TRUE" in enum_type.members && "FALSE" in enum_type.members;
  const data: Data = truths ? Uint8Array.from(flat as Int8Array, Number) : widened(flat, field, file);
  const dtype = truths ? "bool" : dtypes[data.constructor.name as keyof typeof dtypes];
  return { shape, dtype, data, bytes: size === 1 && !truths };
}

type Numbers = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Exclude<Data, Uint8Array>;

const dtypes = {
  Float32Array: "float32",
  Float64Array: "float64",
  Int32Array: "int32",
  BigInt64Array: "int64",
} as const;

function one(value: unknown, field: string, file: Within): Numbers {
  if (typeof value === "number") return Float64Array.of(value);
  if (typeof value === "bigint") return BigInt64Array.of(value);
  if (typeof value === "boolean") return Uint8Array.of(Number(value));
  return unreadable(field, file);
}

function unreadable(field: string, file: Within): never {
  throw problem("broken-file", {
    path: file.path,
    what: "HDF5 file",
    reason: `"${field}" holds numbers of a kind that is not known here`,
    next: "Write the column as float32, float64, int64 or bool.",
  });
}

function widened(flat: Numbers, field: string, file: Within): Exclude<Data, Uint8Array> {
  switch (flat.constructor) {
    case Float32Array:
    case Float64Array:
    case Int32Array:
    case BigInt64Array:
      return flat as Exclude<Data, Uint8Array>;
    case Int8Array:
    case Uint8Array:
    case Int16Array:
    case Uint16Array:
      return Int32Array.from(flat as Int8Array);
    case Uint32Array:
      return BigInt64Array.from(flat as Uint32Array, BigInt);
    case BigUint64Array:
      return BigInt64Array.from(flat as unknown as BigUint64Array, (n) => BigInt.asIntN(64, n));
    default:
      return unreadable(field, file);
  }
}

function textsOf(dataset: OpenDataset, field: string, file: Within): readonly string[] {
  checkedSize(dataset, field, file);
  const { value } = dataset;
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** Rows of bytes, all of one length or each of its own. */
function piecesOf(dataset: OpenDataset, field: string, file: Within): readonly Uint8Array[] | undefined {
  if (String(dataset.type) !== "Dataset") return undefined;
  const { type, size, vlen_type: own } = dataset.metadata;
  const shape = checkedSize(dataset, field, file);
  const each = type === variable && own?.type === integer && own.size === 1;
  if (each && Array.isArray(dataset.value)) return dataset.value as unknown as Uint8Array[];
  if (type !== integer || size !== 1 || shape.length !== 2) return undefined;
  const bytes = dataset.value as Uint8Array;
  return Array.from({ length: shape[0] }, (_, row) => bytes.subarray(row * shape[1], (row + 1) * shape[1]));
}

// ---------------------------------------------------------------------------------------------------- writing

/** A group of a file that is being written. */
export interface Hdf5Writer {
  group(name: string): Hdf5Writer;
  /** Rows of the leading axis can be added to later, as the format's own software does. */
  numbers(name: string, array: NdArray): void;
  attribute(name: string, value: Attribute): void;
}

const codes = { float32: "<f", float64: "<d", int32: "<i", int64: "<q", bool: "<b" } as const;

function writerOf(group: OpenGroup): Hdf5Writer {
  return {
    group: (name) => writerOf(group.create_group(name)),
    numbers(name, { shape, dtype, data }) {
      const rows = Math.max(1, shape[0]);
      group.create_dataset({
        name,
        data: dtype === "bool" ? Int8Array.from(data as Uint8Array) : data,
        shape: [...shape],
        dtype: codes[dtype],
        maxshape: [null, ...shape.slice(1)],
        chunks: [rows, ...shape.slice(1).map((d) => Math.max(1, d))],
      });
    },
    attribute(name, value) {
      if (typeof value === "string") group.create_attribute(name, value);
      else if (Number.isSafeInteger(value)) group.create_attribute(name, BigInt64Array.of(BigInt(value)), [], "<q");
      else group.create_attribute(name, Float64Array.of(Number(value)), [], "<d");
    },
  };
}

/** Writes a file whole or not at all. @throws Problem "file-system" when the library cannot write it */
export async function writeHdf5(path: string, write: (root: Hdf5Writer) => void): Promise<void> {
  const hdf5 = await library();
  await replaceAtomically(path, async (temporary) => {
    try {
      const file = new hdf5.File(temporary, "w");
      try {
        write(writerOf(file));
      } finally {
        file.close();
      }
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw problem("file-system", { path, doing: "write", reason: reasonOf(error) });
    }
    const written = await open(temporary, "r+");
    await written.sync();
    await written.close();
  });
}
