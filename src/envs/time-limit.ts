/** The wrapper that cuts episodes off. */
import { problem } from "../problems.ts";
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
