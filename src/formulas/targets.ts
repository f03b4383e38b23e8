/** What a value function regresses onto. */
import type { Operand, Tensor } from "../tensor/index.ts";

/**
 * r + γⁿ · continues · next: the value of a step, from what followed it.
 * @param reward [batch] sum of the (discounted) rewards of the step or steps
 * @param continues [batch] 0 where the episode truly ended, 1 elsewhere
 * @param span [batch] number of steps between the two observations, n
 * @param discount γ
 * @param next [batch] or [member, batch] value of the next observation
 */
export const bootstrapped = (
  reward: Tensor,
  continues: Tensor,
  span: Tensor,
  discount: Tensor,
  next: Operand,
): Tensor => reward.add(continues.mul(discount.pow(span)).mul(next));
