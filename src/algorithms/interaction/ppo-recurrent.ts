/**
 * Proximal policy optimisation with a memory: for worlds where what is seen does not say all.
 *
 *   h      an LSTM over what was seen, shared by policy and value
 *   π, V   as in PPO, over stretches of play that begin with what was remembered then
 *
 * Schulman and others (2017), arXiv:1707.06347; the memory as in Stable-Baselines3's RecurrentPPO and Ni, Eysenbach,
 * Salakhutdinov (2021), arXiv:2110.05038.
 */
import { importanceRatio } from "../../formulas/index.ts";
import {
  type Linear,
  type LstmState,
  linear,
  lstm,
  net,
  orthogonal,
  overTime,
  type Recurrent,
} from "../../nn/index.ts";
import { adam, chain, clipByGlobalNorm, type Tensor } from "../../tensor/index.ts";
import { outcomeOf, type Stochastic } from "../actions.ts";
import { defineAlgorithm, type Sizes } from "../define.ts";
import { atLeastZero, count, flag, fraction, positive } from "../options.ts";
import { advantagesOf } from "./judged.ts";
import { clippedError, clippedGain, standardised } from "./ppo.ts";

interface Params {
  readonly cell: Recurrent;
  readonly policy: Linear;
  readonly value: Linear;
}

/** Policy and value, read from one memory. */
function agent({ observation, action }: Sizes, size: number) {
  const cell = lstm(observation, size);
  const sequence = overTime(cell);
  const { outputs, decide } = outcomeOf(action);
  const policy = linear(size, outputs, { weight: orthogonal(0.01), bias: "zero" });
  const value = linear(size, 1, { weight: orthogonal(1), bias: "zero" });
  const call = net<Params, [], undefined>(
    (key) => ({
      cell: cell.init(key.at("cell")),
      policy: policy.init(key.at("policy")),
      value: value.init(key.at("value")),
    }),
    () => undefined,
  );
  return Object.assign(call, {
    next: (params: Params, x: Tensor, state: LstmState): LstmState => cell(params.cell, x, state),
    /** [batch, time, observation] → [batch, time, size] */
    over: (params: Params, xs: Tensor, state: LstmState, begins: Tensor): Tensor =>
      sequence(params.cell, xs, { state, begins }).outputs,
    policy: (params: Params, shown: Tensor): Stochastic => decide(policy(params.policy, shown)),
    value: (params: Params, shown: Tensor): Tensor => value(params.value, shown).squeeze(-1),
  });
}

export const ppoRecurrent = defineAlgorithm({
  name: "ppo-recurrent",
  title: "Proximal policy optimisation with a memory",
  paper: "arXiv:1707.06347",
  learnsFrom: "memories",
  actions: "any",
  departures: [
    "Policy and value share one LSTM and one Adam (ε 1e-5); RecurrentPPO keeps two.",
    "A stretch begins with what was remembered when it was played, by the parameters of that time.",
    "A Gaussian policy's spread depends on the memory; RecurrentPPO's does not.",
  ],

  options: {
    discount: fraction(0.99, "γ, the weight of the next state's value"),
    lambda: fraction(0.95, "λ of the advantages: 0 trusts V, 1 what happened"),
    clip: positive(0.2, "ε: how far w may profitably move from 1"),
    valueClip: atLeastZero(0, "how far V may profitably move from what it was; 0: as far as it likes"),
    valueWeight: positive(0.5, "weight of V's error beside the policy's gain"),
    entropyBonus: atLeastZero(0, "what a nat of uncertainty is worth"),
    maxNorm: positive(0.5, "bound on the norm of the slope"),
    normaliseAdvantages: flag(true, "centre and scale the advantages of each minibatch"),
    learningRate: positive(3e-4, "Adam's rate"),
    memory: count(64, "numbers the memory holds"),
    stretch: count(16, "steps learned from as one; it divides the horizon"),
    horizon: count(128, "steps of each environment in a rollout"),
    worlds: count(8, "environments played side by side"),
    epochs: count(10, "passes over a rollout"),
    batchSize: count(256, "steps per update"),
    steps: count(1_000_000, "steps to play in all"),
  },
  memory: (_, { memory }) => ({ hidden: [memory], cell: [memory] }),

  networks: (sizes, { memory }) => ({ agent: agent(sizes, memory) }),
  optimisers: ({ learningRate, maxNorm }) => ({
    agent: chain(clipByGlobalNorm(maxNorm), adam(learningRate, { epsilon: 1e-5 })),
  }),
  init: (learners) => learners,

  step({ options, nets: { agent }, descend }, state, batch) {
    const { observation, action, logProb, value: before, target, begins, memory } = batch;
    const advantage = options.normaliseAdvantages ? standardised(batch.advantage) : batch.advantage;
    const shownBy = (params: Params): Tensor => agent.over(params, observation, memory as never, begins);

    const shown = shownBy(state.agent.params);
    const now = agent.policy(state.agent.params, shown);
    const ratio = importanceRatio(now.logProb(action), logProb);
    const [moved, loss] = descend(state.agent, (params) => {
      const seen = shownBy(params);
      const policy = agent.policy(params, seen);
      const gain = clippedGain(importanceRatio(policy.logProb(action), logProb), advantage, options.clip);
      const error = clippedError(agent.value(params, seen), target, before, options.valueClip);
      return error.mul(options.valueWeight).sub(gain).sub(policy.entropy().mul(options.entropyBonus)).mean();
    });
    const valueLoss = agent.value(state.agent.params, shown).sub(target).square().mean();
    return {
      state: { agent: moved },
      metrics: { loss, valueLoss, entropy: now.entropy().mean(), divergence: ratio.sub(1).sub(ratio.log()).mean() },
    };
  },

  policy({ nets: { agent } }, { agent: { params } }, observation, memory) {
    const next = agent.next(params, observation, memory as never);
    return { distribution: agent.policy(params, next.hidden), memory: { ...next } };
  },

  online: {
    play: ({ steps, worlds, horizon, epochs, batchSize, stretch }) => ({
      steps,
      worlds,
      horizon,
      epochs,
      batchSize,
      stretch,
    }),
    judge({ options, nets: { agent } }, state, rollout) {
      const { params } = state.agent;
      const [time, worlds] = rollout.reward.shape;
      const flat = (x: Tensor): Tensor => x.reshape(time * worlds, ...x.shape.slice(2));
      const back = (x: Tensor): Tensor => x.reshape(time, worlds);
      // What was remembered at each step is known, so that no step waits for the one before it.
      const before = { hidden: flat(rollout.memory.hidden), cell: flat(rollout.memory.cell) };
      const after = agent.next(params, flat(rollout.observation), before);
      const ahead = agent.next(params, flat(rollout.nextObservation), after);
      const value = back(agent.value(params, after.hidden));
      const nextValue = back(agent.value(params, ahead.hidden));
      const logProb = back(agent.policy(params, after.hidden).logProb(flat(rollout.action)));
      return { state, steps: advantagesOf(rollout, { value, nextValue, logProb }, options) };
    },
  },
});
