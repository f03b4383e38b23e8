/**
 * Soft actor-critic for choices: what the continuous one estimates by drawing is here summed exactly.
 *
 *   Q   regresses onto r + γ Σ π(a′|s′) (min Q′(s′, a′) − α log π(a′|s′)), twin critics with a value for each choice
 *   π   climbs Σ π(a|s) (min Q(s, a) − α log π(a|s))
 *   α   moves until the policy's entropy is the wanted one
 *
 * Christodoulou (2019). Soft Actor-Critic for Discrete Action Settings. arXiv:1910.07207
 */
import { bootstrapped, squaredError } from "../../formulas/index.ts";
import { categoricalPolicy, ensemble, scores } from "../../nn/index.ts";
import { adam, blend, type Tensor } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { count, flag, fraction, positive, widths } from "../options.ts";
import { temperature } from "./temperature.ts";

/** Σ π(a|s) x(a): [batch]. */
const expected = (probabilities: Tensor, x: Tensor): Tensor => probabilities.mul(x).sum(-1);

export const sacDiscrete = defineAlgorithm({
  name: "sac-discrete",
  title: "Soft actor-critic for choices",
  paper: "arXiv:1910.07207",
  learnsFrom: "transitions",
  actions: "discrete",
  departures: ["The log of α is what is learned, as in the author's code; the loss is linear in it."],

  options: {
    discount: fraction(0.99, "γ, the weight of the next state's value"),
    adaptTemperature: flag(true, "move α until the entropy is as wanted; otherwise it stays where it starts"),
    startTemperature: positive(1, "α at the start"),
    entropyShare: fraction(0.5, "the wanted entropy, as a share of that of choosing by lot (the paper: 0.98)"),
    targetRate: fraction(0.005, "τ, the share of the critics blended into their target at each update"),
    learningRate: positive(3e-4, "Adam's rate, for policy, critics and α"),
    hidden: widths([256, 256], "widths of every network's hidden layers"),
    batchSize: count(64, "transitions per update"),
    steps: count(100_000, "updates, where it learns from a recording"),
  },

  networks: ({ observation, action }, { hidden }) => ({
    policy: categoricalPolicy(observation, action.size, { hidden }),
    critic: ensemble(scores(observation, action.size, { hidden }), 2),
    temperature: temperature(),
  }),

  optimisers: ({ learningRate }) => ({
    policy: adam(learningRate),
    critic: adam(learningRate),
    temperature: adam(learningRate),
  }),

  init: (learners) => ({ ...learners, target: learners.critic.params }),

  step({ options, nets, sizes, descend }, state, batch) {
    const { observation: s, action: a, reward, nextObservation, continues, span } = batch;
    const alpha = nets.temperature(state.temperature.params).mul(options.startTemperature);

    const next = nets.policy(state.policy.params, nextObservation);
    const lowest = nets.critic(state.target, nextObservation).min("member");
    const soft = expected(next.probabilities(), lowest.sub(next.logits.mul(alpha)));
    const backup = bootstrapped(reward, continues, span, options.discount, soft);
    const chosen = a.oneHot(sizes.action.size);
    const [critic, criticLoss] = descend(state.critic, (params) =>
      squaredError(nets.critic(params, s).mul(chosen).sum(-1), backup),
    );

    const q = nets.critic(critic.params, s).min("member");
    const [policy, policyLoss] = descend(state.policy, (params) => {
      const now = nets.policy(params, s);
      return expected(now.probabilities(), now.logits.mul(alpha).sub(q)).mean();
    });

    const entropy = nets.policy(state.policy.params, s).entropy().mean();
    const wanted = options.entropyShare.mul(Math.log(sizes.action.size));
    const moved = options.adaptTemperature
      ? descend(state.temperature, ({ log }) => log.mul(entropy.sub(wanted)))[0]
      : state.temperature;
    const target = blend(state.target, critic.params, options.targetRate);
    return {
      state: { policy, critic, temperature: moved, target },
      metrics: { criticLoss, policyLoss, value: soft.mean(), entropy, temperature: alpha },
    };
  },

  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),

  online: { schedule: { warmup: 1000, every: 4 } },
});
