/**
 * Generative adversarial imitation from observation: play so that a judge cannot tell what is seen from what was shown,
 * without being told what was done.
 *
 *   D   tells one's own steps (1) from those shown (0): climbs E_own log D(s, s′) + E_shown log(1 − D(s, s′))
 *   r   = −log D(s, s′), before the updates on a rollout
 *   π   learns from r by PPO
 *
 * Torabi, Warnell, Stone (2018). Generative Adversarial Imitation from Observation. arXiv:1807.06158
 * Ho, Ermon (2016). Generative Adversarial Imitation Learning. arXiv:1606.03476
 */

import { transitions } from "../../data/replay.ts";
import type { Trajectories } from "../../data/trajectories.ts";
import { importanceRatio } from "../../formulas/index.ts";
import { type Mlp, mapNet, mlp, type Net } from "../../nn/index.ts";
import {
  adam,
  chain,
  clipByGlobalNorm,
  concat,
  constant,
  evaluate,
  mapTree,
  type NdArray,
  type Tensor,
} from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { atLeastZero, count, fraction, positive, widths } from "../options.ts";
import { type ActorCritic, actorCritic } from "./actor-critic.ts";
import { judged } from "./judged.ts";
import { clippedGain, standardised } from "./ppo.ts";

type Discriminator = Net<Mlp, [pair: Tensor], Tensor>;

/** The logit of D: [… 2 × observation] → […]. */
const discriminator = (observation: number, hidden: readonly number[]): Discriminator =>
  mapNet(mlp({ inputs: 2 * observation, outputs: 1, hidden, activation: "tanh" }), (out: Tensor) => out.squeeze(-1));

const pairOf = (s: Tensor, next: Tensor): Tensor => concat([s, next], -1);

export const gaifo = defineAlgorithm({
  name: "gaifo",
  title: "Generative adversarial imitation from observation",
  paper: "arXiv:1807.06158",
  learnsFrom: "imitations",
  actions: "any",
  departures: [
    "The policy learns by PPO with its clipped surrogate; the paper's by TRPO.",
    "D is a perceptron over what was seen before and after, and moves with every minibatch of the policy; the squared logit can be kept small.",
  ],

  options: {
    discount: fraction(0.99, "γ, the weight of the next state's value"),
    lambda: fraction(0.95, "λ of the advantages: 0 trusts V, 1 what happened"),
    clip: positive(0.2, "ε: how far w may profitably move from 1"),
    entropyBonus: atLeastZero(1e-3, "what a nat of uncertainty is worth"),
    restraint: atLeastZero(1e-2, "weight of D's mean squared logit: keeps it from being sure too soon"),
    valueWeight: positive(0.5, "weight of V's error beside the policy's gain: they share the bound on the norm"),
    maxNorm: positive(0.5, "bound on the norm of the slope of policy and value"),
    learningRate: positive(3e-4, "Adam's rate for policy and value"),
    discriminatorRate: positive(3e-4, "Adam's rate for D"),
    hidden: widths([64, 64], "widths of all hidden layers, with tanh between them"),
    horizon: count(1024, "steps of each environment in a rollout"),
    worlds: count(4, "environments played side by side"),
    epochs: count(5, "passes over a rollout"),
    batchSize: count(256, "steps per update, and as many that were shown"),
    steps: count(1_000_000, "steps to play in all"),
  },

  networks: (sizes, { hidden }) => ({
    agent: actorCritic(sizes, { hidden }),
    discriminator: discriminator(sizes.observation, hidden),
  }),

  optimisers: ({ learningRate, discriminatorRate, maxNorm }) => ({
    agent: chain(clipByGlobalNorm(maxNorm), adam(learningRate, { epsilon: 1e-5 })),
    discriminator: adam(discriminatorRate),
  }),

  init: (learners) => learners,

  step({ options, nets, descend }, state, batch) {
    const { agent } = nets;
    const { observation: s, action, logProb, advantage, target, nextObservation, shown } = batch;
    const [own, theirs] = [pairOf(s, nextObservation), pairOf(shown.observation, shown.nextObservation)];
    const [discriminator, discriminatorLoss] = descend(state.discriminator, (params) => {
      const [mine, others] = [nets.discriminator(params, own), nets.discriminator(params, theirs)];
      const logits = mine.square().mean().add(others.square().mean());
      return mine.neg().softplus().mean().add(others.softplus().mean()).add(logits.mul(options.restraint));
    });
    const policyLoss = (params: ActorCritic): Tensor => {
      const now = agent.policy(params, s);
      const gain = clippedGain(importanceRatio(now.logProb(action), logProb), standardised(advantage), options.clip);
      return gain.add(now.entropy().mul(options.entropyBonus)).mean().neg();
    };
    const valueLoss = (params: ActorCritic): Tensor => agent.value(params, s).sub(target).square().mean();
    const { params: start } = state.agent;
    const [moved] = descend(state.agent, (params) =>
      policyLoss(params).add(valueLoss(params).mul(options.valueWeight)),
    );
    return {
      state: { agent: moved, discriminator },
      metrics: {
        policyLoss: policyLoss(start),
        valueLoss: valueLoss(start),
        discriminatorLoss,
        takenForOwn: nets.discriminator(state.discriminator.params, own).sigmoid().mean(),
        shownForOwn: nets.discriminator(state.discriminator.params, theirs).sigmoid().mean(),
        entropy: agent.policy(start, s).entropy().mean(),
      },
    };
  },

  policy: ({ nets }, state, observation) => nets.agent.policy(state.agent.params, observation),

  online: {
    play: ({ steps, worlds, horizon, epochs, batchSize }) => ({ steps, worlds, horizon, epochs, batchSize }),
    judge({ options, nets }, state, rollout) {
      const { discount, lambda } = options;
      const { observation, nextObservation } = rollout;
      const reward = nets
        .discriminator(state.discriminator.params, pairOf(observation, nextObservation))
        .neg()
        .softplus();
      const policy = (s: Tensor) => nets.agent.policy(state.agent.params, s);
      const value = (s: Tensor) => nets.agent.value(state.agent.params, s);
      const steps = judged({ ...rollout, reward }, policy, value, { discount, lambda });
      return { state, steps: { ...steps, nextObservation } };
    },
  },
});

/**
 * D(s, s′) of recorded steps by the judge of a finished run: [steps] in (0, 1). Where the imitator's steps and those shown
 * cannot be told apart it is about a half; near 0 where only who showed them gets to.
 * @param state of what trainOnline returned
 */
export function takenForOwn(
  state: unknown,
  recording: Trajectories,
  hidden: readonly number[] = gaifo.options.hidden.default,
): Float64Array {
  const { observation, nextObservation } = transitions(recording).columns;
  const { params } = (state as { readonly discriminator: { readonly params: unknown } }).discriminator;
  const frozen = mapTree(params as never, (leaf: NdArray) => constant(leaf)) as unknown as Mlp;
  const logit = discriminator(observation.shape[1], hidden)(
    frozen,
    pairOf(constant(observation), constant(nextObservation)),
  );
  return Float64Array.from(evaluate([logit.sigmoid()])[0].data as Float32Array);
}
