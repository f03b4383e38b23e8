/** An algorithm's updates as programs. Nothing here knows which algorithm it runs; nothing here touches files. */

import type { Planning, Remembered, Remembering } from "../policies/index.ts";
import { unreachable } from "../problems.ts";
import {
  type Backend,
  type ColumnSource,
  type Columns,
  checkSameSpecs,
  constant,
  descendWith,
  fold,
  type Key,
  type Learner,
  learner,
  mapTree,
  type NdArray,
  ndarray,
  type Optimiser,
  type Provider,
  type RandomKey,
  runOnce,
  type Spec,
  type Tensor,
  type TreeOf,
  trace,
  Updates,
} from "../tensor/index.ts";
import type { AnyAlgorithm, Sizes } from "./define.ts";
import type { Options } from "./options.ts";

type Scalars = { readonly [name: string]: Tensor };

/** Rows for each update: a function of its number alone. */
export interface Sampler {
  indices(update: number): Int32Array;
}

export interface TrainingData {
  readonly columns: Columns | ColumnSource;
  readonly sampler: Sampler;
  readonly batchSize: number;
  /** Told what each call's updates gave, [updates, …] a metric; "surprise" [updates, batch] among them where the method says. */
  heard?(first: number, metrics: { readonly [metric: string]: NdArray }): void;
}

export interface TrainingSetup {
  readonly algorithm: AnyAlgorithm;
  /** Resolved options, by name. */
  readonly options: { readonly [name: string]: unknown };
  readonly sizes: Sizes;
  readonly key: RandomKey;
  readonly threads?: number;
  /** What executes the updates. Default: the processor. */
  readonly provider?: Provider;
  /** Where programs run. Default: ONNX Runtime for this platform. */
  readonly backend?: Backend;
  /** Updates in one compiled call; rounded up to whole cycles. Default 16. */
  readonly unroll?: number;
}

/** A run's learners in the runtime. */
export type Training = Updates<unknown, unknown>;

/** From the algorithm's own start, or from a state that was read before and the number of updates behind it. */
export async function startTraining(
  setup: TrainingSetup,
  { columns, sampler, batchSize, heard }: TrainingData,
  from?: { readonly state: unknown; readonly update: number },
): Promise<Training> {
  const { algorithm, options, sizes, key, unroll, threads = 1, provider, backend } = setup;
  const nets = algorithm.networks(sizes, options);
  return new Updates<unknown, unknown>(
    {
      name: algorithm.name,
      columns,
      batchSize,
      rows: (update) => sampler.indices(update),
      inputs: scalarsOf(setup) as never,
      key,
      cycle: algorithm.cycle?.(options) ?? 1,
      ...(unroll ? { unroll } : {}),
      step(state, batch, scalars, draw, turn) {
        const traced = tracedOptions(options, scalars as Scalars);
        const optimisers = algorithm.optimisers(traced) as Record<string, Optimiser>;
        const context = { options: traced, nets, sizes, turn, descend: descendOf(state as never, optimisers) };
        const {
          state: next,
          metrics,
          surprise,
        } = algorithm.step(context as never, state, inParts(batch) as never, draw);
        return { state: next, metrics: surprise ? { ...metrics, surprise } : metrics } as never;
      },
      ...(heard ? { heard } : {}),
    },
    { state: (from?.state ?? (await initialState(setup))) as never, update: from?.update ?? 0 },
    { threads, ...(provider ? { provider } : {}), ...(backend ? { backend } : {}) },
  );
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

/** The learners an algorithm starts with. */
export async function initialState(setup: TrainingSetup): Promise<unknown> {
  const { algorithm, options, sizes, key } = setup;
  const scalars = scalarsOf(setup);
  const given = { state: {}, inputs: mapTree(scalars, ({ shape, dtype }: Spec) => ({ shape, dtype })) };
  const program = trace(`${algorithm.name}, start`, given, (state, inputs, draw) => {
    const nets = algorithm.networks(sizes, options) as Record<string, { init(key: Key): unknown }>;
    const optimisers = algorithm.optimisers(tracedOptions(options, inputs as never)) as Record<string, Optimiser>;
    const learners = Object.entries(nets).map(([name, network]) => [
      name,
      learner(network.init(draw.at(name)), optimisers[name]),
    ]);
    return { state, outputs: algorithm.init(Object.fromEntries(learners), sizes, options) as unknown };
  });
  return await runOnce(program, scalars as never, { key: fold(key, "start") });
}

/**
 * The algorithm's own start with everything that another run of it learned; optimisers begin anew.
 * @throws Problem "tree-mismatch", "tree-leaf" when that run's networks were others
 */
export async function stateFrom(setup: TrainingSetup, learned: unknown): Promise<unknown> {
  const fresh = (await initialState(setup)) as { readonly [part: string]: object };
  const next = "Begin with the state of a run of the same method, whose networks have the same sizes.";
  checkSameSpecs(fresh, learned, `${setup.algorithm.name}, from`, next);
  const parts = Object.entries(learned as { readonly [part: string]: object }).map(([name, part]) => {
    const own = fresh[name];
    return [name, "params" in part && "memory" in part ? { ...own, params: part.params } : part];
  });
  return Object.fromEntries(parts);
}

/** `descend` for the learners of a state: each is moved by the optimiser of its own name. */
function descendOf(state: Record<string, unknown>, optimisers: Record<string, Optimiser>) {
  const nameOf = new Map(Object.entries(state).map(([name, value]) => [value, name]));
  return <P>(from: Learner<P>, loss: (params: P) => Tensor): readonly [Learner<P>, Tensor] => {
    const name = nameOf.get(from);
    if (name === undefined || !(name in optimisers)) {
      return unreachable("descend takes a learner as it stands in the state, under its network's name");
    }
    const [moved, value] = descendWith(optimisers[name], from, loss);
    nameOf.set(moved, name); // a second step in the same update continues with the same optimiser
    return [moved, value];
  };
}

/** A state's values as constants: what a policy is traced with. */
export const frozen = (state: unknown): unknown =>
  mapTree(state, (leaf: NdArray) => constant(leaf)) as TreeOf<unknown, Tensor>;

/** What a policy decides, and what it carries on where it remembers. */
export function decided(
  algorithm: AnyAlgorithm,
  context: unknown,
  state: unknown,
  observation: Tensor,
  memory: Remembered = {},
): Remembering {
  const made = algorithm.policy(context as never, state, observation, memory);
  if ("follow" in made) return firstOf(made);
  return "distribution" in made ? made : { distribution: made, memory: {} };
}

/** A plan as what is done of it now. What is carried depends on the draw, which only an exported policy keeps. */
const firstOf = ({ distribution, follow }: Planning): Remembering => ({
  distribution: {
    ...distribution,
    mode: () => follow(distribution.mode()).action,
    sample: (key) => follow(distribution.sample(key)).action,
  },
  memory: {},
});

/** Columns named "part/name" as a record under their part. */
function inParts(batch: { readonly [column: string]: Tensor }): { readonly [part: string]: unknown } {
  const parts: { [part: string]: Tensor | { [name: string]: Tensor } } = {};
  for (const [column, x] of Object.entries(batch)) {
    const [part, name] = column.split("/");
    if (name === undefined) parts[part] = x;
    else parts[part] = { ...(parts[part] as { [name: string]: Tensor } | undefined), [name]: x };
  }
  return parts;
}
