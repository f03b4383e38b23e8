/** Recordings for the tests of measures. */
import fc from "fast-check";
import { box, discrete } from "../../spaces/make.ts";
import { generator, randomKey } from "../../tensor/random.ts";
import { type Episode, fromEpisodes } from "../episodes.ts";
import type { Trajectories } from "../trajectories.ts";

/** Episodes of a point that moves: [x, y], a push of two numbers, its reward. Numbers are drawn, so none come twice. */
export function pushes(seed: number, lengths: readonly number[], tags: Episode["tags"] = {}): Trajectories {
  const random = generator(randomKey(seed));
  const episodes = lengths.map((length) => ({
    observations: Array.from({ length: length + 1 }, () => [random.normal(), 3 * random.normal()]),
    actions: Array.from({ length }, () => [random.between(-1, 1), random.between(-1, 1)]),
    rewards: Array.from({ length }, () => random.normal()),
    terminated: random.integer(2) === 0,
    tags,
  }));
  return fromEpisodes(episodes, {
    observationSpace: box(-Infinity, Infinity, { shape: [2] }),
    actionSpace: box(-1, 1, { shape: [2] }),
  });
}

/** Episodes of choices: each step is [state, action], each episode has a return. */
export const choices = (
  episodes: readonly { readonly steps: readonly (readonly [number, number])[]; readonly return?: number }[],
  tags: readonly Episode["tags"][] = [],
): Trajectories =>
  fromEpisodes(
    episodes.map(({ steps, return: sum = 0 }, e) => ({
      observations: [...steps.map(([state]) => state), 0],
      actions: steps.map(([, action]) => action),
      rewards: steps.map((_, i) => (i === 0 ? sum : 0)),
      terminated: true,
      tags: tags[e] ?? {},
    })),
    { observationSpace: discrete(50), actionSpace: discrete(4) },
  );

export const anyPushes = fc
  .tuple(fc.integer({ min: 0, max: 1e6 }), fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 6 }))
  .map(([seed, lengths]) => pushes(seed, lengths));

export const close = (a: number, b: number, within = 1e-9): boolean =>
  Math.abs(a - b) <= within * Math.max(1, Math.abs(b));
