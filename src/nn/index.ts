/** repertoire/nn: layers, distributions, and networks with a meaning. */

export {
  type Attend,
  type Attention,
  type AttentionCache,
  type AttentionLayer,
  type AttentionOptions,
  attention,
  causalMask,
} from "./attention.ts";
export {
  type Convolution,
  type ConvolutionOptions,
  convolution,
  type GroupNorm,
  groupNorm,
  transposedConvolution,
} from "./convolutions.ts";
export {
  type Bernoulli,
  type Beta,
  bernoulli,
  beta,
  type Categorical,
  type CategoricalOptions,
  categorical,
  type Distribution,
  digamma,
  type Gaussian,
  gaussian,
  lgamma,
  logNormalCdf,
  type Mixture,
  type MixtureParts,
  type MultiDiscrete,
  mixture,
  multiDiscrete,
  point,
  type TanhGaussian,
  type TruncatedNormal,
  tanhGaussian,
  truncatedNormal,
} from "./distributions.ts";
export { dropout } from "./dropout.ts";
export {
  type Embedding,
  embedding,
  type FourierFeatures,
  fourierFeatures,
  type LearnedPositions,
  learnedPositions,
  sinusoidal,
} from "./embeddings.ts";
export { type Experts, type ExpertsOptions, type Mixed, mixtureOfExperts } from "./experts.ts";
export { type Film, film } from "./film.ts";
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
  type ConvEncoder,
  type ConvEncoderOptions,
  type ConvLayer,
  convEncoder,
  gridLayers,
  type ImageShape,
  type ImpalaEncoder,
  type ImpalaEncoderOptions,
  impalaEncoder,
  natureLayers,
} from "./images.ts";
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
  normalWith,
  orthogonal,
  type RmsNorm,
  rmsNorm,
  within,
} from "./layers.ts";
export {
  almostOrthogonal,
  type LipschitzMlp,
  type LipschitzMlpOptions,
  type LipschitzResidual,
  lipschitzBound,
  lipschitzMlp,
  lipschitzResidual,
  spectralBound,
  spectralLinear,
  spectrallyNormalised,
} from "./lipschitz.ts";
export { ensemble, mapNet, members, type Net, net, type ParamsOf } from "./net.ts";
export {
  type Moments,
  momentsOf,
  type Normalised,
  type NormaliseOptions,
  noMoments,
  normalise,
  normalised,
  observed,
} from "./normaliser.ts";
export { cayley, orthogonalLinear } from "./orthogonal-layer.ts";
export { type Codebook, codebook, movedCodes, type Quantised, quantise } from "./quantiser.ts";
export {
  type Cell,
  gru,
  type LstmState,
  lstm,
  type OverTime,
  type OverTimeOptions,
  overTime,
  type Recurrent,
} from "./recurrent.ts";
export {
  type FeedForward,
  type FeedForwardOptions,
  feedForward,
  type PreNorm,
  preNorm,
  type ResidualMlp,
  type ResidualMlpOptions,
  residual,
  residualMlp,
} from "./residual.ts";
export { nextToken, type SamplingOptions, TokenSampler } from "./sampling.ts";
export {
  type AttentionPool,
  attentionPool,
  type InducedAttention,
  inducedAttention,
  type SetAttention,
  type SetOptions,
  type SetTransformer,
  type SetTransformerOptions,
  setAttention,
  setTransformer,
} from "./set-transformer.ts";
export {
  type Feature,
  featureHasher,
  type HashOptions,
  murmur3,
  type OnlineLinear,
  type OnlineLoss,
  type OnlineOptions,
  type OnlineState,
  onlineLinear,
  type SparseColumns,
  type SparseRow,
  sparseColumns,
  type WeightTable,
  weightTable,
} from "./sparse/index.ts";
export {
  type Decoder,
  type DecoderNet,
  type DecoderOptions,
  decoder,
  type Stepped,
  type Transformer,
  type TransformerBlock,
  type TransformerCache,
  type TransformerNet,
  type TransformerOptions,
  transformer,
} from "./transformer.ts";
export { type Unet, type UnetOptions, unet } from "./unet.ts";
