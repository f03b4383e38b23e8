/** Residual blocks: what a layer adds to what came in. */
import type { Key, Tensor } from "../tensor/index.ts";
import { dropout } from "./dropout.ts";
import { type Activation, type LayerNorm, type Linear, type LinearOptions, layerNorm, linear } from "./layers.ts";
import { type Net, net } from "./net.ts";

/** x + f(x): He et al. (2016), arXiv:1512.03385. */
export const residual = <P, In extends readonly unknown[]>(
  inner: Net<P, readonly [x: Tensor, ...In], Tensor>,
): Net<P, [x: Tensor, ...In], Tensor> =>
  net(
    (key) => inner.init(key),
    (params, x, ...rest) => x.add(inner(params, x, ...rest)),
  );

export interface PreNorm<P> {
  readonly norm: LayerNorm;
  readonly inner: P;
}

/** x + f(norm(x)) over vectors of `size`, which trains deep stacks without warm-up: Xiong et al. (2020), arXiv:2002.04745. */
export function preNorm<P, In extends readonly unknown[]>(
  size: number,
  inner: Net<P, readonly [x: Tensor, ...In], Tensor>,
): Net<PreNorm<P>, [x: Tensor, ...In], Tensor> {
  const norm = layerNorm(size);
  return net(
    (key) => ({ norm: norm.init(key.at("norm")), inner: inner.init(key.at("inner")) }),
    (params, x, ...rest) => x.add(inner(params.inner, norm(params.norm, x), ...rest)),
  );
}

export interface FeedForward {
  readonly up: Linear;
  readonly down: Linear;
}

export interface FeedForwardOptions extends LinearOptions {
  /** Hidden width as a multiple of `size`. Default 4. */
  readonly expansion?: number;
  readonly activation?: Activation;
  /** Share of what comes out that is dropped when a key is given. Default 0. */
  readonly dropout?: number;
}

/** Two layers, wide between: [… size] → [… size]. Give it a key while it learns, if it has dropout. */
export function feedForward(
  size: number,
  { expansion = 4, activation = "relu", dropout: rate = 0, ...start }: FeedForwardOptions = {},
): Net<FeedForward, [x: Tensor, key?: Key], Tensor> {
  const up = linear(size, expansion * size, start);
  const down = linear(expansion * size, size, start);
  return net(
    (key) => ({ up: up.init(key.at("up")), down: down.init(key.at("down")) }),
    (params, x, key) => dropout(down(params.down, up(params.up, x)[activation]()), rate, key),
  );
}

export interface ResidualMlp {
  readonly first: Linear;
  readonly blocks: readonly PreNorm<FeedForward>[];
  readonly norm: LayerNorm;
  readonly last: Linear;
}

export interface ResidualMlpOptions extends FeedForwardOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Width of the residual stream. Default 256. */
  readonly size?: number;
  /** Default 2. */
  readonly blocks?: number;
}

/** A deep perceptron of pre-norm blocks, [… inputs] → [… outputs]: the body of SimBa (Lee et al., 2025), arXiv:2410.09754. */
export function residualMlp({
  inputs,
  outputs,
  size = 256,
  blocks: count = 2,
  ...options
}: ResidualMlpOptions): Net<ResidualMlp, [x: Tensor, key?: Key], Tensor> {
  const first = linear(inputs, size);
  const blocks = Array.from({ length: count }, () => preNorm(size, feedForward(size, options)));
  const norm = layerNorm(size);
  const last = linear(size, outputs);
  return net(
    (key): ResidualMlp => ({
      first: first.init(key.at("first")),
      blocks: blocks.map((block, i) => block.init(key.at(`block${i}`))),
      norm: norm.init(key.at("norm")),
      last: last.init(key.at("last")),
    }),
    (params, x, key) => {
      const stream = blocks.reduce((h, block, i) => block(params.blocks[i], h, key?.at(i)), first(params.first, x));
      return last(params.last, norm(params.norm, stream));
    },
  );
}
