/** Wrappers about actions that are clipped, rescaled, chosen among, repeated or disturbed on their way. */
import { problem } from "../problems.ts";
import { contains, describe, describeValue, isBounded } from "../spaces/contains.ts";
import { copyValue, valueFromJson, valueToJson } from "../spaces/json.ts";
import { box, boxValue, discrete, multiDiscrete } from "../spaces/make.ts";
import type { Box, Space, Value } from "../spaces/space.ts";
import { sizeOf } from "../tensor/ndarray.ts";
import type { Environment, Step, WrappedEnvironment } from "./environment.ts";
import { wrap } from "./wrap.ts";
import { wrapperRandom } from "./wrapper-random.ts";

function checkAction(env: Environment, space: Space, action: Value): void {
  if (contains(space, action)) return;
  const given = describeValue(action);
  throw problem("outside-space", { where: `${env.name}.step`, given, space: describe(space) });
}

/**
 * Takes actions of `space` and hands on what `change` makes of them.
 * @example transformAction(env, box(-1, 1), (action) => (action as Float32Array)[0] > 0 ? 1 : 0)
 */
export function transformAction(env: Environment, space: Space, change: (action: Value) => Value): WrappedEnvironment {
  return wrap(env, {
    actionSpace: space,
    step(action) {
      checkAction(env, space, action);
      return env.step(change(action));
    },
  });
}

function boxOf(env: Environment, where: string): Box {
  const space = env.actionSpace;
  if (space.kind === "box") return space;
  throw problem("bad-value", { where: `${where}(${env.name})`, given: describe(space), wanted: "a Box action" });
}

function boundedBox(env: Environment, where: string): Box {
  const space = env.actionSpace;
  if (space.kind === "box" && isBounded(space)) return space;
  const wanted = "a Box with finite bounds";
  throw problem("bad-value", { where: `${where}(${env.name})`, given: describe(space), wanted });
}

/** Takes any real action of the right length and clips it into the action space. */
export function clipAction(env: Environment): WrappedEnvironment {
  const space = boxOf(env, "clipAction");
  const open = box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape: space.shape, dtype: space.dtype });
  return wrap(env, {
    actionSpace: open,
    step(action) {
      checkAction(env, open, action);
      return env.step(
        (action as Float32Array).map((value, i) => Math.min(space.high[i], Math.max(space.low[i], value))),
      );
    },
  });
}

/**
 * Takes actions in [low, high] and maps them linearly onto the bounds of the action space.
 * @throws Problem "bad-value" when the action space is not a bounded Box
 */
export function rescaleAction(env: Environment, low = -1, high = 1): WrappedEnvironment {
  const space = boundedBox(env, "rescaleAction");
  const outer = box(low, high, { shape: space.shape, dtype: space.dtype });
  return wrap(env, {
    actionSpace: outer,
    step(action) {
      checkAction(env, outer, action);
      return env.step(
        (action as Float32Array).map((value, i) => {
          const part = Math.min(1, Math.max(0, (value - low) / (high - low)));
          return space.low[i] + part * (space.high[i] - space.low[i]);
        }),
      );
    },
  });
}

/**
 * Real actions as choices among `bins` values of each number, evenly spaced with the bounds among them (one bin: the
 * middle). Discrete counts through all combinations, the last number fastest; `separate` leaves one choice a number.
 * @throws Problem "bad-value" when the action is not a bounded Box, or bins are not whole numbers of at least 1, one a number
 */
export function discretiseAction(
  env: Environment,
  bins: number | readonly number[],
  { separate = false }: { readonly separate?: boolean } = {},
): WrappedEnvironment {
  const inner = boundedBox(env, "discretiseAction");
  const size = sizeOf(inner.shape);
  const counts = typeof bins === "number" ? new Array<number>(size).fill(bins) : bins;
  if (counts.length !== size || !counts.every((n) => Number.isSafeInteger(n) && n >= 1)) {
    const wanted = `whole numbers of at least 1, one or ${size}`;
    throw problem("bad-value", { where: `discretiseAction(${env.name}) bins`, given: counts.join(", "), wanted });
  }
  const level = (i: number, choice: number): number => {
    const [low, high] = [inner.low[i], inner.high[i]];
    return counts[i] === 1 ? (low + high) / 2 : low + (choice / (counts[i] - 1)) * (high - low);
  };
  const make = (choices: ArrayLike<number>): Value =>
    boxValue(
      inner,
      Array.from(choices, (choice, i) => level(i, choice)),
    );
  if (separate) return transformAction(env, multiDiscrete(counts), (action) => make(action as Int32Array));
  const all = counts.reduce((product, n) => product * n, 1);
  return transformAction(env, discrete(all), (action) => {
    const choices = new Array<number>(size);
    let left = action as number;
    for (let i = size - 1; i >= 0; i--) {
      choices[i] = left % counts[i];
      left = Math.floor(left / counts[i]);
    }
    return make(choices);
  });
}

const chance = (where: string, given: number): number => {
  if (given >= 0 && given <= 1) return given;
  throw problem("bad-value", { where, given, wanted: "a chance from 0 to 1" });
};

/**
 * With chance `probability` the action taken before is taken again in place of the new one (Machado et al. 2018,
 * arXiv:1709.06009: 0.25 for Atari). The first action of an episode is always the new one.
 * @throws Problem "bad-value" when it is no chance
 */
export function stickyAction(env: Environment, probability = 0.25): WrappedEnvironment {
  chance(`stickyAction(${env.name}) probability`, probability);
  const random = wrapperRandom("sticky action");
  let last: Value | undefined;
  return wrap(env, {
    reset(options) {
      const first = env.reset(options);
      random.begin(options);
      last = undefined;
      return first;
    },
    step(action) {
      checkAction(env, env.actionSpace, action);
      // Always one draw a step, so that a probability of 0 and one of 1 are the same stream.
      const again = random.now().uniform() < probability;
      if (last === undefined || !again) last = copyValue(action);
      return env.step(last);
    },
    state: {
      save: () => [random.save(), last === undefined ? null : valueToJson(env.actionSpace, last)],
      restore(saved) {
        const [drawn, before] = saved as readonly [unknown, unknown];
        random.restore(drawn);
        last = before === null ? undefined : valueFromJson(env.actionSpace, before);
      },
    },
  });
}

/**
 * Adds normal noise to each number of the action and clips it back into the space.
 * @param std in the action's units
 * @throws Problem "bad-value" when the action is not a Box
 */
export function noisyAction(env: Environment, std: number): WrappedEnvironment {
  const space = boxOf(env, "noisyAction");
  const random = wrapperRandom("noisy action");
  return wrap(env, {
    reset(options) {
      const first = env.reset(options);
      random.begin(options);
      return first;
    },
    step(action) {
      checkAction(env, space, action);
      const draw = random.now();
      return env.step(
        (action as Float32Array).map((value, i) =>
          Math.min(space.high[i], Math.max(space.low[i], value + std * draw.normal())),
        ),
      );
    },
    state: random,
  });
}

/**
 * Takes each action `times` times, or until the episode ends, and adds the rewards up. `combine: "max"` returns the
 * larger of the last two observations, number by number (frame skipping as for Atari); "last" the last one.
 * @throws Problem "bad-value" when times is not a whole number of at least 1, or "max" meets an observation that is no Box
 */
export function repeatAction(
  env: Environment,
  times: number,
  { combine = "last" }: { readonly combine?: "last" | "max" } = {},
): WrappedEnvironment {
  const where = `repeatAction(${env.name})`;
  if (!Number.isSafeInteger(times) || times < 1) {
    throw problem("bad-value", { where: `${where} times`, given: times, wanted: "a whole number of at least 1" });
  }
  if (combine === "max" && env.observationSpace.kind !== "box") {
    throw problem("bad-value", { where, given: describe(env.observationSpace), wanted: "a Box observation for max" });
  }
  return wrap(env, {
    step(action) {
      let step = env.step(action);
      let before: Step | undefined;
      let { reward } = step;
      for (let i = 1; i < times && !step.terminated && !step.truncated; i++) {
        before = step;
        step = env.step(action);
        reward += step.reward;
      }
      if (combine === "last" || before === undefined) return { ...step, reward };
      const earlier = before.observation as Float32Array;
      return {
        ...step,
        reward,
        observation: (step.observation as Float32Array).map((v, i) => Math.max(v, earlier[i])),
      };
    },
  });
}
