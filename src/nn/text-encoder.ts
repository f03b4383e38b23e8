/** Sentences as vectors: a small transformer over their tokens, to which a numeral may be what it is worth. */
import type { Tensor } from "../tensor/index.ts";
import { type Embedding, embedding, type LearnedPositions, learnedPositions } from "./embeddings.ts";
import { beside, type Net, net } from "./net.ts";
import { type Transformer, type TransformerOptions, transformer } from "./transformer.ts";

export interface TextEncoder {
  readonly tokens: Embedding;
  readonly positions: LearnedPositions;
  readonly body: Transformer;
  /** [size] what a worth of 1 adds to a numeral's vector; absent where numerals are read as signs */
  readonly worth?: Tensor;
}

export interface TextEncoderOptions extends TransformerOptions {
  /** How many different tokens there are. */
  readonly vocabulary: number;
  /** Tokens in a sentence, those behind its end included. */
  readonly length: number;
  /**
   * The tokens that numerals are made of, from the first up to, without, the second: each is then read as the same sign and
   * what its numeral is worth (after Golkar and others 2023, arXiv:2310.02989). Without it they are signs as others are.
   */
  readonly numerals?: readonly [first: number, end: number];
}

/**
 * int32 [… length] and the worth of each token [… length] → [… size], the mean over places. Bring worths to about 1 first:
 * they are multiplied into a vector as they are.
 */
export function textEncoder({
  vocabulary,
  length,
  numerals,
  ...options
}: TextEncoderOptions): Net<TextEncoder, [tokens: Tensor, worths: Tensor], Tensor> {
  const { size } = options;
  const table = embedding(vocabulary, size);
  const places = learnedPositions(length, size);
  const body = transformer(options);
  return net(
    (key): TextEncoder => ({
      tokens: table.init(key.at("tokens")),
      positions: places.init(key.at("positions")),
      body: body.init(key.at("body")),
      ...(numerals ? { worth: key.at("worth").normal(size) } : {}),
    }),
    (params, tokens, worths) => {
      const read = (): Tensor => {
        if (!numerals || !params.worth) return table(params.tokens, tokens);
        const [first, end] = numerals;
        const isNumeral = tokens.greaterEqual(first).and(tokens.less(end));
        const signs = table(params.tokens, isNumeral.where(first, tokens));
        const amounts = worths.mul(isNumeral.cast("float32")).unsqueeze(-1);
        return signs.add(amounts.mul(beside(params.worth, 1, amounts)));
      };
      return body(params.body, places(params.positions, read())).mean(-2);
    },
  );
}
