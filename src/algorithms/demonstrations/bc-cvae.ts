/**
 * Behaviour cloning with a conditional autoencoder: a code says which of several ways was meant, and the policy draws a code.
 *
 *   q(z | s, a)   the code of a recorded action
 *   π             descends |a − π(s, z)|² + β KL(q ‖ N(0, 1)) with z ~ q, and acts with z ~ N(0, 1)
 *
 * Sohn, Lee, Yan (2015), NeurIPS 28; as a policy head in Jia and others (2024), Towards Diverse Behaviors, arXiv:2402.14606
 */
import { cvae, generated, klToStandard } from "../../nn/index.ts";
import { adam, cosineDecay } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { atLeastZero, count, flag, positive, widths } from "../options.ts";

export const bcCvae = defineAlgorithm({
  name: "bc-cvae",
  title: "Behaviour cloning with a conditional autoencoder",
  paper: "Sohn, Lee, Yan (2015), NeurIPS 28",
  learnsFrom: "demonstrations",
  actions: "continuous",
  departures: [
    "Squared error and a weight β of the divergence, where the paper has a likelihood: the same for a Gaussian of spread √(β / 2).",
    "No network for the code's prior: codes are standard normal in every state, as in arXiv:2402.14606.",
  ],

  options: {
    latent: count(16, "numbers in the code"),
    divergenceWeight: atLeastZero(
      0.02,
      "β, how much a code's divergence from a standard normal counts against squared error",
    ),
    learningRate: positive(3e-4, "Adam's rate; decays to 0 along a cosine"),
    normaliseObservations: flag(true, "centre and scale observations by the recording's moments"),
    hidden: widths([256, 256], "widths of the hidden layers, of encoder and decoder"),
    batchSize: count(256, "steps of the recording per update"),
    steps: count(100_000, "updates in a full run"),
  },
  normalise: ({ normaliseObservations }) => normaliseObservations,

  networks: ({ observation, action }, { latent, hidden }) => ({
    policy: cvae({ event: [action.size], condition: observation, latent, hidden }),
  }),
  optimisers: ({ learningRate, steps }) => ({ policy: adam(cosineDecay(learningRate, steps)) }),
  init: (learners) => learners,

  step({ options, nets, descend }, state, { observation, action }, key) {
    const [policy, policyLoss] = descend(state.policy, (params) => {
      const code = nets.policy.encode(params, action, observation);
      const decoded = nets.policy.decode(params, code.rsample(key), observation);
      const error = decoded.sub(action).square().sum(-1);
      return error.add(klToStandard(code).mul(options.divergenceWeight)).mean();
    });
    return { state: { policy }, metrics: { policyLoss } };
  },

  policy: ({ nets }, state, observation) => generated(nets.policy, state.policy.params, observation),
});
