/** Attention over sets, whose result does not depend on their order: Lee et al. (2019), arXiv:1810.00825. */
import type { Tensor } from "../tensor/index.ts";
import { type Attention, attention } from "./attention.ts";
import { type LayerNorm, type Linear, layerNorm, linear } from "./layers.ts";
import { beside, type Net, net } from "./net.ts";
import { type FeedForward, feedForward } from "./residual.ts";

export interface SetOptions {
  readonly size: number;
  readonly heads: number;
  /** Hidden width of the feed-forward layers as a multiple of `size`. Default 4. */
  readonly expansion?: number;
}

export interface SetAttention {
  readonly attention: Attention;
  readonly norm: LayerNorm;
  readonly feed: FeedForward;
  readonly last: LayerNorm;
}

/** bool [batch, items]: true where an item belongs to its set. */
type Members = Tensor | undefined;
const placesOf = (mask: Members): Members => mask?.unsqueeze(-2).unsqueeze(-2);

/** The paper's MAB: the items of x look at those of y; [… n, size] and [… m, size] → [… n, size]. */
export function setAttention({
  size,
  heads,
  expansion = 4,
}: SetOptions): Net<SetAttention, [x: Tensor, y: Tensor, mask?: Tensor], Tensor> {
  const attend = attention({ size, heads });
  const norm = layerNorm(size);
  const feed = feedForward(size, { expansion });
  return net(
    (key) => ({
      attention: attend.init(key.at("attention")),
      norm: norm.init(key),
      feed: feed.init(key.at("feed")),
      last: norm.init(key),
    }),
    (params, x, memory, mask) => {
      const places = placesOf(mask);
      const seen = attend(params.attention, x, { memory, ...(places ? { mask: places } : {}) });
      const h = norm(params.norm, x.add(seen));
      return norm(params.last, h.add(feed(params.feed, h)));
    },
  );
}

export interface InducedAttention {
  /** [points, size] */
  readonly points: Tensor;
  readonly into: SetAttention;
  readonly out: SetAttention;
}

/** The paper's ISAB: items meet through a few learned points, at a cost linear in their number. */
export function inducedAttention(
  points: number,
  options: SetOptions,
): Net<InducedAttention, [x: Tensor, mask?: Tensor], Tensor> {
  const block = setAttention(options);
  return net(
    (key) => ({
      points: key
        .at("points")
        .normal(points, options.size)
        .mul(Math.sqrt(2 / (points + options.size))),
      into: block.init(key.at("into")),
      out: block.init(key.at("out")),
    }),
    (params, x, mask) => block(params.out, x, block(params.into, beside(params.points, 2, x), x, mask)),
  );
}

export interface AttentionPool {
  /** [seeds, size] */
  readonly seeds: Tensor;
  readonly feed: FeedForward;
  readonly block: SetAttention;
}

/** The paper's PMA: learned seeds look at the set; [… n, size] → [… seeds, size], whatever n and the order. */
export function attentionPool(
  seeds: number,
  options: SetOptions,
): Net<AttentionPool, [x: Tensor, mask?: Tensor], Tensor> {
  const block = setAttention(options);
  const feed = feedForward(options.size, { expansion: options.expansion ?? 4 });
  return net(
    (key) => ({
      seeds: key
        .at("seeds")
        .normal(seeds, options.size)
        .mul(Math.sqrt(2 / (seeds + options.size))),
      feed: feed.init(key.at("feed")),
      block: block.init(key.at("block")),
    }),
    (params, x, mask) => block(params.block, beside(params.seeds, 2, x), feed(params.feed, x), mask),
  );
}

export interface SetTransformer {
  readonly first: Linear;
  readonly blocks: readonly InducedAttention[];
  readonly pool: AttentionPool;
  readonly last: Linear;
}

export interface SetTransformerOptions extends SetOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Learned points of each induced block. Default 16. */
  readonly points?: number;
  /** Default 2. */
  readonly blocks?: number;
}

/** A set of items to one vector: [batch, items, inputs] → [batch, outputs], the same for every order of the items. */
export function setTransformer({
  inputs,
  outputs,
  points = 16,
  blocks: count = 2,
  ...options
}: SetTransformerOptions): Net<SetTransformer, [x: Tensor, mask?: Tensor], Tensor> {
  const first = linear(inputs, options.size);
  const block = inducedAttention(points, options);
  const pool = attentionPool(1, options);
  const last = linear(options.size, outputs);
  return net(
    (key): SetTransformer => ({
      first: first.init(key.at("first")),
      blocks: Array.from({ length: count }, (_, i) => block.init(key.at(`block${i}`))),
      pool: pool.init(key.at("pool")),
      last: last.init(key.at("last")),
    }),
    (params, x, mask) => {
      const items = params.blocks.reduce((h, own) => block(own, h, mask), first(params.first, x));
      return last(params.last, pool(params.pool, items, mask)).squeeze(-2);
    },
  );
}
