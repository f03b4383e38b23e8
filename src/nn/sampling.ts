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

interface State {
  readonly params: Decoder;
  readonly cache: TransformerCache;
}

/** A decoder opened for sampling. Each token costs one step: nothing seen before is computed again. */
export class TokenSampler implements AsyncDisposable {
  readonly #step: Compiled;
  readonly #store: Store<State>;
  readonly #rows: number;
  readonly #places: number;

  private constructor(step: Compiled, store: Store<State>, rows: number, places: number) {
    this.#step = step;
    this.#store = store;
    this.#rows = rows;
    this.#places = places;
  }

  static async open(
    net: DecoderNet,
    params: TreeOf<Decoder, NdArray>,
    { rows = 1, temperature = 1, ...options }: SamplingOptions = {},
  ): Promise<TokenSampler> {
    const empty = mapTree(net.emptyCache(rows), ({ shape }: Tensor) =>
      ndarray(new Float32Array(shape.reduce((a, b) => a * b, 1)), { shape }),
    );
    const store = new Store<State>({ params, cache: empty });
    const inputs: { token: Spec; position: Spec } = {
      token: { shape: [rows], dtype: "int32" },
      position: { shape: [], dtype: "int32" },
    };
    const program = trace("sample", { state: store.specs as unknown as State, inputs }, (state, given, key) => {
      const { params: now, cache } = state as unknown as State;
      const { token, position } = given as unknown as { token: Tensor; position: Tensor };
      const { out, cache: next } = net.step(now, token, cache, position);
      return {
        state: { params: now, cache: next } as never,
        outputs: { next: nextToken(out, temperature, key.at("token")) },
      };
    });
    const compiled = (await Compiled.open(program, options)) as unknown as Compiled;
    return new TokenSampler(compiled, store, rows, net.places);
  }

  /**
   * Continues each row. The draw at a place is a function of the key and the place alone.
   * @param prompt int32 [rows, at least 1]
   * @param length of what comes back, prompt included; at most the decoder's
   * @returns int32 [rows, length]
   * @throws Problem "bad-value" when the prompt or the length does not fit
   */
  async sample(prompt: NdArray, length: number, key: RandomKey): Promise<NdArray> {
    const [rows, given] = prompt.shape;
    if (
      prompt.dtype !== "int32" ||
      prompt.shape.length !== 2 ||
      rows !== this.#rows ||
      !(given >= 1 && given <= length)
    ) {
      throw problem("bad-value", {
        where: "sample",
        given: `a prompt ${prompt.dtype}[${prompt.shape}] to continue to ${length}`,
        wanted: `int32 [${this.#rows}, from 1 to that length]`,
      });
    }
    if (length > this.#places) {
      throw problem("bad-value", {
        where: "sample",
        given: length,
        wanted: `at most ${this.#places} tokens, the decoder's length`,
      });
    }
    const out = new Int32Array(rows * length);
    const column = (values: NdArray, width: number, at: number): Int32Array =>
      Int32Array.from({ length: rows }, (_, row) => Number(values.data[row * width + at]));
    let token = column(prompt, given, 0);
    for (let place = 0; place < length; place++) {
      token.forEach((value, row) => {
        out[row * length + place] = value;
      });
      if (place === length - 1) break;
      const inputs = { token: ndarray(token), position: ndarray(Int32Array.of(place), { shape: [] }) };
      // What an earlier sequence left in the cache lies behind the position, where nothing looks.
      const { next } = (await this.#step.run(inputs, this.#store, { key, update: place })) as { next: NdArray };
      token = place + 1 < given ? column(prompt, given, place + 1) : (next.data.slice() as Int32Array);
    }
    return ndarray(out, { shape: [rows, length] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#step[Symbol.asyncDispose]();
  }
}
