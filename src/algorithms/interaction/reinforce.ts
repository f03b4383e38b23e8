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
import { adam, type Tensor } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { atLeastZero, count, flag, fraction, positive, widths } from "../options.ts";
import { type ActorCritic, actorCritic } from "./actor-critic.ts";
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

  networks: (sizes, { hidden }) => ({ agent: actorCritic(sizes, { hidden }) }),
  optimisers: ({ learningRate }) => ({ agent: adam(learningRate) }),

  init: (learners) => learners,

  step({ options, nets: { agent }, descend }, state, batch) {
    const { observation: s, action, advantage: raw, target, played } = batch;
    const steps = played.sum().atLeast(1);
    const mean = raw.mul(played).sum().div(steps);
    const spread = raw.sub(mean).square().mul(played).sum().div(steps).sqrt().add(1e-8);
    const advantage = options.normaliseAdvantages ? raw.sub(mean).div(spread) : raw;
    const averaged = (each: Tensor): Tensor => each.mul(played).sum().div(steps);
    const policyLoss = (params: ActorCritic): Tensor => {
      const now = agent.policy(params, s);
      return averaged(now.logProb(action).mul(advantage).add(now.entropy().mul(options.entropyBonus))).neg();
    };
    const valueLoss = (params: ActorCritic): Tensor => averaged(agent.value(params, s).sub(target).square());

    const { params: start } = state.agent;
    const [moved] = descend(state.agent, (params) => policyLoss(params).add(valueLoss(params)));
    const entropy = averaged(agent.policy(start, s).entropy());
    return {
      state: { agent: moved },
      metrics: { policyLoss: policyLoss(start), valueLoss: valueLoss(start), entropy },
    };
  },

  policy: ({ nets }, state, observation) => nets.agent.policy(state.agent.params, observation),

  online: {
    play: ({ steps, worlds, horizon }) => ({ steps, worlds, horizon, epochs: 1, wholeEpisodes: true }),
    judge({ options, nets: { agent } }, state, rollout) {
      const policy = (s: Tensor) => agent.policy(state.agent.params, s);
      const value = (s: Tensor) => {
        const v = agent.value(state.agent.params, s);
        return options.baseline ? v : v.mul(0);
      };
      return { state, steps: judged(rollout, policy, value, { discount: options.discount, lambda: 1 }) };
    },
  },
});
