/**
 * A policy that climbs the doubly robust estimate of its own value.
 *
 *   q   regresses onto the reward of the logged choice
 *   π   climbs Σₐ π(a|x) q(x, a) + w (r − q(x, a₀)), with w = min(π(a₀|x) / p, maxWeight)
 *
 * Dudík, Langford, Li (2011). Doubly Robust Policy Evaluation and Learning. arXiv:1103.4601
 * Climbing it with a parametric policy: Swaminathan, Joachims (2015), arXiv:1502.02362
 */
import { categorical, mapNet } from "../../nn/index.ts";
import { adamw, cosineDecay } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { atLeastZero, count, positive, widths } from "../options.ts";
import { regression } from "./reward-model.ts";
import { choiceScores } from "./scores.ts";

export const drPolicy = defineAlgorithm({
  name: "dr-policy",
  title: "Doubly robust policy optimisation",
  paper: "arXiv:1103.4601",
  learnsFrom: "decisions",
  actions: "discrete",
  departures: [
    "The paper reduces learning to cost-sensitive classification; here a softmax policy climbs the estimate itself.",
    "The reward model learns beside the policy, from the same batches; the estimate that decides uses rows neither has seen.",
    "Weights are capped at maxWeight, and an entropy term keeps the policy from the corners that a short log makes look good.",
  ],

  options: {
    entropy: atLeastZero(0.01, "weight of the policy's entropy, in units of reward per nat"),
    maxWeight: positive(10, "cap on π(a|x) / p"),
    weightDecay: atLeastZero(0.01, "share of each weight taken away per unit of learning rate"),
    learningRate: positive(1e-3, "AdamW's rate, for policy and model; decays to 0 along a cosine"),
    hidden: widths([64, 64], "widths of both networks' hidden layers"),
    batchSize: count(256, "decisions per update"),
    steps: count(20_000, "updates in a full run"),
  },

  networks: (sizes, { hidden }) => ({
    policy: mapNet(choiceScores(sizes, { hidden }), categorical),
    reward: choiceScores(sizes, { hidden }),
  }),
  optimisers: ({ learningRate, steps, weightDecay }) => ({
    policy: adamw(cosineDecay(learningRate, steps), weightDecay),
    reward: adamw(cosineDecay(learningRate, steps), weightDecay),
  }),
  init: (learners) => learners,

  step({ options, nets, descend }, state, { observation: x, action, propensity, reward }) {
    const [model, rewardLoss] = descend(state.reward, (params) => regression(nets.reward(params, x), action, reward));

    const q = nets.reward(model.params, x);
    const surprise = reward.sub(q.choose(action));
    const estimate = (params: typeof state.policy.params) => {
      const policy = nets.policy(params, x);
      const weight = policy.logProb(action).exp().div(propensity).atMost(options.maxWeight);
      return { value: policy.probabilities().mul(q).sum(-1).add(weight.mul(surprise)).mean(), weight, policy };
    };
    const [policy] = descend(state.policy, (params) => {
      const { value, policy: now } = estimate(params);
      return value.add(now.entropy().mean().mul(options.entropy)).neg();
    });
    const { value, weight } = estimate(state.policy.params);
    return { state: { policy, reward: model }, metrics: { rewardLoss, value, weight: weight.mean() } };
  },

  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),
});
