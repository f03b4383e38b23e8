/** A training program as both sides run it: from a start, minibatch by minibatch. */
import {
  type Backend,
  type Columns,
  fold,
  type Key,
  leavesOf,
  type NdArray,
  permutation,
  type RandomKey,
  randomKey,
  runOnce,
  type Tensor,
  type TreeOf,
  trace,
  Updates,
} from "../../src/tensor/index.ts";

/** Updates in one call, as `train` makes them. */
export const unrolled = 16;

export interface Opened {
  readonly threads?: number;
  readonly backend?: Backend;
  /** Updates in one call, whole cycles. Default: the program's own. */
  readonly unroll?: number;
}

export interface TrainingProgram {
  readonly name: string;
  /** After how many updates the pattern of updates repeats. */
  readonly cycle: number;
  /** Updates in one call. */
  readonly unroll: number;
  /** The metric that falls where it learns. */
  readonly loss: string;
  open(how?: Opened): Promise<Updates<unknown, unknown>>;
}

/** What a program of this folder says: a start and a step, over rows of its columns. */
export interface Described<S> {
  readonly name: string;
  readonly columns: Columns;
  readonly batchSize: number;
  readonly loss: string;
  readonly unroll?: number;
  init(key: Key): S;
  step(
    state: S,
    batch: { readonly [name: string]: Tensor },
    key: Key,
  ): { readonly state: S; readonly metrics: { readonly [name: string]: Tensor } };
}

export function trainingProgram<S>({ init, step, unroll = unrolled, loss, ...rule }: Described<S>): TrainingProgram {
  const key = randomKey(0);
  return {
    name: rule.name,
    cycle: 1,
    unroll,
    loss,
    async open({ threads = 1, backend, unroll: calls = unroll } = {}) {
      const [{ shape }] = Object.values(rule.columns);
      return new Updates<unknown, unknown>(
        {
          ...rule,
          rows: shuffled(shape[0], rule.batchSize, key),
          inputs: {},
          key,
          unroll: calls,
          step: (state, batch, _inputs, draw) => step(state as S, batch, draw) as never,
        },
        { state: await startOf(init, key), update: 0 },
        { threads, ...(backend ? { backend } : {}) },
      );
    },
  };
}

const startOf = async (init: (key: Key) => unknown, key: RandomKey): Promise<TreeOf<unknown, NdArray>> => {
  const program = trace("start", { state: {}, inputs: {} }, (state, _inputs, draw) => ({ state, outputs: init(draw) }));
  return (await runOnce(program, {}, { key: fold(key, "start") })) as never;
};

/** Rows without replacement, pass after pass. */
function shuffled(count: number, batchSize: number, key: RandomKey): (update: number) => Int32Array {
  const perPass = Math.floor(count / batchSize);
  let order = { pass: -1, rows: new Int32Array() };
  return (update) => {
    const pass = Math.floor(update / perPass);
    if (order.pass !== pass) order = { pass, rows: Int32Array.from(permutation(count, fold(key, "pass", pass))) };
    const from = (update % perPass) * batchSize;
    return order.rows.subarray(from, from + batchSize);
  };
}

/** Numbers that are trained: what stands under "params" in a state. */
export function parametersOf(state: unknown): number {
  return [...leavesOf<NdArray>(state)]
    .filter(([path]) => /(?:^|\/)params\//.test(path) || path.endsWith("/params"))
    .reduce((sum, [, { data }]) => sum + data.length, 0);
}
