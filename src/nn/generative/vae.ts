/** Variational autoencoders, with and without a condition. */
import { concat, type Key, type Tensor } from "../../tensor/index.ts";
import { type Gaussian, gaussian, halfLogTwoPi } from "../distributions/gaussian.ts";
import { type Mlp, type MlpOptions, mlp } from "../layers.ts";
import {
  checkCount,
  checkTarget,
  type Event,
  flatEvent,
  type Generative,
  shapedEvent,
  sizeOfEvent,
  zerosBeside,
} from "./generative.ts";

export interface Vae {
  readonly encoder: Mlp;
  readonly decoder: Mlp;
}

export interface VaeOptions extends Omit<MlpOptions, "inputs" | "outputs"> {
  readonly event: Event;
  /** Numbers in the condition; 0 for none, whose tensor then only says how large the batch is. */
  readonly condition: number;
  /** Numbers in the code. */
  readonly latent: number;
  /** β: how much the code's divergence from a standard normal counts. Default 1. */
  readonly beta?: number;
  /** Standard deviation of a target about what is decoded. Default 1. */
  readonly spread?: number;
  /** Whether draws have that spread too, or are what is decoded. Default false. */
  readonly spreadDraws?: boolean;
}

export interface VaeHead extends Generative<Vae> {
  /** The code of a target: a Gaussian over [batch, latent]. */
  encode(params: Vae, target: Tensor, condition: Tensor): Gaussian;
  /** [batch, latent] → [batch, …event] */
  decode(params: Vae, code: Tensor, condition: Tensor): Tensor;
  /** [batch] the evidence lower bound of each target, from one draw of its code: log p(x|z) − β KL(q(z|x) ‖ N(0, 1)). */
  elbo(params: Vae, target: Tensor, condition: Tensor, key: Key): Tensor;
}

/** KL(q ‖ N(0, 1)): [batch]. */
export const klToStandard = ({ mean, logSpread }: Gaussian): Tensor =>
  mean.square().add(logSpread.mul(2).exp()).sub(1).mul(0.5).sub(logSpread).sum(-1);

/**
 * A conditional variational autoencoder (Kingma, Welling 2013, arXiv:1312.6114; Sohn, Lee, Yan 2015; β from Higgins and
 * others 2017). The loss is minus the mean of `elbo`; log spreads of the code are held in [−4, 15] as in BCQ's.
 * @throws Problem "bad-option"
 */
export function cvae(options: VaeOptions): VaeHead {
  const { event, condition: width, latent, beta = 1, spread = 1, spreadDraws = false, ...body } = options;
  const size = sizeOfEvent(event);
  checkCount("cvae", "latent", latent);
  const encoder = mlp({ inputs: size + width, outputs: 2 * latent, ...body });
  const decoder = mlp({ inputs: latent + width, outputs: size, ...body });
  const beside = (x: Tensor, condition: Tensor): Tensor => (width === 0 ? x : concat([x, condition]));
  const head: VaeHead = {
    init: (key) => ({ encoder: encoder.init(key.at("encoder")), decoder: decoder.init(key.at("decoder")) }),
    encode(params, target, condition) {
      checkTarget("cvae", target, event);
      const out = encoder(params.encoder, beside(flatEvent(target, event), condition));
      return gaussian(out.slice(-1, 0, latent), out.slice(-1, latent).clip(-4, 15));
    },
    decode: (params, code, condition) => shapedEvent(decoder(params.decoder, beside(code, condition)), event),
    elbo(params, target, condition, key) {
      const code = head.encode(params, target, condition);
      const decoded = flatEvent(head.decode(params, code.rsample(key), condition), event);
      const error = flatEvent(target, event).sub(decoded).div(spread).square().sum(-1);
      const fit = error.mul(-0.5).sub(size * (Math.log(spread) + halfLogTwoPi));
      return fit.sub(klToStandard(code).mul(beta));
    },
    loss: (params, target, condition, key) => head.elbo(params, target, condition, key).mean().neg(),
    sample(params, condition, key) {
      const draw = key.split("code", "spread");
      const decoded = head.decode(params, draw.code.normal(condition.shape[0], latent), condition);
      if (!spreadDraws) return decoded;
      return decoded.add(draw.spread.normal(condition.shape[0], ...event).mul(spread));
    },
  };
  return head;
}

/** A variational autoencoder without condition: the tensor given for one says how large the batch is. */
export function vae(options: Omit<VaeOptions, "condition">): VaeHead {
  const head = cvae({ ...options, condition: 0 });
  return { ...head, sample: (params, condition, key) => head.sample(params, zerosBeside(condition, [1]), key) };
}
