/**
 * A2C: one step along the slope of what was just played, by several worlds in step.
 *
 *   A   = Σ (γλ)ᵏ δ over the few steps that were played, with V at their end
 *   π   climbs A log π(a|s) + c H(π)
 *   V   regresses onto A + V
 *
 * Mnih and others (2016). Asynchronous Methods for Deep Reinforcement Learning. arXiv:1602.01783; in step, without asynchrony.
 */
import { noMoments, normalise } from "../../nn/index.ts";
import { chain, clipByGlobalNorm, linearDecay, rmsprop, type Tensor } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { atLeastZero, count, flag, fraction, positive, widths } from "../options.ts";
import { type ActorCritic, actorCritic } from "./actor-critic.ts";
import { judged, noReturns, onScale, scaledRewards } from "./judged.ts";

export const a2c = defineAlgorithm({
  name: "a2c",
  title: "A2C",
  paper: "arXiv:1602.01783",
  learnsFrom: "rollouts",
  actions: "any",
  departures: [
    "Worlds play in step, not asynchronously.",
    "Policy and value are networks apart; one RMSprop and one bound on the norm of the slope move both, as in Stable-Baselines3.",
  ],

  options: {
    discount: fraction(0.99, "γ, the weight of the next state's value"),
    lambda: fraction(1, "λ of the advantages: 0 trusts V, 1 what happened"),
    valueWeight: positive(0.5, "weight of V's error beside the policy's gain: they share the bound on the norm"),
    entropyBonus: atLeastZero(0, "c: what a nat of uncertainty is worth"),
    decay: flag(false, "let the rate fall along a line to 0, as in the paper"),
    maxNorm: positive(0.5, "bound on the norm of the slope"),
    normaliseAdvantages: flag(false, "centre and scale the advantages of each rollout"),
    normaliseObservations: flag(false, "centre and scale observations by all that was seen"),
    normaliseRewards: flag(false, "divide rewards by the spread of the discounted return"),
    learningRate: positive(7e-4, "RMSprop's rate"),
    hidden: widths([64, 64], "widths of both networks' hidden layers, with tanh between them"),
    horizon: count(5, "steps of each environment in a rollout"),
    worlds: count(8, "environments played side by side"),
    steps: count(1_000_000, "steps to play in all"),
  },

  networks: (sizes, { hidden }) => ({ agent: actorCritic(sizes, { hidden }) }),

  optimisers({ learningRate, decay, maxNorm, steps, worlds, horizon }) {
    const rate = decay ? linearDecay(learningRate, Math.ceil(steps / (worlds * horizon))) : learningRate;
    return { agent: chain(clipByGlobalNorm(maxNorm), rmsprop(rate, { epsilon: 1e-5 })) };
  },

  init: ({ agent }, { observation }, { worlds }) => ({
    agent,
    moments: noMoments(observation),
    returns: noReturns(worlds),
  }),

  step({ options, nets: { agent }, descend }, state, batch) {
    const { observation: s, action, advantage: raw, target } = batch;
    const spread = raw.variance().sqrt().add(1e-8);
    const advantage = options.normaliseAdvantages ? raw.sub(raw.mean()).div(spread) : raw;
    const policyLoss = (params: ActorCritic): Tensor => {
      const now = agent.policy(params, s);
      return now.logProb(action).mul(advantage).add(now.entropy().mul(options.entropyBonus)).mean().neg();
    };
    const valueLoss = (params: ActorCritic): Tensor => agent.value(params, s).sub(target).square().mean();

    const { params: start } = state.agent;
    const [moved] = descend(state.agent, (params) =>
      policyLoss(params).add(valueLoss(params).mul(options.valueWeight)),
    );
    const entropy = agent.policy(start, s).entropy().mean();
    return {
      state: { ...state, agent: moved },
      metrics: { policyLoss: policyLoss(start), valueLoss: valueLoss(start), entropy },
    };
  },

  policy: ({ nets, options }, state, observation) =>
    nets.agent.policy(
      state.agent.params,
      options.normaliseObservations ? normalise(state.moments, observation) : observation,
    ),

  online: {
    play: ({ steps, worlds, horizon }) => ({ steps, worlds, horizon, epochs: 1 }),
    judge({ options, nets: { agent } }, state, rollout) {
      const { discount, lambda } = options;
      const [paid, returns] = options.normaliseRewards
        ? scaledRewards(rollout, state.returns, discount)
        : [rollout, state.returns];
      const [seen, moments] = options.normaliseObservations ? onScale(paid, state.moments) : [paid, state.moments];
      const policy = (s: Tensor) => agent.policy(state.agent.params, s);
      const value = (s: Tensor) => agent.value(state.agent.params, s);
      return { state: { ...state, moments, returns }, steps: judged(seen, policy, value, { discount, lambda }) };
    },
  },
});
