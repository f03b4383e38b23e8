/**
 * REINFORCE: make what went well more likely, a whole episode at a time.
 *
 *   G   = Σ γᵏ r, what followed each step
 *   π   climbs (G − b(s)) log π(a|s)
 *   b   regresses onto G; without a baseline it is 0
 *
 * Williams (1992). Simple statistical gradient-following algorithms for connectionist reinforcement learning.
 * doi:10.1007/BF00992696
 */
import { orthogonal, valueFunction } from "../../nn/index.ts";
import { adam } from "../../tensor/index.ts";
import { stochasticPolicy } from "../actions.ts";
import { defineAlgorithm } from "../define.ts";
import { atLeastZero, count, flag, fraction, positive, widths } from "../options.ts";
import { judged } from "./judged.ts";

export const reinforce = defineAlgorithm({
  name: "reinforce",
  title: "REINFORCE",
  paper: "doi:10.1007/BF00992696",
  learnsFrom: "rollouts",
  actions: "any",
  departures: [
    "Steps are not weighted by γᵗ, as is usual: what is climbed is not quite the discounted return.",
    "An episode longer than the horizon is cut there; its last value is the baseline's, or 0 without one.",
  ],

  options: {
    discount: fraction(0.99, "γ, the weight of what comes a step later"),
    baseline: flag(true, "learn what usually follows, and count only what differs from it"),
    normaliseAdvantages: flag(false, "centre and scale what is counted over all steps of the episodes"),
    entropyBonus: atLeastZero(0, "what a nat of uncertainty is worth"),
    learningRate: positive(3e-3, "Adam's rate, for policy and baseline"),
    hidden: widths([32], "widths of both networks' hidden layers, with tanh between them"),
    horizon: count(500, "longest episode; set it to the environment's time limit"),
    worlds: count(8, "episodes between two updates, played side by side"),
    steps: count(200_000, "steps to play in all"),
  },

  networks(sizes, { hidden }) {
    const shape = { hidden, activation: "tanh", weight: orthogonal(Math.SQRT2), bias: "zero" } as const;
    return {
      policy: stochasticPolicy(sizes, { ...shape, lastWeight: orthogonal(0.01) }),
      value: valueFunction(sizes.observation, { ...shape, lastWeight: orthogonal(1) }),
    };
  },

  optimisers: ({ learningRate }) => ({ policy: adam(learningRate), value: adam(learningRate) }),

  init: (learners) => learners,

  step({ options, nets, descend }, state, batch) {
    const { observation: s, action, advantage: raw, target, played } = batch;
    const steps = played.sum().atLeast(1);
    const mean = raw.mul(played).sum().div(steps);
    const spread = raw.sub(mean).square().mul(played).sum().div(steps).sqrt().add(1e-8);
    const advantage = options.normaliseAdvantages ? raw.sub(mean).div(spread) : raw;
    const averaged = (each: typeof raw) => each.mul(played).sum().div(steps);
    const [policy, policyLoss] = descend(state.policy, (params) => {
      const now = nets.policy(params, s);
      return averaged(now.logProb(action).mul(advantage).add(now.entropy().mul(options.entropyBonus))).neg();
    });
    const [value, valueLoss] = descend(state.value, (params) => averaged(nets.value(params, s).sub(target).square()));
    const entropy = averaged(nets.policy(state.policy.params, s).entropy());
    return { state: { policy, value }, metrics: { policyLoss, valueLoss, entropy } };
  },

  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),

  online: {
    play: ({ steps, worlds, horizon }) => ({ steps, worlds, horizon, epochs: 1, wholeEpisodes: true }),
    judge({ options, nets }, state, rollout) {
      const policy = (s: typeof rollout.observation) => nets.policy(state.policy.params, s);
      const value = (s: typeof rollout.observation) => {
        const v = nets.value(state.value.params, s);
        return options.baseline ? v : v.mul(0);
      };
      return { state, steps: judged(rollout, policy, value, { discount: options.discount, lambda: 1 }) };
    },
  },
});
