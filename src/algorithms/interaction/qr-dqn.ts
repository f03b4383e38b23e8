/**
 * QR-DQN: not the mean of what may come but its distribution, by quantiles.
 *
 *   θ   quantiles of the return of every choice; each is pulled by the quantile Huber loss towards r + γ θ′(s′, a*)
 *   a*  the choice with the best mean
 *
 * Dabney, Rowland, Bellemare, Munos (2018). Distributional Reinforcement Learning with Quantile Regression.
 * arXiv:1710.10044
 */
import { batchMean, bootstrapped, quantileHuber } from "../../formulas/index.ts";
import { mapNet, scores } from "../../nn/index.ts";
import { adam, blend, scalar, type Tensor } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { count, flag, fraction, positive, widths } from "../options.ts";
import { epsilonGreedy, everyNth, exploration, greedy } from "./greedy.ts";

/** Each choice's mean: [batch, choices, quantiles] → [batch, choices]. */
const mean = (quantiles: Tensor): Tensor => quantiles.mean(-1);

/** The quantiles of one choice a row: [batch, quantiles]. */
const of = (quantiles: Tensor, choice: Tensor): Tensor =>
  quantiles.mul(choice.oneHot(quantiles.shape[1]).unsqueeze(-1)).sum(1);

export const qrDqn = defineAlgorithm({
  name: "qr-dqn",
  title: "QR-DQN",
  paper: "arXiv:1710.10044",
  learnsFrom: "transitions",
  actions: "discrete",
  departures: ["Observations are vectors: the Atari preprocessing is not part of it."],

  options: {
    discount: fraction(0.99, "γ, the weight of the next state's value"),
    quantiles: count(50, "N, quantiles of each choice (the paper: 200)"),
    double: flag(false, "choose by the network, value by the target"),
    lookAhead: count(1, "n, rewards summed before the next value is asked"),
    targetEvery: count(250, "updates between copies of the network to the target"),
    finalExploration: fraction(0.05, "ε, the share of random choices after exploring"),
    explorationShare: positive(0.1, "share of the run over which ε falls from 1"),
    learningRate: positive(1e-4, "Adam's rate"),
    hidden: widths([64, 64], "widths of the hidden layers"),
    batchSize: count(32, "transitions per update"),
    steps: count(100_000, "updates, where it learns from a recording"),
  },
  nStep: ({ lookAhead }) => lookAhead,

  networks: ({ observation, action }, { hidden, quantiles }) => ({
    value: mapNet(scores(observation, action.size * quantiles, { hidden }), (out) =>
      out.reshape(...out.shape.slice(0, -1), action.size, quantiles),
    ),
  }),

  // The paper's ε is 0.01 for each of the 32 rows of its batch.
  optimisers: ({ learningRate, batchSize }) => ({ value: adam(learningRate, { epsilon: 0.01 / batchSize }) }),

  init: ({ value }) => ({ value, target: value.params, since: scalar(0) }),

  step({ options, nets, descend }, state, batch) {
    const { observation: s, action: a, reward, nextObservation, continues, span, weight } = batch;
    const later = nets.value(state.target, nextObservation);
    const judge = options.double ? nets.value(state.value.params, nextObservation) : later;
    const next = of(later, mean(judge).argmax());
    const column = (x: Tensor): Tensor => x.unsqueeze(-1);
    const backup = bootstrapped(column(reward), column(continues), column(span), options.discount, next);
    const [value, loss] = descend(state.value, (params) => {
      const each = quantileHuber(of(nets.value(params, s), a), backup);
      return batchMean(weight ? each.mul(weight) : each);
    });
    const before = of(nets.value(state.value.params, s), a);
    const [due, since] = everyNth(state.since, options.targetEvery);
    return {
      state: { value, target: blend(state.target, value.params, due), since },
      metrics: { loss, value: before.mean() },
      surprise: quantileHuber(before, backup),
    };
  },

  policy: ({ nets }, state, observation) => greedy(mean(nets.value(state.value.params, observation))),

  online: {
    prioritises: true,
    schedule: { every: 4, warmup: 1000 },
    explore: ({ nets, options }, state, observation, progress) =>
      epsilonGreedy(
        mean(nets.value(state.value.params, observation)),
        exploration(progress, options.finalExploration, options.explorationShare),
      ),
  },
});
