import type { Registration } from "../registration.ts";
import { lunarLander, lunarLanderOptionNames } from "./lunar-lander.ts";
import { bipedalWalker, parametricWalker, terrainOptionNames } from "./walker.ts";

export { landerHeuristic, walkerHeuristic } from "./heuristics.ts";
export { type LunarLanderOptions, lunarLander } from "./lunar-lander.ts";
export { bipedalWalker, parametricWalker, type TerrainOptions } from "./walker.ts";

/** Two-dimensional rigid bodies, on planck. */
export const physics: readonly Registration[] = [
  {
    name: "LunarLander-v3",
    about: "Land softly on the pad with three engines.",
    maxSteps: 1000,
    options: lunarLanderOptionNames,
    create: (options) => lunarLander({ ...options, name: "LunarLander-v3" }),
  },
  {
    name: "LunarLanderContinuous-v3",
    about: "The same with throttles.",
    maxSteps: 1000,
    options: lunarLanderOptionNames,
    create: (options) => lunarLander({ ...options, name: "LunarLanderContinuous-v3", continuous: true }),
  },
  {
    name: "BipedalWalker-v3",
    about: "Walk on two legs over rolling ground.",
    maxSteps: 1600,
    create: () => bipedalWalker(),
  },
  {
    name: "BipedalWalkerHardcore-v3",
    about: "The same over stumps, pits and stairs.",
    maxSteps: 2000,
    create: () => bipedalWalker({ hardcore: true }),
  },
  {
    name: "ParametricWalker-v0",
    about: "The walker on a terrain made from parameters, for curricula.",
    maxSteps: 2000,
    options: terrainOptionNames,
    create: (options) => parametricWalker({ ...options, name: "ParametricWalker-v0" }),
  },
];
