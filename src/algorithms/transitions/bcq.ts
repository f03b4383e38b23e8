/**
 * Batch-constrained Q-learning (BCQ) for choices: a DQN that looks only at choices the recording would have made.
 *
 *   G   learns how the recording chooses
 *   Q   regresses onto r + γ Q′(s′, a*), under Huber's loss; a* is the best by Q of those with G(a|s′) ≥ τ max G(·|s′)
 *   π   the best by Q of those with G(a|s) ≥ τ max G(·|s)
 *
 * Fujimoto, Conti, Ghavamzadeh, Pineau (2019). Benchmarking Batch Deep Reinforcement Learning Algorithms.
 * arXiv:1910.01708
 */
import { bootstrapped, huberLoss } from "../../formulas/index.ts";
import { categorical, scores } from "../../nn/index.ts";
import { adam, blend, chain, clipByGlobalNorm, type Operand, scalar, type Tensor } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { cloning } from "../demonstrations/bc.ts";
import { everyNth, greedy } from "../interaction/greedy.ts";
import { atLeastZero, count, fraction, positive, widths } from "../options.ts";

/** Values [batch, choices], far below any other where the recording would hardly have chosen so. */
function amongLikely(values: Tensor, behaviour: Tensor, threshold: Operand): Tensor {
  const chance = behaviour.softmax();
  const likely = chance.div(chance.max(-1, { keep: true })).greaterEqual(threshold);
  return likely.where(values, -1e9);
}

export const bcq = defineAlgorithm({
  name: "bcq",
  title: "Batch-constrained Q-learning",
  paper: "arXiv:1910.01708",
  learnsFrom: "transitions",
  actions: "discrete",
  departures: [
    "A choice exactly at the threshold is allowed, so that 1 leaves the likeliest one; the paper asks for more than it.",
    "G and Q share no layers, as in the authors' code for observations that are vectors.",
    "Slopes are clipped to a norm of 10, as our DQN's are; the policy never acts by lot.",
  ],

  options: {
    discount: fraction(0.99, "γ, the weight of the next state's value"),
    threshold: fraction(0.3, "τ, the least share of the likeliest choice's probability: 0 gives DQN, 1 cloning"),
    logitPenalty: atLeastZero(0.01, "weight of the mean square of G's scores, as in the authors' code"),
    targetEvery: count(250, "updates between copies of the network to the target"),
    learningRate: positive(3e-4, "Adam's rate, for both networks"),
    hidden: widths([256, 256], "widths of every network's hidden layers"),
    batchSize: count(64, "transitions per update"),
    steps: count(100_000, "updates in a full run"),
  },

  networks: ({ observation, action }, { hidden }) => ({
    value: scores(observation, action.size, { hidden }),
    behaviour: scores(observation, action.size, { hidden }),
  }),

  optimisers: ({ learningRate }) => ({
    value: chain(clipByGlobalNorm(10), adam(learningRate)),
    behaviour: chain(clipByGlobalNorm(10), adam(learningRate)),
  }),

  init: (learners) => ({ ...learners, target: learners.value.params, since: scalar(0) }),

  // The authors' order: both networks move in one step, so G's old parameters say which choices Q may look at.
  step({ options, nets, descend }, state, batch) {
    const { observation: s, action: a, reward, nextObservation, continues, span } = batch;
    const judged = nets.value(state.value.params, nextObservation);
    const likely = amongLikely(judged, nets.behaviour(state.behaviour.params, nextObservation), options.threshold);
    const next = nets.value(state.target, nextObservation).choose(likely.argmax());
    const backup = bootstrapped(reward, continues, span, options.discount, next);
    const [value, loss] = descend(state.value, (params) => huberLoss(nets.value(params, s).choose(a).sub(backup)));
    const [behaviour, behaviourLoss] = descend(state.behaviour, (params) => {
      const logits = nets.behaviour(params, s);
      return cloning(categorical(logits), a).add(logits.square().mean().mul(options.logitPenalty));
    });
    const [due, since] = everyNth(state.since, options.targetEvery);
    return {
      state: { value, behaviour, target: blend(state.target, value.params, due), since },
      metrics: { loss, behaviourLoss, value: next.mean() },
    };
  },

  policy: ({ nets, options }, state, observation) =>
    greedy(
      amongLikely(
        nets.value(state.value.params, observation),
        nets.behaviour(state.behaviour.params, observation),
        options.threshold,
      ),
    ),
});
