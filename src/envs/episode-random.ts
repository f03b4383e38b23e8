/** A world's chance: each episode has a stream of its own under the seed, so what happens in one never changes the next. */
import { problem } from "../problems.ts";
import { fold, type Generator, generator, randomKey } from "../tensor/random.ts";

/** Where a world is in its chance: part of what it saves. */
export interface SavedChance {
  readonly seed: number;
  /** Episodes since the seed, the present one included. */
  readonly episode: number;
  /** Random blocks drawn in this episode. */
  readonly drawn: number;
}

export interface EpisodeRandom {
  /** The next episode's stream; the first one's of a seed that is given. @throws Problem "bad-value" */
  begin(seed: number | undefined): Generator;
  /** The present episode's stream; before any, the first one's of seed 0. */
  now(): Generator;
  save(): SavedChance;
  restore(saved: SavedChance): Generator;
}

/**
 * @param name the environment's
 * @param purpose keeps the chance of two things in one world apart
 */
export function episodeRandom(name: string, purpose = "episode"): EpisodeRandom {
  let [seed, episode] = [0, 0];
  const stream = (drawn: number): Generator =>
    generator(fold(randomKey(seed), purpose, Math.max(0, episode - 1)), drawn);
  let random = stream(0);
  return {
    begin(given) {
      if (given !== undefined) {
        if (!Number.isSafeInteger(given)) {
          throw problem("bad-value", { where: `${name}.reset seed`, given, wanted: "a whole number" });
        }
        [seed, episode] = [given, 0];
      }
      episode++;
      random = stream(0);
      return random;
    },
    now: () => random,
    save: () => ({ seed, episode, drawn: random.position() }),
    restore(saved) {
      ({ seed, episode } = saved);
      random = stream(saved.drawn);
      return random;
    },
  };
}
