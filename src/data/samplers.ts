/** Which rows an update sees: a pure function of a key and the update's number, so that resuming needs no state. */
import { problem } from "../problems.ts";
import { fold, generator, permutation, type RandomKey } from "../tensor/random.ts";
import type { Trajectories } from "./trajectories.ts";

export interface SamplerOptions {
  /** Rows to draw from. */
  readonly count: number;
  /** Rows an update sees. */
  readonly batchSize: number;
  readonly key: RandomKey;
  /** [count] non-negative; a row is drawn in proportion to its weight. Uniform mode only. Default: all alike. */
  readonly weights?: ArrayLike<number>;
  /**
   * "uniform" draws with replacement; "epochs" goes through every row once in a fresh order before any comes again, and a
   * batch may span two epochs. Default "uniform".
   */
  readonly mode?: "uniform" | "epochs";
}

export interface Sampler {
  /** Row indices [batchSize] of an update (a whole number from 0), written into `out` when it is given. */
  indices(update: number, out?: Int32Array): Int32Array;
}

/**
 * @example const batch = sampler({ count: 1000, batchSize: 256, key: randomKey(0) }).indices(17);
 * @throws Problem "bad-option" for no rows, an empty batch, or weights that are negative, all zero or too few
 */
export function sampler(options: SamplerOptions): Sampler {
  const { count, batchSize, key, weights, mode = "uniform" } = options;
  const refuse = (name: string, given: unknown, wanted: string): never => {
    throw problem("bad-option", { where: "sampler", name, given, wanted });
  };
  if (!Number.isInteger(count) || count < 1) refuse("count", count, "at least one row; the recording may be empty");
  if (!Number.isInteger(batchSize) || batchSize < 1) refuse("batchSize", batchSize, "a whole number of at least 1");
  if (mode !== "uniform" && mode !== "epochs") refuse("mode", mode, '"uniform" or "epochs"');
  if (weights !== undefined && mode === "epochs")
    refuse("weights", "given", 'none: with mode "epochs" every row comes once');
  if (weights !== undefined && weights.length !== count) refuse("weights", weights.length, `${count}, one a row`);
  const fill =
    mode === "epochs" ? epochs(count, key) : weights ? weighted(aliasTable(weights), key) : uniform(count, key);
  return {
    indices(update, out = new Int32Array(batchSize)) {
      if (!Number.isSafeInteger(update) || update < 0) refuse("update", update, "a whole number of at least 0");
      if (out.length !== batchSize) refuse("out", out.length, `${batchSize} places`);
      fill(out, update);
      return out;
    },
  };
}

type Fill = (out: Int32Array, update: number) => void;

const uniform =
  (count: number, key: RandomKey): Fill =>
  (out, update) => {
    const random = generator(fold(key, "rows", update));
    for (let i = 0; i < out.length; i++) out[i] = random.integer(count);
  };

const weighted =
  (table: AliasTable, key: RandomKey): Fill =>
  (out, update) => {
    const random = generator(fold(key, "weighted rows", update));
    for (let i = 0; i < out.length; i++) out[i] = table.draw(random.uniform(), random.uniform());
  };

function epochs(count: number, key: RandomKey): Fill {
  let known = -1;
  let order: Int32Array = new Int32Array(0);
  return (out, update) => {
    const start = update * out.length;
    for (let i = 0; i < out.length; i++) {
      const epoch = Math.floor((start + i) / count);
      if (epoch !== known) {
        order = permutation(count, fold(key, "epoch", epoch)); // kept only to save time: it is a function of the key
        known = epoch;
      }
      out[i] = order[(start + i) % count];
    }
  };
}

export interface AliasTable {
  /** The index for two independent uniform numbers in [0, 1). */
  draw(u: number, v: number): number;
}

/**
 * Draws from fixed weights in constant time: the alias method as Vose (1991), "A linear algorithm for generating random
 * numbers with a given distribution", sets it up.
 * @throws Problem "bad-option" for weights that are negative, not finite, or all zero
 */
export function aliasTable(weights: ArrayLike<number>): AliasTable {
  const n = weights.length;
  let total = 0;
  for (let i = 0; i < n; i++) {
    if (!(weights[i] >= 0 && weights[i] < Infinity)) {
      throw problem("bad-option", {
        where: "sampler",
        name: `weights[${i}]`,
        given: String(weights[i]),
        wanted: "a finite number of at least 0",
      });
    }
    total += weights[i];
  }
  if (!(total > 0 && total < Infinity)) {
    throw problem("bad-option", {
      where: "sampler",
      name: "weights",
      given: `a sum of ${total}`,
      wanted: "at least one weight above 0, and a finite sum",
    });
  }
  const keep = Float64Array.from({ length: n }, (_, i) => (weights[i] / total) * n);
  const alias = Int32Array.from({ length: n }, (_, i) => i);
  const small: number[] = [];
  const large: number[] = [];
  for (let i = 0; i < n; i++) (keep[i] < 1 ? small : large).push(i);
  while (small.length > 0 && large.length > 0) {
    const less = small.pop() as number;
    const more = large[large.length - 1];
    alias[less] = more;
    keep[more] -= 1 - keep[less];
    if (keep[more] < 1) small.push(large.pop() as number);
  }
  for (const i of [...small, ...large]) keep[i] = 1; // what is left differs from 1 by rounding alone
  return {
    draw(u, v) {
      const i = Math.floor(u * n);
      return v < keep[i] ? i : alias[i];
    },
  };
}

/**
 * Row weights [steps] that give every step of an episode its episode's weight, so that a sampler draws episodes in
 * proportion to weight × length; with `perEpisode` the weight is shared among the steps, and in proportion to weight alone.
 * @param weights one a whole episode, or a function of its index
 * @throws Problem "bad-value" when there is not one weight an episode
 */
export function episodeWeights(
  t: Trajectories,
  weights: ArrayLike<number> | ((episode: number) => number),
  options: { readonly perEpisode?: boolean } = {},
): Float64Array {
  const episodes = t.offsets.length - 1;
  if (typeof weights !== "function" && weights.length !== episodes) {
    throw problem("bad-value", { where: "episodeWeights", given: `${weights.length} weights`, wanted: `${episodes}` });
  }
  const rows = new Float64Array(t.reward.length);
  for (let e = 0; e < episodes; e++) {
    const weight = typeof weights === "function" ? weights(e) : weights[e];
    rows.fill(options.perEpisode ? weight / (t.offsets[e + 1] - t.offsets[e]) : weight, t.offsets[e], t.offsets[e + 1]);
  }
  return rows;
}
