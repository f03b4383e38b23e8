/** Running programs: state stays in place between calls, noise is filled from a key and the number of the update. */
import { problem } from "../problems.ts";
import type { Backend, Engine, EngineOptions } from "./backend.ts";
import { everythingIn } from "./loop.ts";
import { type NdArray, zeros } from "./ndarray.ts";
import { fillNoise, noiseFor } from "./noise.ts";
import { inputsOf, toOnnx } from "./onnx/model.ts";
import { onnxRuntime } from "./onnxruntime.ts";
import { type Pack, packsOf } from "./packing.ts";
import type { AnyProgram, Program } from "./program.ts";
import type { RandomKey } from "./random.ts";
import { checkSameSpecs, leavesOf, mapTree, type Spec, type TreeOf } from "./tree.ts";

/**
 * State that outlives a call: two buffers a leaf, one read while the other is written. Small leaves lie in the buffers of
 * a pack (see packing.ts), which a program may take and return whole.
 */
export class Store<S = unknown> {
  readonly #like: TreeOf<S, Spec>;
  readonly #current = new Map<string, NdArray>();
  readonly #spare = new Map<string, NdArray>();
  /** @internal */
  readonly packs: readonly Pack[];
  /** For each pack its leaves as parts of either of its buffers. */
  readonly #parts = new Map<NdArray, ReadonlyMap<string, NdArray>>();

  /** Takes copies of the values. */
  constructor(values: S) {
    this.#like = mapTree(values, ({ shape, dtype }: NdArray) => ({ shape, dtype })) as TreeOf<S, Spec>;
    const leaves = leavesOf<NdArray>(values);
    this.packs = packsOf(values);
    for (const pack of this.packs) {
      for (const side of [this.#current, this.#spare]) {
        const whole = zeros([pack.size], pack.dtype);
        const parts = pack.leaves.map(({ path, at, size }) => {
          const data = whole.data.subarray(at, at + size) as NdArray["data"];
          return [path, { ...(leaves.get(path) as NdArray), data }] as const;
        });
        this.#parts.set(whole, new Map(parts));
        side.set(pack.name, whole);
        for (const [path, part] of parts) side.set(path, part);
      }
    }
    for (const [path, value] of leaves) {
      const part = this.#current.get(path);
      if (part === undefined) {
        this.#current.set(path, { ...value, data: value.data.slice() as typeof value.data });
        this.#spare.set(path, zeros(value.shape, value.dtype));
      } else copy(value, part);
    }
  }

  get specs(): TreeOf<S, Spec> {
    return this.#like;
  }
  /** The values now, as copies. */
  read(): TreeOf<S, NdArray> {
    return mapTree(this.#like, (_: Spec, path) => {
      const value = this.at(path);
      return { ...value, data: value.data.slice() as typeof value.data };
    }) as TreeOf<S, NdArray>;
  }
  /** @internal The buffer that holds a leaf or a pack now. */
  at(path: string): NdArray {
    const value = this.#current.get(path) as NdArray;
    // A leaf that was written by itself lies in the other buffer of its pack.
    for (const [leaf, part] of this.#parts.get(value) ?? []) {
      const written = this.#current.get(leaf) as NdArray;
      if (written === part) continue;
      copy(written, part);
      this.#current.set(leaf, part);
      this.#spare.set(leaf, written);
    }
    return value;
  }
  /** @internal The buffer the next value goes to. */
  spareAt(path: string): NdArray {
    return this.#spare.get(path) as NdArray;
  }
  /** @internal The buffers that hold the leaves now. */
  values(): Iterable<NdArray> {
    return this.#current.values();
  }
  /** @internal What was written becomes what is read. */
  swap(path: string): void {
    const written = this.spareAt(path);
    const before = this.at(path);
    this.#spare.set(path, before);
    this.#current.set(path, written);
    for (const [leaf, part] of this.#parts.get(written) ?? []) this.#current.set(leaf, part);
    for (const [leaf, part] of this.#parts.get(before) ?? []) this.#spare.set(leaf, part);
  }
}

const copy = (from: NdArray, to: NdArray): void => (to.data as Float32Array).set(from.data as Float32Array);

export interface RunAt {
  readonly key?: RandomKey;
  /** The number of the (first) update this call makes; noise is a function of it. Default 0. */
  readonly update?: number;
  /** Another call on this store follows before anyone reads it: its state may stay on the device. Default false. */
  readonly more?: boolean;
}

export interface OpenOptions extends EngineOptions {
  readonly backend?: Backend;
}

/** A compiled program. Close it, or declare it with `await using`. */
export class Compiled<S = unknown, I = unknown, O = unknown> implements AsyncDisposable {
  readonly program: Program<S, I, O>;
  readonly #engine: Engine;
  readonly #stateNames: readonly string[];
  readonly #inputNames: readonly string[];
  readonly #changed: readonly string[];
  readonly #outputs: readonly string[];
  #last: Promise<unknown> = Promise.resolve();
  /** A buffer for each draw, by its name; replaced when an open batch comes in another size. */
  readonly #noise = new Map<string, NdArray>();

  private constructor(program: Program<S, I, O>, engine: Engine) {
    this.program = program;
    this.#engine = engine;
    const feeds = [...inputsOf(program).keys()];
    this.#stateNames = feeds.filter((name) => name.startsWith("state/")).map((name) => name.slice(6));
    const noise = new Set(program.noise.map(({ name }) => name));
    this.#inputNames = feeds.filter((name) => !name.startsWith("state/") && !noise.has(name));
    this.#changed = [...program.graph.keys()].filter((name) => name.startsWith("next/")).map((name) => name.slice(5));
    this.#outputs = [...program.graph.keys()].filter((name) => !name.startsWith("next/"));
  }

  static async open<S, I, O>(
    program: Program<S, I, O>,
    { backend = onnxRuntime, ...options }: OpenOptions = {},
  ): Promise<Compiled<S, I, O>> {
    // Whole numbers are counters, which are worked out off the device.
    const resident = [...program.graph].filter(([name, { dtype }]) => name.startsWith("next/") && dtype === "float32");
    const names = resident.map(([name]) => name);
    const exact = options.exact ?? everythingIn([...program.graph.values()]).some(({ dtype }) => dtype === "float64");
    return new Compiled(program, await backend.open(toOnnx(program), { ...options, exact }, names));
  }

  /**
   * One call. It begins when those before it have ended: they share the state and the buffers of the noise.
   * @param inputs a value for every input, in its tree; the arrays are read, not copied
   * @throws Problem when an input is missing or has another shape or type than it was traced with, or noise has no key
   */
  run(inputs: TreeOf<I, NdArray>, store?: Store<S>, at: RunAt = {}): Promise<TreeOf<O, NdArray>> {
    const result = this.#last.then(() => this.#call(inputs, store, at));
    this.#last = result.catch(() => {}); // a call that fails is its caller's, and the next one's turn
    return result;
  }

  async #call(
    inputs: TreeOf<I, NdArray>,
    store: Store<S> | undefined,
    { key, update = 0, more = false }: RunAt,
  ): Promise<TreeOf<O, NdArray>> {
    const { program } = this;
    checkSameSpecs(program.inputs, inputs, program.name, "Give the program the inputs it was traced with.");
    const given = leavesOf<NdArray>(inputs);
    const feeds: Record<string, NdArray> = {};
    for (const name of this.#inputNames) feeds[name] = given.get(name) as NdArray;
    if (program.noise.length > 0) {
      if (key === undefined) {
        throw problem("bad-value", {
          where: program.name,
          given: "no key",
          wanted: "a key for its noise",
          next: "Pass { key: randomKey(seed) }.",
        });
      }
      const batch = openSize(program, given);
      for (const draw of program.noise) {
        const value = noiseFor(draw, batch, this.#noise.get(draw.name));
        this.#noise.set(draw.name, value);
        fillNoise(value, draw, key, update);
        feeds[draw.name] = value;
      }
    }
    const outputs: Record<string, NdArray | null> = {};
    for (const name of this.#outputs) outputs[name] = null;
    if (store) {
      for (const path of this.#stateNames) feeds[`state/${path}`] = store.at(path);
      for (const path of this.#changed) outputs[`next/${path}`] = store.spareAt(path);
    }
    const results = await this.#engine.run(feeds, outputs);
    if (store) for (const path of this.#changed) store.swap(path);
    if (store && !more) await this.#engine.settle?.(store.values());
    return mapTree(program.outputs, (_: Spec, path) => results[path]) as TreeOf<O, NdArray>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#engine.close();
  }
}

/** The size of the open axes, which is one: that of the inputs, as they come. */
function openSize({ name, inputs, noise }: AnyProgram, given: ReadonlyMap<string, NdArray>): number | undefined {
  if (!noise.some(({ shape }) => shape.some((d) => d < 0))) return undefined;
  const sizes = [...leavesOf<Spec>(inputs)].flatMap(([path, { shape }]) =>
    shape.flatMap((d, axis) => (d < 0 ? [(given.get(path) as NdArray).shape[axis]] : [])),
  );
  const [size] = sizes;
  if (size === undefined || sizes.some((other) => other !== size)) {
    const found = size === undefined ? "no input of open size" : `inputs of open sizes ${sizes.join(", ")}`;
    throw problem("bad-value", { where: name, given: found, wanted: "one open size, which its noise takes" });
  }
  return size;
}

export const open = Compiled.open;

/** Traces nothing, keeps nothing: the values of a program without state, once. */
export async function runOnce<I, O>(
  program: Program<Record<never, never>, I, O>,
  inputs: TreeOf<I, NdArray>,
  at: RunAt = {},
): Promise<TreeOf<O, NdArray>> {
  await using compiled = await Compiled.open(program);
  return await compiled.run(inputs, undefined, at);
}
