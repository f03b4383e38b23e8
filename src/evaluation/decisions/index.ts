export { type ClippingOptions, clippedIps } from "./clipped-ips.ts";
export { type CrossFitOptions, crossFit } from "./cross-fit.ts";
export {
  type Diagnostics,
  defaultThresholds,
  diagnostics,
  type EstimatorOptions,
  noThresholds,
  type Thresholds,
} from "./diagnostics.ts";
export { directMethod } from "./direct-method.ts";
export { doublyRobust } from "./doubly-robust.ts";
export { ips } from "./ips.ts";
export { meanRewards } from "./mean-rewards.ts";
export type { RatioOptions } from "./ratio.ts";
export { sndr } from "./sndr.ts";
export { snips } from "./snips.ts";
export { probabilitiesOf } from "./target.ts";
