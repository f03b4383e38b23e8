/**
 * The numpy arrays in pickles, and nothing else: a pickle is a program, so only the few instructions that build an array
 * are understood, and no name in it is ever called. Protocols 2 to 5, as numpy 1 and 2 write them.
 */
import { type NdArray, ndarray, sizeOf } from "../../tensor/ndarray.ts";

const marker = Symbol("mark");

interface Named {
  readonly name: string;
}
interface Building {
  readonly dtype: string;
  bigEndian: boolean;
}
interface Shaped {
  shape: readonly number[];
  dtype: Building;
  bytes: Uint8Array;
}

const isRecord = (value: unknown): value is object => typeof value === "object" && value !== null;

/** An array from its pickle, or why there is none. */
export function pickledArray(pickle: Uint8Array): NdArray | string {
  const view = new DataView(pickle.buffer, pickle.byteOffset, pickle.byteLength);
  const stack: unknown[] = [];
  const memo = new Map<number, unknown>();
  let at = 0;
  const skip = (length: number): number => {
    at += length;
    return at - length;
  };
  const bytes = (length: number): Uint8Array => {
    const from = skip(length);
    return pickle.subarray(from, at);
  };
  const uint32 = (): number => view.getUint32(skip(4), true);
  const uint64 = (): number => Number(view.getBigUint64(skip(8), true));
  const text = (length: number): string => new TextDecoder().decode(bytes(length));
  const line = (): string => {
    const end = pickle.indexOf(10, at);
    const said = text(Math.max(0, end - at));
    at++;
    return said;
  };
  const toMark = (): unknown[] => {
    const from = stack.lastIndexOf(marker);
    const items = stack.splice(from < 0 ? 0 : from);
    return items.slice(1);
  };
  const last = (): unknown => stack[stack.length - 1];
  const instructions: { readonly [code: number]: () => void } = {
    128: () => bytes(1), // protocol
    149: () => bytes(8), // frame
    40: () => stack.push(marker),
    41: () => stack.push([]),
    78: () => stack.push(null),
    136: () => stack.push(true),
    137: () => stack.push(false),
    75: () => stack.push(pickle[at++]),
    77: () => stack.push(view.getUint16(skip(2), true)),
    74: () => stack.push(view.getInt32(skip(4), true)),
    67: () => stack.push(bytes(pickle[at++]).slice()),
    66: () => stack.push(bytes(uint32()).slice()),
    142: () => stack.push(bytes(uint64()).slice()),
    150: () => stack.push(bytes(uint64()).slice()), // bytearray
    140: () => stack.push(text(pickle[at++])),
    88: () => stack.push(text(uint32())),
    133: () => stack.push(stack.splice(-1)),
    134: () => stack.push(stack.splice(-2)),
    135: () => stack.push(stack.splice(-3)),
    116: () => stack.push(toMark()),
    148: () => memo.set(memo.size, last()),
    113: () => memo.set(pickle[at++], last()),
    114: () => memo.set(uint32(), last()),
    104: () => stack.push(memo.get(pickle[at++])),
    106: () => stack.push(memo.get(uint32())),
    99: () => stack.push({ name: `${line()} ${line()}` }),
    147: () => stack.push({ name: stack.splice(-2).join(" ") }),
    82: () => stack.push(made(...(stack.splice(-2) as [Named, unknown[]]))),
    98: () => built(...(stack.splice(-1) as [unknown]), last()),
  };
  while (at < pickle.length) {
    const code = pickle[at++];
    if (code === 46) return arrayOf(stack.pop());
    const run = instructions[code];
    if (run === undefined) return `it holds Python objects that are no array of numbers (instruction ${code})`;
    try {
      run();
    } catch {
      return "its pickle is damaged";
    }
  }
  return "its pickle ends early";
}

/** What calling a name would make, for the few names that make arrays. */
function made(callee: Named, args: readonly unknown[]): unknown {
  const name = isRecord(callee) ? callee.name : "";
  if (name === "numpy dtype") return { dtype: String(args[0]), bigEndian: false } satisfies Building;
  if (/^numpy\.(?:_core|core)\.numeric _frombuffer$/.test(name)) {
    const [buffer, dtype, shape] = args as [Uint8Array, Building, number[]];
    return { bytes: buffer, dtype, shape };
  }
  if (/^numpy\.(?:_core|core)\.multiarray _reconstruct$/.test(name)) return {};
  // Protocol 2 has no bytes: they come as text, a character a byte.
  if (name === "_codecs encode") return Uint8Array.from(String(args[0]), (character) => character.charCodeAt(0));
  return undefined;
}

/** Fills in a dtype's byte order, or the array that `_reconstruct` began. */
function built(state: unknown, target: unknown): void {
  if (!Array.isArray(state) || !isRecord(target)) return;
  if ("dtype" in target && typeof target.dtype === "string") (target as Building).bigEndian = state[1] === ">";
  else {
    const [, shape, dtype, , buffer] = state;
    Object.assign(target, { shape, dtype, bytes: buffer });
  }
}

type Reader = (view: DataView, at: number, little: boolean) => number | bigint;
const kinds: { readonly [dtype: string]: readonly [size: number, read: Reader] } = {
  f4: [4, (v, at, little) => v.getFloat32(at, little)],
  f8: [8, (v, at, little) => v.getFloat64(at, little)],
  i1: [1, (v, at) => v.getInt8(at)],
  u1: [1, (v, at) => v.getUint8(at)],
  b1: [1, (v, at) => v.getUint8(at)],
  i2: [2, (v, at, little) => v.getInt16(at, little)],
  u2: [2, (v, at, little) => v.getUint16(at, little)],
  i4: [4, (v, at, little) => v.getInt32(at, little)],
  u4: [4, (v, at, little) => v.getUint32(at, little)],
  i8: [8, (v, at, little) => v.getBigInt64(at, little)],
};

function arrayOf(value: unknown): NdArray | string {
  const { shape, dtype, bytes } = (isRecord(value) ? value : {}) as Partial<Shaped>;
  const kind = kinds[dtype?.dtype ?? ""];
  if (!(bytes instanceof Uint8Array) || !Array.isArray(shape) || kind === undefined) {
    return `it is no array of numbers${dtype?.dtype ? ` but of ${dtype.dtype}` : ""}`;
  }
  const [size, read] = kind;
  if (sizeOf(shape) * size !== bytes.length) return "its array does not have the size it says";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = Array.from({ length: sizeOf(shape) }, (_, i) =>
    Number(read(view, i * size, dtype?.bigEndian !== true)),
  );
  if (dtype?.dtype === "f4") return ndarray(Float32Array.from(values), { shape });
  const fits = dtype?.dtype !== "f8" && values.every((value) => Math.abs(value) < 2 ** 31);
  return ndarray(fits ? Int32Array.from(values) : Float64Array.from(values), { shape });
}
