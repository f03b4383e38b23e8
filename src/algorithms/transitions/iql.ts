/**
 * Implicit Q-Learning (IQL): offline reinforcement learning that never asks for the value of an action the log does not
 * contain.
 *
 *   V   learns a high expectile of Q over logged actions, in place of a maximum    (5)
 *   Q   regresses onto r + γ V(s′)                                                 (6)
 *   π   imitates logged actions, each weighted by exp(β (Q − V))                   (7)
 *
 * Kostrikov, Nair, Levine (2021). Offline Reinforcement Learning with Implicit Q-Learning. arXiv:2110.06169
 */
import { bootstrapped, expectileLoss, squaredError } from "../../formulas/index.ts";
import { qEnsemble, valueFunction } from "../../nn/index.ts";
import { adam, blend, cosineDecay } from "../../tensor/index.ts";
import { asVector, stochasticPolicy } from "../actions.ts";
import { defineAlgorithm } from "../define.ts";
import { atLeastZero, count, flag, fraction, positive, widths } from "../options.ts";

export const iql = defineAlgorithm({
  name: "iql",
  title: "Implicit Q-Learning",
  paper: "arXiv:2110.06169",
  learnsFrom: "transitions",
  actions: "any",
  departures: [
    "π's mean passes through tanh and its spread is one learned vector, as in the authors' code.",
    "Weights are capped at maxWeight, as in the authors' code; (7) has no cap.",
    "Rewards are not rescaled by dataset name, as the authors' code does; scaling belongs to the data.",
    "Observations are centred and scaled, which the authors' code does not do: unscaled ones mislead small networks.",
    "Discrete actions, which the paper does not treat, enter Q one-hot and leave π as a categorical.",
  ],

  options: {
    discount: fraction(0.99, "γ, the weight of the next state's value"),
    expectile: fraction(0.7, "τ in the paper: 0.5 gives Q's mean over the log, near 1 its maximum"),
    inverseTemperature: atLeastZero(3, "β: 0 clones the log, larger trusts the advantage more"),
    maxWeight: positive(100, "cap on exp(β · advantage)"),
    targetRate: fraction(0.005, "share of the critic blended into its target at each step"),
    learningRate: positive(3e-4, "Adam's rate; the policy's decays to 0 along a cosine"),
    normaliseObservations: flag(true, "centre and scale observations by the recording's moments"),
    hidden: widths([256, 256], "widths of every network's hidden layers"),
    batchSize: count(256, "transitions per step"),
    steps: count(1_000_000, "steps in a full run"),
  },
  normalise: ({ normaliseObservations }) => normaliseObservations,

  networks: (sizes, { hidden }) => ({
    policy: stochasticPolicy(sizes, { hidden }),
    critic: qEnsemble(sizes.observation, sizes.action.size, { size: 2, hidden }),
    value: valueFunction(sizes.observation, { hidden }),
  }),

  optimisers: ({ learningRate, steps }) => ({
    policy: adam(cosineDecay(learningRate, steps)),
    critic: adam(learningRate),
    value: adam(learningRate),
  }),

  init: (learners) => ({ ...learners, target: learners.critic.params }),

  // The authors' order: V first, then π and Q against the new V, the target last.
  step({ options, nets, sizes, descend }, state, batch) {
    const { observation: s, reward, nextObservation, continues, span } = batch;
    const a = asVector(batch.action, sizes);

    const q = nets.critic(state.target, s, a).min("member");
    const [value, valueLoss] = descend(state.value, (params) =>
      expectileLoss(q.sub(nets.value(params, s)), options.expectile),
    );

    const advantage = q.sub(nets.value(value.params, s));
    const weight = advantage.mul(options.inverseTemperature).exp().atMost(options.maxWeight);
    const [policy, policyLoss] = descend(state.policy, (params) =>
      nets.policy(params, s).logProb(batch.action).mul(weight).mean().neg(),
    );

    const backup = bootstrapped(reward, continues, span, options.discount, nets.value(value.params, nextObservation));
    const [critic, criticLoss] = descend(state.critic, (params) => squaredError(nets.critic(params, s, a), backup));

    const target = blend(state.target, critic.params, options.targetRate);
    return {
      state: { policy, critic, value, target },
      metrics: {
        valueLoss,
        policyLoss,
        criticLoss,
        advantage: advantage.mean(),
        weight: weight.mean(),
        value: q.mean(),
      },
    };
  },

  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),
});
