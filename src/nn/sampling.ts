/** Drawing tokens from a decoder, one place at a time, with what it has seen kept in the runtime. */
import { problem } from "../problems.ts";
import {
  Compiled,
  constant,
  mapTree,
  type NdArray,
  ndarray,
  type OpenOptions,
  type RandomKey,
  type Spec,
  type Tensor,
  type TreeOf,
  trace,
  zeros,
} from "../tensor/index.ts";
import { checkChoice, nextToken, type TokenChoice } from "./next-token.ts";
import type { Decoder, DecoderNet, Stepped, TransformerCache } from "./transformer.ts";

export interface SamplingOptions extends OpenOptions, TokenChoice {
  /** Sequences at a time. Default 1. */
  readonly rows?: number;
}

/** A decoder opened for sampling. A prompt is read in one call, and each token costs one step: nothing is computed again. */
export class TokenSampler implements AsyncDisposable {
  readonly #net: DecoderNet;
  readonly #choice: TokenChoice;
  readonly #open: OpenOptions;
  /** Constants of the programs: the runtime lays them out once, and none crosses into it at each token. */
  readonly #params: Decoder;
  readonly #rows: number;
  readonly #cache: TreeOf<TransformerCache, NdArray>;
  readonly #step: Promise<Compiled>;
  /** Programs that read a prompt, by the length it is padded to. */
  readonly #prefills = new Map<number, Promise<Compiled>>();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    net: DecoderNet,
    params: TreeOf<Decoder, NdArray>,
    { rows = 1, temperature = 1, topK, topP = 1, ...open }: SamplingOptions,
  ) {
    this.#net = net;
    this.#choice = { temperature, topP, ...(topK === undefined ? {} : { topK }) };
    this.#open = open;
    this.#rows = rows;
    this.#params = mapTree(params, (leaf: NdArray) =>
      constant({ ...leaf, data: leaf.data.slice() as typeof leaf.data }),
    ) as unknown as Decoder;
    this.#cache = mapTree(net.emptyCache(rows), ({ shape }: Tensor) => zeros(shape));
    const cache = mapTree(this.#cache, ({ shape, dtype }: NdArray): Spec => ({ shape, dtype }));
    this.#step = this.#opened({ cache, token: ints(rows), position: ints() }, (decoder, given) =>
      net.step(decoder, given.token, given.cache, given.position),
    );
  }

  /** @throws Problem "bad-option" */
  static async open(
    net: DecoderNet,
    params: TreeOf<Decoder, NdArray>,
    options: SamplingOptions = {},
  ): Promise<TokenSampler> {
    checkChoice(options);
    const sampler = new TokenSampler(net, params, options);
    await sampler.#step;
    return sampler;
  }

  #opened(inputs: unknown, read: (decoder: Decoder, given: Given) => Stepped): Promise<Compiled> {
    const program = trace("sample", { state: {}, inputs }, (state, given, key) => {
      const { out, fresh } = read(this.#params, given as unknown as Given);
      return { state, outputs: { next: nextToken(out, this.#choice, key.at("token")), fresh } };
    });
    return Compiled.open(program, this.#open) as unknown as Promise<Compiled>;
  }

  #prefill(length: number): Promise<Compiled> {
    const inputs = { tokens: ints(this.#rows, length), last: ints() };
    const known =
      this.#prefills.get(length) ??
      this.#opened(inputs, (decoder, { tokens, last }) => this.#net.prefill(decoder, tokens, last));
    this.#prefills.set(length, known);
    return known;
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
    for (let place = 0; place < given; place++) put(place, asked(place));
    if (given === length) return ndarray(out, { shape: [rows, length] });
    let token = given === 1 ? asked(0) : await this.#read(prompt, given, key);
    if (given > 1) put(given, token);
    for (let place = given === 1 ? 0 : given; place < length - 1; place++) {
      // What an earlier sequence left in the cache lies at this place and after it, where nothing looks.
      const inputs = { cache: this.#cache, token: ndarray(token), position: numberOf(place) };
      const after = (await (await this.#step).run(inputs, undefined, { key, update: place })) as Sampled;
      this.#remember(after.fresh, place, 1);
      token = (after.next.data as Int32Array).slice();
      put(place + 1, token);
    }
    return ndarray(out, { shape: [rows, length] });
  }

  /** Puts a prompt of at least two tokens into the cache. @returns the token that follows it */
  async #read(prompt: NdArray, given: number, key: RandomKey): Promise<Int32Array> {
    // Padded to a power of two, so that a program or two serve prompts of any length; what stands later changes nothing before.
    const length = Math.min(this.#net.places, 2 ** Math.max(3, Math.ceil(Math.log2(given))));
    const tokens = zeros([this.#rows, length], "int32");
    for (let row = 0; row < this.#rows; row++) {
      const own = prompt.data.subarray(row * given, (row + 1) * given) as Int32Array;
      (tokens.data as Int32Array).set(own, row * length);
    }
    const read = await this.#prefill(length);
    const at = { key, update: given - 1 };
    const { next, fresh } = (await read.run({ tokens, last: numberOf(given - 1) }, undefined, at)) as Sampled;
    this.#remember(fresh, 0, given);
    return (next.data as Int32Array).slice();
  }

  #remember(fresh: Sampled["fresh"], place: number, count: number): void {
    this.#cache.forEach((layer, i) => {
      write(layer.keys, fresh[i].keys, place, count);
      write(layer.values, fresh[i].values, place, count);
    });
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
    if (length > this.#net.places) {
      const wanted = `at most ${this.#net.places} tokens, the decoder's length`;
      throw problem("bad-value", { where: "sample", given: length, wanted });
    }
    return given;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    for (const compiled of [this.#step, ...this.#prefills.values()]) await (await compiled)[Symbol.asyncDispose]();
  }
}

interface Given {
  readonly cache: TransformerCache;
  readonly token: Tensor;
  readonly position: Tensor;
  readonly tokens: Tensor;
  readonly last: Tensor;
}

interface Sampled {
  readonly next: NdArray;
  readonly fresh: TreeOf<TransformerCache, NdArray>;
}

const ints = (...shape: readonly number[]): Spec => ({ shape, dtype: "int32" });
const numberOf = (place: number): NdArray => ndarray(Int32Array.of(place), { shape: [] });

/** The first `count` places of [rows, heads, time, size] into a cache [rows, heads, length, size]. */
function write(
  { data, shape: [rows, heads, length, size] }: NdArray,
  fresh: NdArray,
  place: number,
  count: number,
): void {
  const [to, from] = [data as Float32Array, fresh.data as Float32Array];
  const time = fresh.shape[2];
  for (let line = 0; line < rows * heads; line++) {
    to.set(from.subarray(line * time * size, (line * time + count) * size), (line * length + place) * size);
  }
}
