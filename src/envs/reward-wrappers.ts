/** Wrappers that make another reward. */
import { problem } from "../problems.ts";
import { copyValue, valueFromJson, valueToJson } from "../spaces/json.ts";
import type { Value } from "../spaces/space.ts";
import type { Environment, Info, Step, WrappedEnvironment } from "./environment.ts";
import { wrap } from "./wrap.ts";

/** Rewards passed through a function, which may look at the whole step. */
export function transformReward(env: Environment, change: (reward: number, step: Step) => number): WrappedEnvironment {
  return wrap(env, {
    step(action) {
      const step = env.step(action);
      return { ...step, reward: change(step.reward, step) };
    },
  });
}

/** Rewards become scale · reward + shift. */
export const scaleReward = (
  env: Environment,
  { scale = 1, shift = 0 }: { readonly scale?: number; readonly shift?: number },
): WrappedEnvironment => transformReward(env, (reward) => scale * reward + shift);

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

/** @throws Problem "bad-value" unless low is below high */
export function clipReward(env: Environment, low = -1, high = 1): WrappedEnvironment {
  if (!(low < high)) {
    throw problem("bad-value", {
      where: `clipReward(${env.name})`,
      given: `[${low}, ${high}]`,
      wanted: "low below high",
    });
  }
  return transformReward(env, (reward) => Math.min(high, Math.max(low, reward)));
}

/** What happened in a step, for a reward of one's own. */
export interface Transition {
  readonly observation: Value;
  readonly action: Value;
  readonly nextObservation: Value;
  /** The environment's own reward. */
  readonly reward: number;
  readonly terminated: boolean;
  readonly truncated: boolean;
  readonly info: Info;
}

/**
 * The reward is what the function says of each transition; the environment's own is kept in `info.reward`. For rewards
 * that were learnt, shaped, or written for a task.
 * @example rewardFrom(env, ({ nextObservation }) => -Math.abs((nextObservation as Float32Array)[0]))
 */
export function rewardFrom(env: Environment, judge: (transition: Transition) => number): WrappedEnvironment {
  let seen: Value | undefined;
  return wrap(env, {
    reset(options) {
      const first = env.reset(options);
      seen = copyValue(first.observation);
      return first;
    },
    step(action) {
      const step = env.step(action);
      const { observation: nextObservation, reward, terminated, truncated, info } = step;
      const own = judge({ observation: seen!, action, nextObservation, reward, terminated, truncated, info });
      seen = copyValue(nextObservation);
      return { ...step, reward: own, info: { ...info, reward } };
    },
    state: {
      save: () => (seen === undefined ? null : valueToJson(env.observationSpace, seen)),
      restore(saved) {
        seen = saved === null ? undefined : valueFromJson(env.observationSpace, saved);
      },
    },
  });
}
