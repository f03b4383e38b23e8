/** Denoising diffusion in discrete steps: DDPM and DDIM. */
import { constant, type Key, ndarray, repeat, type Tensor } from "../../tensor/index.ts";
import type { Mlp } from "../layers.ts";
import { conditioned, type DenoisingOptions, meanSquare, noiseFor } from "./denoiser.ts";
import { besideEvent, checkCount, checkNumber, checkTarget, type Generative } from "./generative.ts";

export type Schedule = "linear" | "cosine";

/**
 * ᾱ of each step, the share of the signal's variance that is left: [steps], falling from near 1 to near 0.
 * "linear": β rises evenly (Ho, Jain, Abbeel 2020, arXiv:2006.11239), its ends 0.1 and 20 over the number of steps;
 * "cosine": Nichol, Dhariwal (2021), arXiv:2102.09672, equation 17, β at most 0.999.
 */
export function signalLeft(schedule: Schedule, steps: number): Float64Array {
  const cosine = (t: number): number => Math.cos(((t / steps + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
  const beta = (i: number): number =>
    schedule === "linear"
      ? Math.min((0.1 + (19.9 * i) / Math.max(steps - 1, 1)) / steps, 0.999)
      : Math.min(1 - cosine(i + 1) / cosine(i), 0.999);
  let left = 1;
  return Float64Array.from({ length: steps }, (_, i) => {
    left *= 1 - beta(i);
    return left;
  });
}

export interface DiffusionOptions<P> extends DenoisingOptions<P> {
  /** Steps of noise in training. Default 100. */
  readonly steps?: number;
  /** Default "cosine". */
  readonly schedule?: Schedule;
  /** What the network predicts: the noise, or what it was added to. Default "epsilon". */
  readonly predicts?: "epsilon" | "x0";
  /** Steps of sampling, at most `steps`, spaced evenly from the last. Default 20, or `steps` where that is less. */
  readonly sampleSteps?: number;
  /** η: 0 is DDIM, whose only chance is where it starts; 1 is DDPM (Song, Meng, Ermon 2020, arXiv:2010.02502, equation 16). Default 0. */
  readonly eta?: number;
  /** Every estimate of the result is held within ± this. Default: not held. */
  readonly bound?: number;
}

/**
 * A diffusion model: x_t = √ᾱ x₀ + √(1 − ᾱ) ε, the network trained on |ε̂ − ε|² or |x̂₀ − x₀|² at a random step. The
 * network's time is (t + 1) / steps.
 * @throws Problem "bad-option"
 */
export function diffusion<P = Mlp>(options: DiffusionOptions<P>): Generative<P> {
  const { event, steps = 100, schedule = "cosine", predicts = "epsilon", eta = 0, bound } = options;
  const left = signalLeft(schedule, steps);
  const sampleSteps = options.sampleSteps ?? Math.min(20, steps);
  checkCount("diffusion", "steps", steps);
  checkCount("diffusion", "sampleSteps", sampleSteps, steps);
  checkNumber("diffusion", "eta", eta, [0, 1]);
  const network = conditioned(options);
  return {
    init: network.init,
    loss(params, target, condition, key) {
      checkTarget("diffusion", target, event);
      const draw = key.split("step", "noise", "guidance");
      const step = draw.step.integers(steps, target.shape[0]);
      const signal = besideEvent(constant(ndarray(Float32Array.from(left))).gather(step), event);
      const noise = noiseFor(target, event, draw.noise);
      const x = target.mul(signal.sqrt()).add(noise.mul(signal.from(1).sqrt()));
      const time = step.cast("float32").add(1).div(steps);
      const guess = network.learning(params, x, time, condition, draw.guidance);
      return meanSquare(guess, predicts === "epsilon" ? noise : target);
    },
    sample(params, condition, key) {
      const denoise = (x: Tensor, step: number): Tensor => network.drawing(params, x, (step + 1) / steps, condition);
      return ddim({ left, denoise, predicts, eta, bound, steps: sampleSteps }, (name) =>
        noiseFor(condition, event, key.at(name)),
      );
    },
  };
}

interface Ddim {
  readonly left: Float64Array;
  readonly denoise: (x: Tensor, step: number) => Tensor;
  readonly predicts: "epsilon" | "x0";
  readonly eta: number;
  readonly bound: number | undefined;
  readonly steps: number;
}

/** From noise to a result: equation 12 of arXiv:2010.02502. @param noise a fresh standard normal by name */
export function ddim(
  { left, denoise, predicts, eta, bound, steps }: Ddim,
  noise: (name: string | number) => ReturnType<Key["normal"]>,
): Tensor {
  const count = Math.min(steps, left.length);
  const chosen = Array.from({ length: count }, (_, i) => Math.round(((count - i) * left.length) / count) - 1);
  return repeat(count, noise("start"), (x, i) => {
    const step = chosen[i];
    const now = left[step];
    const next = i + 1 < count ? left[chosen[i + 1]] : 1;
    const guess = denoise(x, step);
    const raw = predicts === "x0" ? guess : x.sub(guess.mul(Math.sqrt(1 - now))).div(Math.sqrt(now));
    const result = bound === undefined ? raw : raw.clip(-bound, bound);
    // The noise that goes with the estimate, so that a bounded one stays on the path.
    const direction =
      predicts === "epsilon" && bound === undefined ? guess : x.sub(result.mul(Math.sqrt(now))).div(Math.sqrt(1 - now));
    const fresh = eta * Math.sqrt(((1 - next) / (1 - now)) * (1 - now / next));
    const after = result.mul(Math.sqrt(next)).add(direction.mul(Math.sqrt(Math.max(1 - next - fresh ** 2, 0))));
    return fresh > 0 ? after.add(noise(i).mul(fresh)) : after;
  });
}
