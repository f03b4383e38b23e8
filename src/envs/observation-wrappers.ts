/** Wrappers that change, limit, delay or disturb what is seen. Those that flatten, stack or normalise are in observations.ts. */
import { problem } from "../problems.ts";
import { describe, isBounded } from "../spaces/contains.ts";
import { copyValue, valueFromJson, valueToJson } from "../spaces/json.ts";
import { box, boxValue, dict, discrete, multiDiscrete } from "../spaces/make.ts";
import type { Box, Space, Value } from "../spaces/space.ts";
import { sizeOf } from "../tensor/ndarray.ts";
import type { Environment, WrappedEnvironment } from "./environment.ts";
import { boxOf, observed } from "./observations.ts";
import { specOf } from "./spec.ts";
import { wrap } from "./wrap.ts";
import { wrapperRandom } from "./wrapper-random.ts";

/**
 * Observations passed through a function, which must return a new value each time.
 * @param space of what it returns
 */
export const transformObservation = (
  env: Environment,
  space: Space,
  change: (observation: Value) => Value,
): WrappedEnvironment => wrap(env, observed(env, space, change));

/**
 * Of a Dict observation, only the entries that are named.
 * @throws Problem "bad-value" when it is no Dict, "unknown-name" for an entry it does not have
 */
export function filterObservation(env: Environment, names: readonly string[]): WrappedEnvironment {
  const space = env.observationSpace;
  const where = `filterObservation(${env.name})`;
  if (space.kind !== "dict") {
    throw problem("bad-value", { where, given: describe(space), wanted: "a Dict observation" });
  }
  for (const name of names) {
    if (Object.hasOwn(space.entries, name)) continue;
    throw problem("unknown-name", { where, what: "entry", name, known: Object.keys(space.entries) });
  }
  const of = <T>(all: { readonly [name: string]: T }) => Object.fromEntries(names.map((name) => [name, all[name]]));
  return transformObservation(env, dict(of(space.entries)), (seen) => of(seen as { readonly [name: string]: Value }));
}

function boundedBox(env: Environment, where: string): Box {
  const space = boxOf(env, where);
  if (isBounded(space)) return space;
  const wanted = "a Box observation with finite bounds";
  throw problem("bad-value", { where: `${where}(${env.name})`, given: describe(space), wanted });
}

/**
 * Observations mapped linearly from the space's bounds onto [low, high].
 * @throws Problem "bad-value" when the observation is not a bounded Box
 */
export function rescaleObservation(env: Environment, low = -1, high = 1): WrappedEnvironment {
  const from = boundedBox(env, "rescaleObservation");
  const to = box(low, high, { shape: from.shape, dtype: from.dtype });
  return transformObservation(env, to, (seen) =>
    (seen as Float32Array).map((value, i) => {
      const width = from.high[i] - from.low[i];
      const part = width === 0 ? 0 : Math.min(1, Math.max(0, (value - from.low[i]) / width));
      return low + part * (high - low);
    }),
  );
}

/**
 * Each number of a bounded Box as the bin it falls into, of `bins` equal ones between its bounds: MultiDiscrete, or with
 * `joint` one Discrete over all combinations, the last number fastest (for tables).
 * @throws Problem "bad-value" when the observation is not a bounded Box, or bins are not whole numbers of at least 1
 */
export function discretiseObservation(
  env: Environment,
  bins: number | readonly number[],
  { joint = false }: { readonly joint?: boolean } = {},
): WrappedEnvironment {
  const from = boundedBox(env, "discretiseObservation");
  const size = sizeOf(from.shape);
  const counts = typeof bins === "number" ? new Array<number>(size).fill(bins) : bins;
  if (counts.length !== size || !counts.every((n) => Number.isSafeInteger(n) && n >= 1)) {
    const wanted = `whole numbers of at least 1, one or ${size}`;
    throw problem("bad-value", { where: `discretiseObservation(${env.name}) bins`, given: counts.join(", "), wanted });
  }
  const binsOf = (seen: Value): Int32Array =>
    Int32Array.from(seen as Float32Array, (value, i) => {
      const part = (value - from.low[i]) / (from.high[i] - from.low[i]);
      return Math.min(counts[i] - 1, Math.max(0, Math.floor(part * counts[i])));
    });
  if (!joint) return transformObservation(env, multiDiscrete(counts), binsOf);
  const all = counts.reduce((product, n) => product * n, 1);
  return transformObservation(env, discrete(all), (seen) =>
    binsOf(seen).reduce((index, bin, i) => index * counts[i] + bin, 0),
  );
}

/**
 * Whole numbers of a bounded Box one-hot, end to end: a grid of cells that hold 0 … k − 1 becomes k numbers a cell.
 * @throws Problem "bad-value" when the observation is not a Box between whole numbers
 */
export function oneHotObservation(env: Environment): WrappedEnvironment {
  const from = boundedBox(env, "oneHotObservation");
  if (![...from.low, ...from.high].every(Number.isInteger)) {
    const wanted = "bounds that are whole numbers";
    throw problem("bad-value", { where: `oneHotObservation(${env.name})`, given: describe(from), wanted });
  }
  const starts: number[] = [0];
  from.low.forEach((low, i) => {
    starts.push(starts[i] + from.high[i] - low + 1);
  });
  const size = starts[from.low.length];
  return transformObservation(env, box(0, 1, { shape: [size] }), (seen) => {
    const hot = new Float32Array(size);
    (seen as Float32Array).forEach((value, i) => {
      hot[starts[i] + Math.round(value) - from.low[i]] = 1;
    });
    return hot;
  });
}

/**
 * Adds the share of the episode that has passed, 0 … 1, as one more number of a Box or as the entry "time" of a Dict:
 * without it, nothing an agent sees tells how near a time limit is (Pardo et al. 2018, arXiv:1712.00378).
 * @param maxSteps the time limit; default the one `make` gave
 * @throws Problem "bad-value" when there is no limit, or the observation is neither a flat Box nor a Dict
 */
export function timeAwareObservation(
  env: Environment,
  maxSteps: number = specOf(env)?.maxSteps ?? Number.NaN,
): WrappedEnvironment {
  const where = `timeAwareObservation(${env.name})`;
  const space = env.observationSpace;
  if (!Number.isSafeInteger(maxSteps) || maxSteps < 1) {
    const next = "Give the time limit, as this environment was made without one.";
    throw problem("bad-value", { where, given: maxSteps, wanted: "a whole number of steps of at least 1", next });
  }
  if (space.kind !== "dict" && (space.kind !== "box" || space.shape.length !== 1)) {
    const next = "Wrap it in flattenObservation first.";
    throw problem("bad-value", { where, given: describe(space), wanted: "a Box of one axis, or a Dict", next });
  }
  let elapsed = 0;
  const timed =
    space.kind === "dict"
      ? dict({ ...space.entries, time: box(0, 1) })
      : box([...space.low, 0], [...space.high, 1], { dtype: space.dtype });
  return wrap(env, {
    ...observed(env, timed, (seen, first) => {
      elapsed = first ? 0 : elapsed + 1;
      const part = Math.min(1, elapsed / maxSteps);
      if (space.kind === "dict")
        return { ...(seen as { readonly [name: string]: Value }), time: Float32Array.of(part) };
      return boxValue(space, [...(seen as Float32Array), part]);
    }),
    state: {
      save: () => elapsed,
      restore(saved) {
        elapsed = Number(saved);
      },
    },
  });
}

/**
 * What is seen is what was the case `steps` steps ago; until then, the first observation.
 * @throws Problem "bad-value" when steps is not a whole number of at least 0
 */
export function delayObservation(env: Environment, steps: number): WrappedEnvironment {
  if (!Number.isSafeInteger(steps) || steps < 0) {
    throw problem("bad-value", { where: "delayObservation", given: steps, wanted: "a whole number of at least 0" });
  }
  const space = env.observationSpace;
  let waiting: Value[] = [];
  return wrap(env, {
    ...observed(env, space, (seen, first) => {
      if (first) waiting = new Array<Value>(steps).fill(seen);
      waiting.push(seen);
      const due = waiting.shift()!;
      // The first observation is shown several times, and each is the caller's to keep.
      return copyValue(due);
    }),
    state: {
      save: () => waiting.map((value) => valueToJson(space, value)),
      restore(saved) {
        waiting = (saved as readonly unknown[]).map((value) => valueFromJson(space, value));
      },
    },
  });
}

/**
 * Adds normal noise to each number seen, and clips it back into the space.
 * @param std in the observation's units
 * @throws Problem "bad-value" when the observation is no Box
 */
export function noisyObservation(env: Environment, std: number): WrappedEnvironment {
  const space = boxOf(env, "noisyObservation");
  const random = wrapperRandom("noisy observation");
  const noisy = (seen: Value): Value =>
    (seen as Float32Array).map((value, i) =>
      Math.min(space.high[i], Math.max(space.low[i], value + std * random.now().normal())),
    );
  return wrap(env, {
    reset(options) {
      const { observation, info } = env.reset(options);
      random.begin(options);
      return { observation: noisy(observation), info };
    },
    step(action) {
      const step = env.step(action);
      return { ...step, observation: noisy(step.observation) };
    },
    state: random,
  });
}
