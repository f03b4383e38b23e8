/** What methods that act by values share: the best choice, or now and then any; and targets that stand still for a while. */
import { type Categorical, categorical } from "../../nn/index.ts";
import { type Operand, scalar, type Tensor } from "../../tensor/index.ts";

/** The best choice of [batch, choices], with certainty; with the lowest number at a tie. */
export const greedy = (values: Tensor): Categorical => epsilonGreedy(values, 0);

/** The best choice, or with probability ε any of them, the best among them. */
export function epsilonGreedy(values: Tensor, epsilon: Operand): Categorical {
  const choices = values.shape[values.rank - 1];
  const best = values.argmax().oneHot(choices);
  const chance = typeof epsilon === "number" ? best.mul(1 - epsilon) : best.mul(epsilon.from(1));
  const share = typeof epsilon === "number" ? epsilon / choices : epsilon.div(choices);
  const probability = chance.add(share);
  const possible = probability.greater(0);
  return categorical(possible.where(probability, 1).log(), { available: possible });
}

/** ε, falling along a line from 1 to `last` over the first `share` of a run. */
export const exploration = (progress: Tensor, last: Operand, share: Operand): Tensor => {
  const behind = progress.div(share).atMost(1);
  return behind.mul(typeof last === "number" ? last - 1 : last.sub(1)).add(1);
};

/** 1 on every n-th update, 0 otherwise, and the count that knows. */
export const everyNth = (since: Tensor, n: number): readonly [due: Tensor, since: Tensor] => {
  const now = since.add(1);
  const due = now.greaterEqual(n);
  return [due.where(scalar(1), 0), due.where(scalar(0), now)];
};
