/**
 * Behaviour cloning with an ensemble: several networks with starts of their own imitate the same demonstrations. Their mean
 * acts; where they part, the recording says nothing.
 *
 *   π   descends Σₖ |πₖ(s) − a|² over the recording, and acts with the mean of the πₖ
 *
 * As the base policy of Gandhi, Karamcheti, Liao, Sadigh (2022). Eliciting Compatible Demonstrations for Multi-Human
 * Imitation Learning. arXiv:2210.08073
 */
import { squaredError } from "../../formulas/index.ts";
import { deterministicEnsemble } from "../../nn/index.ts";
import { adam, cosineDecay } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { count, flag, positive, widths } from "../options.ts";

export const bcEnsemble = defineAlgorithm({
  name: "bc-ensemble",
  title: "Behaviour cloning with an ensemble",
  paper: "arXiv:2210.08073",
  learnsFrom: "demonstrations",
  actions: "continuous",
  departures: [
    "All members see the same batches, so that they are one network with an axis more; the authors' code shuffles for each. They differ by their starts alone.",
    "No dropout, which the authors' code has as an option, off by default.",
  ],

  options: {
    members: count(5, "networks; one is cloning by squared error"),
    learningRate: positive(1e-3, "Adam's rate; decays to 0 along a cosine"),
    normaliseObservations: flag(true, "centre and scale observations by the recording's moments"),
    hidden: widths([256, 256], "widths of each member's hidden layers"),
    batchSize: count(256, "steps of the recording per update"),
    steps: count(100_000, "updates in a full run"),
  },
  normalise: ({ normaliseObservations }) => normaliseObservations,

  networks: ({ observation, action }, { members, hidden }) => ({
    policy: deterministicEnsemble(observation, action.size, { size: members, hidden }),
  }),
  optimisers: ({ learningRate, steps }) => ({ policy: adam(cosineDecay(learningRate, steps)) }),
  init: (learners) => learners,

  step({ options, nets, descend }, state, { observation, action }) {
    const [policy, loss] = descend(state.policy, (params) =>
      squaredError(nets.policy(params, observation).members(), action),
    );
    return { state: { policy }, metrics: { policyLoss: loss.div(options.members) } };
  },

  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),
});
