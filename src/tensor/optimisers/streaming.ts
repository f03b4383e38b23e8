/** Learning from one transition at a time: eligibility traces, and steps that cannot overshoot. */
import { valueAndGrad } from "../grad.ts";
import type { Operand, Tensor } from "../tensor.ts";
import { leavesOf, mapTree, zipTree } from "../tree.ts";
import { type Learner, moved, zerosLike } from "./optimiser.ts";

/** What a transition said. */
export interface Surprise {
  /** δ: the temporal-difference error, a scalar */
  readonly error: Tensor;
  /** Whether the episode ended with this transition: a bool or a 0 / 1 scalar. The trace then starts again from nothing. */
  readonly ended: Tensor;
}

export interface TraceOptimiser {
  /** The trace of these parameters before the first transition. */
  init(params: unknown): unknown;
  update(slopes: unknown, memory: unknown, surprise: Surprise): { readonly updates: unknown; readonly memory: unknown };
}

export interface ObgdOptions {
  /** γ */
  readonly discount: Operand;
  /** λ: how long a slope stays eligible. Default 0.8. */
  readonly trace?: Operand;
  /** α: the rate where no step would overshoot. Default 1. */
  readonly rate?: Operand;
  /** κ: how far below overshooting to stay; above 1. Default 2; the paper takes 3 for a policy. */
  readonly caution?: Operand;
}

/**
 * Overshooting-bounded gradient descent: e ← γλ e + ∇; the step α shrinks to 1 / (κ max(|δ|, 1) ‖e‖₁) where that is
 * smaller; parameters climb by α δ e. Elsayed, Vasan, Mahmood (2024), arXiv:2410.14606, algorithm 3.
 */
export const obgd = ({ discount, trace = 0.8, rate = 1, caution = 2 }: ObgdOptions): TraceOptimiser => ({
  init: zerosLike,
  update(slopes, memory, { error, ended }) {
    const eligible = zipTree(memory, slopes, (e: Tensor, g: Tensor) => e.mul(discount).mul(trace).add(g));
    const length = [...leavesOf<Tensor>(eligible).values()].map((e) => e.abs().sum()).reduce((a, b) => a.add(b));
    const overshoot = error.abs().atLeast(1).mul(length).mul(rate).mul(caution);
    const step = error.mul(overshoot.atLeast(1).under(rate));
    const kept = ended.cast("float32").from(1);
    return {
      updates: mapTree(eligible, (e: Tensor) => e.mul(step)),
      memory: mapTree(eligible, (e: Tensor) => e.mul(kept)),
    };
  },
});

/**
 * One step up a scalar that a transition's error makes better or worse: a state's value, or the log-probability of what
 * was done. Where the error is above 0 the scalar rises, below 0 it falls; what happened before shares in it through
 * the trace. @returns the learner after it, and the scalar before it
 * @example const [critic] = climbWith(traces, state.critic, (params) => value(params, s), { error, ended });
 */
export function climbWith<P>(
  optimiser: TraceOptimiser,
  { params, memory, step }: Learner<P>,
  objective: (params: P) => Tensor,
  surprise: Surprise,
): readonly [Learner<P>, Tensor] {
  const [value, slopes] = valueAndGrad(objective)(params);
  const next = optimiser.update(slopes, memory, surprise);
  return [{ params: moved(params, next.updates), memory: next.memory, step: step.add(1) }, value];
}
