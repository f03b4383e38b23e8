/**
 * Behaviour cloning with a mixture of Gaussians: where demonstrators go left or right, one Gaussian goes straight ahead.
 *
 *   π   climbs log Σᵢ wᵢ(s) N(a; μᵢ(s), σᵢ(s))
 *
 * Bishop (1994), Mixture Density Networks; as a policy head in Mandlekar et al. (2021), arXiv:2108.03298
 */
import { mixturePolicy } from "../../nn/index.ts";
import { adam, cosineDecay } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { count, flag, positive, widths } from "../options.ts";
import { cloning } from "./bc.ts";

export const bcMixture = defineAlgorithm({
  name: "bc-mixture",
  title: "Behaviour cloning with a mixture of Gaussians",
  paper: "arXiv:2108.03298",
  learnsFrom: "demonstrations",
  actions: "continuous",
  departures: ["The means pass through tanh. The deterministic action is the mean of the heaviest part."],

  options: {
    parts: count(5, "Gaussians in the mixture"),
    learningRate: positive(3e-4, "Adam's rate; decays to 0 along a cosine"),
    normaliseObservations: flag(true, "centre and scale observations by the recording's moments"),
    hidden: widths([256, 256], "widths of the policy's hidden layers"),
    batchSize: count(256, "steps of the recording per update"),
    steps: count(100_000, "updates in a full run"),
  },
  normalise: ({ normaliseObservations }) => normaliseObservations,

  networks: ({ observation, action }, { parts, hidden }) => ({
    policy: mixturePolicy(observation, action.size, parts, { hidden }),
  }),
  optimisers: ({ learningRate, steps }) => ({ policy: adam(cosineDecay(learningRate, steps)) }),
  init: (learners) => learners,

  step({ nets, descend }, state, { observation, action }) {
    const [policy, policyLoss] = descend(state.policy, (params) => cloning(nets.policy(params, observation), action));
    return { state: { policy }, metrics: { policyLoss } };
  },

  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),
});
