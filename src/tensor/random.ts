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

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const block = new Uint32Array(2);

/** Writes the 64 random bits at counter (c0, c1) under the key into `block`. */
function threefry(k0: number, k1: number, c0: number, c1: number): void {
  const k2 = k0 ^ k1 ^ 0x1bd11bda;
  let x0 = (c0 + k0) | 0;
  let x1 = (c1 + k1) | 0;
  for (let group = 0; group < 5; group++) {
    const first = (group & 1) * 4;
    for (let i = first; i < first + 4; i++) {
      const r = rotations[i];
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0;
    }
    const a = group % 3 === 0 ? k1 : group % 3 === 1 ? k2 : k0;
    const b = group % 3 === 0 ? k2 : group % 3 === 1 ? k0 : k1;
    x0 = (x0 + a) | 0;
    x1 = (x1 + b + group + 1) | 0;
  }
  block[0] = x0;
  block[1] = x1;
}

/** The 64 bits at one counter, as two unsigned words. */
export function bits(key: RandomKey, c0: number, c1: number): readonly [number, number] {
  threefry(key.hi, key.lo, c0, c1);
  return [block[0], block[1]];
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
    hi = block[0];
    lo = block[1];
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
  for (let i = 0; i < out.length; i += 2) {
    threefry(key.hi, key.lo, i >>> 1, 0);
    out[i] = narrow ? (block[0] >>> 8) * 2 ** -24 : block[0] * unit;
    if (i + 1 < out.length) out[i + 1] = narrow ? (block[1] >>> 8) * 2 ** -24 : block[1] * unit;
  }
}

/** Standard normal numbers, filled in place (Box–Muller). */
export function fillNormal(out: Float32Array | Float64Array, key: RandomKey): void {
  for (let i = 0; i < out.length; i += 2) {
    threefry(key.hi, key.lo, i >>> 1, 0);
    const radius = Math.sqrt(-2 * Math.log((block[0] + 0.5) * unit));
    const angle = 2 * Math.PI * block[1] * unit;
    out[i] = radius * Math.cos(angle);
    if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle);
  }
}

/** Uniform integers in [0, below), filled in place; `below` at most 2³². The bias is under below / 2⁵³. */
export function fillIntegers(out: Int32Array, below: number, key: RandomKey): void {
  for (let i = 0; i < out.length; i++) {
    threefry(key.hi, key.lo, i, 1);
    out[i] = Math.floor((block[0] * unit + (block[1] >>> 11) * 2 ** -53) * below);
  }
}

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
    return block[0] * unit + (block[1] >>> 11) * 2 ** -53;
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
