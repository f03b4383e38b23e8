/** repertoire/nn: layers, distributions, and networks with a meaning. */
export {
  type Categorical,
  categorical,
  type Distribution,
  type Gaussian,
  gaussian,
  type MixtureParts,
  mixture,
  point,
} from "./distributions.ts";
export {
  categoricalPolicy,
  deterministicPolicy,
  type GaussianPolicy,
  gaussianPolicy,
  mixturePolicy,
  qEnsemble,
  scores,
  valueFunction,
} from "./heads.ts";
export {
  type Activation,
  fanIn,
  glorot,
  type Initialiser,
  type LayerNorm,
  type Linear,
  type LinearOptions,
  layerNorm,
  linear,
  type Mlp,
  type MlpOptions,
  mlp,
  orthogonal,
  within,
} from "./layers.ts";
export { ensemble, mapNet, members, type Net, net, type ParamsOf } from "./net.ts";
