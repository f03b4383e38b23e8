/** Wrappers about time, rewards and actions. Those about observations are in observations.ts. */
import { problem } from "../problems.ts";
import { contains, describe, describeValue, isBounded } from "../spaces/contains.ts";
import { box } from "../spaces/make.ts";
import type { Box, Space } from "../spaces/space.ts";
import type { Environment, WrappedEnvironment } from "./environment.ts";
import { inPlaceOf, stepsInPlace } from "./in-place.ts";
import { wrap } from "./wrap.ts";

/**
 * Cuts an episode off (`truncated`) at its maxSteps-th step. A step that ends the episode by itself stays `terminated`
 * alone, where Gymnasium would set both: nothing was cut off.
 * @throws Problem "bad-option" when maxSteps is not a whole number of at least 1
 */
export function timeLimit(env: Environment, maxSteps: number): WrappedEnvironment {
  if (!Number.isSafeInteger(maxSteps) || maxSteps < 1) {
    const wanted = "a whole number of at least 1, or Infinity for none";
    throw problem("bad-option", { where: env.name, name: "maxSteps", given: maxSteps, wanted });
  }
  let elapsed = maxSteps;
  const inner = inPlaceOf(env);
  const limited = wrap(env, {
    reset(options) {
      elapsed = 0;
      return env.reset(options);
    },
    step(action) {
      if (elapsed >= maxSteps) throw problem("not-running", { where: `${env.name}.step` });
      const step = env.step(action);
      elapsed++;
      return elapsed < maxSteps || step.terminated ? step : { ...step, truncated: true };
    },
    state: {
      save: () => elapsed,
      restore(saved) {
        elapsed = Number(saved);
      },
    },
  });
  if (inner === undefined) return limited;
  return stepsInPlace(limited, {
    reset(options, into, at) {
      elapsed = 0;
      return inner.reset(options, into, at);
    },
    step(action, into, at, outcome) {
      if (elapsed >= maxSteps) throw problem("not-running", { where: `${env.name}.step` });
      inner.step(action, into, at, outcome);
      elapsed++;
      if (elapsed >= maxSteps && !outcome.terminated) outcome.truncated = true;
    },
  });
}

/** Rewards become scale · reward + shift. */
export function scaleReward(
  env: Environment,
  given: { readonly scale?: number; readonly shift?: number },
): WrappedEnvironment {
  const { scale = 1, shift = 0 } = given;
  return wrap(env, {
    step(action) {
      const step = env.step(action);
      return { ...step, reward: scale * step.reward + shift };
    },
  });
}

/**
 * Divides rewards by the running standard deviation of the discounted return, as Gymnasium's NormalizeReward, so that
 * returns have a variance near 1. The measure goes on across episodes.
 */
export function normaliseReward(
  env: Environment,
  { discount = 0.99, epsilon = 1e-8 }: { readonly discount?: number; readonly epsilon?: number } = {},
): WrappedEnvironment {
  let [count, mean, squares, running] = [0, 0, 0, 0];
  return wrap(env, {
    step(action) {
      const step = env.step(action);
      running = running * discount + step.reward;
      count++;
      const change = running - mean;
      mean += change / count;
      squares += change * (running - mean);
      if (step.terminated || step.truncated) running = 0;
      return { ...step, reward: count < 2 ? step.reward : step.reward / Math.sqrt(squares / count + epsilon) };
    },
    reset(options) {
      running = 0;
      return env.reset(options);
    },
    state: {
      save: () => [count, mean, squares, running],
      restore(saved) {
        [count, mean, squares, running] = saved as [number, number, number, number];
      },
    },
  });
}

function boxOf(space: Space, where: string, bounded: boolean): Box {
  if (space.kind === "box" && (!bounded || isBounded(space))) return space;
  throw problem("bad-value", {
    where,
    given: describe(space),
    wanted: bounded ? "a Box with finite bounds" : "a Box",
  });
}

/** Takes any real action of the right length and clips it into the action space. */
export function clipAction(env: Environment): WrappedEnvironment {
  const space = boxOf(env.actionSpace, `clipAction(${env.name})`, false);
  const open = box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape: space.shape, dtype: space.dtype });
  return wrap(env, {
    actionSpace: open,
    step(action) {
      if (!contains(open, action)) {
        const given = describeValue(action);
        throw problem("outside-space", { where: `${env.name}.step`, given, space: describe(open) });
      }
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
  const space = boxOf(env.actionSpace, `rescaleAction(${env.name})`, true);
  const outer = box(low, high, { shape: space.shape, dtype: space.dtype });
  return wrap(env, {
    actionSpace: outer,
    step(action) {
      if (!contains(outer, action)) {
        const given = describeValue(action);
        throw problem("outside-space", { where: `${env.name}.step`, given, space: describe(outer) });
      }
      return env.step(
        (action as Float32Array).map((value, i) => {
          const part = Math.min(1, Math.max(0, (value - low) / (high - low)));
          return space.low[i] + part * (space.high[i] - space.low[i]);
        }),
      );
    },
  });
}
