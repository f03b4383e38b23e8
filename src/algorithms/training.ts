/**
 * Training as programs: the start, and K updates unrolled into one graph that gathers its own minibatches from resident
 * data. Nothing here knows which algorithm it runs; nothing here touches files.
 */
import { unreachable } from "../problems.ts";
import {
  Compiled,
  descendWith,
  fold,
  type Key,
  type Learner,
  learner,
  mapTree,
  type NdArray,
  ndarray,
  type Optimiser,
  type RandomKey,
  runOnce,
  type Spec,
  Store,
  stack,
  type Tensor,
  type TreeOf,
  trace,
} from "../tensor/index.ts";
import type { AnyAlgorithm, Sizes } from "./define.ts";
import type { Options } from "./options.ts";

export type Columns = { readonly [name: string]: NdArray };
type Scalars = { readonly [name: string]: Tensor };
type State = unknown;

/** Rows for each update: a function of its number alone. */
export interface Sampler {
  indices(update: number): Int32Array;
}

export interface Experience {
  readonly columns: Columns;
  readonly sampler: Sampler;
  readonly batchSize: number;
}

export interface TrainingSetup {
  readonly algorithm: AnyAlgorithm;
  /** Resolved options, by name. */
  readonly options: { readonly [name: string]: unknown };
  readonly sizes: Sizes;
  readonly key: RandomKey;
  readonly threads?: number;
  /** Updates in one compiled call; rounded up to whole cycles. Default 8. */
  readonly unroll?: number;
}

/** A run's learners in the runtime, and the programs that move them. */
export class Training implements AsyncDisposable {
  readonly setup: TrainingSetup;
  readonly cycle: number;
  readonly unroll: number;
  readonly #experience: Experience;
  readonly #store: Store;
  readonly #compiled = new Map<string, Promise<Compiled>>();
  #update: number;

  private constructor(setup: TrainingSetup, experience: Experience, state: unknown, update: number) {
    this.setup = setup;
    this.#experience = experience;
    this.#store = new Store(state as TreeOf<State, NdArray>);
    this.#update = update;
    this.cycle = setup.algorithm.cycle?.(setup.options) ?? 1;
    this.unroll = Math.ceil((setup.unroll ?? 8) / this.cycle) * this.cycle;
  }

  /** From the algorithm's own start, or from a state that was read before and the number of updates behind it. */
  static async start(
    setup: TrainingSetup,
    experience: Experience,
    from?: { readonly state: unknown; readonly update: number },
  ): Promise<Training> {
    return new Training(setup, experience, from?.state ?? (await initialState(setup)), from?.update ?? 0);
  }

  /** Updates made so far. */
  get update(): number {
    return this.#update;
  }
  read(): unknown {
    return this.#store.read();
  }

  /** Makes exactly `updates` more. @returns each metric's mean over them */
  async advance(updates: number): Promise<{ readonly [metric: string]: number }> {
    const sums = new Map<string, { sum: number; weight: number }>();
    let left = updates;
    while (left > 0) {
      // A resumed run must make the calls an uninterrupted one makes, so calls end on multiples of the unroll.
      const size = Math.min(left, this.unroll - (this.#update % this.unroll));
      const metrics = await this.#call(size);
      for (const [name, value] of Object.entries(metrics)) {
        // A metric that only some updates of a cycle have is the mean over the calls that had it.
        const { sum, weight } = sums.get(name) ?? { sum: 0, weight: 0 };
        sums.set(name, { sum: sum + value * size, weight: weight + size });
      }
      left -= size;
    }
    return Object.fromEntries([...sums].map(([name, { sum, weight }]) => [name, sum / weight]));
  }

  async #call(size: number): Promise<{ readonly [metric: string]: number }> {
    const { sampler, columns, batchSize } = this.#experience;
    const turn = this.#update % this.cycle;
    const compiled = await this.#program(size, turn);
    const rows = new Int32Array(size * batchSize);
    for (let k = 0; k < size; k++) rows.set(sampler.indices(this.#update + k), k * batchSize);
    const outputs = (await compiled.run(
      {
        data: columns,
        rows: { shape: [size, batchSize], dtype: "int32", data: rows },
        options: this.#scalars(),
      } as never,
      this.#store as never,
      { key: fold(this.setup.key, "updates"), update: this.#update },
    )) as { readonly [metric: string]: NdArray };
    this.#update += size;
    return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, Number(value.data[0])]));
  }

  #scalarValues: { readonly [name: string]: NdArray } | undefined;
  #scalars(): { readonly [name: string]: NdArray } {
    this.#scalarValues ??= scalarsOf(this.setup);
    return this.#scalarValues;
  }

  #program(size: number, turn: number): Promise<Compiled> {
    const name = `${size} from ${turn}`;
    const known =
      this.#compiled.get(name) ??
      Compiled.open(updatesProgram(this.setup, this.#experience, this.#store.specs, size, turn), {
        threads: this.setup.threads ?? 1,
      });
    this.#compiled.set(name, known as Promise<Compiled>);
    return known as Promise<Compiled>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const compiled of this.#compiled.values()) await (await compiled)[Symbol.asyncDispose]();
  }
}

/** The options that are inputs of programs, as scalars. */
export function scalarsOf({ algorithm, options }: Pick<TrainingSetup, "algorithm" | "options">): {
  readonly [name: string]: NdArray;
} {
  const traced = Object.entries(algorithm.options as Options).filter(([, option]) => option.traced);
  return Object.fromEntries(traced.map(([name]) => [name, { ...ndarray([options[name] as number]), shape: [] }]));
}

/** Options as a step sees them: tensors where they are inputs, plain values elsewhere. */
export const tracedOptions = (options: { readonly [name: string]: unknown }, scalars: Scalars): never =>
  ({ ...options, ...scalars }) as never;

const specs = (tree: unknown): never => mapTree(tree, ({ shape, dtype }: Spec) => ({ shape, dtype })) as never;

/** The learners an algorithm starts with. */
export async function initialState(setup: TrainingSetup): Promise<unknown> {
  const { algorithm, options, sizes, key } = setup;
  const scalars = scalarsOf(setup);
  const program = trace(
    `${algorithm.name}/init`,
    { state: {}, inputs: { options: specs(scalars) } },
    (state, inputs, draw) => {
      const nets = algorithm.networks(sizes, options);
      const optimisers = algorithm.optimisers(tracedOptions(options, inputs.options as Scalars)) as Record<
        string,
        Optimiser
      >;
      const learners = Object.fromEntries(
        Object.entries(nets as Record<string, { init(key: Key): unknown }>).map(([name, network]) => [
          name,
          learner(network.init(draw.at(name)), optimisers[name]),
        ]),
      );
      return { state, outputs: algorithm.init(learners) as unknown };
    },
  );
  return await runOnce(program, { options: scalars } as never, { key: fold(key, "start") });
}

function updatesProgram(
  setup: TrainingSetup,
  { columns, batchSize }: Experience,
  state: unknown,
  size: number,
  turn: number,
) {
  const { algorithm, options, sizes } = setup;
  const cycle = algorithm.cycle?.(options) ?? 1;
  const given = {
    state: state as never,
    inputs: {
      data: specs(columns),
      rows: { shape: [size, batchSize], dtype: "int32" } as Spec,
      options: specs(scalarsOf(setup)),
    },
  };
  return trace(`${algorithm.name}/${size}`, given, (first, inputs, key) => {
    const {
      data,
      rows,
      options: scalars,
    } = inputs as unknown as { data: Record<string, Tensor>; rows: Tensor; options: Scalars };
    const nets = algorithm.networks(sizes, options);
    const traced = tracedOptions(options, scalars);
    const optimisers = algorithm.optimisers(traced) as Record<string, Optimiser>;
    let now = first as Record<string, unknown>;
    const seen: Record<string, Tensor[]> = {};
    for (let k = 0; k < size; k++) {
      const chosen = rows.at(0, k);
      const batch = Object.fromEntries(Object.entries(data).map(([name, column]) => [name, column.gather(chosen)]));
      const context = { options: traced, nets, sizes, turn: (turn + k) % cycle, descend: descendOf(now, optimisers) };
      const { state: next, metrics } = algorithm.step(context as never, now, batch, key.later(k));
      now = next as Record<string, unknown>;
      for (const [name, value] of Object.entries(metrics as Record<string, Tensor>)) {
        seen[name] ??= [];
        seen[name].push(value);
      }
    }
    const outputs = Object.fromEntries(Object.entries(seen).map(([name, values]) => [name, stack(values).mean()]));
    return { state: now as never, outputs };
  });
}

/** `descend` for the learners of a state: each is moved by the optimiser of its own name. */
function descendOf(state: Record<string, unknown>, optimisers: Record<string, Optimiser>) {
  const nameOf = new Map(Object.entries(state).map(([name, value]) => [value, name]));
  return <P>(from: Learner<P>, loss: (params: P) => Tensor): readonly [Learner<P>, Tensor] => {
    const name = nameOf.get(from);
    if (name === undefined || !(name in optimisers))
      return unreachable("descend takes a learner as it stands in the state, under its network's name");
    const [moved, value] = descendWith(optimisers[name], from, loss);
    nameOf.set(moved, name); // a second step in the same update continues with the same optimiser
    return [moved, value];
  };
}
