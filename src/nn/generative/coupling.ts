/** Normalising flows: noise made into data by maps that can be turned back, so that densities are exact. */
import { concat, constant, type Key, ndarray, type Tensor } from "../../tensor/index.ts";
import { halfLogTwoPi } from "../distributions/gaussian.ts";
import { type Mlp, type MlpOptions, mlp } from "../layers.ts";
import {
  checkCount,
  checkNumber,
  checkTarget,
  type Event,
  flatEvent,
  type Generative,
  shapedEvent,
  sizeOfEvent,
} from "./generative.ts";

export interface CouplingOptions extends Omit<MlpOptions, "inputs" | "outputs"> {
  readonly event: Event;
  /** Numbers in the condition; 0 for none, whose tensor then only says how large the batch is. */
  readonly condition: number;
  /** Layers, each of which moves every other number. Default 6. */
  readonly layers?: number;
  /** Bound on the logarithm of a layer's scale, either way. Default 2. */
  readonly mostScale?: number;
}

/** What came out, and log |det ∂out/∂in| of each: [batch]. */
export interface Mapped {
  readonly value: Tensor;
  readonly logDeterminant: Tensor;
}

export interface CouplingFlow extends Generative<readonly Mlp[]> {
  /** [batch, …event] of standard normal noise → data. */
  forward(params: readonly Mlp[], noise: Tensor, condition: Tensor): Mapped;
  /** [batch, …event] of data → noise. */
  inverse(params: readonly Mlp[], value: Tensor, condition: Tensor): Mapped;
  /** [batch] log p(target | condition). */
  logProb(params: readonly Mlp[], target: Tensor, condition: Tensor): Tensor;
}

/** [batch] log density of standard normal noise [batch, …event]. */
const logNormal = (noise: Tensor): Tensor =>
  noise
    .square()
    .mul(-0.5)
    .sub(halfLogTwoPi)
    .sum(noise.shape.map((_, i) => i).slice(1));

/**
 * Affine coupling layers (Dinh, Sohl-Dickstein, Bengio 2016, Density estimation using Real NVP, arXiv:1605.08803): each
 * scales and shifts half of the numbers by what it sees of the other half and the condition. The loss is minus the mean
 * log-likelihood. An event of one number sees the condition alone, and stays a normal.
 * @throws Problem "bad-option"
 */
export function couplingFlow(options: CouplingOptions): CouplingFlow {
  const { event, condition: width, layers: count = 6, mostScale = 2, ...body } = options;
  checkCount("couplingFlow", "layers", count);
  checkNumber("couplingFlow", "mostScale", mostScale, [1e-3, 100]);
  const n = sizeOfEvent(event);
  const layers = Array.from({ length: count }, (_, k) => ({
    net: mlp({ inputs: n + width, outputs: 2 * n, ...body }),
    /** 1 for numbers that stay as they are. */
    stays: constant(ndarray(Float32Array.from({ length: n }, (_, i) => Number(n > 1 && (i + k) % 2 === 0)))),
  }));
  /** Of one layer, from the numbers that stay. */
  const moves = (k: number, params: readonly Mlp[], x: Tensor, condition: Tensor) => {
    const { net, stays } = layers[k];
    const seen = x.mul(stays);
    const raw = net(params[k], width === 0 ? seen : concat([seen, condition]));
    const moving = stays.from(1);
    const logScale = raw.slice(-1, 0, n).div(mostScale).tanh().mul(mostScale).mul(moving);
    return { logScale, shift: raw.slice(-1, n).mul(moving) };
  };
  const flow: CouplingFlow = {
    init: (key) => layers.map(({ net }, k) => net.init(key.at(k))),
    forward(params, noise, condition) {
      let x = flatEvent(noise, event);
      const logs = layers.map((_, k) => {
        const { logScale, shift } = moves(k, params, x, condition);
        x = x.mul(logScale.exp()).add(shift);
        return logScale;
      });
      return { value: shapedEvent(x, event), logDeterminant: logs.reduce((a, b) => a.add(b)).sum(-1) };
    },
    inverse(params, value, condition) {
      let x = flatEvent(value, event);
      const logs = layers.map((_, back) => {
        const { logScale, shift } = moves(count - 1 - back, params, x, condition);
        x = x.sub(shift).mul(logScale.neg().exp());
        return logScale;
      });
      return {
        value: shapedEvent(x, event),
        logDeterminant: logs
          .reduce((a, b) => a.add(b))
          .sum(-1)
          .neg(),
      };
    },
    logProb(params, target, condition) {
      checkTarget("couplingFlow", target, event);
      const { value, logDeterminant } = flow.inverse(params, target, condition);
      return logNormal(value).add(logDeterminant);
    },
    loss: (params, target, condition) => flow.logProb(params, target, condition).mean().neg(),
    sample: (params, condition, key: Key) =>
      flow.forward(params, key.normal(condition.shape[0], ...event), condition).value,
  };
  return flow;
}
