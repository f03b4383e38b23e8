/**
 * Deep Q-network: the value of every choice, learned by looking one step (or some) ahead.
 *
 *   Q   regresses onto r + γ Q′(s′, a*), under Huber's loss; a* is the best choice by Q (double) or by Q′
 *   Q′  is Q as it was at most `targetEvery` updates ago
 *
 * Mnih and others (2015). Human-level control through deep reinforcement learning. doi:10.1038/nature14236
 * Double: van Hasselt, Guez, Silver (2015), arXiv:1509.06461. Duelling: Wang and others (2015), arXiv:1511.06581.
 */
import { batchMean, bootstrapped, huber } from "../../formulas/index.ts";
import { mapNet, scores } from "../../nn/index.ts";
import { adam, blend, chain, clipByGlobalNorm, scalar, type Tensor } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { count, flag, fraction, positive, widths } from "../options.ts";
import { epsilonGreedy, everyNth, exploration, greedy } from "./greedy.ts";

/** Value and advantages, [batch, 1 + choices], as a value for each choice: Wang and others (2015), equation 9. */
const duelled = (out: Tensor): Tensor => {
  const advantage = out.slice(-1, 1);
  return advantage.sub(advantage.mean(-1, { keep: true })).add(out.slice(-1, 0, 1));
};

export const dqn = defineAlgorithm({
  name: "dqn",
  title: "Deep Q-network",
  paper: "doi:10.1038/nature14236",
  learnsFrom: "transitions",
  actions: "discrete",
  departures: [
    "Adam in place of RMSprop, and slopes clipped to a norm of 10, as in Stable-Baselines3.",
    "Rewards are not clipped, and observations are vectors: the Atari preprocessing is not part of it.",
  ],

  options: {
    discount: fraction(0.99, "γ, the weight of the next state's value"),
    double: flag(true, "choose by the network, value by the target (van Hasselt and others 2015)"),
    duelling: flag(false, "value and advantages apart (Wang and others 2015); a single layer on shared features"),
    lookAhead: count(1, "n, rewards summed before the next value is asked (Sutton 1988)"),
    targetEvery: count(250, "updates between copies of the network to the target"),
    finalExploration: fraction(0.05, "ε, the share of random choices after exploring"),
    explorationShare: positive(0.1, "share of the run over which ε falls from 1"),
    learningRate: positive(1e-4, "Adam's rate"),
    hidden: widths([64, 64], "widths of the hidden layers"),
    batchSize: count(32, "transitions per update"),
    steps: count(100_000, "updates, where it learns from a recording"),
  },
  nStep: ({ lookAhead }) => lookAhead,

  networks({ observation, action }, { hidden, duelling }) {
    const body = scores(observation, duelling ? 1 + action.size : action.size, { hidden });
    return { value: duelling ? mapNet(body, duelled) : body };
  },

  optimisers: ({ learningRate }) => ({ value: chain(clipByGlobalNorm(10), adam(learningRate)) }),

  init: ({ value }) => ({ value, target: value.params, since: scalar(0) }),

  step({ options, nets, descend }, state, batch) {
    const { observation: s, action: a, reward, nextObservation, continues, span, weight } = batch;
    const later = nets.value(state.target, nextObservation);
    const chosen = options.double ? nets.value(state.value.params, nextObservation).argmax() : later.argmax();
    const backup = bootstrapped(reward, continues, span, options.discount, later.choose(chosen));
    const [value, loss] = descend(state.value, (params) => {
      const each = huber(nets.value(params, s).choose(a).sub(backup));
      return batchMean(weight ? each.mul(weight) : each);
    });
    const before = nets.value(state.value.params, s).choose(a);
    const [due, since] = everyNth(state.since, options.targetEvery);
    return {
      state: { value, target: blend(state.target, value.params, due), since },
      metrics: { loss, value: before.mean() },
      surprise: before.sub(backup).abs(),
    };
  },

  policy: ({ nets }, state, observation) => greedy(nets.value(state.value.params, observation)),

  online: {
    prioritises: true,
    schedule: { every: 4, warmup: 1000 },
    explore: ({ nets, options }, state, observation, progress) =>
      epsilonGreedy(
        nets.value(state.value.params, observation),
        exploration(progress, options.finalExploration, options.explorationShare),
      ),
  },
});
