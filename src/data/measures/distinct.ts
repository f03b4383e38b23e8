/** How many different things there are: exactly up to a size, nearly above it. */
import { problem } from "../../problems.ts";

export interface DistinctCounter {
  /** Takes a key: whole numbers from 0 to 65,535. */
  add(key: ArrayLike<number>): void;
  count(): number;
  /** Whether `count` is exact; if not, its standard error is 0.41%. */
  exact(): boolean;
}

const bits = 16;
const registers = 2 ** bits;
/** Most leading zeros a 64-bit hash has after the register's bits, and one. */
const top = 64 - bits + 1;

/**
 * A set of keys until it holds `exactUpTo`, from then on a HyperLogLog sketch of 65,536 registers (Flajolet et al. 2007)
 * read by Ertl's unbiased estimator ("New cardinality estimation algorithms for HyperLogLog sketches", arXiv:1702.01284,
 * algorithm 6). The standard error is 1.04/√65,536 = 0.41%, so 1% is passed about once in seventy.
 * @throws Problem "bad-option" for a size that is no whole number
 */
export function distinctCounter(exactUpTo = 1_000_000): DistinctCounter {
  if (!(Number.isSafeInteger(exactUpTo) && exactUpTo >= 0)) {
    const wanted = "a whole number of at least 0";
    throw problem("bad-option", { where: "distinctCounter", name: "exactUpTo", given: exactUpTo, wanted });
  }
  const known = new Set<string>();
  let sketch: Uint8Array | undefined;
  const note = (text: string): void => {
    const [a, b] = hashed(text.length, (i) => text.charCodeAt(i));
    const register = a >>> (32 - bits);
    const [high, low] = [(a << bits) | (b >>> (32 - bits)), b << bits];
    const zeros = high !== 0 ? Math.clz32(high) : 32 + Math.clz32(low);
    const rank = Math.min(zeros + 1, top);
    if (sketch !== undefined && rank > sketch[register]) sketch[register] = rank;
  };
  return {
    add(key) {
      const text = textOf(key);
      if (sketch !== undefined) return note(text);
      known.add(text);
      if (known.size <= exactUpTo) return;
      sketch = new Uint8Array(registers);
      for (const each of known) note(each);
      known.clear();
    },
    count: () => (sketch === undefined ? known.size : Math.round(estimated(sketch))),
    exact: () => sketch === undefined,
  };
}

/** A key that long is told from others by 64 bits: among a million, two are taken for one in 3 of 10⁸ recordings. */
const longest = 64;

function textOf(key: ArrayLike<number>): string {
  if (key.length <= longest) return String.fromCharCode(...(key as number[]));
  const [a, b] = hashed(key.length, (i) => key[i]);
  return String.fromCharCode(a >>> 16, a & 0xffff, b >>> 16, b & 0xffff);
}

/** 64 bits of a key, each word mixed as MurmurHash3 ends. */
function hashed(length: number, unitAt: (i: number) => number): readonly [number, number] {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < length; i++) {
    const unit = unitAt(i);
    a = mixed(a ^ unit);
    b = Math.imul(b ^ unit, 0x5bd1e995) + i;
    b ^= b >>> 15;
  }
  return [mixed(a ^ length) >>> 0, mixed(b ^ a) >>> 0];
}

function mixed(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function estimated(sketch: Uint8Array): number {
  const withRank = new Float64Array(top + 1);
  for (const rank of sketch) withRank[rank]++;
  let z = registers * above(1 - withRank[top] / registers);
  for (let rank = top - 1; rank >= 1; rank--) z = (z + withRank[rank]) / 2;
  z += registers * empty(withRank[0] / registers);
  return registers ** 2 / (2 * Math.LN2 * z);
}

/** Ertl's σ: what registers that stayed empty say. */
function empty(x: number): number {
  if (x === 1) return Infinity;
  let sum = x;
  for (let y = 1, before = -1; sum !== before; y *= 2) {
    x *= x;
    before = sum;
    sum += x * y;
  }
  return sum;
}

/** Ertl's τ: what registers at their greatest rank say. */
function above(x: number): number {
  if (x === 0 || x === 1) return 0;
  let sum = 1 - x;
  for (let y = 0.5, before = -1; sum !== before; y /= 2) {
    x = Math.sqrt(x);
    before = sum;
    sum -= (1 - x) ** 2 * y;
  }
  return sum / 3;
}
