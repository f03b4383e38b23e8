/** Returns of what another policy did, corrected by importance ratios π / μ. */
import type { Operand, Tensor } from "../tensor/index.ts";
import { backwardSum, type Discounting, goesOn, later, type Segment, type TimeOptions, timeAxisOf } from "./time.ts";

export interface VTrace {
  /** v_t: what the value of each observation regresses onto. */
  readonly target: Tensor;
  /** ρ_t (r_t + γ v_{t+1} − V(s_t)): what weighs ∇ log π. */
  readonly advantage: Tensor;
}

/**
 * V-trace (Espeholt and others 2018, arXiv:1802.01561, equation 1 and section 4.2). On the policy's own steps with clips
 * of at least 1 it is the return to the segment's end (the λ-return where λ < 1).
 * @param s every tensor [time, …]: `value` of the observation each step starts from, `ratio` π(a|s) / μ(a|s)
 * @param options λ (default 1), ρ̄ (default 1) for the errors, c̄ (default 1) for the traces
 */
export function vTrace(
  s: Segment & { readonly value: Tensor; readonly ratio: Tensor },
  {
    discount,
    lambda = 1,
    errorClip = 1,
    traceClip = 1,
    ...options
  }: Discounting &
    TimeOptions & { readonly lambda?: Operand; readonly errorClip?: Operand; readonly traceClip?: Operand },
): VTrace {
  const axis = timeAxisOf(s.reward, options);
  const onward = goesOn(s, axis);
  const factor = s.continues.mul(discount);
  const clipped = s.ratio.minimum(errorClip);
  const error = clipped.mul(s.reward.add(factor.mul(s.nextValue)).sub(s.value));
  const correction = backwardSum(error, factor.mul(onward).mul(s.ratio.minimum(traceClip)).mul(lambda), axis);
  const next = s.nextValue.add(onward.mul(later(correction, axis)));
  return { target: s.value.add(correction), advantage: clipped.mul(s.reward.add(factor.mul(next)).sub(s.value)) };
}

/**
 * Retrace(λ) (Munos and others 2016, arXiv:1606.02647, equation 4): a return for Q with traces λ min(1, π/μ).
 * @param s every tensor [time, …]: `nextValue` is E_π Q(s_{t+1}, ·), `q` Q of the step taken, `ratio` π(a|s) / μ(a|s)
 */
export function retrace(
  s: Segment & { readonly q: Tensor; readonly ratio: Tensor },
  { discount, lambda, ...options }: Discounting & TimeOptions & { readonly lambda: Operand },
): Tensor {
  const axis = timeAxisOf(s.reward, options);
  const factor = s.continues.mul(discount);
  const error = s.reward.add(factor.mul(s.nextValue)).sub(s.q);
  const trace = later(s.ratio.minimum(1), axis).mul(lambda);
  return s.q.add(backwardSum(error, factor.mul(goesOn(s, axis)).mul(trace), axis));
}
