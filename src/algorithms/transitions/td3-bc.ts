/**
 * TD3+BC: an online actor-critic made offline by one term.
 *
 *   Q   regresses onto r + γ min Q′(s′, π′(s′) + noise), twin critics
 *   π   every second update, climbs λ Q(s, π(s)) − (π(s) − a)², with λ = α / mean |Q|
 *
 * Fujimoto, Gu (2021). A Minimalist Approach to Offline Reinforcement Learning. arXiv:2106.06860
 * The actor-critic underneath: Fujimoto, van Hoof, Meger (2018). arXiv:1802.09477
 */
import { bootstrapped, squaredError } from "../../formulas/index.ts";
import { deterministicPolicy, members, qEnsemble } from "../../nn/index.ts";
import { adam, blend } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { atLeastZero, count, flag, fraction, positive, widths } from "../options.ts";

export const td3bc = defineAlgorithm({
  name: "td3-bc",
  title: "TD3+BC",
  paper: "arXiv:2106.06860",
  learnsFrom: "transitions",
  actions: "continuous",
  departures: [
    "λ divides by |Q| at the policy's own actions, as in the authors' code; (5) writes the logged ones.",
    "A constant number of an observation is only centred: deviations have 1e-3 added, as in the authors' code.",
  ],

  options: {
    discount: fraction(0.99, "γ, the weight of the next state's value"),
    greed: positive(2.5, "α: larger trusts Q more, smaller stays nearer the log"),
    smoothing: atLeastZero(0.2, "standard deviation of the noise on the target policy's action"),
    smoothingBound: positive(0.5, "cap on that noise"),
    policyDelay: count(2, "updates of the critics for each update of the policy and the targets"),
    targetRate: fraction(0.005, "τ, the share of each network blended into its target"),
    learningRate: positive(3e-4, "Adam's rate, for policy and critics"),
    normaliseObservations: flag(true, "centre and scale observations by the recording's moments"),
    hidden: widths([256, 256], "widths of every network's hidden layers"),
    batchSize: count(256, "transitions per step"),
    steps: count(1_000_000, "steps in a full run"),
  },
  normalise: ({ normaliseObservations }) => normaliseObservations,
  cycle: ({ policyDelay }) => policyDelay,

  networks: ({ observation, action }, { hidden }) => ({
    policy: deterministicPolicy(observation, action.size, { hidden }),
    critic: qEnsemble(observation, action.size, { size: 2, hidden }),
  }),

  optimisers: ({ learningRate }) => ({ policy: adam(learningRate), critic: adam(learningRate) }),

  init: (learners) => ({ ...learners, targets: { policy: learners.policy.params, critic: learners.critic.params } }),

  step({ options, nets, descend, turn }, state, batch, key) {
    const { observation: s, action: a, reward, nextObservation, continues, span } = batch;

    const noise = key
      .at("smoothing")
      .normal(...a.shape)
      .mul(options.smoothing);
    const bounded = noise.clip(options.smoothingBound.neg(), options.smoothingBound);
    const nextAction = nets.policy(state.targets.policy, nextObservation).mode().add(bounded).clip(-1, 1);
    const nextQ = nets.critic(state.targets.critic, nextObservation, nextAction).min("member");
    const backup = bootstrapped(reward, continues, span, options.discount, nextQ);
    const [critic, criticLoss] = descend(state.critic, (params) => squaredError(nets.critic(params, s, a), backup));

    if ((turn + 1) % options.policyDelay !== 0) {
      return { state: { ...state, critic }, metrics: { criticLoss, value: nextQ.mean() } };
    }

    const first = members(critic.params, 0, 1);
    const q = (action: typeof a) => nets.critic(first, s, action).at("member", 0);
    const now = q(nets.policy(state.policy.params, s).mode());
    const scale = now.abs().mean().under(options.greed); // λ: held constant, as it is made outside the loss
    const [policy, policyLoss] = descend(state.policy, (params) => {
      const action = nets.policy(params, s).mode();
      return q(action).mean().mul(scale).neg().add(squaredError(action, a));
    });

    const targets = {
      policy: blend(state.targets.policy, policy.params, options.targetRate),
      critic: blend(state.targets.critic, critic.params, options.targetRate),
    };
    return { state: { policy, critic, targets }, metrics: { criticLoss, policyLoss, value: nextQ.mean() } };
  },

  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),
});
