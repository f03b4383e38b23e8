/** What a value function regresses onto. */
import { lift, type Operand, type Tensor } from "../tensor/index.ts";

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
  discount: Operand,
  next: Operand,
): Tensor => reward.add(continues.mul(lift(discount, span).pow(span)).mul(next));
