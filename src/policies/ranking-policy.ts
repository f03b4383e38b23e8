/** Rankers for the recommender world, random in a known way: what makes logs with propensities. */
import { itemFeatures, rankFeatures, userFeatures } from "../envs/recommender/recommender.ts";
import { problem } from "../problems.ts";
import type { Space } from "../spaces/space.ts";
import type { Generator } from "../tensor/random.ts";
import type { Policy } from "./policy.ts";
import { type Choice, scripted } from "./scripted.ts";

export interface RankingOptions {
  /** Of acceptance so far, length, quality, popularity and novelty; for `act: "weights"` in [−1, 1]. */
  readonly weights: readonly [number, number, number, number, number];
  /**
   * "item", "slate": scores are divided by it and drawn by (softmax; the slate without replacement); "weights": each
   * weight is uniform within this of its own, kept in [−1, 1]. 0: always the best, or the weights themselves. Default 0.5.
   */
  readonly temperature?: number;
}

/**
 * A policy for `Recommender-v0`, whichever way that acts. `probability` is exact: a chance for items and slates, a
 * density for weights (none at temperature 0).
 * @throws Problem "bad-option", "bad-value" for another world
 */
export function rankingPolicy(
  world: { readonly observationSpace: Space; readonly actionSpace: Space },
  { weights, temperature = 0.5 }: RankingOptions,
): Policy {
  const { observationSpace, actionSpace } = world;
  const refuse = (name: string, given: unknown, wanted: string) =>
    problem("bad-option", { where: "rankingPolicy", name, given, wanted });
  if (!(temperature >= 0)) throw refuse("temperature", temperature, "a number of at least 0");
  const bounded = actionSpace.kind === "box";
  if (weights.length !== rankFeatures || !weights.every((w) => Number.isFinite(w) && (!bounded || Math.abs(w) <= 1))) {
    throw refuse("weights", weights, `${rankFeatures} numbers${bounded ? " in [−1, 1]" : ""}`);
  }
  const width = observationSpace.kind === "box" ? observationSpace.shape[0] : 0;
  const candidates = (width - userFeatures) / itemFeatures;
  if (!Number.isInteger(candidates) || candidates < 1) {
    throw problem("bad-value", { where: "rankingPolicy", given: actionSpace.kind, wanted: "Recommender-v0" });
  }
  const name = `ranking-${weights.join("/")}-temperature-${temperature}`;
  const spaces = { name, observationSpace, actionSpace };
  if (bounded) {
    return scripted({ ...spaces, decide: (_, random) => jitter(weights, temperature, random) });
  }
  const places = actionSpace.kind === "multi-discrete" ? actionSpace.sizes.length : 1;
  if (places > candidates) throw refuse("world", places, `slates of at most ${candidates} items, as many as there are`);
  return scripted({
    ...spaces,
    decide(observation, random) {
      const seen = observation as Float32Array;
      const scores = Float64Array.from({ length: candidates }, (_, item) =>
        weights.reduce((sum, weight, i) => sum + weight * seen[userFeatures + item * itemFeatures + i], 0),
      );
      const chosen: number[] = [];
      let probability = 1;
      for (let place = 0; place < places; place++) {
        const chances =
          temperature === 0 || random === undefined ? onlyBest(scores, chosen) : softmax(scores, chosen, temperature);
        const item = random === undefined ? chances.indexOf(1) : random.choice(chances);
        chosen.push(item);
        probability *= chances[item];
      }
      const action = actionSpace.kind === "multi-discrete" ? Int32Array.from(chosen) : chosen[0];
      return random === undefined ? { action } : { action, probability };
    },
  });
}

function softmax(scores: Float64Array, taken: readonly number[], temperature: number): Float64Array {
  const most = scores.reduce(
    (max, score, i) => (taken.includes(i) ? max : Math.max(max, score)),
    Number.NEGATIVE_INFINITY,
  );
  const weights = scores.map((score, i) => (taken.includes(i) ? 0 : Math.exp((score - most) / temperature)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function onlyBest(scores: Float64Array, taken: readonly number[]): Float64Array {
  let best = -1;
  for (const [i, score] of scores.entries()) if (!taken.includes(i) && (best < 0 || score > scores[best])) best = i;
  return Float64Array.from(scores, (_, i) => Number(i === best));
}

function jitter(weights: readonly number[], width: number, random: Generator | undefined): Choice {
  if (random === undefined || width === 0) return { action: Float32Array.from(weights) };
  let probability = 1;
  const action = Float32Array.from(weights, (weight) => {
    const [low, high] = [Math.max(-1, weight - width), Math.min(1, weight + width)];
    probability /= high - low;
    return random.between(low, high);
  });
  return { action, probability };
}
