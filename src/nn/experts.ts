/** Mixtures of experts: several networks, and a gate that says whose word counts for each row. */
import { problem } from "../problems.ts";
import { type Tensor, topK } from "../tensor/index.ts";
import { type Linear, linear, type Mlp, type MlpOptions, mlp } from "./layers.ts";
import { type Net, net, stackTrees } from "./net.ts";

export interface Experts {
  readonly gate: Linear;
  /** Every leaf leads with an axis of experts. */
  readonly experts: Mlp;
}

export interface ExpertsOptions extends MlpOptions {
  readonly experts: number;
  /** How many count for a row; default all of them, softly: Jacobs et al. (1991). Fewer: Shazeer et al. (2017), arXiv:1701.06538. */
  readonly top?: number;
}

export interface Mixed {
  /** [… outputs] */
  readonly out: Tensor;
  /** [… experts], each row's weights, which sum to 1 */
  readonly gates: Tensor;
  /**
   * Scalar, 1 where all experts share the rows evenly and up to the number of experts where one takes all: add a little
   * of it to the loss (0.01 in the paper). Fedus et al. (2022), arXiv:2101.03961, equation 4.
   */
  readonly balance: Tensor;
}

/**
 * [… inputs] → [… outputs]. Every expert sees every row, and the gate weighs what they say: with `top` this is the sparse
 * mixture's function, without its saving of time.
 * @throws Problem "bad-option" when `top` is not between 1 and the number of experts
 */
export function mixtureOfExperts({
  experts: count,
  top = count,
  ...options
}: ExpertsOptions): Net<Experts, [x: Tensor], Mixed> {
  if (!(Number.isInteger(top) && top >= 1 && top <= count)) {
    throw problem("bad-option", { where: "mixtureOfExperts", name: "top", given: top, wanted: `1 to ${count}` });
  }
  const gate = linear(options.inputs, count);
  const expert = mlp(options);
  return net(
    (key): Experts => ({
      gate: gate.init(key.at("gate")),
      experts: stackTrees(Array.from({ length: count }, (_, i) => expert.init(key.at(`expert${i}`)))),
    }),
    (params, x) => {
      const scores = gate(params.gate, x);
      const chances = scores.softmax();
      const chosen = top === count ? chances : topK(scores, top).indices.oneHot(count).sum(-2);
      const gates = top === count ? chances : chosen.greater(0.5).where(scores, -1e9).softmax();

      const leading = params.gate.weight.rank - 2;
      const said = expert(params.experts, x.unsqueeze(leading));
      const order = gates.shape.map((_, i) => i);
      const expertsFirst = [...order.slice(0, leading), gates.rank - 1, ...order.slice(leading, -1)];
      const out = said.mul(gates.transpose(...expertsFirst).unsqueeze(-1)).sum(leading);

      const rows = order.slice(leading, -1);
      const share = chosen.mean(rows).div(top === count ? 1 : top);
      return { out, gates, balance: share.mul(chances.mean(rows)).sum(-1).mul(count) };
    },
  );
}
