/** Multi-head attention: Vaswani et al. (2017), arXiv:1706.03762. */
import { problem } from "../problems.ts";
import { concat, constant, ndarray, type Tensor } from "../tensor/index.ts";
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
   * One new place, seeing itself and those before it. The cache is read, not written: `remembered` or whoever holds it
   * puts what is fresh in its place.
   * @param x [batch, 1, size]
   * @param position int32 [], the place's number, below the cache's length
   */
  step(params: Attention, x: Tensor, cache: AttentionCache, position: Tensor): AttentionStep;
  /**
   * The first places at once, each seeing itself and those before it, and their keys and values for a cache.
   * @param x [batch, time, size]
   */
  prefill(params: Attention, x: Tensor): AttentionStep;
}

export interface AttentionStep {
  /** [batch, time, size], where a step's time is 1 */
  readonly out: Tensor;
  /** The places' own keys and values, each [batch, heads, time, size / heads]. */
  readonly fresh: AttentionCache;
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
    return (mask ? masked(scores, mask) : scores).softmax().matmul(values);
  };
  const attend = (
    params: Attention,
    x: Tensor,
    { memory: places = x, causal = false, mask }: Attend,
  ): AttentionStep => {
    const query = split(own(params.query, x));
    const keys = split(other(params.key, places));
    const values = split(other(params.value, places));
    const before = causal ? causalMask(x.shape[x.rank - 2], places.shape[places.rank - 2]) : undefined;
    const visible = before && mask ? before.and(mask) : (before ?? mask);
    return { out: own(params.out, joined(seen(query, keys, values, visible))), fresh: { keys, values } };
  };
  const layer = net<Attention, [x: Tensor, how?: Attend], Tensor>(
    (key) => ({
      query: own.init(key.at("query")),
      key: other.init(key.at("key")),
      value: other.init(key.at("value")),
      out: own.init(key.at("out")),
    }),
    (params, x, how = {}) => attend(params, x, how).out,
  );
  return Object.assign(layer, {
    cacheShape: (rows: number, length: number) => [rows, heads, length, size / heads],
    prefill: (params: Attention, x: Tensor) => attend(params, x, { causal: true }),
    step(params: Attention, x: Tensor, cache: AttentionCache, position: Tensor): AttentionStep {
      const length = cache.keys.shape[2];
      const [keys, values] = [split(other(params.key, x)), split(other(params.value, x))];
      const query = split(own(params.query, x)).mul(Math.sqrt(heads / size));
      const past = placesOf(length).less(position);
      const before = masked(query.matmul(cache.keys, { transposeRight: true }), past);
      // The place itself stands beside the cache: to write it there first would copy the cache at every step.
      const weights = concat([before, query.mul(keys).sum(-1, { keep: true })]).softmax();
      const seen = weights.slice(-1, 0, length).matmul(cache.values).add(weights.slice(-1, length).mul(values));
      return { out: own(params.out, joined(seen)), fresh: { keys, values } };
    },
  });
}

const placesOf = (length: number): Tensor => constant(ndarray(Int32Array.from({ length }, (_, i) => i)));

/** A cache with what is fresh at its place, for programs that carry their own. @param position int32 [] */
export function remembered(cache: AttentionCache, fresh: AttentionCache, position: Tensor): AttentionCache {
  const here = placesOf(cache.keys.shape[2]).equal(position).unsqueeze(-1);
  return { keys: here.where(fresh.keys, cache.keys), values: here.where(fresh.values, cache.values) };
}

/** Scores whose exponential is 0 beside any other where the mask (bool) does not hold; finite where nothing may be seen. */
// Added, a mask costs one pass and its slope none; chosen by where, three and three.
const masked = (scores: Tensor, mask: Tensor): Tensor => scores.add(mask.cast(scores.dtype).sub(1).mul(1e9));

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
