/** What methods that learn from their latest play say of it before they move. */
import { discountedSoFar, generalisedAdvantages } from "../../formulas/index.ts";
import { type Distribution, type Moments, noMoments, normalise, observed } from "../../nn/index.ts";
import { type Operand, type Tensor, zerosOf } from "../../tensor/index.ts";
import type { JudgedSteps, Rollout } from "../define.ts";

/**
 * Advantages by generalised estimation, and what each value should have been.
 * @param policy what was done came from it
 * @param value [… observation] → […]
 */
export function judged(
  rollout: Rollout,
  policy: (observation: Tensor) => Distribution,
  value: (observation: Tensor) => Tensor,
  discounting: Discounting,
): JudgedSteps {
  const { observation, action, reward, nextObservation } = rollout;
  const [time, worlds] = reward.shape;
  const flat = (x: Tensor): Tensor => x.reshape(time * worlds, ...x.shape.slice(2));
  const back = (x: Tensor): Tensor => x.reshape(time, worlds);
  const said = {
    value: back(value(flat(observation))),
    nextValue: back(value(flat(nextObservation))),
    logProb: back(policy(flat(observation)).logProb(flat(action))),
  };
  return advantagesOf(rollout, said, discounting);
}

interface Discounting {
  /** γ */
  readonly discount: Operand;
  /** λ */
  readonly lambda: Operand;
}

/** The same from what the networks said: every part [time, world]. */
export function advantagesOf(
  { observation, action, reward, continues, truncated, played }: Rollout,
  { value, nextValue, logProb }: Record<"value" | "nextValue" | "logProb", Tensor>,
  { discount, lambda }: Discounting,
): JudgedSteps {
  const segment = { reward, continues, nextValue, truncated, value };
  const advantage = generalisedAdvantages(segment, { discount, lambda, axis: 0 });
  return { observation, action, logProb, advantage, value, target: advantage.add(value), played };
}

/** Observations on one scale: as the moments were when they were acted upon, and the moments after them. */
export const onScale = (rollout: Rollout, moments: Moments): readonly [Rollout, Moments] => [
  {
    ...rollout,
    observation: normalise(moments, rollout.observation),
    nextObservation: normalise(moments, rollout.nextObservation),
  },
  observed(moments, rollout.observation),
];

/** What is known of discounted returns: their moments, and each world's own up to now. */
export interface Returns {
  readonly moments: Moments;
  /** [world] 0 where an episode begins */
  readonly soFar: Tensor;
}

export const noReturns = (worlds: number): Returns => ({ moments: noMoments(1), soFar: zerosOf([worlds]) });

/** Rewards divided by the spread of discounted returns so far, cut at ±10, and what is known of those returns behind it. */
export function scaledRewards(
  rollout: Rollout,
  { moments, soFar }: Returns,
  discount: Operand,
): readonly [Rollout, Returns] {
  const { reward, continues, truncated } = rollout;
  const last = reward.shape[0] - 1;
  const ends = continues.from(1).maximum(truncated);
  const carried = soFar.mul(discount).unsqueeze(0).pad(0, 0, last);
  const sums = discountedSoFar(reward.add(carried), ends, { discount });
  const seen = observed(moments, sums.unsqueeze(-1));
  const spread = seen.squares.div(seen.count).add(1e-8).sqrt().stopGradient();
  const returns = { moments: seen, soFar: sums.at(0, last).mul(ends.at(0, last).from(1)).stopGradient() };
  return [{ ...rollout, reward: reward.div(spread).clip(-10, 10) }, returns];
}
