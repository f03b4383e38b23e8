/**
 * Features by name, without a dictionary: the name's hash is the place of its weight in a table.
 * Weinberger, Dasgupta, Langford, Smola, Attenberg (2009). Feature Hashing for Large Scale Multitask Learning. arXiv:0902.2206
 */
import { problem } from "../../problems.ts";
import { type NdArray, ndarray } from "../../tensor/index.ts";

/** One example's features: places in a table, and their values. A place may come more than once; its values add up. */
export interface SparseRow {
  /** int32 [features] */
  readonly indices: Int32Array;
  /** float32 [features] */
  readonly values: Float32Array;
}

/** A feature: its name and its value, 1 where only the name is given. */
export type Feature = string | readonly [name: string, value: number];

const encoder = new TextEncoder();

/**
 * MurmurHash3 (Appleby, public domain), 32 bits over UTF-8: the hash that Vowpal Wabbit uses.
 * @param from where the hashed part of the text begins, and `to` where it ends; without them, all of it
 * @returns 0 … 2³² − 1
 */
export function murmur3(text: string, seed = 0, from = 0, to = text.length): number {
  let hash = seed | 0;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const a = text.charCodeAt(at);
    const b = text.charCodeAt(at + 1);
    const c = text.charCodeAt(at + 2);
    const d = text.charCodeAt(at + 3);
    if ((a | b | c | d) > 127) return murmurOfBytes(encoder.encode(text.slice(from, to)), seed);
    hash = mixed(hash, a | (b << 8) | (c << 16) | (d << 24));
  }
  let tail = 0;
  for (let i = at; i < to; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) return murmurOfBytes(encoder.encode(text.slice(from, to)), seed);
    tail |= unit << (8 * (i - at));
  }
  return finished(at < to ? hash ^ scrambled(tail) : hash, to - from);
}

function murmurOfBytes(bytes: Uint8Array, seed: number): number {
  const { length } = bytes;
  let hash = seed | 0;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    hash = mixed(hash, bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24));
  }
  let tail = 0;
  for (let i = at; i < length; i++) tail |= bytes[i] << (8 * (i - at));
  return finished(at < length ? hash ^ scrambled(tail) : hash, length);
}

const mixed = (hash: number, word: number): number =>
  (Math.imul(rotated(hash ^ scrambled(word), 13), 5) + 0xe6546b64) | 0;

function finished(mixture: number, length: number): number {
  let hash = mixture ^ length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const rotated = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
const scrambled = (word: number): number => Math.imul(rotated(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);

export interface HashOptions {
  /** The table holds 2^bits weights. From 1 to 28; default 18. */
  readonly bits?: number;
  /** A feature called the same in two namespaces is two features. Default "". */
  readonly namespace?: string;
  /** A second hash gives each value a sign, so that collisions cancel on average instead of adding up. Default true. */
  readonly signed?: boolean;
}

/** A maker of rows. @throws Problem "bad-option" for bits out of range, "not-finite" for a value that is no number */
export function featureHasher(options: HashOptions = {}): (features: readonly Feature[]) => SparseRow {
  const { mask, seed, signed } = hashing("featureHasher", options);
  return (features) => {
    const indices = new Int32Array(features.length);
    const values = new Float32Array(features.length);
    features.forEach((feature, i) => {
      const [name, value] = typeof feature === "string" ? [feature, 1] : feature;
      if (!Number.isFinite(value)) throw problem("not-finite", { where: `feature "${name}"`, given: value });
      const hash = murmur3(name, seed);
      indices[i] = hash & mask;
      values[i] = signed && isNegative(hash) ? -value : value;
    });
    return { indices, values };
  };
}

/**
 * A maker of rows from text as Vowpal Wabbit writes features: names with spaces between, "name:value" where the value is
 * not 1. The same rows as `featureHasher`'s of the same features, without a string for each.
 * @throws Problem "bad-option" for bits out of range, "not-finite" for a value that is no number
 */
export function textHasher(options: HashOptions = {}): (text: string, from?: number) => SparseRow {
  const { mask, seed, signed } = hashing("textHasher", options);
  let indices = new Int32Array(64);
  let values = new Float32Array(64);
  return (text, from = 0) => {
    let count = 0;
    for (let at = from; at < text.length; ) {
      if (text.charCodeAt(at) === space) {
        at++;
        continue;
      }
      let [end, colon] = [at, -1];
      for (; end < text.length; end++) {
        const unit = text.charCodeAt(end);
        if (unit === space) break;
        if (unit === colonMark) colon = end;
      }
      if (count === indices.length) [indices, values] = [doubled(indices), doubled(values)];
      const value = colon < 0 ? 1 : Number(text.slice(colon + 1, end) || Number.NaN);
      if (!Number.isFinite(value)) {
        const name = text.slice(at, colon);
        throw problem("not-finite", { where: `feature "${name}"`, given: value });
      }
      const hash = murmur3(text, seed, at, colon < 0 ? end : colon);
      indices[count] = hash & mask;
      values[count++] = signed && isNegative(hash) ? -value : value;
      at = end + 1;
    }
    return { indices: indices.slice(0, count), values: values.slice(0, count) };
  };
}

const [space, colonMark] = [32, 58];

function doubled<A extends Int32Array | Float32Array>(array: A): A {
  const larger = new (array.constructor as new (length: number) => A)(2 * array.length);
  larger.set(array);
  return larger;
}

function hashing(where: string, { bits = 18, namespace = "", signed = true }: HashOptions) {
  if (!Number.isInteger(bits) || bits < 1 || bits > 28) {
    throw problem("bad-option", { where, name: "bits", given: bits, wanted: "a whole number 1 … 28" });
  }
  return { mask: 2 ** bits - 1, seed: murmur3(namespace), signed };
}

/** The sign comes from the hash's highest bit, which a table of at most 2²⁸ weights does not look at. */
const isNegative = (hash: number): boolean => hash >>> 31 === 1;

/** Rows of different lengths as two matrices, for a program: what a row lacks is place 0 with value 0. */
export interface SparseColumns {
  readonly [name: string]: NdArray;
  /** int32 [rows, widest] */
  readonly indices: NdArray;
  /** float32 [rows, widest] */
  readonly values: NdArray;
}

export function sparseColumns(rows: readonly SparseRow[]): SparseColumns {
  const widest = Math.max(1, ...rows.map(({ indices }) => indices.length));
  const indices = new Int32Array(rows.length * widest);
  const values = new Float32Array(rows.length * widest);
  rows.forEach((row, r) => {
    indices.set(row.indices, r * widest);
    values.set(row.values, r * widest);
  });
  const shape = [rows.length, widest];
  return { indices: ndarray(indices, { shape }), values: ndarray(values, { shape }) };
}
