/** Seeds derived from keys, for what takes a number. */
import type { RandomKey } from "../tensor/random.ts";

/** A seed of 53 bits from a key: `environment.reset({ seed: seedFrom(fold(key, "episode", 7)) })`. */
export const seedFrom = (key: RandomKey): number => (key.hi & 0x1fffff) * 2 ** 32 + key.lo;
