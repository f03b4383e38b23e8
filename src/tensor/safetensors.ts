/**
 * Trees of values as files: the safetensors format (8 bytes of header length, a JSON header, raw little-endian data),
 * which every framework reads and which can hold nothing that runs.
 *
 * Format: https://github.com/huggingface/safetensors
 */
import { readBytes, writeAtomically } from "../files.ts";
import { problem } from "../problems.ts";
import { type Data, type Dtype, type NdArray, type Shape, sizeOf } from "./ndarray.ts";
import { checkSameSpecs, type Leaf, leavesOf, mapTree, type TreeOf } from "./tree.ts";

export type Metadata = { readonly [key: string]: string };

const codes = { float32: "F32", float64: "F64", int32: "I32", int64: "I64", bool: "BOOL" } as const;
const widths = { float32: 4, float64: 8, int32: 4, int64: 8, bool: 1 } as const;
const dtypes = new Map<unknown, Dtype>(Object.entries(codes).map(([dtype, code]) => [code, dtype as Dtype]));
const metadataKey = "__metadata__";
/** Names that mean something to JavaScript's objects; a file that uses one was made to do harm. */
const reserved: ReadonlySet<string> = new Set(["__proto__", "prototype", "constructor"]);

const bytesOf = (data: Data): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
const wider = (a: Dtype, b: Dtype): number => widths[b] - widths[a];
const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

type Field = [name: string, json: string];

/** An object of JSON with its names in order, which JSON.stringify keeps for no name that is a whole number. */
const jsonObject = (fields: Field[]): string =>
  `{${fields
    .sort(([a], [b]) => byName(a, b))
    .map(([name, json]) => `${JSON.stringify(name)}:${json}`)
    .join(",")}}`;

/**
 * A tree as the bytes of a file; equal trees and metadata give equal bytes.
 * @throws Problem "bad-value" when a leaf has a name the format keeps for itself
 */
export function encode(tree: unknown, metadata: Metadata = {}): Uint8Array {
  const leaves = [...leavesOf<NdArray>(tree, "safetensors")];
  for (const [path] of leaves) {
    if (path === metadataKey || isReserved(path)) {
      const wanted = `leaf names other than ${metadataKey}, ${[...reserved].join(", ")}`;
      throw problem("bad-value", { where: "safetensors", given: path, wanted });
    }
  }
  // The widest elements come first, so that every array starts at a multiple of its element's width.
  leaves.sort(([a, x], [b, y]) => wider(x.dtype, y.dtype) || byName(a, b));
  let end = 0;
  const fields: Field[] = leaves.map(([path, { dtype, shape, data }]) => {
    const begin = end;
    end += data.byteLength;
    return [path, JSON.stringify({ dtype: codes[dtype], shape, data_offsets: [begin, end] })];
  });
  const notes = Object.entries(metadata).map(([key, value]): Field => [key, JSON.stringify(value)]);
  if (notes.length > 0) fields.push([metadataKey, jsonObject(notes)]);
  const text = new TextEncoder().encode(jsonObject(fields));
  const length = Math.ceil(text.length / 8) * 8;

  const out = new Uint8Array(8 + length + end);
  new DataView(out.buffer).setBigUint64(0, BigInt(length), true);
  out.fill(0x20, 8, 8 + length);
  out.set(text, 8);
  let at = 8 + length;
  for (const [, { data }] of leaves) {
    out.set(bytesOf(data), at);
    at += data.byteLength;
  }
  return out;
}

const isReserved = (path: string): boolean => path.split("/").some((part) => reserved.has(part));

interface Entry {
  readonly path: string;
  readonly dtype: Dtype;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

/**
 * What `encode` wrote, or another program's file of these element types. The arrays are copies.
 * @param path the file's name, for messages
 * @throws Problem "broken-file" with the reason
 */
export function decode(
  bytes: Uint8Array,
  path: string,
): { readonly leaves: ReadonlyMap<string, NdArray>; readonly metadata: Metadata } {
  const broken = (reason: string) => problem("broken-file", { path, what: "safetensors file", reason });
  if (bytes.length < 8) throw broken(`it has ${bytes.length} bytes, and the length of its header alone takes 8`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(bytes.length - 8)) {
    throw broken(`its header should take ${length} bytes, and ${bytes.length - 8} are left`);
  }
  const body = bytes.subarray(8 + Number(length));
  const header = headerOf(bytes.subarray(8, 8 + Number(length)), broken);
  const { [metadataKey]: notes = {}, ...rest } = header;
  const metadata = metadataOf(notes, broken);
  const entries = Object.entries(rest).map(([name, entry]) => entryOf(name, entry, broken));

  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { path: name, begin, end } of entries) {
    if (begin !== at) throw broken(`"${name}" starts at byte ${begin} of the data; the one before it ends at ${at}`);
    at = end;
  }
  if (at !== body.length) throw broken(`its arrays take ${at} bytes of data, and the file holds ${body.length}`);

  const leaves = new Map<string, NdArray>();
  for (const { path: name, dtype, shape, begin, end } of entries.sort((a, b) => byName(a.path, b.path))) {
    // A slice of its own starts at byte 0, which suits every element type.
    const { buffer } = Uint8Array.from(body.subarray(begin, end));
    const data = dataOf[dtype](buffer);
    if (dtype === "bool" && (data as Uint8Array).some((bit) => bit > 1)) {
      throw broken(`"${name}" is of type BOOL and holds a byte that is neither 0 nor 1`);
    }
    leaves.set(name, { shape, dtype, data });
  }
  return { leaves, metadata };
}

const dataOf: { readonly [D in Dtype]: (buffer: ArrayBuffer) => Data } = {
  float32: (buffer) => new Float32Array(buffer),
  float64: (buffer) => new Float64Array(buffer),
  int32: (buffer) => new Int32Array(buffer),
  int64: (buffer) => new BigInt64Array(buffer),
  bool: (buffer) => new Uint8Array(buffer),
};

type Broken = (reason: string) => Error;
type Json = { readonly [key: string]: unknown };

const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function headerOf(bytes: Uint8Array, broken: Broken): Json {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (error) {
    throw broken(`its header is not JSON (${(error as Error).message})`);
  }
  if (!isRecord(header)) throw broken("its header is not a JSON object");
  const twice = repeatedKey(text);
  if (twice !== undefined) throw broken(`its header says "${twice}" twice`);
  return header;
}

/** A key that an object of this (valid) JSON has twice, which JSON.parse would let pass. */
function repeatedKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, quoted, colon] of text.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(quoted) as string;
      const seen = open.at(-1) as Set<string>;
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return undefined;
}

function metadataOf(notes: unknown, broken: Broken): Metadata {
  if (!isRecord(notes)) throw broken(`${metadataKey} is not an object of strings`);
  for (const [key, value] of Object.entries(notes)) {
    if (reserved.has(key)) throw broken(`${metadataKey} has the key "${key}", which means something to JavaScript`);
    if (typeof value !== "string") throw broken(`${metadataKey} holds something other than a string under "${key}"`);
  }
  return notes as Metadata;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function entryOf(path: string, entry: unknown, broken: Broken): Entry {
  if (path === "") throw broken("one of its arrays has no name");
  if (isReserved(path)) throw broken(`the name "${path}" means something to JavaScript`);
  if (!isRecord(entry)) throw broken(`"${path}" is not described by an object`);
  const dtype = dtypes.get(entry.dtype);
  if (dtype === undefined) {
    throw broken(`"${path}" has the element type ${shown(entry.dtype)}; known are ${Object.values(codes).join(", ")}`);
  }
  const { shape, data_offsets: offsets } = entry;
  if (!Array.isArray(shape) || !shape.every(isCount)) throw broken(`"${path}" has the shape ${shown(shape)}`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[0] > offsets[1]) {
    throw broken(`"${path}" has the offsets ${shown(offsets)}; wanted a first byte and one past the last`);
  }
  const [begin, end] = offsets as [number, number];
  const wanted = sizeOf(shape) * widths[dtype];
  if (wanted !== end - begin) {
    throw broken(`"${path}" is ${dtype}[${shape}], which takes ${wanted} bytes, and its offsets span ${end - begin}`);
  }
  return { path, dtype, shape, begin, end };
}

/** Enough of what a file says to recognise it by; a hostile one may say a great deal. */
function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    return Array.isArray(value) && value.every((item) => typeof item === "number")
      ? `[${value.slice(0, 8).join(", ")}${value.length > 8 ? ", …" : ""}]`
      : "of another kind";
  }
  return value === undefined ? "missing" : String(value).slice(0, 40);
}

/** Writes a tree whole or not at all; the same tree and metadata give the same bytes. */
export const saveTree = (path: string, tree: unknown, metadata: Metadata = {}): Promise<void> =>
  writeAtomically(path, encode(tree, metadata));

/**
 * Reads a tree.
 * @param options.like a tree of specifications (or values): the result has its form. Without it, the result is nested
 * records by path, where records whose names are 0 … n − 1 are arrays
 * @throws Problem "missing-file"; "broken-file"; "tree-mismatch" or "tree-leaf" naming each leaf too many or too few, or
 * the first of another shape or type
 */
export async function loadTree<T = unknown>(
  path: string,
  { like }: { readonly like?: T } = {},
): Promise<{ readonly tree: TreeOf<T, NdArray>; readonly metadata: Metadata }> {
  const { leaves, metadata } = decode(await readBytes(path, "safetensors file"), path);
  if (like === undefined) return { tree: nested(leaves, path) as TreeOf<T, NdArray>, metadata };
  const next = "It was saved from something else: load it into the tree it was saved from.";
  checkSameSpecs(like, Object.fromEntries(leaves), path, next);
  const tree = mapTree(like, (_: Leaf, leaf) => leaves.get(leaf) as NdArray, path) as TreeOf<T, NdArray>;
  return { tree, metadata };
}

type Branch = Map<string, Branch | NdArray>;

function nested(leaves: ReadonlyMap<string, NdArray>, path: string): unknown {
  const root: Branch = new Map();
  for (const [name, leaf] of leaves) {
    const parts = name.split("/");
    const last = parts.pop() as string;
    let branch = root;
    for (const part of parts) {
      const below = branch.get(part) ?? new Map();
      if (!(below instanceof Map)) throw inside(path, name);
      branch.set(part, below);
      branch = below;
    }
    if (branch.has(last)) throw inside(path, name);
    branch.set(last, leaf);
  }
  return recordOf(root);
}

const inside = (path: string, name: string): Error =>
  problem("broken-file", { path, what: "safetensors file", reason: `"${name}" is both an array and a record of them` });

function recordOf(branch: Branch | NdArray): unknown {
  if (!(branch instanceof Map)) return branch;
  const isList = branch.size > 0 && Array.from({ length: branch.size }, (_, i) => `${i}`).every((i) => branch.has(i));
  if (isList) return Array.from({ length: branch.size }, (_, i) => recordOf(branch.get(`${i}`) as Branch));
  return Object.fromEntries([...branch].map(([name, below]) => [name, recordOf(below)]));
}
