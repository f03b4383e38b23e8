/** Wrappers about observations. */
import { problem } from "../problems.ts";
import { describe } from "../spaces/contains.ts";
import { flatDim, flatten } from "../spaces/flatten.ts";
import { box } from "../spaces/make.ts";
import type { Box, Space, Value } from "../spaces/space.ts";
import { sizeOf } from "../tensor/ndarray.ts";
import type { Environment, WrappedEnvironment } from "./environment.ts";
import { wrap } from "./wrap.ts";

/** Every observation passed through a function. */
export const observed = (env: Environment, space: Space, change: (observation: Value, first: boolean) => Value) => ({
  observationSpace: space,
  reset: (options?: { readonly seed?: number }) => {
    const { observation, info } = env.reset(options);
    return { observation: change(observation, true), info };
  },
  step: (action: Value) => {
    const step = env.step(action);
    return { ...step, observation: change(step.observation, false) };
  },
});

/** @throws Problem "bad-value" when the observation is no Box */
export function boxOf(env: Environment, where: string): Box {
  if (env.observationSpace.kind === "box") return env.observationSpace;
  throw problem("bad-value", {
    where: `${where}(${env.name})`,
    given: describe(env.observationSpace),
    wanted: "a Box observation",
    next: "Wrap it in flattenObservation first.",
  });
}

const open = (shape: readonly number[]): Box => box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape });

/** Mean and standard deviation of each element of the observations seen. */
export interface Statistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly count: number;
}

/**
 * Observations as (observation − mean) / std, clipped to ±clip. With `mean` and `std` given they stay as they are;
 * otherwise they are measured over all observations seen so far (Welford), which a policy trained on them needs too:
 * `statistics()` returns them. The measure is part of what `save` saves.
 * @throws Problem "bad-value" when the observation is not a Box, or mean and std do not fit it
 */
export function normaliseObservation(
  env: Environment,
  options: {
    readonly mean?: readonly number[];
    readonly std?: readonly number[];
    readonly clip?: number;
    readonly epsilon?: number;
  } = {},
): WrappedEnvironment & { statistics(): Statistics } {
  const space = boxOf(env, "normaliseObservation");
  const size = sizeOf(space.shape);
  const { clip = 10, epsilon = 1e-8 } = options;
  if ((options.mean === undefined) !== (options.std === undefined)) {
    const wanted = "mean and std together, or neither";
    throw problem("bad-value", { where: "normaliseObservation", given: "one of mean and std", wanted });
  }
  for (const [name, given] of Object.entries({ mean: options.mean, std: options.std })) {
    if (given !== undefined && given.length !== size) {
      const where = `normaliseObservation ${name}`;
      throw problem("bad-value", { where, given: `${given.length} numbers`, wanted: `${size}, one an element` });
    }
  }
  const fixed = options.mean !== undefined;
  let count = 0;
  let mean = [...(options.mean ?? new Array<number>(size).fill(0))];
  let squares = new Array<number>(size).fill(0);
  const std = (i: number): number =>
    options.std !== undefined ? options.std[i] : count < 2 ? 1 : Math.sqrt(squares[i] / count + epsilon);

  const wrapped = wrap(env, {
    ...observed(env, box(-clip, clip, { shape: space.shape }), (observation) => {
      const numbers = observation as Float32Array;
      if (!fixed) {
        count++;
        for (let i = 0; i < size; i++) {
          const change = numbers[i] - mean[i];
          mean[i] += change / count;
          squares[i] += change * (numbers[i] - mean[i]);
        }
      }
      return Float32Array.from(numbers, (value, i) => Math.max(-clip, Math.min(clip, (value - mean[i]) / std(i))));
    }),
    state: {
      save: () => ({ count, mean: [...mean], squares: [...squares] }),
      restore(saved) {
        const from = saved as { count: number; mean: number[]; squares: number[] };
        count = from.count;
        mean = [...from.mean];
        squares = [...from.squares];
      },
    },
  });
  return { ...wrapped, statistics: () => ({ mean: [...mean], std: mean.map((_, i) => std(i)), count }) };
}

/** Observations as one float32 row: Discrete one-hot, Dict and Tuple end to end (see spaces/flatten). */
export function flattenObservation(env: Environment): WrappedEnvironment {
  const space = env.observationSpace;
  const size = flatDim(space);
  const flat =
    space.kind === "box"
      ? box(space.low, space.high, { shape: [size] })
      : space.kind === "discrete" || space.kind === "multi-discrete"
        ? box(0, 1, { shape: [size] })
        : open([size]);
  return wrap(
    env,
    observed(env, flat, (observation) => flatten(space, observation)),
  );
}

/**
 * The last `depth` observations along a new leading axis, oldest first. At reset the first one fills every place.
 * @throws Problem "bad-value" when the observation is not a Box or depth is not a whole number of at least 1
 */
export function frameStack(env: Environment, depth: number): WrappedEnvironment {
  const space = boxOf(env, "frameStack");
  if (!Number.isSafeInteger(depth) || depth < 1) {
    throw problem("bad-value", { where: "frameStack", given: depth, wanted: "a whole number of at least 1" });
  }
  const size = sizeOf(space.shape);
  const repeat = (bounds: readonly number[]): number[] => Array.from({ length: depth }, () => bounds).flat();
  const stacked = box(repeat(space.low), repeat(space.high), { shape: [depth, ...space.shape] });
  let frames = new Float32Array(depth * size);
  return wrap(env, {
    ...observed(env, stacked, (observation, first) => {
      const newest = observation as Float32Array;
      if (first) for (let i = 0; i < depth; i++) frames.set(newest, i * size);
      else {
        frames.copyWithin(0, size);
        frames.set(newest, (depth - 1) * size);
      }
      return frames.slice();
    }),
    state: {
      save: () => [...frames],
      restore(saved) {
        frames = Float32Array.from(saved as number[]);
      },
    },
  });
}
