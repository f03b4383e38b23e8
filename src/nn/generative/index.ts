/** Generative heads: models that are drawn from, over vectors and action chunks, given a condition. */

export { type CouplingFlow, type CouplingOptions, couplingFlow } from "./coupling.ts";
export {
  type Denoiser,
  type DenoiserSizes,
  type DenoisingOptions,
  type Guidance,
  mlpDenoiser,
  unetDenoiser,
} from "./denoiser.ts";
export { type DiffusionOptions, diffusion, type Schedule, signalLeft } from "./diffusion.ts";
export { type EnergyHead, type EnergyOptions, energyHead } from "./energy.ts";
export { type FlowOptions, type FlowSampler, flowMatching } from "./flow.ts";
export { type Event, type Generative, generated, still, stillWhen } from "./generative.ts";
export { type Churn, type KarrasOptions, karrasDiffusion } from "./karras.ts";
export { cvae, klToStandard, type Vae, type VaeHead, type VaeOptions, vae } from "./vae.ts";
