/**
 * Conservative Q-learning (CQL) for vectors: a soft actor-critic whose values are pressed down wherever the recording did
 * not go.
 *
 *   Q   regresses onto r + γ min Q′(s′, a′), a′ drawn from π now, twin critics, and descends α (log ∫ exp Q(s, ·) − Q(s, a)),
 *       the integral by actions drawn half from anywhere and half from π, each weighed by its density
 *   π   climbs min Q(s, a) − price · log π(a|s), a drawn through the network; the price moves until the entropy is as wanted
 *   α   stays as given, or log α climbs what the gap between the two has above the wanted gap
 *
 * Kumar, Zhou, Tucker, Levine (2020). Conservative Q-Learning for Offline Reinforcement Learning. arXiv:2006.04779
 */
import { batchMean, bootstrapped, squaredError } from "../../formulas/index.ts";
import { qEnsemble, type TanhGaussian, tanhGaussianPolicy } from "../../nn/index.ts";
import { adam, blend, concat, full, type Key, scalar, type Tensor } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { temperature } from "../interaction/temperature.ts";
import { atLeastZero, count, flag, fraction, positive, widths } from "../options.ts";

/** Actions [2 n, batch, action], half of them the policy's own and half from anywhere, and the log-density [2 n, batch] of each. */
function drawnActions(policy: TanhGaussian, key: Key): { readonly action: Tensor; readonly logDensity: Tensor } {
  const own = policy.rsampleWithLogProb(key.at("own"));
  const { shape } = own.value;
  const anywhere = key
    .at("anywhere")
    .uniform(...shape)
    .mul(2)
    .sub(1);
  const uniform = full(own.logProb.shape, -shape[shape.length - 1] * Math.LN2);
  return { action: concat([own.value, anywhere], 0), logDensity: concat([own.logProb, uniform], 0) };
}

export const cqlSac = defineAlgorithm({
  name: "cql-sac",
  title: "Conservative Q-learning for vectors",
  paper: "arXiv:2006.04779",
  learnsFrom: "transitions",
  actions: "continuous",
  departures: [
    "The Bellman error is squared and not halved, as in the authors' code: half of α is the α of (4).",
    "Actions are drawn from anywhere and from the policy here, as the paper's appendix F has it; the authors' code adds what the policy would do in the next state.",
    "Values leave out the policy's entropy, as in the authors' code; `softBackup` counts it, and then α = 0 is SAC.",
    "log α moves by plain steps, dual gradient descent as the paper has it, where the authors' code has Adam. The integral is a mean over the draws and not their sum, which shifts the gap by log 2 N.",
    "The policy is never cloned in the first updates, as it is in the authors' code.",
    "Observations are centred and scaled, which the authors' code does not do: unscaled ones mislead small networks.",
  ],

  options: {
    discount: fraction(0.99, "γ, the weight of the next state's value"),
    conservatism: atLeastZero(5, "α, at the start where it moves: the larger, the nearer the policy to the recording"),
    drawnActions: count(10, "N, actions from anywhere, and as many from the policy, that estimate the integral"),
    dualRate: atLeastZero(0, "rate at which log α climbs what the gap has above the wanted one: 0 leaves α as given"),
    wantedGap: atLeastZero(5, "τ, the gap that α moves to reach, where it moves; in units of reward"),
    softBackup: flag(false, "count the policy's entropy in values, as SAC does"),
    adaptTemperature: flag(true, "move the price of certainty until the entropy is as wanted"),
    startTemperature: positive(1, "the price of certainty at the start"),
    entropyPerAction: atLeastZero(1, "the wanted entropy is minus this for each number of an action"),
    targetRate: fraction(0.005, "share of the critics blended into their target at each update"),
    policyRate: positive(1e-4, "Adam's rate, for the policy and the price of certainty"),
    learningRate: positive(3e-4, "Adam's rate, for the critics"),
    normaliseObservations: flag(true, "centre and scale observations by the recording's moments"),
    hidden: widths([256, 256, 256], "widths of every network's hidden layers"),
    batchSize: count(256, "transitions per update"),
    steps: count(1_000_000, "updates in a full run"),
  },
  normalise: ({ normaliseObservations }) => normaliseObservations,

  networks: ({ observation, action }, { hidden }) => ({
    policy: tanhGaussianPolicy(observation, action.size, { hidden }),
    critic: qEnsemble(observation, action.size, { size: 2, hidden }),
    temperature: temperature(),
  }),

  optimisers: ({ learningRate, policyRate }) => ({
    policy: adam(policyRate),
    critic: adam(learningRate),
    temperature: adam(policyRate),
  }),

  // `tightened`: the logarithm of what α has been multiplied by.
  init: (learners) => ({ ...learners, target: learners.critic.params, tightened: scalar(0) }),

  step({ options, nets, sizes, descend }, state, batch, key) {
    const { observation: s, action: a, reward, nextObservation, continues, span } = batch;
    const price = nets.temperature(state.temperature.params).mul(options.startTemperature);
    const alpha = state.tightened.exp().mul(options.conservatism);

    const next = nets.policy(state.policy.params, nextObservation).rsampleWithLogProb(key.at("next"));
    const least = nets.critic(state.target, nextObservation, next.value).min("member");
    const following = options.softBackup ? least.sub(next.logProb.mul(price)) : least;
    const backup = bootstrapped(reward, continues, span, options.discount, following);

    const repeated = (times: number): Tensor => s.unsqueeze(0).broadcastTo(times, ...s.shape);
    const { drawnActions: n } = options;
    const drawn = drawnActions(nets.policy(state.policy.params, repeated(n)), key);
    const gapOf = (params: typeof state.target, taken: Tensor): Tensor => {
      const weighed = nets.critic(params, repeated(2 * n), drawn.action).sub(drawn.logDensity);
      return weighed
        .logsumexp(1)
        .sub(Math.log(2 * n))
        .sub(taken);
    };
    const [critic, criticLoss] = descend(state.critic, (params) => {
      const taken = nets.critic(params, s, a);
      return squaredError(taken, backup).add(batchMean(gapOf(params, taken)).mul(alpha));
    });

    const draw = (params: typeof state.policy.params) => nets.policy(params, s).rsampleWithLogProb(key.at("now"));
    const [policy, policyLoss] = descend(state.policy, (params) => {
      const { value, logProb } = draw(params);
      return logProb
        .mul(price)
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
    const before = nets.critic(state.critic.params, s, a);
    const gap = gapOf(state.critic.params, before).mean();
    return {
      state: {
        policy,
        critic,
        temperature: moved,
        target: blend(state.target, critic.params, options.targetRate),
        tightened: state.tightened.add(gap.sub(options.wantedGap).mul(options.dualRate)),
      },
      metrics: { criticLoss, policyLoss, value: before.mean(), gap, conservatism: alpha, entropy, temperature: price },
    };
  },

  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),
});
