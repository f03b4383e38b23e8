/**
 * Behaviour cloning: the policy under which the recorded actions are most likely.
 *
 *   π   climbs log π(a | s) over the recording
 *
 * Pomerleau (1991). Efficient Training of Artificial Neural Networks for Autonomous Navigation. Neural Computation 3(1).
 */
import type { Distribution } from "../../nn/index.ts";
import { adam, cosineDecay, type Tensor } from "../../tensor/index.ts";
import { stochasticPolicy } from "../actions.ts";
import { defineAlgorithm } from "../define.ts";
import { count, flag, positive, widths } from "../options.ts";

/** −log π(a | s), averaged over the batch. */
export const cloning = (policy: Distribution, action: Tensor): Tensor => policy.logProb(action).mean().neg();

export const bc = defineAlgorithm({
  name: "bc",
  title: "Behaviour cloning",
  paper: "Pomerleau (1991), Neural Computation 3(1)",
  learnsFrom: "demonstrations",
  actions: "any",
  departures: [
    "Vectors have a Gaussian whose mean passes through tanh and whose spread is one learned vector, choices a categorical; the paper's network had a row of direction units.",
  ],

  options: {
    learningRate: positive(3e-4, "Adam's rate; decays to 0 along a cosine"),
    normaliseObservations: flag(true, "centre and scale observations by the recording's moments"),
    hidden: widths([256, 256], "widths of the policy's hidden layers"),
    batchSize: count(256, "steps of the recording per update"),
    steps: count(100_000, "updates in a full run"),
  },
  normalise: ({ normaliseObservations }) => normaliseObservations,

  networks: (sizes, { hidden }) => ({ policy: stochasticPolicy(sizes, { hidden }) }),
  optimisers: ({ learningRate, steps }) => ({ policy: adam(cosineDecay(learningRate, steps)) }),
  init: (learners) => learners,

  step({ nets, descend }, state, { observation, action }) {
    const [policy, policyLoss] = descend(state.policy, (params) => cloning(nets.policy(params, observation), action));
    return { state: { policy }, metrics: { policyLoss } };
  },

  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),
});
