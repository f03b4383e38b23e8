/** Returns that look several steps ahead and end in a value: n-step, TD(λ), generalised advantages, upgoing returns. */
import { problem } from "../problems.ts";
import { type Operand, onesOf, type Tensor } from "../tensor/index.ts";
import {
  backwardSum,
  type Discounting,
  earlier,
  goesOn,
  later,
  type Segment,
  type TimeOptions,
  timeAxisOf,
} from "./time.ts";

/**
 * G_t = r_t + γ c_t G′, n steps deep: the rewards of n steps, then the value of where they led; fewer steps where the
 * episode or the recording ends earlier (Sutton, Barto 2018, equation 7.1).
 * @param s every tensor [time, …]
 * @param steps n, at least 1; 1 is the one-step target, the length of the segment or more is λ = 1
 * @throws Problem "bad-option"
 */
export function nStepReturns(
  s: Segment,
  { discount, steps, ...options }: Discounting & TimeOptions & { readonly steps: number },
): Tensor {
  if (!(Number.isSafeInteger(steps) && steps >= 1)) {
    throw problem("bad-option", {
      where: "nStepReturns",
      name: "steps",
      given: steps,
      wanted: "a whole number of at least 1",
    });
  }
  const axis = timeAxisOf(s.reward, options);
  const onward = goesOn(s, axis);
  const factor = s.continues.mul(discount);
  let returns = s.reward.add(factor.mul(s.nextValue));
  for (let n = 1; n < Math.min(steps, s.reward.shape[axis]); n++) {
    const next = s.nextValue.add(onward.mul(later(returns, axis).sub(s.nextValue)));
    returns = s.reward.add(factor.mul(next));
  }
  return returns;
}

/**
 * TD(λ): G_t = r_t + γ c_t ((1 − λ) V(s_{t+1}) + λ G_{t+1}) (Sutton, Barto 2018, equation 12.20). λ = 0 is one step,
 * λ = 1 Monte Carlo up to the last value.
 * @param s every tensor [time, …]
 */
export function lambdaReturns(
  s: Segment,
  { discount, lambda, ...options }: Discounting & TimeOptions & { readonly lambda: Operand },
): Tensor {
  const axis = timeAxisOf(s.reward, options);
  const mixed = goesOn(s, axis).mul(lambda);
  const factor = s.continues.mul(discount);
  return backwardSum(s.reward.add(factor.mul(mixed.from(1)).mul(s.nextValue)), factor.mul(mixed), axis);
}

/**
 * Generalised advantage estimates: A_t = Σ (γλ)^k δ_{t+k} (Schulman and others 2015, arXiv:1506.02438, equation 16);
 * the λ-return less the value.
 * @param s every tensor [time, …], `value` that of the observation each step starts from
 */
export function generalisedAdvantages(
  s: Segment & { readonly value: Tensor },
  { discount, lambda, ...options }: Discounting & TimeOptions & { readonly lambda: Operand },
): Tensor {
  const axis = timeAxisOf(s.reward, options);
  const factor = s.continues.mul(discount);
  const error = s.reward.add(factor.mul(s.nextValue)).sub(s.value);
  return backwardSum(error, factor.mul(goesOn(s, axis)).mul(lambda), axis);
}

/**
 * Upgoing returns: follow what was done while it did at least as well as expected, else the value (Vinyals and others
 * 2019, AlphaStar; doi:10.1038/s41586-019-1724-z, methods).
 * @param s every tensor [time, …], `value` that of the observation each step starts from
 */
export function upgoingReturns(
  s: Segment & { readonly value: Tensor },
  { discount, ...options }: Discounting & TimeOptions,
): Tensor {
  const axis = timeAxisOf(s.reward, options);
  const factor = s.continues.mul(discount);
  const oneStep = s.reward.add(factor.mul(s.nextValue));
  const went = oneStep.greaterEqual(s.value).where(onesOf([], s.value.dtype), 0);
  const followed = goesOn(s, axis).mul(later(went, axis)).stopGradient();
  return backwardSum(s.reward.add(factor.mul(followed.from(1)).mul(s.nextValue)), factor.mul(followed), axis);
}

/**
 * Σ_k γ^k r_{t−k}: the discounted sum of an episode's rewards up to each step, as running scales of rewards use it.
 * @param reward [time, …]
 * @param ends 1 where an episode ended (or was cut) with that step: the next row begins a new one
 */
export function discountedSoFar(
  reward: Tensor,
  ends: Tensor,
  { discount, ...options }: Discounting & TimeOptions,
): Tensor {
  const axis = timeAxisOf(reward, options);
  const factor = earlier(ends.from(1), axis).mul(discount);
  return backwardSum(reward.flip(axis), factor.flip(axis), axis).flip(axis);
}
