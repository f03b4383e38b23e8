/** From a recording on disk to what a step sees: as experience.ts does it in memory, and to the same bytes, a shard at a time. */
import type { Moments } from "../data/replay.ts";
import type { ShardedTrajectories } from "../data/shards.ts";
import { problem } from "../problems.ts";
import { flatDim, flattenBatch } from "../spaces/flatten.ts";
import type { Box } from "../spaces/index.ts";
import type { NdArray, RandomKey } from "../tensor/index.ts";
import type { AnyAlgorithm } from "./define.ts";
import { actionSizes, applyInPlace, type Experience, type Range, range, scaleOf, standardised } from "./experience.ts";
import type { TrainingData } from "./training.ts";

export interface ShardedExperience extends Omit<Experience, "columns"> {
  readonly data: TrainingData;
}

/** Rows that policies are tested on. */
const exampleRows = 8;

/**
 * Centring and scaling take two passes over the observations before the first update, bounds that a space does not state
 * one over the actions.
 * @throws Problem "wrong-recording" for a method that does not learn from transitions, "wrong-actions"
 */
export async function shardedExperience(
  algorithm: AnyAlgorithm,
  options: { readonly [name: string]: unknown },
  recording: ShardedTrajectories,
  sampling: { readonly key: RandomKey; readonly batchSize: number; readonly shardRows?: number },
): Promise<ShardedExperience> {
  const { observationSpace, actionSpace, count } = recording;
  if (algorithm.learnsFrom !== "transitions") {
    const wanted = `${algorithm.learnsFrom}, held in memory`;
    throw problem("wrong-recording", { method: algorithm.name, wanted, got: "transitions in shards" });
  }
  const action = actionSizes(algorithm, actionSpace);
  const normaliser = algorithm.normalise?.(options) ? standardised(await momentsOf(recording)) : undefined;
  const actionScale = action.kind === "continuous" ? scaleOf(actionSpace as Box, await rangeOf(recording)) : undefined;
  let examples: NdArray | undefined;
  await recording.each("observation", (rows) => (examples = rows), exampleRows);
  const shards = recording.transitions({
    ...sampling,
    mode: "uniform",
    prepare({ observation, nextObservation, action }) {
      if (normaliser)
        for (const { data } of [observation, nextObservation]) applyInPlace(data as Float32Array, normaliser);
      if (actionScale) applyInPlace(action.data as Float32Array, actionScale);
    },
  });
  return {
    data: {
      columns: async (update) => {
        const { columns, until } = await shards.columns(update);
        return { columns: { ...columns }, until };
      },
      sampler: { indices: shards.rows },
      batchSize: sampling.batchSize,
    },
    count,
    sizes: { observation: flatDim(observationSpace), action },
    observationSpace,
    actionSpace,
    ...(normaliser ? { normaliser } : {}),
    ...(actionScale ? { actionScale } : {}),
    examples: examples as NdArray,
  };
}

/** As `moments`, in its order: mean first, then the squares about it. */
async function momentsOf({ each, observationSpace, count }: ShardedTrajectories): Promise<Moments> {
  const width = flatDim(observationSpace);
  const [mean, std] = [new Float64Array(width), new Float64Array(width)];
  const numbers = (visit: (value: number, column: number) => void): Promise<void> =>
    each("observation", (rows) => {
      const { data } = flattenBatch(observationSpace, rows);
      for (let i = 0, c = 0; i < data.length; i++, c = c + 1 === width ? 0 : c + 1) visit(Number(data[i]), c);
    });
  await numbers((value, c) => {
    mean[c] += value / count;
  });
  await numbers((value, c) => {
    std[c] += (value - mean[c]) ** 2 / count;
  });
  return { mean, std: std.map(Math.sqrt) };
}

/** Read only where the space leaves a bound open. */
async function rangeOf({ each, actionSpace }: ShardedTrajectories): Promise<Range> {
  const { low, high } = actionSpace as Box;
  if ([...low, ...high].every(Number.isFinite)) return { least: low, most: high };
  let seen: Range | undefined;
  await each("action", (rows) => {
    seen = range(flattenBatch(actionSpace, rows), seen);
  });
  return seen as Range;
}
