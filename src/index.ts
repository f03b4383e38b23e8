/**
 * repertoire: one name a door. Each is also a sub-path (repertoire/data, repertoire/algorithms …), which loads no more
 * than it needs.
 */
export * as algorithms from "./algorithms/index.ts";
export * as data from "./data/index.ts";
export * as envs from "./envs/index.ts";
export * as evaluation from "./evaluation/index.ts";
export * as formulas from "./formulas/index.ts";
export * as nn from "./nn/index.ts";
export * as policies from "./policies/index.ts";
export { Problem } from "./problems.ts";
export * as spaces from "./spaces/index.ts";
export * as tensor from "./tensor/index.ts";
export { version } from "./version.ts";
