/** Transformers with pre-norm blocks: a trunk over vectors, and a decoder over tokens. Radford et al. (2019), GPT-2. */
import { type Key, type Tensor, zerosOf } from "../tensor/index.ts";
import {
  type Attend,
  type Attention,
  type AttentionCache,
  type AttentionStep,
  attention,
  remembered,
} from "./attention.ts";
import { dropout } from "./dropout.ts";
import { type Embedding, embedding, type LearnedPositions, learnedPositions } from "./embeddings.ts";
import { type Activation, type LayerNorm, type Linear, layerNorm, linear, normalWith, rowsByMatrix } from "./layers.ts";
import { type Net, net } from "./net.ts";
import { type FeedForward, feedForward, type PreNorm } from "./residual.ts";

export interface TransformerBlock {
  readonly attention: PreNorm<Attention>;
  readonly feed: PreNorm<FeedForward>;
}

export interface Transformer {
  readonly blocks: readonly TransformerBlock[];
  readonly norm: LayerNorm;
}

export interface TransformerOptions {
  /** Width of the stream. */
  readonly size: number;
  readonly heads: number;
  readonly layers: number;
  /** Hidden width of the feed-forward layers as a multiple of `size`. Default 4. */
  readonly expansion?: number;
  /** Default "gelu". */
  readonly activation?: Activation;
  /** Share dropped after each half of a block when a key is given. Default 0. */
  readonly dropout?: number;
}

/** What every layer has seen, one cache each. */
export type TransformerCache = readonly AttentionCache[];

export interface Stepped {
  readonly out: Tensor;
  /** The new places' keys and values: of a step one place, of a prompt all of them. */
  readonly fresh: TransformerCache;
}

/** Caches with what is fresh at its place, for programs that carry their own. @param position int32 [] */
export const rememberedAll = (cache: TransformerCache, fresh: TransformerCache, position: Tensor): TransformerCache =>
  cache.map((own, i) => remembered(own, fresh[i], position));

export interface TransformerNet extends Net<Transformer, [x: Tensor, how?: Attend, key?: Key], Tensor> {
  /** Nothing seen yet: caches for `rows` rows and at most `length` places. */
  emptyCache(rows: number, length: number): TransformerCache;
  /** One new place: x [batch, 1, size]; position int32 []. */
  step(params: Transformer, x: Tensor, cache: TransformerCache, position: Tensor): Stepped;
  /** The first places at once, each seeing those before it: x [batch, time, size]. */
  prefill(params: Transformer, x: Tensor): Stepped;
}

/** [… time, size] → [… time, size], normalised at the end. Causal where `how` says so. */
export function transformer({
  size,
  heads,
  layers,
  expansion = 4,
  activation = "gelu",
  dropout: rate = 0,
}: TransformerOptions): TransformerNet {
  const start = { weight: normalWith(0.02), bias: "zero" } as const;
  const attend = attention({ size, heads, ...start });
  const feed = feedForward(size, { expansion, activation, dropout: rate, ...start });
  const norm = layerNorm(size);
  const count = Array.from({ length: layers }, (_, i) => i);
  const fed = (params: PreNorm<FeedForward>, x: Tensor, key?: Key): Tensor =>
    x.add(feed(params.inner, norm(params.norm, x), key));
  const call = net(
    (key): Transformer => ({
      blocks: count.map((i) => {
        const draw = key.at(`block${i}`).split("attention", "feed");
        return {
          attention: { norm: norm.init(draw.attention), inner: attend.init(draw.attention) },
          feed: { norm: norm.init(draw.feed), inner: feed.init(draw.feed) },
        };
      }),
      norm: norm.init(key),
    }),
    (params: Transformer, x: Tensor, how?: Attend, key?: Key) => {
      const out = params.blocks.reduce((h, block, i) => {
        const seen = attend(block.attention.inner, norm(block.attention.norm, h), how);
        const after = h.add(dropout(seen, rate, key?.at(`attention${i}`)));
        return fed(block.feed, after, key?.at(`feed${i}`));
      }, x);
      return norm(params.norm, out);
    },
  );
  const stepped = (
    params: Transformer,
    x: Tensor,
    attended: (layer: Attention, h: Tensor, i: number) => AttentionStep,
  ): Stepped => {
    let h = x;
    const fresh = params.blocks.map((block, i) => {
      const seen = attended(block.attention.inner, norm(block.attention.norm, h), i);
      h = fed(block.feed, h.add(seen.out));
      return seen.fresh;
    });
    return { out: norm(params.norm, h), fresh };
  };
  return Object.assign(call, {
    emptyCache: (rows: number, length: number) =>
      count.map(() => {
        const half = zerosOf(attend.cacheShape(rows, length));
        return { keys: half, values: half };
      }),
    step: (params: Transformer, x: Tensor, cache: TransformerCache, position: Tensor) =>
      stepped(params, x, (layer, h, i) => attend.step(layer, h, cache[i], position)),
    prefill: (params: Transformer, x: Tensor) => stepped(params, x, attend.prefill),
  });
}

export interface Decoder {
  readonly tokens: Embedding;
  readonly positions: LearnedPositions;
  readonly body: Transformer;
  /** Absent where the head is tied to the tokens' table: Press, Wolf (2017), arXiv:1608.05859. */
  readonly head?: Linear;
}

export interface DecoderOptions extends TransformerOptions {
  readonly vocabulary: number;
  /** The longest sequence. */
  readonly length: number;
  /** Tokens are read and scored by one table. Default true. */
  readonly tied?: boolean;
}

export interface DecoderNet extends Net<Decoder, [tokens: Tensor, key?: Key], Tensor> {
  readonly vocabulary: number;
  /** The longest sequence. A function's own length cannot be another number, hence the name. */
  readonly places: number;
  emptyCache(rows: number): TransformerCache;
  /** The scores [batch, vocabulary] of what follows a token int32 [batch] at a position int32 []. */
  step(params: Decoder, token: Tensor, cache: TransformerCache, position: Tensor): Stepped;
  /** The scores [batch, vocabulary] of what follows place `last` int32 [] of tokens int32 [batch, time]; what stands later is padding. */
  prefill(params: Decoder, tokens: Tensor, last: Tensor): Stepped;
}

/** Scores of each next token: int32 [batch, time] → [batch, time, vocabulary]; each place sees only what came before. */
export function decoder({ vocabulary, length, tied = true, ...options }: DecoderOptions): DecoderNet {
  const { size } = options;
  const tokens = embedding(vocabulary, size, 0.02);
  const positions = learnedPositions(length, size);
  const body = transformer(options);
  const head = tied ? undefined : linear(size, vocabulary, { weight: normalWith(0.02), bias: "zero" });
  const scores = (params: Decoder, h: Tensor): Tensor =>
    head && params.head ? head(params.head, h) : rowsByMatrix(h, params.tokens.table, { transposeRight: true });
  const call = net(
    (key): Decoder => ({
      tokens: tokens.init(key.at("tokens")),
      positions: positions.init(key.at("positions")),
      body: body.init(key.at("body")),
      ...(head ? { head: head.init(key.at("head")) } : {}),
    }),
    (params: Decoder, given: Tensor, key?: Key) => {
      const x = dropout(positions(params.positions, tokens(params.tokens, given)), options.dropout ?? 0, key?.at("x"));
      return scores(params, body(params.body, x, { causal: true }, key));
    },
  );
  return Object.assign(call, {
    vocabulary,
    places: length,
    emptyCache: (rows: number) => body.emptyCache(rows, length),
    step(params: Decoder, token: Tensor, cache: TransformerCache, position: Tensor): Stepped {
      const place = params.positions.positions.gather(position.reshape(1));
      const x = tokens(params.tokens, token.unsqueeze(-1)).add(place);
      const { out, fresh } = body.step(params.body, x, cache, position);
      return { out: scores(params, out.squeeze(-2)), fresh };
    },
    prefill(params: Decoder, given: Tensor, last: Tensor): Stepped {
      const { out, fresh } = body.prefill(params.body, positions(params.positions, tokens(params.tokens, given)));
      // Only the last place's scores are worked out: the vocabulary is the widest thing there is.
      const end = out.transpose(1, 0, 2).gather(last.reshape(1)).squeeze(0);
      return { out: scores(params, end), fresh };
    },
  });
}
