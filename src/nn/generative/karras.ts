/** Diffusion with a continuous amount of noise: EDM. */
import { repeat, type Tensor } from "../../tensor/index.ts";
import type { Mlp } from "../layers.ts";
import { conditioned, type DenoisingOptions, meanSquare, noiseFor } from "./denoiser.ts";
import { besideEvent, checkCount, checkTarget, type Generative } from "./generative.ts";

export interface Churn {
  /** S_churn: how much noise is put back over a whole run. 0 is none. */
  readonly amount: number;
  /** Only where σ lies between these. Default all. */
  readonly from?: number;
  readonly to?: number;
  /** S_noise, the spread of what is put back. Default 1. */
  readonly noise?: number;
}

export interface KarrasOptions<P> extends DenoisingOptions<P> {
  /** σ_data: the standard deviation of the targets. Default 0.5. */
  readonly dataSpread?: number;
  /** ln σ in training is normal with this mean and spread. Default −1.2 and 1.2. */
  readonly logNoise?: readonly [mean: number, spread: number];
  /** σ at the end and at the start of sampling. Default 0.002 and 80. */
  readonly noise?: readonly [least: number, most: number];
  /** ρ: how much the steps crowd where there is little noise. Default 7. */
  readonly crowding?: number;
  /** Steps of sampling, two calls of the network each but for the last. Default 18. */
  readonly sampleSteps?: number;
  readonly churn?: Churn;
}

/** σ₀ > … > σ_{N−1} > 0: Karras and others (2022), arXiv:2206.00364, equation 5. */
export const noiseLevels = (steps: number, least: number, most: number, crowding: number): number[] =>
  Array.from({ length: steps }, (_, i) => {
    const share = steps === 1 ? 0 : i / (steps - 1);
    return (most ** (1 / crowding) + share * (least ** (1 / crowding) - most ** (1 / crowding))) ** crowding;
  }).concat(0);

/**
 * A diffusion model as Karras and others design it (2022, arXiv:2206.00364): preconditioning as in table 1, trained so that
 * the network's own target has unit variance at every noise level, sampled by Heun's method with churn (algorithm 2).
 * @throws Problem "bad-option"
 */
export function karrasDiffusion<P = Mlp>(options: KarrasOptions<P>): Generative<P> {
  const { event, dataSpread: data = 0.5, logNoise = [-1.2, 1.2], noise = [0.002, 80], crowding = 7 } = options;
  checkCount("karrasDiffusion", "sampleSteps", options.sampleSteps ?? 18);
  const network = conditioned(options);
  return {
    init: network.init,
    loss(params, target, condition, key) {
      checkTarget("karrasDiffusion", target, event);
      const draw = key.split("level", "noise", "guidance");
      const logLevel = draw.level.normal(target.shape[0]).mul(logNoise[1]).add(logNoise[0]);
      const level = besideEvent(logLevel.exp(), event);
      const noised = target.add(noiseFor(target, event, draw.noise).mul(level));
      const power = level.square().add(data ** 2);
      const guess = network.learning(params, noised.div(power.sqrt()), logLevel.mul(0.25), condition, draw.guidance);
      const kept = noised.mul(power.under(data ** 2));
      return meanSquare(guess, target.sub(kept).mul(power.sqrt()).div(level.mul(data)));
    },
    sample(params, condition, key) {
      const denoise = (x: Tensor, level: number): Tensor => {
        const power = level ** 2 + data ** 2;
        const guess = network.drawing(params, x.div(Math.sqrt(power)), Math.log(level) / 4, condition);
        return x.mul(data ** 2 / power).add(guess.mul((level * data) / Math.sqrt(power)));
      };
      const levels = noiseLevels(options.sampleSteps ?? 18, ...noise, crowding);
      return heun({ levels, denoise, ...(options.churn ? { churn: options.churn } : {}) }, (name) =>
        noiseFor(condition, event, key.at(name)),
      );
    },
  };
}

interface Heun {
  /** σ, falling, 0 at last */
  readonly levels: readonly number[];
  readonly denoise: (x: Tensor, level: number) => Tensor;
  readonly churn?: Churn;
}

/** Algorithm 2 of arXiv:2206.00364. @param noise a fresh standard normal by name */
export function heun({ levels, denoise, churn }: Heun, noise: (name: string | number) => Tensor): Tensor {
  const steps = levels.length - 1;
  return repeat(steps, noise("start").mul(levels[0]), (before, i) => {
    const [now, next] = [levels[i], levels[i + 1]];
    const within = churn && now >= (churn.from ?? 0) && now <= (churn.to ?? Number.POSITIVE_INFINITY);
    const raised = within ? now * (1 + Math.min(churn.amount / steps, Math.SQRT2 - 1)) : now;
    const churned = Math.sqrt(raised ** 2 - now ** 2) * (churn?.noise ?? 1);
    const x = raised > now ? before.add(noise(i).mul(churned)) : before;
    const slope = x.sub(denoise(x, raised)).div(raised);
    const ahead = x.add(slope.mul(next - raised));
    if (next === 0) return ahead;
    const slopeAhead = ahead.sub(denoise(ahead, next)).div(next);
    return x.add(slope.add(slopeAhead).mul((next - raised) / 2));
  });
}
