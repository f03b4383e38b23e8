/** Search without slopes, on the parameter trees that networks have. */
export { type CmaEsOptions, type CmaEsState, cmaEs } from "./cma-es.ts";
export { type OpenAiEsOptions, type OpenAiEsState, openAiEs } from "./openai-es.ts";
export type { EvolutionStrategy } from "./strategy.ts";
