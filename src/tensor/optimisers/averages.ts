/** Averages of parameters along the way. */
import { problem } from "../../problems.ts";
import type { Operand, Tensor } from "../tensor.ts";
import { checkSameSpecs, mapTree } from "../tree.ts";
import { elementwise } from "./joined.ts";
import { type Learner, moved, type Optimiser } from "./optimiser.ts";

/** Polyak averaging: the share `rate` of `towards` blended into `from`, leaf by leaf. */
export function blend<P>(from: P, towards: P, rate: Operand): P {
  checkSameSpecs(from, towards, "blend", "Both trees need the same leaves.");
  return elementwise([from, towards], (a, b) => a.add(b.sub(a).mul(rate))) as P;
}

/**
 * An optimiser that also keeps an exponential moving average of the parameters after each of its steps, in which step t
 * has the weight of `decay` no larger than (1 + t) / (10 + t), so that the start is soon forgotten (as TensorFlow's
 * ExponentialMovingAverage does). It must be outermost; `averageOf` reads the average.
 * @example const optimiser = averaging(adam(1e-3), 0.999); … averageOf(state.policy)
 */
export const averaging = (inner: Optimiser, decay: Operand): Optimiser => ({
  init: (params) => ({ inner: inner.init(params), average: mapTree(params, (p: Tensor) => p) }),
  update(slopes, memory, params, step) {
    const before = memory as { readonly inner: unknown; readonly average: unknown };
    const next = inner.update(slopes, before.inner, params, step);
    const keep = step.add(1).div(step.add(10)).atMost(decay);
    const average = blend(before.average, moved(params, next.updates), keep.from(1));
    return { updates: next.updates, memory: { inner: next.memory, average } };
  },
});

/** The average that `averaging` keeps. @throws Problem "bad-value" for a learner whose optimiser keeps none */
export function averageOf<P>({ memory }: Learner<P>): P {
  if (typeof memory === "object" && memory !== null && "average" in memory) return memory.average as P;
  throw problem("bad-value", {
    where: "averageOf",
    given: "a learner whose optimiser keeps no average",
    wanted: "one made with averaging(…) outermost",
  });
}
