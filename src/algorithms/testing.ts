/** Small recordings and quick runs for the tests of algorithms. */
import assert from "node:assert/strict";
import { type DecisionLog, decisionLog, fromEpisodes, type Recording, type Trajectories } from "../data/index.ts";
import type { Distribution } from "../nn/index.ts";
import { box, dict, discrete, multiDiscrete, text } from "../spaces/index.ts";
import {
  type Columns,
  constant,
  evaluate,
  fold,
  generator,
  type Key,
  leavesOf,
  mapTree,
  type NdArray,
  ndarray,
  type RandomKey,
  randomKey,
  sizeOf,
  type Tensor,
} from "../tensor/index.ts";
import { wave } from "../tensor/testing.ts";
import type { Algorithm, AnyAlgorithm, Sources } from "./define.ts";
import { experienceFor } from "./experience.ts";
import { type Options, resolveOptions, type TracedOf, type ValuesOf } from "./options.ts";
import {
  decided,
  frozen,
  initialState,
  scalarsOf,
  startTraining,
  type TrainingSetup,
  tracedOptions,
} from "./training.ts";

const unit = (n: number) => box(Array<number>(n).fill(-1), Array<number>(n).fill(1));

const thirds = (x: number): number => (x > 0.3 ? 2 : x > -0.3 ? 1 : 0);

/** What became of two pushes in (−1, 1): as they are, the first alone in thirds, or both, in thirds and halves. */
const kinds = {
  continuous: { space: unit(2), action: (x: number, y: number) => Float32Array.of(x, y) },
  discrete: { space: discrete(3), action: (x: number) => thirds(x) },
  "multi-discrete": {
    space: multiDiscrete([3, 2]),
    action: (x: number, y: number) => Int32Array.of(thirds(x), Number(y > 0)),
  },
} as const;

const told = { words: ["go", "to", "there", "%"], length: 5 };

/** 24 episodes of a point that is pushed about; with sentences about where to, and how far that is. */
function wandering(kind: keyof typeof kinds, sentences = false): Recording {
  const { space, action } = kinds[kind];
  const episodes = Array.from({ length: 24 }, (_, e) => {
    const random = generator(fold(randomKey(3), e));
    const length = 5 + random.integer(6);
    const steps = Array.from({ length }, () => [random.between(-0.9, 0.9), random.between(-0.9, 0.9)]);
    const observations = Array.from({ length: length + 1 }, () =>
      Float32Array.from({ length: 3 }, () => random.normal()),
    );
    const goal = 5 * random.integer(20);
    const instruction = e % 4 === 0 ? "go there" : `go to ${goal}%`;
    return {
      observations: sentences ? observations.map((seen) => ({ instruction, seen })) : observations,
      extras: sentences ? { goal: steps.map(() => goal / 100), state: steps.map((_, t) => observations[t][1]) } : {},
      actions: steps.map(([x, y]) => action(x, y)),
      rewards: steps.map(([x, y], t) => x - y * y + 0.1 * observations[t][0]),
      terminated: e % 2 === 0,
    };
  });
  const free = box([-Infinity, -Infinity, -Infinity], [Infinity, Infinity, Infinity]);
  return fromEpisodes(episodes, {
    observationSpace: sentences ? dict({ instruction: text(20, told), seen: free }) : free,
    actionSpace: space,
  });
}

function choosing(): Recording {
  const random = generator(randomKey(4));
  const rows = 300;
  const context = Float32Array.from({ length: rows * 2 }, () => random.normal());
  const action = Int32Array.from({ length: rows }, () => random.choice([0.5, 0.3, 0.2]));
  const reward = Float64Array.from(action, (a, i) => (a === 2 ? context[2 * i] : 0.3 * a) + 0.1 * random.normal());
  return decisionLog({
    context: { shape: [rows, 2], dtype: "float32", data: context },
    actions: { count: 3, features: { shape: [3, 2], dtype: "float32", data: Float32Array.of(0, 1, 1, 0, 1, 1) } },
    action,
    propensity: Float64Array.from(action, (a) => [0.5, 0.3, 0.2][a]),
    reward,
  });
}

/** One recording for each kind of action the method makes. */
export function recordingsFor({ learnsFrom, actions, observations }: AnyAlgorithm): readonly Recording[] {
  if (learnsFrom === "decisions") return [choosing()];
  const sentences = observations === "with text";
  if (actions !== "any") return [wandering(actions, sentences)];
  return (["continuous", "discrete", "multi-discrete"] as const).map((kind) => wandering(kind, sentences));
}

/** Small enough for a test. */
export const tiny = {
  hidden: [8, 8],
  batchSize: 16,
  steps: 48,
  targetEvery: 8,
  explorationShare: 0.8,
  memory: 8,
  stretch: 3,
  parts: 2,
  fitting: 8,
  execute: 2,
  noiseSteps: 10,
  drawingSteps: 4,
};

export const flat = (tree: unknown): readonly [string, NdArray][] => [...leavesOf<NdArray>(tree)];

/** The paths whose values differ. */
export function changed(a: unknown, b: unknown): readonly string[] {
  const after = new Map(flat(b));
  return flat(a).flatMap(([path, value]) => {
    const other = after.get(path);
    const same =
      other && sizeOf(other.shape) === sizeOf(value.shape) && value.data.every((x, i) => x === other.data[i]);
    return same ? [] : [path];
  });
}

/** One step of a world small enough to solve by hand. */
export interface SmallStep {
  readonly observation: readonly number[];
  /** Numbers in [−1, 1], a choice, or several choices. */
  readonly action: readonly number[] | number;
  readonly reward?: number;
  /** What is seen next; left out, what was seen. */
  readonly next?: readonly number[];
  /** The world ended there; otherwise our clock did. */
  readonly terminated: boolean;
}

/** Each step as an episode of its own; `choices` says among how many, or for several choices among how many each. */
export function worldOf(
  steps: readonly SmallStep[],
  { choices }: { readonly choices?: number | readonly number[] } = {},
): Trajectories {
  const [{ observation, action }] = steps;
  const episodes = steps.map(({ observation: seen, action: done, reward = 0, next = seen, terminated }) => ({
    observations: [Float32Array.from(seen), Float32Array.from(next)],
    actions: [typeof done === "number" ? done : [...done]],
    rewards: [reward],
    terminated,
  }));
  return fromEpisodes(episodes, {
    observationSpace: box(-Infinity, Infinity, { shape: [observation.length] }),
    actionSpace:
      choices === undefined
        ? unit((action as readonly number[]).length)
        : typeof choices === "number"
          ? discrete(choices)
          : multiDiscrete(choices),
  });
}

export interface SmallDecision {
  readonly context: readonly number[];
  readonly action: number;
  readonly propensity: number;
  readonly reward: number;
  /** How many rows like this. Default 1. */
  readonly times?: number;
}

/** A log in which each decision is as frequent as it says, so that nothing is left to luck. */
export function logOf(decisions: readonly SmallDecision[], choices: number): DecisionLog {
  const rows = decisions.flatMap((decision) => Array<SmallDecision>(decision.times ?? 1).fill(decision));
  return decisionLog({
    context: rows.map(({ context }) => context),
    actions: choices,
    action: rows.map(({ action }) => action),
    propensity: rows.map(({ propensity }) => propensity),
    reward: rows.map(({ reward }) => reward),
  });
}

export interface RunOptions<O extends Options> {
  readonly options?: Partial<ValuesOf<O>>;
  /** Also the length of schedules. Default 1000. */
  readonly updates?: number;
  readonly key?: RandomKey;
  /** A state to go on from, in place of the method's own start. */
  readonly from?: unknown;
  /** In place of the columns that the recording gives. */
  readonly columns?: Columns;
}

export interface Ran<O extends Options, N, S> {
  /** Before and after, as constants. */
  readonly start: S;
  readonly state: S;
  /** Both again, as values. */
  readonly values: { readonly start: unknown; readonly state: unknown };
  readonly nets: N;
  readonly options: TracedOf<O>;
  /** Means over the run. */
  readonly metrics: { readonly [metric: string]: number };
  readonly columns: { readonly [name: string]: Tensor };
  /** What the state, or another one, does at these observations. */
  readonly policy: (observations: readonly (readonly number[])[], state?: S) => Distribution;
}

const quick = { hidden: [32, 32], learningRate: 1e-2, normaliseObservations: false };

/** Runs a method's updates, each on every row of the recording, so that nothing is left to luck. */
export async function run<D extends keyof Sources, O extends Options, N, S, M extends string>(
  algorithm: Algorithm<D, O, N, S, M>,
  recording: Recording,
  given: RunOptions<O> = {},
): Promise<Ran<O, N, S>> {
  const { updates = 1000, key = randomKey(1), from } = given;
  const mine = Object.entries({ ...quick, steps: updates }).filter(([name]) => name in algorithm.options);
  const resolved = resolveOptions(algorithm.name, algorithm.options, { ...Object.fromEntries(mine), ...given.options });
  const experience = experienceFor(algorithm, resolved, recording);
  const columns = given.columns ?? experience.columns;
  const setup: TrainingSetup = { algorithm, options: resolved, sizes: experience.sizes, key };
  const start = from ?? (await initialState(setup));
  const rows = Int32Array.from({ length: Object.values(columns)[0].shape[0] }, (_, row) => row);
  const data = { columns, sampler: { indices: () => rows }, batchSize: rows.length };
  await using training = await startTraining(setup, data, { state: start, update: 0 });
  const metrics = await training.advance(updates);
  const values = { start, state: training.read() };
  const state = frozen(values.state) as S;
  const nets = algorithm.networks(experience.sizes, resolved);
  const options: TracedOf<O> = tracedOptions(resolved, frozen(scalarsOf(setup)) as never);
  return {
    start: frozen(start) as S,
    state,
    values,
    nets,
    options,
    metrics,
    columns: Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, constant(column)])),
    policy: (observations, of = state) =>
      decided(algorithm, { options, nets, sizes: experience.sizes }, of, rowsOf(observations)).distribution,
  };
}

/** Numbers as a tensor [rows, columns]. */
export const rowsOf = (rows: readonly (readonly number[])[]): Tensor =>
  constant(ndarray(Float32Array.from(rows.flat()), { shape: [rows.length, rows[0].length] }));

/** What a tensor made of constants is. */
export const read = (tensor: Tensor): number[] => Array.from(evaluate([tensor])[0].data, Number);

/** @throws AssertionError naming the first number that is further off than the tolerance */
export function close(got: readonly number[], wanted: readonly number[], tolerance: number, what = "value"): void {
  assert.equal(got.length, wanted.length, `${what}: ${got.length} numbers, wanted ${wanted.length}`);
  got.forEach((value, i) => {
    assert.ok(Math.abs(value - wanted[i]) <= tolerance, `${what} ${i} is ${value}, wanted ${wanted[i]} ± ${tolerance}`);
  });
}

/** What training moves, and its delayed copies. */
export const isParameter = (path: string): boolean => /\/params\/|^targets?\//.test(path);

const noises: { readonly [name: string]: readonly [at: number, scale: number] } = {
  smoothing: [60, 4],
  next: [70, 1.2],
  now: [80, 1.2],
  0: [90, 0.4],
  1: [91, 0.4],
  2: [92, 0.4],
  own: [85, 1.2],
  anywhere: [95, 0.49],
};

/** Noise that both sides of a golden value can compute, another for each name and place in the cycle. */
export const closedForm = (turn: number): Key =>
  ({
    at(name: string | number) {
      const [at, scale] = noises[name];
      const noise = (...shape: number[]) => constant(wave(shape, at + turn, scale));
      return { normal: noise, gumbel: noise, uniform: (...shape: number[]) => noise(...shape).add(0.5) };
    },
  }) as unknown as Key;

/** A start in mid-training, in the form the algorithm's own start has: optimisers have taken ten steps. */
export async function midTraining(setup: TrainingSetup): Promise<unknown> {
  const blank = await initialState(setup);
  const places = [...leavesOf(blank).keys()].filter(isParameter).sort();
  return mapTree(blank, (leaf: NdArray, path): NdArray => {
    const { shape } = leaf;
    if (path.endsWith("/step")) return { ...leaf, data: Int32Array.of(10) };
    if (places.includes(path)) return wave(shape, places.indexOf(path), 0.6);
    const [, name, kind, rest] = /^(\w+)\/memory(?:\/\d+)+\/(?:(mean|square)\/)?(.*)$/.exec(path) ?? [];
    if (name === undefined) return leaf;
    const at = places.indexOf(`${name}/params/${rest}`);
    assert.ok(at >= 0, path);
    // Adam's moments are kept without their factors 1 − β: 0.1 and 0.001; RMSprop's is kept as it is.
    if (kind === "mean") return wave(shape, at + 200, 0.02 / 0.1);
    const square = wave(shape, at + 300, 0.02);
    const factor = kind === "square" ? 0.001 : 1;
    return { ...square, data: Float32Array.from(square.data as Float32Array, (v) => (v * v + 1e-4) / factor) };
  });
}
