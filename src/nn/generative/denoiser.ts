/** The network inside a diffusion or a flow, and guidance towards its condition. */
import { problem } from "../../problems.ts";
import { concat, constant, type Key, ndarray, type Tensor } from "../../tensor/index.ts";
import { type Mlp, type MlpOptions, mlp } from "../layers.ts";
import { mapNet, type Net, net } from "../net.ts";
import { type Unet, type UnetOptions, unet } from "../unet.ts";
import { type Event, flatEvent, shapedEvent, sizeOfEvent, zerosBeside } from "./generative.ts";

/** [batch, …event], a time for each row [batch] and a condition [batch, c] → [batch, …event]. */
export type Denoiser<P> = Net<P, [x: Tensor, time: Tensor, condition: Tensor], Tensor>;

export interface DenoiserSizes {
  readonly event: Event;
  /** Numbers in the condition, the mark of guidance included. */
  readonly condition: number;
}

/** sin and cos of 16 frequencies from 1 to 100, and the time itself: [batch] → [batch, 33]. */
export function timeFeatures(time: Tensor): Tensor {
  const frequencies = Array.from({ length: 16 }, (_, i) => 100 ** (i / 15));
  const at = time.unsqueeze(-1);
  const turned = at.mul(constant(ndarray(frequencies)));
  return concat([at, turned.sin(), turned.cos()]);
}

/** A multi-layer perceptron over the flattened event, the time's features and the condition. */
export function mlpDenoiser(
  { event, condition }: DenoiserSizes,
  options: Omit<MlpOptions, "inputs" | "outputs"> = {},
): Denoiser<Mlp> {
  const size = sizeOfEvent(event);
  const body = mlp({ inputs: size + 33 + condition, outputs: size, activation: "silu", ...options });
  const flat: Net<Mlp, [x: Tensor, time: Tensor, condition: Tensor], Tensor> = net(
    (key) => body.init(key),
    (params, x, time, given) => body(params, concat([flatEvent(x, event), timeFeatures(time), given])),
  );
  return mapNet(flat, (out) => shapedEvent(out, event));
}

/**
 * A 1-d U-Net over an action chunk [time, n], as in diffusion policy (Chi and others 2023, arXiv:2303.04137). Its embedding
 * counts steps, so a time is given to it a hundredfold.
 * @throws Problem "shape" unless the event is a chunk
 */
export function unetDenoiser(
  { event, condition }: DenoiserSizes,
  options: Omit<UnetOptions, "inputs" | "condition"> = {},
): Denoiser<Unet> {
  if (event.length !== 2) throw problem("shape", { where: "unetDenoiser", wanted: "an event [time, n]", got: [event] });
  const body = unet({ ...options, inputs: event[1], condition });
  return net(
    (key) => body.init(key),
    (params, x, time, given) => body(params, x, time.mul(100), given),
  );
}

export interface Guidance {
  /** Share of the training rows whose condition is hidden. Around 0.1. */
  readonly dropout: number;
  /** w: 1 follows the condition as learned, 0 ignores it, above 1 overdoes it. */
  readonly weight: number;
}

/** What diffusion and flow heads are made with. */
export interface DenoisingOptions<P> {
  readonly event: Event;
  /** Numbers in the condition. */
  readonly condition: number;
  /** Classifier-free guidance (Ho, Salimans 2022, arXiv:2207.12598). Default: none. */
  readonly guidance?: Guidance;
  /** The network. Default: mlpDenoiser with 256-wide layers. */
  readonly denoiser?: (sizes: DenoiserSizes) => Denoiser<P>;
}

export interface Conditioned<P> {
  init(key: Key): P;
  /** As training sees it: with guidance, some rows do not know their condition. */
  learning(params: P, x: Tensor, time: Tensor, condition: Tensor, key: Key): Tensor;
  /** As sampling sees it, at one time for all rows: with guidance, f(∅) + w (f(c) − f(∅)). */
  drawing(params: P, x: Tensor, time: number, condition: Tensor): Tensor;
}

/** The network with its condition hidden or overdone as guidance asks. */
export function conditioned<P>({ event, condition, guidance, denoiser }: DenoisingOptions<P>): Conditioned<P> {
  const make = denoiser ?? (mlpDenoiser as unknown as (sizes: DenoiserSizes) => Denoiser<P>);
  const inner = make({ event, condition: condition + (guidance ? 1 : 0) });
  const marked = (given: Tensor, seen: Tensor): Tensor => concat([given.mul(seen), seen]);
  return {
    init: (key) => inner.init(key),
    learning(params, x, time, given, key) {
      if (!guidance) return inner(params, x, time, given);
      const seen = key.uniform(given.shape[0], 1).less(guidance.dropout).where(0, 1);
      return inner(params, x, time, marked(given, seen));
    },
    drawing(params, x, at, given) {
      const time = zerosBeside(flatEvent(x, event), []).add(at);
      if (!guidance) return inner(params, x, time, given);
      const hidden = zerosBeside(given, [1]);
      const without = inner(params, x, time, marked(given, hidden));
      const withIt = inner(params, x, time, marked(given, hidden.add(1)));
      return without.add(withIt.sub(without).mul(guidance.weight));
    },
  };
}

/** E |a − b|² over the batch and the event's numbers. */
export const meanSquare = (a: Tensor, b: Tensor): Tensor => a.sub(b).square().mean();

/** A standard normal for each row. */
export const noiseFor = (rows: Tensor, event: Event, key: Key): Tensor => key.normal(rows.shape[0], ...event);
