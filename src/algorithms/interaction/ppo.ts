/**
 * Proximal policy optimisation: several passes over the latest play, held near the policy that played it.
 *
 *   A   = Σ (γλ)ᵏ δ, generalised advantages by V before the update
 *   π   climbs min(w A, clip(w, 1 ± ε) A) + c H(π), with w = π(a|s) / π_played(a|s)
 *   V   regresses onto A + V
 *
 * Schulman, Wolski, Dhariwal, Radford, Klimov (2017). Proximal Policy Optimization Algorithms. arXiv:1707.06347
 */
import { importanceRatio } from "../../formulas/index.ts";
import { noMoments, normalise } from "../../nn/index.ts";
import { adam, chain, clipByGlobalNorm, linearDecay, type Tensor } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { atLeastZero, count, flag, fraction, positive, widths } from "../options.ts";
import { type ActorCritic, actorCritic } from "./actor-critic.ts";
import { judged, noReturns, onScale, scaledRewards } from "./judged.ts";

export const ppo = defineAlgorithm({
  name: "ppo",
  title: "Proximal policy optimisation",
  paper: "arXiv:1707.06347",
  learnsFrom: "rollouts",
  actions: "any",
  departures: [
    "Policy and value are networks apart; one Adam (ε 1e-5) and one bound on the norm of the slope move both, as in Stable-Baselines3.",
    "Moments of observations and returns move once a rollout: the first is seen as it is.",
  ],

  options: {
    discount: fraction(0.99, "γ, the weight of the next state's value"),
    lambda: fraction(0.95, "λ of the advantages: 0 trusts V, 1 what happened"),
    clip: positive(0.2, "ε: how far w may profitably move from 1"),
    valueClip: atLeastZero(0, "how far V may profitably move from what it was; 0: as far as it likes"),
    valueWeight: positive(0.5, "weight of V's error beside the policy's gain: they share the bound on the norm"),
    entropyBonus: atLeastZero(0, "c: what a nat of uncertainty is worth"),
    spread: positive(1, "standard deviation of a Gaussian policy at the start"),
    decay: flag(false, "let learning rate and ε fall along a line to 0"),
    maxNorm: positive(0.5, "bound on the norm of the slope"),
    normaliseAdvantages: flag(true, "centre and scale the advantages of each minibatch"),
    normaliseObservations: flag(false, "centre and scale observations by all that was seen"),
    normaliseRewards: flag(false, "divide rewards by the spread of the discounted return"),
    learningRate: positive(3e-4, "Adam's rate"),
    hidden: widths([64, 64], "widths of both networks' hidden layers, with tanh between them"),
    horizon: count(2048, "steps of each environment in a rollout"),
    worlds: count(1, "environments played side by side"),
    epochs: count(10, "passes over a rollout"),
    batchSize: count(64, "steps per update"),
    steps: count(1_000_000, "steps to play in all"),
  },

  networks: (sizes, { hidden, spread }) => ({ agent: actorCritic(sizes, { hidden, spread }) }),

  optimisers({ learningRate, decay, maxNorm, ...plan }) {
    const rate = decay ? linearDecay(learningRate, updatesOf(plan)) : learningRate;
    return { agent: chain(clipByGlobalNorm(maxNorm), adam(rate, { epsilon: 1e-5 })) };
  },

  init: ({ agent }, { observation }, { worlds }) => ({
    agent,
    moments: noMoments(observation),
    returns: noReturns(worlds),
  }),

  step({ options, nets: { agent }, descend }, state, batch) {
    const { observation: s, action, logProb, advantage: raw, value: before, target } = batch;
    const advantage = options.normaliseAdvantages ? standardised(raw) : raw;
    const behind = state.agent.step.cast("float32").div(updatesOf(options)).atMost(1);
    const clip = options.decay ? options.clip.mul(behind.from(1)) : options.clip;

    const policyLoss = (params: ActorCritic): Tensor => {
      const now = agent.policy(params, s);
      const gain = clippedGain(importanceRatio(now.logProb(action), logProb), advantage, clip);
      return gain.add(now.entropy().mul(options.entropyBonus)).mean().neg();
    };
    const valueLoss = (params: ActorCritic): Tensor =>
      clippedError(agent.value(params, s), target, before, options.valueClip).mean();

    const { params: start } = state.agent;
    const now = agent.policy(start, s);
    const ratio = importanceRatio(now.logProb(action), logProb);
    const [moved] = descend(state.agent, (params) =>
      policyLoss(params).add(valueLoss(params).mul(options.valueWeight)),
    );
    return {
      state: { ...state, agent: moved },
      metrics: {
        policyLoss: policyLoss(start),
        valueLoss: valueLoss(start),
        entropy: now.entropy().mean(),
        divergence: ratio.sub(1).sub(ratio.log()).mean(),
        clipped: ratio.sub(1).abs().greater(clip).cast("float32").mean(),
      },
    };
  },

  policy: ({ nets, options }, state, observation) =>
    nets.agent.policy(
      state.agent.params,
      options.normaliseObservations ? normalise(state.moments, observation) : observation,
    ),

  online: {
    play: ({ steps, worlds, horizon, epochs, batchSize }) => ({ steps, worlds, horizon, epochs, batchSize }),
    judge({ options, nets: { agent } }, state, rollout) {
      const { discount, lambda } = options;
      const [paid, returns] = options.normaliseRewards
        ? scaledRewards(rollout, state.returns, discount)
        : [rollout, state.returns];
      const [seen, moments] = options.normaliseObservations ? onScale(paid, state.moments) : [paid, state.moments];
      const policy = (s: Tensor) => agent.policy(state.agent.params, s);
      const value = (s: Tensor) => agent.value(state.agent.params, s);
      return { state: { ...state, moments, returns }, steps: judged(seen, policy, value, { discount, lambda }) };
    },
  },
});

/** min(w A, clip(w, 1 ± ε) A) (7). */
export const clippedGain = (w: Tensor, advantage: Tensor, clip: Tensor): Tensor =>
  w.mul(advantage).minimum(w.clip(clip.from(1), clip.add(1)).mul(advantage));

/** (V − target)², or where it is larger that of V held near what it was; a bound of 0 holds nothing. */
export function clippedError(now: Tensor, target: Tensor, before: Tensor, bound: Tensor): Tensor {
  const error = now.sub(target).square();
  const held = before.add(now.sub(before).clip(bound.neg(), bound)).sub(target).square();
  return bound.greater(0).where(error.maximum(held), error);
}

/** Centred and scaled by its own mean and spread. */
export const standardised = (x: Tensor): Tensor => x.sub(x.mean()).div(x.variance().sqrt().add(1e-8));

/** Updates in a whole run, by which rates fall. */
export function updatesOf(plan: {
  readonly steps: number;
  readonly worlds: number;
  readonly horizon: number;
  readonly epochs: number;
  readonly batchSize: number;
}): number {
  const rows = plan.worlds * plan.horizon;
  const round = Math.max(1, Math.floor((plan.epochs * rows) / Math.min(plan.batchSize, rows)));
  return Math.ceil(plan.steps / rows) * round;
}
