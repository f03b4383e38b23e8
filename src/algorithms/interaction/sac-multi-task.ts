/**
 * Soft actor-critic for several tasks of one body: one network for all, with a last layer and a temperature for each.
 *
 *   k   is the task, told one-hot by the last numbers of s
 *   Q   regresses onto r + γ (min Q′ₖ(s′, a′) − αₖ log πₖ(a′|s′)), a′ drawn from πₖ now, twin critics
 *   π   climbs min Qₖ(s, a) − αₖ log πₖ(a|s), a drawn through the network
 *   αₖ  moves until the policy's entropy in task k is the wanted one
 *
 * Yu and others (2019). Meta-World: A Benchmark and Evaluation for Multi-Task and Meta Reinforcement Learning.
 * arXiv:1910.10897. The method within is Haarnoja and others (2018), arXiv:1812.05905.
 */
import { bootstrapped, squaredError } from "../../formulas/index.ts";
import { multiHeadQEnsemble, multiHeadTanhGaussianPolicy } from "../../nn/index.ts";
import { problem } from "../../problems.ts";
import { adam, blend, type Tensor } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { atLeastZero, count, flag, fraction, positive, widths } from "../options.ts";
import { logTemperatures } from "./temperature.ts";

/** The one-hot at the end of observations, and what picks a head: the same, or 1 where there is one head for all. */
function told(observation: Tensor, { tasks, separateHeads }: { tasks: number; separateHeads: boolean }) {
  const size = observation.shape[observation.rank - 1];
  const task = observation.slice(-1, size - tasks, size);
  return { task, head: separateHeads ? task : task.sum(-1).unsqueeze(-1) };
}

export const sacMultiTask = defineAlgorithm({
  name: "sac-multi-task",
  title: "Soft actor-critic for several tasks",
  paper: "arXiv:1910.10897",
  learnsFrom: "transitions",
  actions: "continuous",
  departures: ["The log of each α is what is learned, as in the code of soft actor-critic's authors."],

  options: {
    tasks: count(2, "how many tasks there are: so many numbers at the end of an observation say which, one-hot"),
    separateHeads: flag(true, "a last layer for each task in every network; otherwise one for all"),
    discount: fraction(0.99, "γ, the weight of the next state's value"),
    startTemperature: positive(1, "every α at the start"),
    entropyPerAction: atLeastZero(1, "the wanted entropy is minus this for each number of an action"),
    targetRate: fraction(0.005, "τ, the share of the critics blended into their target at each update"),
    learningRate: positive(3e-4, "Adam's rate, for policy, critics and each α"),
    hidden: widths([256, 256], "widths of every network's hidden layers"),
    batchSize: count(256, "transitions per update, of all tasks together"),
    steps: count(100_000, "updates, where it learns from a recording"),
  },

  networks({ observation, action }, { tasks, separateHeads, hidden }) {
    if (tasks > observation) {
      const wanted = `at most ${observation}, as many numbers as an observation has`;
      throw problem("bad-option", { where: "sac-multi-task", name: "tasks", given: tasks, wanted });
    }
    const heads = separateHeads ? tasks : 1;
    return {
      policy: multiHeadTanhGaussianPolicy(observation, action.size, { heads, hidden }),
      critic: multiHeadQEnsemble(observation, action.size, { size: 2, heads, hidden }),
      temperature: logTemperatures(tasks),
    };
  },

  optimisers: ({ learningRate }) => ({
    policy: adam(learningRate),
    critic: adam(learningRate),
    temperature: adam(learningRate),
  }),

  init: (learners) => ({ ...learners, target: learners.critic.params }),

  step({ options, nets, sizes, descend }, state, batch, key) {
    const { observation: s, action: a, reward, nextObservation, continues, span } = batch;
    const { task, head } = told(s, options);
    const alpha = nets.temperature(state.temperature.params, task).exp().mul(options.startTemperature);

    const next = nets.policy(state.policy.params, nextObservation, head).rsampleWithLogProb(key.at("next"));
    const lowest = nets.critic(state.target, nextObservation, next.value, head).min("member");
    const soft = lowest.sub(next.logProb.mul(alpha));
    const backup = bootstrapped(reward, continues, span, options.discount, soft);
    const [critic, criticLoss] = descend(state.critic, (params) =>
      squaredError(nets.critic(params, s, a, head), backup),
    );

    const draw = (params: typeof state.policy.params) => nets.policy(params, s, head).rsampleWithLogProb(key.at("now"));
    const [policy, policyLoss] = descend(state.policy, (params) => {
      const { value, logProb } = draw(params);
      const q = nets.critic(critic.params, s, value, head).min("member");
      return logProb.mul(alpha).sub(q).mean();
    });

    const entropy = draw(state.policy.params).logProb.neg();
    const wanted = options.entropyPerAction.mul(-sizes.action.size);
    const [temperature] = descend(state.temperature, (params) =>
      nets.temperature(params, task).mul(entropy.sub(wanted)).mean(),
    );
    const target = blend(state.target, critic.params, options.targetRate);
    return {
      state: { policy, critic, temperature, target },
      metrics: { criticLoss, policyLoss, value: soft.mean(), entropy: entropy.mean(), temperature: alpha.mean() },
    };
  },

  policy: ({ nets, options }, state, observation) =>
    nets.policy(state.policy.params, observation, told(observation, options).head),

  online: { schedule: { warmup: 5000 } },
});
