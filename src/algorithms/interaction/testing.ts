/** Updates of methods that learn from rollouts, on rows given by hand; and the smallest world there is to play in. */
import { simulate } from "../../envs/index.ts";
import { box, discrete } from "../../spaces/index.ts";
import { leavesOf, type NdArray, ndarray, randomKey } from "../../tensor/index.ts";
import type { AnyAlgorithm, Sizes } from "../define.ts";
import { type Options, resolveOptions } from "../options.ts";
import { initialState, startTraining } from "../training.ts";

/** Rows for a step, each a list of numbers or of lists; actions that are choices are whole numbers. */
export interface HandmadeRows {
  readonly observation: readonly (readonly number[])[];
  readonly action: readonly number[] | readonly (readonly number[])[];
  readonly logProb?: readonly number[];
  readonly advantage: readonly number[];
  readonly value?: readonly number[];
  readonly target?: readonly number[];
  readonly played?: readonly number[];
}

const vectors = (rows: readonly (readonly number[])[]): NdArray =>
  ndarray(Float32Array.from(rows.flat()), { shape: [rows.length, rows[0].length] });

const isVectors = (rows: HandmadeRows["action"]): rows is readonly (readonly number[])[] => Array.isArray(rows[0]);

/** The state before and after updates that each see all rows. */
export async function updated(
  algorithm: AnyAlgorithm,
  sizes: Sizes,
  rows: HandmadeRows,
  given: Record<string, unknown> = {},
  updates = 1,
): Promise<{
  readonly before: Leaves;
  readonly after: Leaves;
  readonly metrics: { readonly [metric: string]: number };
}> {
  const declared = algorithm.options as Options;
  const options = resolveOptions(algorithm.name, declared, { hidden: [8], ...given });
  const setup = { algorithm, options, sizes, key: randomKey(4) };
  const count = rows.advantage.length;
  const numbers = (column: readonly number[] | undefined, usual: number): NdArray =>
    ndarray(Float32Array.from({ length: count }, (_, row) => column?.[row] ?? usual));
  const columns = {
    observation: vectors(rows.observation),
    action: isVectors(rows.action) ? vectors(rows.action) : ndarray(Int32Array.from(rows.action)),
    logProb: numbers(rows.logProb, 0),
    advantage: numbers(rows.advantage, 0),
    value: numbers(rows.value, 0),
    target: numbers(rows.target, 0),
    played: numbers(rows.played, 1),
  };
  const every = Int32Array.from({ length: count }, (_, row) => row);
  const start = await initialState(setup);
  const data = { columns, sampler: { indices: () => every }, batchSize: count };
  await using training = await startTraining(setup, data, { state: start, update: 0 });
  const metrics = await training.advance(updates);
  return { before: leaves(start), after: leaves(training.read()), metrics };
}

export type Leaves = ReadonlyMap<string, readonly number[]>;

const leaves = (state: unknown): Leaves =>
  new Map([...leavesOf<NdArray>(state)].map(([path, leaf]) => [path, Array.from(leaf.data, Number)]));

/** How far a part of the state moved: the largest change of any of its numbers. */
export function moved(part: string, { before, after }: { readonly before: Leaves; readonly after: Leaves }): number {
  let most = 0;
  for (const [path, numbers] of after) {
    if (!path.startsWith(part)) continue;
    numbers.forEach((value, i) => {
      most = Math.max(most, Math.abs(value - (before.get(path)?.[i] ?? Number.NaN)));
    });
  }
  return most;
}

/** Two arms: the one that is shown pays 1 with a chance of 0.8, the other with 0.2, and that is all. */
export const arms = () =>
  simulate<Float32Array, number>({
    name: "Arms-v0",
    observationSpace: box([-1], [1]),
    actionSpace: discrete(2),
    stateSize: 2,
    start(state, random) {
      state.set([random.integer(2), 0]);
    },
    advance(state, action, random) {
      state[1] = 1;
      return random.uniform() < (action === state[0] ? 0.8 : 0.2) ? 1 : 0;
    },
    ended: (state) => state[1] === 1,
    observe: (state) => Float32Array.of(state[0] * 2 - 1),
  });
