/**
 * An update of soft actor-critic: Haarnoja and others (2018), arXiv:1801.01290, with the temperature tuned as in
 * arXiv:1812.05905. Twin critics first, then the policy against the new ones, the temperature, the targets.
 */
import { squaredError } from "../../src/formulas/index.ts";
import { mapNet, mlp, qEnsemble, tanhGaussian } from "../../src/nn/index.ts";
import { adam, blend, descendWith, learner, scalar } from "../../src/tensor/index.ts";
import { transitions } from "./columns.ts";
import { type TrainingProgram, trainingProgram } from "./program.ts";

const discount = 0.99;
const targetRate = 0.005;

export interface SacSizes {
  readonly width: number;
  readonly batch: number;
  readonly observations: number;
  readonly actions: number;
  readonly rows: number;
}

export function sac({ width, batch: batchSize, ...sizes }: SacSizes): TrainingProgram {
  const { observations, actions } = sizes;
  const hidden = [width, width];
  const policyNet = mapNet(mlp({ inputs: observations, outputs: 2 * actions, hidden }), (out) =>
    tanhGaussian(out.slice(-1, 0, actions), out.slice(-1, actions, 2 * actions).clip(-5, 2)),
  );
  const criticNet = qEnsemble(observations, actions, { size: 2, hidden });
  const optimiser = adam(3e-4);
  const { span: _, ...columns } = transitions(sizes);
  return trainingProgram({
    name: "sac",
    columns,
    batchSize,
    loss: "criticLoss",
    init(key) {
      const critic = criticNet.init(key.at("critic"));
      return {
        policy: learner(policyNet.init(key.at("policy")), optimiser),
        critic: learner(critic, optimiser),
        temperature: learner({ log: scalar(0) }, optimiser),
        target: critic,
      };
    },
    step(state, batch, key) {
      const { observation: s, action: a, reward, nextObservation, continues } = batch;
      const temperature = state.temperature.params.log.exp();

      const next = policyNet(state.policy.params, nextObservation).rsampleWithLogProb(key.at("next"));
      const nextQ = criticNet(state.target, nextObservation, next.value).min("member");
      const soft = nextQ.sub(next.logProb.mul(temperature));
      const backup = reward.add(continues.mul(discount).mul(soft));
      const [critic, criticLoss] = descendWith(optimiser, state.critic, (params) =>
        squaredError(criticNet(params, s, a), backup),
      );

      const now = (params: typeof state.policy.params) => policyNet(params, s).rsampleWithLogProb(key.at("now"));
      const [policy, policyLoss] = descendWith(optimiser, state.policy, (params) => {
        const { value, logProb } = now(params);
        return logProb
          .mul(temperature)
          .sub(criticNet(critic.params, s, value).min("member"))
          .mean();
      });

      // The pass that the policy's loss made: common subexpressions are computed once.
      const surprise = now(state.policy.params).logProb.sub(actions);
      const [temperatureNext] = descendWith(optimiser, state.temperature, ({ log }) => log.mul(surprise.mean()).neg());

      const target = blend(state.target, critic.params, targetRate);
      return {
        state: { policy, critic, temperature: temperatureNext, target },
        metrics: { criticLoss, policyLoss, temperature },
      };
    },
  });
}
