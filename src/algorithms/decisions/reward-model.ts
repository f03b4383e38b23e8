/**
 * Reward regression (the direct method): a model of the reward of every choice, and the policy that trusts it.
 *
 *   q   regresses onto the reward of the logged choice
 *   π   softmax of q / temperature
 *
 * Beygelzimer, Langford (2009). The Offset Tree for Learning with Partial Labels. arXiv:0812.4044 (their baseline);
 * Dudík, Langford, Li (2011). arXiv:1103.4601 (as the direct method)
 */
import { squaredError } from "../../formulas/index.ts";
import { categorical } from "../../nn/index.ts";
import { adamw, cosineDecay, type Tensor } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { atLeastZero, count, positive, widths } from "../options.ts";
import { choiceScores } from "./scores.ts";

/** Squared error of the logged choices' predicted rewards. */
export const regression = (predictions: Tensor, action: Tensor, reward: Tensor): Tensor =>
  squaredError(predictions.choose(action), reward);

export const rewardModel = defineAlgorithm({
  name: "reward-model",
  title: "Reward regression",
  paper: "arXiv:1103.4601",
  learnsFrom: "decisions",
  actions: "discrete",
  departures: [
    "The policy is a softmax of the predictions rather than their maximum, so that it can be evaluated where the log is thin.",
  ],

  options: {
    temperature: positive(
      0.1,
      "how far below the best a choice may be predicted and still be made, in units of reward",
    ),
    weightDecay: atLeastZero(0.01, "share of each weight taken away per unit of learning rate"),
    learningRate: positive(1e-3, "AdamW's rate; decays to 0 along a cosine"),
    hidden: widths([64, 64], "widths of the model's hidden layers"),
    batchSize: count(256, "decisions per update"),
    steps: count(20_000, "updates in a full run"),
  },

  networks: (sizes, { hidden }) => ({ reward: choiceScores(sizes, { hidden }) }),
  optimisers: ({ learningRate, steps, weightDecay }) => ({
    reward: adamw(cosineDecay(learningRate, steps), weightDecay),
  }),
  init: (learners) => learners,

  step({ nets, descend }, state, { observation, action, reward }) {
    const [model, rewardLoss] = descend(state.reward, (params) =>
      regression(nets.reward(params, observation), action, reward),
    );
    return { state: { reward: model }, metrics: { rewardLoss } };
  },

  policy: ({ nets, options }, state, observation) =>
    categorical(nets.reward(state.reward.params, observation).div(options.temperature)),
});
