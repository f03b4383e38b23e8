/**
 * A2C: one step along the slope of what was just played, by several worlds in step.
 *
 *   A   = Σ (γλ)ᵏ δ over the few steps that were played, with V at their end
 *   π   climbs A log π(a|s) + c H(π)
 *   V   regresses onto A + V
 *
 * Mnih and others (2016). Asynchronous Methods for Deep Reinforcement Learning. arXiv:1602.01783; in step, without asynchrony.
 */
import { noMoments, normalise, orthogonal, valueFunction } from "../../nn/index.ts";
import { chain, clipByGlobalNorm, linearDecay, rmsprop } from "../../tensor/index.ts";
import { stochasticPolicy } from "../actions.ts";
import { defineAlgorithm } from "../define.ts";
import { atLeastZero, count, flag, fraction, positive, widths } from "../options.ts";
import { judged, onScale } from "./judged.ts";

export const a2c = defineAlgorithm({
  name: "a2c",
  title: "A2C",
  paper: "arXiv:1602.01783",
  learnsFrom: "rollouts",
  actions: "any",
  departures: [
    "Worlds play in step, not asynchronously.",
    "Policy and value are apart, each with its own RMSprop and its own bound on the norm of its slope.",
    "A Gaussian policy's mean passes through tanh.",
  ],

  options: {
    discount: fraction(0.99, "γ, the weight of the next state's value"),
    lambda: fraction(1, "λ of the advantages: 0 trusts V, 1 what happened"),
    entropyBonus: atLeastZero(0, "c: what a nat of uncertainty is worth"),
    decay: flag(false, "let the rate fall along a line to 0, as in the paper"),
    maxNorm: positive(0.5, "bound on the norm of each network's slope"),
    normaliseAdvantages: flag(false, "centre and scale the advantages of each rollout"),
    normaliseObservations: flag(false, "centre and scale observations by all that was seen"),
    learningRate: positive(7e-4, "RMSprop's rate"),
    hidden: widths([64, 64], "widths of both networks' hidden layers, with tanh between them"),
    horizon: count(5, "steps of each environment in a rollout"),
    worlds: count(8, "environments played side by side"),
    steps: count(1_000_000, "steps to play in all"),
  },

  networks(sizes, { hidden }) {
    const shape = { hidden, activation: "tanh", weight: orthogonal(Math.SQRT2), bias: "zero" } as const;
    return {
      policy: stochasticPolicy(sizes, { ...shape, lastWeight: orthogonal(0.01) }),
      value: valueFunction(sizes.observation, { ...shape, lastWeight: orthogonal(1) }),
    };
  },

  optimisers({ learningRate, decay, maxNorm, steps, worlds, horizon }) {
    const rate = decay ? linearDecay(learningRate, Math.ceil(steps / (worlds * horizon))) : learningRate;
    const optimiser = chain(clipByGlobalNorm(maxNorm), rmsprop(rate, { epsilon: 1e-5 }));
    return { policy: optimiser, value: optimiser };
  },

  init: (learners, { observation }) => ({ ...learners, moments: noMoments(observation) }),

  step({ options, nets, descend }, state, batch) {
    const { observation: s, action, advantage: raw, target } = batch;
    const spread = raw.variance().sqrt().add(1e-8);
    const advantage = options.normaliseAdvantages ? raw.sub(raw.mean()).div(spread) : raw;
    const [policy, policyLoss] = descend(state.policy, (params) => {
      const now = nets.policy(params, s);
      return now.logProb(action).mul(advantage).add(now.entropy().mul(options.entropyBonus)).mean().neg();
    });
    const [value, valueLoss] = descend(state.value, (params) =>
      nets.value(params, s).sub(target).square().mul(0.5).mean(),
    );
    const entropy = nets.policy(state.policy.params, s).entropy().mean();
    return { state: { ...state, policy, value }, metrics: { policyLoss, valueLoss, entropy } };
  },

  policy: ({ nets, options }, state, observation) =>
    nets.policy(
      state.policy.params,
      options.normaliseObservations ? normalise(state.moments, observation) : observation,
    ),

  online: {
    play: ({ steps, worlds, horizon }) => ({ steps, worlds, horizon, epochs: 1 }),
    judge({ options, nets }, state, rollout) {
      const { discount, lambda } = options;
      const [seen, moments] = options.normaliseObservations
        ? onScale(rollout, state.moments)
        : [rollout, state.moments];
      const policy = (s: typeof seen.observation) => nets.policy(state.policy.params, s);
      const value = (s: typeof seen.observation) => nets.value(state.value.params, s);
      return { state: { ...state, moments }, steps: judged(seen, policy, value, { discount, lambda }) };
    },
  },
});
