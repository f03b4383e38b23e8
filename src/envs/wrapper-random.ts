/** Chance that belongs to a wrapper: a stream of its own for each episode under the seed, apart from the environment's. */
import { fold, type Generator, generator, randomKey } from "../tensor/random.ts";

export interface WrapperRandom {
  /** Starts an episode's stream; called with what `reset` was given. */
  begin(options?: { readonly seed?: number }): Generator;
  /** The present episode's stream. */
  now(): Generator;
  save(): readonly [seed: number, episode: number, drawn: number];
  restore(saved: unknown): void;
}

/** @param name the wrapper's, so that two kinds around one environment draw apart */
export function wrapperRandom(name: string): WrapperRandom {
  let [seed, episode] = [0, 0];
  const stream = (drawn: number) => generator(fold(randomKey(seed), "wrapper", name, episode), drawn);
  let random = stream(0);
  return {
    begin(options) {
      if (options?.seed !== undefined) [seed, episode] = [options.seed, 0];
      else episode++;
      random = stream(0);
      return random;
    },
    now: () => random,
    save: () => [seed, episode, random.position()],
    restore(saved) {
      let drawn: number;
      [seed, episode, drawn] = saved as readonly [number, number, number];
      random = stream(drawn);
    },
  };
}
