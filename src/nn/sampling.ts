/** Drawing tokens from a decoder, one place at a time, with what it has seen kept in the runtime. */
import { problem } from "../problems.ts";
import {
  Compiled,
  type Key,
  mapTree,
  type NdArray,
  ndarray,
  type OpenOptions,
  type RandomKey,
  type Spec,
  Store,
  type Tensor,
  type TreeOf,
  trace,
  zeros,
} from "../tensor/index.ts";
import type { Decoder, DecoderNet, TransformerCache } from "./transformer.ts";

export interface SamplingOptions extends OpenOptions {
  /** Sequences at a time. Default 1. */
  readonly rows?: number;
  /** Divides the scores; 0 takes the likeliest. Default 1. */
  readonly temperature?: number;
}

/** The next token of each row, int32 [batch], from scores [batch, vocabulary]. */
export function nextToken(scores: Tensor, temperature: number, key: Key): Tensor {
  if (temperature === 0) return scores.argmax();
  return scores
    .div(temperature)
    .add(key.gumbel(...scores.shape))
    .argmax();
}

/** A decoder opened for sampling. Each token costs one step: nothing seen before is computed again. */
export class TokenSampler implements AsyncDisposable {
  readonly #step: Compiled;
  readonly #store: Store;
  readonly #rows: number;
  readonly #places: number;
  readonly #cache: TreeOf<TransformerCache, NdArray>;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(step: Compiled, store: Store, cache: TreeOf<TransformerCache, NdArray>, net: DecoderNet) {
    this.#step = step;
    this.#store = store;
    this.#rows = cache[0].keys.shape[0];
    this.#places = net.places;
    this.#cache = cache;
  }

  static async open(
    net: DecoderNet,
    params: TreeOf<Decoder, NdArray>,
    { rows = 1, temperature = 1, ...options }: SamplingOptions = {},
  ): Promise<TokenSampler> {
    const cache = mapTree(net.emptyCache(rows), ({ shape }: Tensor) => zeros(shape));
    const store = new Store(params);
    const inputs = {
      cache: mapTree(cache, ({ shape, dtype }: NdArray): Spec => ({ shape, dtype })),
      token: { shape: [rows], dtype: "int32" } satisfies Spec as Spec,
      position: { shape: [], dtype: "int32" } satisfies Spec as Spec,
    };
    const program = trace("sample", { state: store.specs, inputs }, (state, given, key) => {
      const { cache: seen, token, position } = given as unknown as Given;
      const { out, fresh } = net.step(state as unknown as Decoder, token, seen, position);
      return { state: state as never, outputs: { next: nextToken(out, temperature, key.at("token")), fresh } };
    });
    return new TokenSampler(
      (await Compiled.open(program, options)) as unknown as Compiled,
      store as unknown as Store,
      cache,
      net,
    );
  }

  /**
   * Continues each row. The draw at a place is a function of the key and the place alone.
   * @param prompt int32 [rows, at least 1]
   * @param length of what comes back, prompt included; at most the decoder's
   * @returns int32 [rows, length]
   * @throws Problem "bad-value" when the prompt or the length does not fit
   */
  sample(prompt: NdArray, length: number, key: RandomKey): Promise<NdArray> {
    const result = this.#last.then(() => this.#continued(prompt, length, key));
    this.#last = result.catch(() => {}); // calls share the cache, so each waits for those before it
    return result;
  }

  async #continued(prompt: NdArray, length: number, key: RandomKey): Promise<NdArray> {
    const given = this.#checked(prompt, length);
    const rows = this.#rows;
    const out = new Int32Array(rows * length);
    const put = (place: number, tokens: ArrayLike<number>): void => {
      for (let row = 0; row < rows; row++) out[row * length + place] = tokens[row];
    };
    const asked = (place: number): Int32Array =>
      Int32Array.from({ length: rows }, (_, row) => Number(prompt.data[row * given + place]));
    let token = asked(0);
    put(0, token);
    for (let place = 0; place < length - 1; place++) {
      // What an earlier sequence left in the cache lies at this place and after it, where nothing looks.
      const position = ndarray(Int32Array.of(place), { shape: [] });
      const inputs = { cache: this.#cache, token: ndarray(token), position };
      const after = (await this.#step.run(inputs, this.#store, { key, update: place })) as Sampled;
      this.#cache.forEach((layer, i) => {
        write(layer.keys, after.fresh[i].keys, place);
        write(layer.values, after.fresh[i].values, place);
      });
      token = place + 1 < given ? asked(place + 1) : (after.next.data as Int32Array).slice();
      put(place + 1, token);
    }
    return ndarray(out, { shape: [rows, length] });
  }

  /** @returns the prompt's length */
  #checked({ dtype, shape }: NdArray, length: number): number {
    const [rows, given] = shape;
    if (dtype !== "int32" || shape.length !== 2 || rows !== this.#rows || !(given >= 1 && given <= length)) {
      throw problem("bad-value", {
        where: "sample",
        given: `a prompt ${dtype}[${shape}] to continue to ${length}`,
        wanted: `int32 [${this.#rows}, from 1 to that length]`,
      });
    }
    if (length > this.#places) {
      const wanted = `at most ${this.#places} tokens, the decoder's length`;
      throw problem("bad-value", { where: "sample", given: length, wanted });
    }
    return given;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#step[Symbol.asyncDispose]();
  }
}

interface Given {
  readonly cache: TransformerCache;
  readonly token: Tensor;
  readonly position: Tensor;
}

interface Sampled {
  readonly next: NdArray;
  readonly fresh: TreeOf<TransformerCache, NdArray>;
}

/** One place [rows, heads, 1, size] into a cache [rows, heads, length, size]. */
function write({ data, shape: [rows, heads, length, size] }: NdArray, fresh: NdArray, place: number): void {
  const [to, from] = [data as Float32Array, fresh.data as Float32Array];
  for (let line = 0; line < rows * heads; line++) {
    to.set(from.subarray(line * size, (line + 1) * size), (line * length + place) * size);
  }
}
