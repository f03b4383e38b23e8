/**
 * Critic-regularised regression (CRR): cloning of what a critic finds better than the policy itself.
 *
 *   Q   regresses onto r + γ Q′(s′, a′), a′ drawn from π′, under Huber's loss
 *   A   is Q(s, a) less the mean of Q(s, aʲ) over a few aʲ drawn from π(s)
 *   π   imitates recorded actions, each weighted by 1[A > 0] or by exp(A / β)
 *
 * Wang, Novikov, Żołna, Springenberg, Reed, Shahriari, Siegel, Merel, Gulcehre, Heess, de Freitas (2020).
 * Critic Regularized Regression. arXiv:2006.15134
 */
import { bootstrapped, huberLoss } from "../../formulas/index.ts";
import { qEnsemble } from "../../nn/index.ts";
import { adam, blend, type Key, scalar, type Tensor } from "../../tensor/index.ts";
import { asVector, type Stochastic, stochasticPolicy } from "../actions.ts";
import { defineAlgorithm, type Sizes } from "../define.ts";
import { everyNth } from "../interaction/greedy.ts";
import { choice, count, flag, fraction, positive, widths } from "../options.ts";

/** An action drawn from the policy, as the critic takes it; vectors are bounded as they are when played. */
function drawn(policy: Stochastic, key: Key, sizes: Sizes): Tensor {
  const action = asVector(policy.sample(key), sizes);
  return sizes.action.kind === "continuous" ? action.clip(-1, 1) : action;
}

export const crr = defineAlgorithm({
  name: "crr",
  title: "Critic-regularised regression",
  paper: "arXiv:2006.15134",
  learnsFrom: "transitions",
  actions: "any",
  departures: [
    "The critic says one number, under Huber's loss; the paper's says a distribution over bins.",
    "The policy is a categorical, or a Gaussian whose mean passes through tanh and whose spread is one learned vector; the paper's is a mixture of Gaussians behind a recurrent network.",
    "The policy acts as it is: drawing several actions and choosing among them by the critic (the paper's section 3.3) is left out.",
    "Observations are centred and scaled, unless told not to.",
  ],

  options: {
    discount: fraction(0.99, "γ, the weight of the next state's value"),
    filter: choice("exp", ["exp", "binary"], "f: weigh by exp(A / β), or imitate where A > 0 and ignore the rest"),
    temperature: positive(1, "β of the filter exp, in units of reward: large ones clone"),
    maxWeight: positive(20, "cap on exp(A / β)"),
    drawnActions: count(4, "m, actions drawn from the policy that the recorded one is measured against"),
    targetEvery: count(100, "updates between copies of both networks to their targets"),
    learningRate: positive(3e-4, "Adam's rate, for policy and critic"),
    normaliseObservations: flag(true, "centre and scale observations by the recording's moments"),
    hidden: widths([256, 256], "widths of every network's hidden layers"),
    batchSize: count(256, "transitions per update"),
    steps: count(100_000, "updates in a full run"),
  },
  normalise: ({ normaliseObservations }) => normaliseObservations,

  networks: (sizes, { hidden }) => ({
    policy: stochasticPolicy(sizes, { hidden }),
    critic: qEnsemble(sizes.observation, sizes.action.size, { size: 1, hidden }),
  }),

  optimisers: ({ learningRate }) => ({ policy: adam(learningRate), critic: adam(learningRate) }),

  init: (learners) => ({
    ...learners,
    targets: { policy: learners.policy.params, critic: learners.critic.params },
    since: scalar(0),
  }),

  // Algorithm 1: both slopes are taken at the parameters before the update.
  step({ options, nets, sizes, descend }, state, batch, key) {
    const { observation: s, reward, nextObservation, continues, span } = batch;
    const a = asVector(batch.action, sizes);

    const now = nets.policy(state.policy.params, s);
    const own = Array.from({ length: options.drawnActions }, (_, j) =>
      nets.critic(state.critic.params, s, drawn(now, key.at(1 + j), sizes)),
    ).reduce((sum, q) => sum.add(q));
    const q = nets.critic(state.critic.params, s, a);
    const advantage = q.sub(own.div(options.drawnActions)).mean("member");
    const weight =
      options.filter === "binary"
        ? advantage.greater(0).where(scalar(1), 0)
        : advantage.div(options.temperature).exp().atMost(options.maxWeight);
    const [policy, policyLoss] = descend(state.policy, (params) =>
      nets.policy(params, s).logProb(batch.action).mul(weight).mean().neg(),
    );

    const later = drawn(nets.policy(state.targets.policy, nextObservation), key.at(0), sizes);
    const next = nets.critic(state.targets.critic, nextObservation, later);
    const backup = bootstrapped(reward, continues, span, options.discount, next);
    const [critic, criticLoss] = descend(state.critic, (params) => huberLoss(nets.critic(params, s, a).sub(backup)));

    const [due, since] = everyNth(state.since, options.targetEvery);
    return {
      state: {
        policy,
        critic,
        targets: {
          policy: blend(state.targets.policy, policy.params, due),
          critic: blend(state.targets.critic, critic.params, due),
        },
        since,
      },
      metrics: { policyLoss, criticLoss, advantage: advantage.mean(), weight: weight.mean(), value: q.mean() },
    };
  },

  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),
});
