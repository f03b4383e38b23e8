/** What a method that imitates while it plays is shown: steps of demonstrations, of which only what was seen is told. */
import { transitions } from "../../data/replay.ts";
import { sampler } from "../../data/samplers.ts";
import type { Trajectories } from "../../data/trajectories.ts";
import { problem } from "../../problems.ts";
import { describe, type Space, sameSpace } from "../../spaces/index.ts";
import { fold, type RandomKey, takeRows } from "../../tensor/index.ts";
import type { AnyAlgorithm } from "../define.ts";
import type { Shown } from "./rollouts.ts";

interface Given {
  readonly demonstrations?: Trajectories;
  readonly demonstrationWeights?: ArrayLike<number>;
}

/**
 * @throws Problem "no-demonstrations" when a method that imitates is given none, or another is given some; "bad-value" when
 * they were seen in another space; "bad-option" for weights that are not one a step
 */
export function shownFor(
  algorithm: AnyAlgorithm,
  observationSpace: Space,
  { demonstrations, demonstrationWeights: weights }: Given,
  key: RandomKey,
): Shown | undefined {
  const imitates = algorithm.learnsFrom === "imitations";
  if (imitates === (demonstrations === undefined))
    throw problem("no-demonstrations", { method: algorithm.name, given: !imitates });
  if (demonstrations === undefined) return undefined;
  if (!sameSpace(demonstrations.observationSpace, observationSpace)) {
    throw problem("bad-value", {
      where: `${algorithm.name}, demonstrations`,
      given: describe(demonstrations.observationSpace),
      wanted: `observations of the world they are imitated in, ${describe(observationSpace)}`,
    });
  }
  const { columns, count } = transitions(demonstrations);
  const { observation, nextObservation } = columns;
  return (rollout, rows) => {
    const drawn = sampler({ count, batchSize: rows, key: fold(key, "shown"), ...(weights ? { weights } : {}) });
    const chosen = drawn.indices(rollout);
    return {
      "shown/observation": takeRows(observation, chosen),
      "shown/nextObservation": takeRows(nextObservation, chosen),
    };
  };
}
