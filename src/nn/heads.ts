/** Networks with a meaning: policies that return distributions, and value functions. */
import { concat, type Tensor, zerosOf } from "../tensor/index.ts";
import {
  type Beta,
  beta,
  type Categorical,
  type Committee,
  categorical,
  committee,
  type Distribution,
  type Gaussian,
  gaussian,
  type MultiDiscrete,
  mixture,
  multiDiscrete,
  point,
  type TanhGaussian,
  tanhGaussian,
} from "./distributions.ts";
import { type Mlp, type MlpOptions, mlp } from "./layers.ts";
import { ensemble, mapNet, type Net, net } from "./net.ts";

type Body = Omit<MlpOptions, "inputs" | "outputs">;

/** Spreads outside [e⁻⁵, e²] make log-likelihoods that overwhelm everything else in a batch. */
const boundedSpread = (logSpread: Tensor): Tensor => logSpread.clip(-5, 2);

export interface GaussianPolicy {
  readonly body: Mlp;
  /** [actions] log standard deviation, the same in every state */
  readonly logSpread: Tensor;
}

export interface GaussianStart {
  /** Whether the mean passes through tanh, so that it lies in [−1, 1]ⁿ; otherwise it is free. Default true. */
  readonly bounded?: boolean;
  /** Standard deviation before anything was learned. Default 1. */
  readonly spread?: number;
}

/** A normal over actions: the mean depends on the state, the spread is one learned vector. */
export function gaussianPolicy(
  observations: number,
  actions: number,
  { bounded = true, spread = 1, ...options }: Body & GaussianStart = {},
): Net<GaussianPolicy, [observation: Tensor], Gaussian> {
  const body = mlp({ inputs: observations, outputs: actions, ...options });
  return net(
    (key) => ({ body: body.init(key), logSpread: zerosOf([actions]).add(Math.log(spread)) }),
    (params, observation) => {
      const mean = body(params.body, observation);
      return gaussian(bounded ? mean.tanh() : mean, boundedSpread(params.logSpread));
    },
  );
}

/**
 * Actions in (−1, 1)ⁿ: a squashed normal whose mean and spread both depend on the state, as in soft actor-critic (Haarnoja
 * and others 2018, arXiv:1801.01290). `rsampleWithLogProb` draws with slopes and corrects the density for the squashing.
 * @param options.logSpread bounds the log standard deviation is clipped to (default −5 and 2; the authors' code has −20
 * and 2); beyond them its slope is 0
 */
export function tanhGaussianPolicy(
  observations: number,
  actions: number,
  { logSpread = usualSpread, ...options }: Body & { readonly logSpread?: Bounds } = {},
): Net<Mlp, [observation: Tensor], TanhGaussian> {
  const body = mlp({ inputs: observations, outputs: 2 * actions, ...options });
  return mapNet(body, (out) => squashedNormal(out, logSpread));
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}
const usualSpread: Bounds = { low: -5, high: 2 };

/** [… 2 actions], every mean and then every log standard deviation, as squashed normals. */
export function squashedNormal(out: Tensor, { low, high }: Bounds = usualSpread): TanhGaussian {
  const actions = out.shape[out.rank - 1] / 2;
  return tanhGaussian(out.slice(-1, 0, actions), out.slice(-1, actions, 2 * actions).clip(low, high));
}

/**
 * Actions in [−1, 1]ⁿ, each with a beta distribution whose parameters are 1 + softplus of the network's outputs (first every
 * α, then every β), so that it has a single peak and no mass is lost to clipping (Chou, Maturana, Scherer 2017).
 */
export const betaPolicy = (
  observations: number,
  actions: number,
  options: Body = {},
): Net<Mlp, [observation: Tensor], Beta> =>
  mapNet(mlp({ inputs: observations, outputs: 2 * actions, ...options }), (out) => {
    const above = out.softplus().add(1);
    return beta(above.slice(-1, 0, actions), above.slice(-1, actions, 2 * actions), { low: -1, high: 1 });
  });

/** A mixture of Gaussians whose weights, means (through tanh) and spreads all depend on the state: several ways to act. */
export function mixturePolicy(
  observations: number,
  actions: number,
  parts: number,
  options: Body = {},
): Net<Mlp, [observation: Tensor], Distribution> {
  const body = mlp({ inputs: observations, outputs: parts * (1 + 2 * actions), ...options });
  return mapNet(body, (out) => {
    const shaped = (from: number, to: number): Tensor =>
      out.slice(-1, from, to).reshape(...out.shape.slice(0, -1), parts, actions);
    const spreadAt = parts * (1 + actions);
    return mixture({
      weights: out.slice(-1, 0, parts),
      mean: shaped(parts, spreadAt).tanh(),
      logSpread: boundedSpread(shaped(spreadAt, spreadAt + parts * actions)),
    });
  });
}

/** One action in [−1, 1]ⁿ for each observation, without chance. */
export const deterministicPolicy = (
  observations: number,
  actions: number,
  options: Body = {},
): Net<Mlp, [observation: Tensor], Distribution> =>
  mapNet(mlp({ inputs: observations, outputs: actions, ...options }), (out) => point(out.tanh()));

/** The mean of several deterministic policies with starts of their own, and what each of them would do. */
export function deterministicEnsemble(
  observations: number,
  actions: number,
  { size, ...options }: Body & { readonly size: number },
): Net<Mlp, [observation: Tensor], Committee> {
  const body = mlp({ inputs: observations, outputs: actions, ...options });
  return mapNet(
    ensemble(
      mapNet(body, (out) => out.tanh()),
      size,
    ),
    committee,
  );
}

/** A choice among `actions`. */
export const categoricalPolicy = (
  observations: number,
  actions: number,
  options: Body = {},
): Net<Mlp, [observation: Tensor], Categorical> =>
  mapNet(mlp({ inputs: observations, outputs: actions, ...options }), categorical);

/** A choice for each of `sizes`, made independently given the state. */
export const multiDiscretePolicy = (
  observations: number,
  sizes: readonly number[],
  options: Body = {},
): Net<Mlp, [observation: Tensor], MultiDiscrete> =>
  mapNet(mlp({ inputs: observations, outputs: sizes.reduce((a, b) => a + b), ...options }), (out) =>
    multiDiscrete(out, sizes),
  );

/** V: [batch, observation] → [batch]. */
export const valueFunction = (observations: number, options: Body = {}): Net<Mlp, [observation: Tensor], Tensor> =>
  mapNet(mlp({ inputs: observations, outputs: 1, ...options }), (out) => out.squeeze(-1));

/** Several Qs of one (observation, action) pair: → [member, batch]. Actions are vectors (one-hot where they are choices). */
export function qEnsemble(
  observations: number,
  actions: number,
  { size, ...options }: Body & { readonly size: number },
): Net<Mlp, [observation: Tensor, action: Tensor], Tensor> {
  const body = mlp({ inputs: observations + actions, outputs: 1, ...options });
  const q = net<Mlp, [observation: Tensor, action: Tensor], Tensor>(
    (key) => body.init(key),
    (params, observation, action) => body(params, concat([observation, action])).squeeze(-1),
  );
  return ensemble(q, size);
}

/** A number for every choice: [batch, observation] → [batch, actions]. */
export const scores = (
  observations: number,
  actions: number,
  options: Body = {},
): Net<Mlp, [observation: Tensor], Tensor> => mlp({ inputs: observations, outputs: actions, ...options });
