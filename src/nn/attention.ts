/** Multi-head attention: Vaswani et al. (2017), arXiv:1706.03762. */
import { problem } from "../problems.ts";
import { constant, ndarray, type Tensor } from "../tensor/index.ts";
import { type Linear, type LinearOptions, linear } from "./layers.ts";
import { type Net, net } from "./net.ts";

export interface Attention {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly out: Linear;
}

export interface AttentionOptions extends LinearOptions {
  /** Width of what comes in and goes out. */
  readonly size: number;
  /** How many; they share `size` evenly. */
  readonly heads: number;
  /** Width of what is attended to, where it is another sequence. Default `size`. */
  readonly memory?: number;
}

export interface Attend {
  /** What to attend to: [… places, memory]. Default: the sequence itself. */
  readonly memory?: Tensor;
  /** Each place sees itself and what lies before it. Default false. */
  readonly causal?: boolean;
  /** bool, broadcasting to [… heads, time, places]: true where a place may be seen. */
  readonly mask?: Tensor;
}

/** Keys and values of the places seen so far, each [batch, heads, length, size / heads]. */
export interface AttentionCache {
  readonly keys: Tensor;
  readonly values: Tensor;
}

export interface AttentionLayer extends Net<Attention, [x: Tensor, how?: Attend], Tensor> {
  /** Shape of each half of the cache for `rows` rows and at most `length` places. */
  cacheShape(rows: number, length: number): readonly number[];
  /**
   * One new place, seeing itself and those before it.
   * @param x [batch, 1, size]
   * @param position int32 [], the place's number, below the cache's length
   */
  step(
    params: Attention,
    x: Tensor,
    cache: AttentionCache,
    position: Tensor,
  ): { readonly out: Tensor; readonly cache: AttentionCache };
}

/** [… time, size] → [… time, size]. @throws Problem "bad-value" when the heads do not divide the size */
export function attention({ size, heads, memory = size, ...start }: AttentionOptions): AttentionLayer {
  if (size % heads !== 0) {
    throw problem("bad-value", {
      where: "attention",
      given: `${heads} heads`,
      wanted: `a divisor of its size ${size}`,
    });
  }
  const own = linear(size, size, start);
  const other = linear(memory, size, start);
  const split = (x: Tensor): Tensor => swapped(x.reshape(...x.shape.slice(0, -1), heads, size / heads));
  const joined = (x: Tensor): Tensor => {
    const back = swapped(x);
    return back.reshape(...back.shape.slice(0, -2), size);
  };
  const seen = (query: Tensor, keys: Tensor, values: Tensor, mask?: Tensor): Tensor => {
    const scores = query.mul(Math.sqrt(heads / size)).matmul(keys, { transposeRight: true });
    return (mask ? mask.where(scores, hidden) : scores).softmax().matmul(values);
  };
  const layer = net<Attention, [x: Tensor, how?: Attend], Tensor>(
    (key) => ({
      query: own.init(key.at("query")),
      key: other.init(key.at("key")),
      value: other.init(key.at("value")),
      out: own.init(key.at("out")),
    }),
    (params, x, { memory: places = x, causal = false, mask } = {}) => {
      const query = split(own(params.query, x));
      const keys = split(other(params.key, places));
      const values = split(other(params.value, places));
      const before = causal ? causalMask(x.shape[x.rank - 2], places.shape[places.rank - 2]) : undefined;
      const visible = before && mask ? before.and(mask) : (before ?? mask);
      return own(params.out, joined(seen(query, keys, values, visible)));
    },
  );
  return Object.assign(layer, {
    cacheShape: (rows: number, length: number) => [rows, heads, length, size / heads],
    step(params: Attention, x: Tensor, cache: AttentionCache, position: Tensor) {
      const places = constant(ndarray(Int32Array.from({ length: cache.keys.shape[2] }, (_, i) => i)));
      const here = places.equal(position).unsqueeze(-1);
      const keys = here.where(split(other(params.key, x)), cache.keys);
      const values = here.where(split(other(params.value, x)), cache.values);
      const query = split(own(params.query, x));
      const out = own(params.out, joined(seen(query, keys, values, places.lessEqual(position))));
      return { out, cache: { keys, values } };
    },
  });
}

/** Its exponential is 0 in float32 beside any score, and it stays finite where nothing may be seen. */
const hidden = -1e9;

/** Heads before time, or time before heads again. */
const swapped = (x: Tensor): Tensor => {
  const { rank } = x;
  return x.transpose(...x.shape.map((_, i) => (i === rank - 3 ? rank - 2 : i === rank - 2 ? rank - 3 : i)));
};

/** bool [time, places]: the last row sees all places, each row above one fewer. */
export const causalMask = (time: number, places = time): Tensor =>
  constant(
    ndarray(
      Uint8Array.from({ length: time * places }, (_, i) =>
        Number((i % places) - (places - time) <= Math.floor(i / places)),
      ),
      { shape: [time, places] },
    ),
  );
