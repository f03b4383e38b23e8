/**
 * Diffusion policy: plans of several actions, made by denoising; part of a plan is done, then another is made.
 *
 *   ε   descends |ε(√ᾱ A + √(1 − ᾱ) noise, step, what was seen last) − noise|²,  A the actions that followed
 *   π   denoises a plan from noise, does `execute` actions of it, and plans again
 *
 * Chi and others (2023). Diffusion Policy: Visuomotor Policy Learning via Action Diffusion. arXiv:2303.04137
 */
import {
  type Denoiser,
  type DenoiserSizes,
  diffusion,
  type Generative,
  generated,
  mlpDenoiser,
  unetDenoiser,
} from "../../nn/index.ts";
import { problem } from "../../problems.ts";
import { adam, blend, concat, cosineDecay, type Tensor } from "../../tensor/index.ts";
import { defineAlgorithm, type Sizes } from "../define.ts";
import { count, flag, fraction, positive, widths } from "../options.ts";

/** [batch, history, observation] → [batch, history · observation], what a plan is made from. */
const condition = (seen: Tensor): Tensor => seen.reshape(seen.shape[0], seen.shape[1] * seen.shape[2]);

export const diffusionPolicy = defineAlgorithm({
  name: "diffusion-policy",
  title: "Diffusion policy",
  paper: "arXiv:2303.04137",
  learnsFrom: "sequences",
  actions: "continuous",
  departures: [
    "A perceptron denoises the plan unless `convolutions` asks for the paper's U-Net; there is no transformer.",
    "A plan begins with the present action; the paper's also covers the steps of the history.",
    "Drawn by DDIM in `drawingSteps` steps, as the paper does on its robots; its simulations draw by DDPM (`freshNoise`) in all.",
    "The averaged weights have one rate; the authors' grows over the run. Adam without weight decay.",
    "The deterministic action is part of the plan that is denoised from no noise at all.",
  ],

  options: {
    history: count(2, "observations that a plan is made from, the present one included"),
    horizon: count(16, "actions in a plan"),
    execute: count(8, "actions of a plan that are done before the next is made; at most the horizon"),
    noiseSteps: count(100, "steps of noise in training"),
    freshNoise: flag(
      false,
      "draw by DDPM, with fresh noise in every step; else by DDIM, whose only chance is where it starts",
    ),
    drawingSteps: count(16, "steps in which a plan is denoised; at most the steps of noise"),
    averageRate: fraction(0.005, "share of the weights blended into their average at each update, which is what acts"),
    convolutions: flag(
      false,
      "a 1-d U-Net over the plan, its channels `hidden`: multiples of 8, the horizon of 2^(levels − 1)",
    ),
    learningRate: positive(1e-4, "Adam's rate; decays to 0 along a cosine"),
    normaliseObservations: flag(true, "centre and scale observations by the recording's moments"),
    hidden: widths([256, 256, 256], "widths of the network's hidden layers"),
    batchSize: count(256, "steps of the recording per update, each with its history and what followed"),
    steps: count(100_000, "updates in a full run"),
  },
  normalise: ({ normaliseObservations }) => normaliseObservations,
  stretch: ({ history, horizon }) => ({ length: history - 1 + horizon, before: history - 1 }),
  memory: ({ observation, action }, { history, execute }) => ({
    seen: [history, observation],
    plan: [execute, action.size],
    // Actions of the plan that are still to be done.
    left: [1],
    begun: [1],
  }),

  networks: (sizes, options) => ({ denoiser: planner(sizes, options) }),
  optimisers: ({ learningRate, steps }) => ({ denoiser: adam(cosineDecay(learningRate, steps)) }),
  init: (learners) => ({ ...learners, average: learners.denoiser.params }),

  step({ options, nets, descend }, state, { observation, action }, key) {
    const { history, horizon } = options;
    const seen = condition(observation.slice(1, 0, history));
    const plan = action.slice(1, history - 1, history - 1 + horizon);
    const [denoiser, denoisingLoss] = descend(state.denoiser, (params) => nets.denoiser.loss(params, plan, seen, key));
    const average = blend(state.average, denoiser.params, options.averageRate);
    return { state: { denoiser, average }, metrics: { denoisingLoss } };
  },

  policy({ nets, options }, { average }, observation, memory) {
    const { history, execute } = options;
    const now = observation.unsqueeze(1);
    const later = history === 1 ? now : concat([memory.seen.slice(1, 1, history), now], 1);
    const seen = memory.begun.unsqueeze(-1).greater(0).where(later, now);
    return {
      distribution: generated(nets.denoiser, average, condition(seen)),
      follow(drawn) {
        const used = memory.left.less(1);
        const plan = used.unsqueeze(-1).where(drawn.slice(1, 0, execute), memory.plan);
        const left = used.where(execute, memory.left).sub(1);
        // The action that comes next stays in front; behind the last, what was first is never reached.
        const turned = execute === 1 ? plan : concat([plan.slice(1, 1, execute), plan.slice(1, 0, 1)], 1);
        const begun = memory.begun.mul(0).add(1);
        return { action: plan.at(1, 0), memory: { seen, plan: turned, left, begun } };
      },
    };
  },
});

/** A perceptron's or a U-Net's. */
interface PlannerParams {
  readonly [part: string]: unknown;
}

interface Given {
  readonly history: number;
  readonly horizon: number;
  readonly execute: number;
  readonly noiseSteps: number;
  readonly drawingSteps: number;
  readonly freshNoise: boolean;
  readonly convolutions: boolean;
  readonly hidden: readonly number[];
}

/** Draws plans [horizon, action]. @throws Problem "bad-option" when it is to do more of a plan than there is */
function planner({ observation, action }: Sizes, options: Given): Generative<PlannerParams> {
  const { history, horizon, execute, noiseSteps, drawingSteps, freshNoise, convolutions, hidden } = options;
  if (execute > horizon) {
    const wanted = `at most the horizon, ${horizon}`;
    throw problem("bad-option", { where: "diffusion-policy", name: "execute", given: execute, wanted });
  }
  const denoiser = (sizes: DenoiserSizes) =>
    convolutions ? unetDenoiser(sizes, { widths: hidden }) : mlpDenoiser(sizes, { hidden });
  return diffusion({
    event: [horizon, action.size],
    condition: history * observation,
    steps: noiseSteps,
    sampleSteps: drawingSteps,
    eta: freshNoise ? 1 : 0,
    bound: 1,
    denoiser: denoiser as unknown as (sizes: DenoiserSizes) => Denoiser<PlannerParams>,
  });
}
