/**
 * K updates in one call: a step unrolled into one graph that gathers its own minibatches from resident data. This is what
 * makes small networks fast.
 */

import { stack } from "./joining.ts";
import type { Key } from "./key.ts";
import { type NdArray, takeRows, zeros } from "./ndarray.ts";
import { onnxRuntime } from "./onnxruntime.ts";
import { packed, packedSpecs, unpacked } from "./packing.ts";
import { trace } from "./program.ts";
import { fold, type RandomKey } from "./random.ts";
import { Compiled, type OpenOptions, Store } from "./runtime.ts";
import type { Tensor } from "./tensor.ts";
import { checkSameSpecs, mapTree, type Spec, type TreeOf } from "./tree.ts";

/** Columns of equal length that live beside the program. */
export type Columns = { readonly [name: string]: NdArray };
/**
 * Columns too large to hold at once: the part of them that serves an update, and the first update after it that another
 * part serves. Every part has the shapes of the first.
 */
export type ColumnSource = (update: number) => Promise<{ readonly columns: Columns; readonly until: number }>;
type Batch = { readonly [name: string]: Tensor };

export interface UpdateRule<S, I> {
  readonly name: string;
  /** One update: a pure function of the state, a minibatch, the inputs and a key; `turn` is its place in the cycle. */
  step(
    state: TreeOf<S, Tensor>,
    batch: Batch,
    inputs: TreeOf<I, Tensor>,
    key: Key,
    turn: number,
  ): { readonly state: TreeOf<S, Tensor>; readonly metrics: { readonly [name: string]: Tensor } };
  readonly columns: Columns | ColumnSource;
  readonly batchSize: number;
  /** Row indices [batchSize] of an update: a function of its number alone. */
  rows(update: number): Int32Array;
  /** Values every update sees, e.g. rates. */
  readonly inputs: TreeOf<I, NdArray>;
  readonly key: RandomKey;
  /** After how many updates the pattern of updates repeats. Default 1. */
  readonly cycle?: number;
  /** Updates in one compiled call; rounded up to whole cycles. Default 16. */
  readonly unroll?: number;
  /** Told after each call what its updates gave: every metric's values [updates, …], before they are averaged. */
  heard?(first: number, metrics: { readonly [metric: string]: NdArray }): void;
}

/** A state in the runtime and the programs that move it. */
export class Updates<S, I> implements AsyncDisposable {
  readonly #rule: UpdateRule<S, I>;
  readonly #store: Store<S>;
  readonly #open: OpenOptions;
  /** Whether this call's rows are cut from the columns here, rather than gathered by the graph from resident ones. */
  readonly #cut: boolean;
  readonly #compiled = new Map<string, Promise<Compiled>>();
  readonly unroll: number;
  readonly #cycle: number;
  #update: number;

  /** From a state and the number of updates behind it. */
  constructor(
    rule: UpdateRule<S, I>,
    from: { readonly state: TreeOf<S, NdArray>; readonly update: number },
    open: OpenOptions = {},
  ) {
    this.#rule = rule;
    this.#store = new Store(from.state) as unknown as Store<S>;
    this.#update = from.update;
    this.#open = open;
    this.#cut = (open.backend ?? onnxRuntime).copies ?? false;
    this.#cycle = rule.cycle ?? 1;
    this.unroll = Math.ceil((rule.unroll ?? 16) / this.#cycle) * this.#cycle;
  }

  /** Updates made so far. */
  get update(): number {
    return this.#update;
  }

  /** The state, for other programs that are traced on it: one that acts, say. */
  get store(): Store<S> {
    return this.#store;
  }

  /** The state now, as copies. */
  read(): TreeOf<S, NdArray> {
    return this.#store.read();
  }

  /** Makes exactly `updates` more. @returns each metric's mean over those that had it */
  async advance(updates: number): Promise<{ readonly [metric: string]: number }> {
    const totals = new Map<string, { sum: number; count: number }>();
    let left = updates;
    while (left > 0) {
      const { columns, until } = await this.#columns();
      // A resumed run must make the calls an uninterrupted one makes, so calls end on multiples of the unroll.
      const size = Math.min(left, this.unroll - (this.#update % this.unroll), until - this.#update);
      for (const [name, { data }] of Object.entries(await this.#call(size, columns, left > size))) {
        const total = totals.get(name) ?? { sum: 0, count: 0 };
        for (const value of data) total.sum += Number(value);
        totals.set(name, { ...total, count: total.count + data.length });
      }
      left -= size;
    }
    return Object.fromEntries([...totals].map(([name, { sum, count }]) => [name, sum / count]));
  }

  /** What the next update draws from, and how long it does. */
  async #columns(): Promise<{ readonly columns: Columns; readonly until: number }> {
    const { columns } = this.#rule;
    return typeof columns === "function"
      ? await columns(this.#update)
      : { columns: columns as Columns, until: Number.POSITIVE_INFINITY };
  }

  /** One compiled call. @returns each metric's values, one for every update that had it */
  async #call(size: number, columns: Columns, more: boolean): Promise<{ readonly [metric: string]: NdArray }> {
    const { rows, batchSize, inputs, key } = this.#rule;
    const compiled = await this.#program(size, this.#update % this.#cycle, columns);
    const chosen = zeros([size, batchSize], "int32");
    for (let k = 0; k < size; k++) (chosen.data as Int32Array).set(rows(this.#update + k), k * batchSize);
    const given = this.#cut
      ? { data: cut(columns, chosen), rows: { ...chosen, data: Int32Array.from(chosen.data.keys()) }, inputs }
      : { data: columns, rows: chosen, inputs };
    const at = { key: fold(key, "updates"), update: this.#update, more };
    const { metrics } = (await compiled.run(given as never, this.#store as never, at)) as never;
    this.#rule.heard?.(this.#update, metrics);
    this.#update += size;
    return metrics;
  }

  #program(size: number, turn: number, columns: Columns): Promise<Compiled> {
    const name = `${size} from ${turn}`;
    const known =
      this.#compiled.get(name) ?? (Compiled.open(this.#traced(size, turn, columns), this.#open) as Promise<Compiled>);
    this.#compiled.set(name, known);
    return known;
  }

  #traced(size: number, turn: number, columns: Columns) {
    const { name, batchSize, inputs, step } = this.#rule;
    const rows: Spec = { shape: [size, batchSize], dtype: "int32" };
    const { specs: like, packs } = this.#store;
    const given = {
      state: packedSpecs(like, packs),
      inputs: {
        data: specs(this.#cut ? cut(columns, zeros(rows.shape, "int32")) : columns),
        rows,
        inputs: specs(inputs),
      },
    };
    return trace(
      `${name} ×${size}`,
      given as never,
      (first: { readonly [name: string]: Tensor }, traced: unknown, key) => {
        const {
          data,
          rows: chosen,
          inputs: constants,
        } = traced as { data: Batch; rows: Tensor; inputs: TreeOf<I, Tensor> };
        let now = unpacked(like, packs, first) as TreeOf<S, Tensor>;
        const seen: Record<string, Tensor[]> = {};
        // All minibatches of a call are gathered at once; rows cut beforehand lie in their order already.
        const all = mapTree(data, (rows: Tensor) => (this.#cut ? rows : rows.gather(chosen.reshape(size * batchSize))));
        for (let k = 0; k < size; k++) {
          const batch = mapTree(all, (rows: Tensor) => rows.slice(0, k * batchSize, (k + 1) * batchSize)) as Batch;
          const { state, metrics } = step(now, batch, constants, key.later(k), (turn + k) % this.#cycle);
          now = state;
          for (const [metric, value] of Object.entries(metrics)) {
            seen[metric] ??= [];
            seen[metric].push(value);
          }
        }
        // Every value comes out: a metric that some updates of a cycle lack has fewer of them than another.
        const metrics = Object.fromEntries(Object.entries(seen).map(([metric, values]) => [metric, stack(values)]));
        checkSameSpecs(like, now, name, "The state a step returns must have exactly the leaves it was given.");
        return { state: packed(now, packs) as never, outputs: { metrics } };
      },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const compiled of this.#compiled.values()) await (await compiled)[Symbol.asyncDispose]();
  }
}

/** The chosen rows of each column, in their order. */
const cut = (columns: Columns, { data }: NdArray): Columns =>
  Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, takeRows(column, data as Int32Array)]));

const specs = (tree: unknown): unknown => mapTree(tree, ({ shape, dtype }: Spec) => ({ shape, dtype }));
