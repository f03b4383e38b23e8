/** Distributions as values, one file each in distributions/. */
export { atoms } from "./distributions/atoms.ts";
export { type Bernoulli, bernoulli } from "./distributions/bernoulli.ts";
export { type Beta, beta } from "./distributions/beta.ts";
export { type Categorical, type CategoricalOptions, categorical } from "./distributions/categorical.ts";
export type { Distribution } from "./distributions/distribution.ts";
export { digamma, lgamma } from "./distributions/gamma-function.ts";
export { type Gaussian, gaussian } from "./distributions/gaussian.ts";
export { type Mixture, type MixtureParts, mixture } from "./distributions/mixture.ts";
export { type MultiDiscrete, multiDiscrete } from "./distributions/multi-discrete.ts";
export { logNormalCdf } from "./distributions/normal-function.ts";
export { type Committee, committee, point } from "./distributions/point.ts";
export { type TanhGaussian, tanhGaussian } from "./distributions/tanh-gaussian.ts";
export { type TruncatedNormal, truncatedNormal } from "./distributions/truncated-normal.ts";
