/**
 * Soft actor-critic: an off-policy actor-critic that is paid for staying uncertain.
 *
 *   Q   regresses onto r + γ (min Q′(s′, a′) − α log π(a′|s′)), a′ drawn from π now, twin critics
 *   π   climbs min Q(s, a) − α log π(a|s), a drawn through the network
 *   α   moves until the policy's entropy is the wanted one
 *
 * Haarnoja, Zhou, Hartikainen and others (2018). Soft Actor-Critic Algorithms and Applications. arXiv:1812.05905
 */
import { bootstrapped, squaredError } from "../../formulas/index.ts";
import { qEnsemble, tanhGaussianPolicy } from "../../nn/index.ts";
import { adam, blend } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { atLeastZero, count, flag, fraction, positive, widths } from "../options.ts";
import { temperature } from "./temperature.ts";

export const sac = defineAlgorithm({
  name: "sac",
  title: "Soft actor-critic",
  paper: "arXiv:1812.05905",
  learnsFrom: "transitions",
  actions: "continuous",
  departures: ["The log of α is what is learned, as in the authors' code; the loss is linear in it."],

  options: {
    discount: fraction(0.99, "γ, the weight of the next state's value"),
    adaptTemperature: flag(true, "move α until the entropy is as wanted; otherwise it stays where it starts"),
    startTemperature: positive(1, "α at the start"),
    entropyPerAction: atLeastZero(1, "the wanted entropy is minus this for each number of an action"),
    targetRate: fraction(0.005, "τ, the share of the critics blended into their target at each update"),
    learningRate: positive(3e-4, "Adam's rate, for policy, critics and α"),
    hidden: widths([256, 256], "widths of every network's hidden layers"),
    batchSize: count(256, "transitions per update"),
    steps: count(100_000, "updates, where it learns from a recording"),
  },

  networks: ({ observation, action }, { hidden }) => ({
    policy: tanhGaussianPolicy(observation, action.size, { hidden }),
    critic: qEnsemble(observation, action.size, { size: 2, hidden }),
    temperature: temperature(),
  }),

  optimisers: ({ learningRate }) => ({
    policy: adam(learningRate),
    critic: adam(learningRate),
    temperature: adam(learningRate),
  }),

  init: (learners) => ({ ...learners, target: learners.critic.params }),

  step({ options, nets, sizes, descend }, state, batch, key) {
    const { observation: s, action: a, reward, nextObservation, continues, span } = batch;
    const alpha = nets.temperature(state.temperature.params).mul(options.startTemperature);

    const next = nets.policy(state.policy.params, nextObservation).rsampleWithLogProb(key.at("next"));
    const soft = nets.critic(state.target, nextObservation, next.value).min("member").sub(next.logProb.mul(alpha));
    const backup = bootstrapped(reward, continues, span, options.discount, soft);
    const [critic, criticLoss] = descend(state.critic, (params) => squaredError(nets.critic(params, s, a), backup));

    const draw = (params: typeof state.policy.params) => nets.policy(params, s).rsampleWithLogProb(key.at("now"));
    const [policy, policyLoss] = descend(state.policy, (params) => {
      const { value, logProb } = draw(params);
      return logProb
        .mul(alpha)
        .sub(nets.critic(critic.params, s, value).min("member"))
        .mean();
    });

    const entropy = draw(state.policy.params).logProb.mean().neg();
    const moved = options.adaptTemperature
      ? descend(state.temperature, ({ log }) => {
          const wanted = options.entropyPerAction.mul(-sizes.action.size);
          return log.mul(entropy.sub(wanted));
        })[0]
      : state.temperature;
    const target = blend(state.target, critic.params, options.targetRate);
    return {
      state: { policy, critic, temperature: moved, target },
      metrics: { criticLoss, policyLoss, value: soft.mean(), entropy, temperature: alpha },
    };
  },

  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),

  online: { schedule: { warmup: 5000 } },
});
