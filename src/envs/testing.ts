/** Small environments for the tests of this folder, also as a module that workers import. */
import { box, discrete } from "../spaces/make.ts";
import type { Environment } from "./environment.ts";
import type { EnvironmentOptions } from "./registration.ts";
import { register } from "./registry.ts";

/**
 * Walks along the whole numbers: observes where it is, earns 1 a step up. Ends at `ends`; throws at `breaks`, and stops
 * its whole thread at `stops`. Its infos are its own objects, with a function in them when it `tells`.
 */
export function slope({ ends = 5, breaks = -1, stops = -1, tells }: EnvironmentOptions = {}): Environment {
  let at = 0;
  return {
    name: "Slope-v0",
    observationSpace: box(0, 1000),
    actionSpace: discrete(2),
    reset: () => {
      at = 0;
      return { observation: Float32Array.of(at), info: { from: at } };
    },
    step: (action) => {
      at += Number(action);
      if (at === breaks) throw new RangeError(`there is no step ${at}`);
      if (at === stops) process.exit(3);
      const info = tells === undefined ? { at } : { at, tell: () => tells };
      return {
        observation: Float32Array.of(at),
        reward: Number(action),
        terminated: at === ends,
        truncated: false,
        info,
      };
    },
    save: () => at,
    restore: (saved) => {
      at = saved as number;
    },
  };
}

register({ name: "Slope-v0", about: "Walk up.", options: ["ends", "breaks", "stops", "tells"], create: slope });
