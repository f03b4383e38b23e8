/**
 * Conservative Q-learning (CQL) for choices: a DQN whose values are pressed down wherever the recording did not go.
 *
 *   Q   regresses onto r + γ Q′(s′, argmax Q(s′, ·)), under Huber's loss, and descends α (log Σ exp Q(s, ·) − Q(s, a))
 *
 * Kumar, Zhou, Tucker, Levine (2020). Conservative Q-Learning for Offline Reinforcement Learning. arXiv:2006.04779
 */
import { bootstrapped, huberLoss } from "../../formulas/index.ts";
import { scores } from "../../nn/index.ts";
import { adam, blend, chain, clipByGlobalNorm, scalar } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { everyNth, greedy } from "../interaction/greedy.ts";
import { atLeastZero, count, fraction, positive, widths } from "../options.ts";

export const cql = defineAlgorithm({
  name: "cql",
  title: "Conservative Q-learning",
  paper: "arXiv:2006.04779",
  learnsFrom: "transitions",
  actions: "discrete",
  departures: [
    "It makes choices alone: the paper's form for vectors, an actor-critic, is a method of its own, cql-sac.",
    "It stands on a double DQN, where the paper's experiments with choices stand on QR-DQN: (4) asks for either.",
    "α is given; the paper's form that adapts it to a wanted gap is for vectors.",
    "Slopes are clipped to a norm of 10, as our DQN's are.",
  ],

  options: {
    discount: fraction(0.99, "γ, the weight of the next state's value"),
    conservatism: atLeastZero(1, "α: 0 gives DQN, and the larger it is the nearer the policy stays to the recording"),
    targetEvery: count(250, "updates between copies of the network to the target"),
    learningRate: positive(3e-4, "Adam's rate"),
    hidden: widths([256, 256], "widths of the hidden layers"),
    batchSize: count(64, "transitions per update"),
    steps: count(100_000, "updates in a full run"),
  },

  networks: ({ observation, action }, { hidden }) => ({ value: scores(observation, action.size, { hidden }) }),

  optimisers: ({ learningRate }) => ({ value: chain(clipByGlobalNorm(10), adam(learningRate)) }),

  init: ({ value }) => ({ value, target: value.params, since: scalar(0) }),

  step({ options, nets, descend }, state, batch) {
    const { observation: s, action: a, reward, nextObservation, continues, span } = batch;
    const chosen = nets.value(state.value.params, nextObservation).argmax();
    const next = nets.value(state.target, nextObservation).choose(chosen);
    const backup = bootstrapped(reward, continues, span, options.discount, next);
    const [value, loss] = descend(state.value, (params) => {
      const q = nets.value(params, s);
      const taken = q.choose(a);
      const gap = q.logsumexp(-1).sub(taken).mean();
      return huberLoss(taken.sub(backup)).add(gap.mul(options.conservatism));
    });
    const before = nets.value(state.value.params, s);
    const taken = before.choose(a);
    const [due, since] = everyNth(state.since, options.targetEvery);
    return {
      state: { value, target: blend(state.target, value.params, due), since },
      metrics: { loss, gap: before.logsumexp(-1).sub(taken).mean(), value: taken.mean() },
    };
  },

  policy: ({ nets }, state, observation) => greedy(nets.value(state.value.params, observation)),
});
