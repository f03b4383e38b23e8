/** Flow matching: a field of velocities that carries noise to data along straight lines. */
import { repeat, type Tensor } from "../../tensor/index.ts";
import type { Mlp } from "../layers.ts";
import { conditioned, type DenoisingOptions, meanSquare, noiseFor } from "./denoiser.ts";
import { besideEvent, checkCount, checkNumber, checkTarget, type Generative } from "./generative.ts";

export type FlowSampler = "euler" | "midpoint";

export interface FlowOptions<P> extends DenoisingOptions<P> {
  /** Spread of the path where it ends. Default 0: rectified flow; a little above it, conditional optimal transport. */
  readonly leastSpread?: number;
  /** Steps of sampling. Default 10. */
  readonly sampleSteps?: number;
  /** "midpoint" calls the network twice a step and errs by the square of the step. Default "euler". */
  readonly sampler?: FlowSampler;
}

/**
 * Flow matching with conditional optimal-transport paths (Lipman and others 2022, arXiv:2210.02747, equations 22 and 23),
 * which at leastSpread 0 is rectified flow (Liu, Gong, Liu 2022, arXiv:2209.03003): x_t = (1 − (1 − s) t) noise + t data,
 * the network trained on the velocity data − (1 − s) noise at a random time.
 * @throws Problem "bad-option"
 */
export function flowMatching<P = Mlp>(options: FlowOptions<P>): Generative<P> {
  const { event, leastSpread = 0, sampleSteps = 10, sampler = "euler" } = options;
  checkCount("flowMatching", "sampleSteps", sampleSteps);
  checkNumber("flowMatching", "leastSpread", leastSpread, [0, 1]);
  const network = conditioned(options);
  return {
    init: network.init,
    loss(params, target, condition, key) {
      checkTarget("flowMatching", target, event);
      const draw = key.split("time", "noise", "guidance");
      const time = draw.time.uniform(target.shape[0]);
      const noise = noiseFor(target, event, draw.noise);
      const at = besideEvent(time, event);
      const x = noise.mul(at.mul(1 - leastSpread).from(1)).add(target.mul(at));
      const velocity = network.learning(params, x, time, condition, draw.guidance);
      return meanSquare(velocity, target.sub(noise.mul(1 - leastSpread)));
    },
    sample: (params, condition, key) =>
      follow(
        (x, time) => network.drawing(params, x, time, condition),
        noiseFor(condition, event, key.at("start")),
        sampleSteps,
        sampler,
      ),
  };
}

/** From time 0 to 1 along a field of velocities. */
export function follow(
  velocity: (x: Tensor, time: number) => Tensor,
  start: Tensor,
  steps: number,
  sampler: FlowSampler,
): Tensor {
  const step = 1 / steps;
  return repeat(steps, start, (x, i) => {
    const time = i * step;
    const first = velocity(x, time);
    return x.add((sampler === "euler" ? first : velocity(x.add(first.mul(step / 2)), time + step / 2)).mul(step));
  });
}
