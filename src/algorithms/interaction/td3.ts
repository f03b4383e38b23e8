/**
 * TD3: a deterministic actor-critic that distrusts its own values in three ways.
 *
 *   Q   regresses onto r + γ min Q′(s′, π′(s′) + clipped noise), twin critics
 *   π   every second update, climbs Q(s, π(s)); the targets follow then, too
 *
 * Fujimoto, van Hoof, Meger (2018). Addressing Function Approximation Error in Actor-Critic Methods. arXiv:1802.09477
 */
import { bootstrapped, squaredError } from "../../formulas/index.ts";
import { deterministicPolicy, gaussian, members, qEnsemble } from "../../nn/index.ts";
import { adam, blend } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { atLeastZero, count, fraction, positive, widths } from "../options.ts";

export const td3 = defineAlgorithm({
  name: "td3",
  title: "TD3",
  paper: "arXiv:1802.09477",
  learnsFrom: "transitions",
  actions: "continuous",
  departures: [],

  options: {
    discount: fraction(0.99, "γ, the weight of the next state's value"),
    exploration: positive(
      0.1,
      "standard deviation of the noise on actions while it plays, in half-widths of the bounds",
    ),
    smoothing: atLeastZero(0.2, "standard deviation of the noise on the target policy's action"),
    smoothingBound: positive(0.5, "cap on that noise"),
    policyDelay: count(2, "d, updates of the critics for each update of the policy and the targets"),
    targetRate: fraction(0.005, "τ, the share of each network blended into its target"),
    learningRate: positive(1e-3, "Adam's rate, for policy and critics"),
    hidden: widths([256, 256], "widths of every network's hidden layers"),
    batchSize: count(256, "transitions per update"),
    steps: count(100_000, "updates, where it learns from a recording"),
  },
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
    const [policy, policyLoss] = descend(state.policy, (params) =>
      nets.critic(first, s, nets.policy(params, s).mode()).mean().neg(),
    );

    const targets = {
      policy: blend(state.targets.policy, policy.params, options.targetRate),
      critic: blend(state.targets.critic, critic.params, options.targetRate),
    };
    return { state: { policy, critic, targets }, metrics: { criticLoss, policyLoss, value: nextQ.mean() } };
  },

  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),

  online: {
    schedule: { warmup: 10_000 },
    explore: ({ nets, options }, state, observation) =>
      gaussian(nets.policy(state.policy.params, observation).mode(), options.exploration.log()),
  },
});
