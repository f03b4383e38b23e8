/** Ten tasks of one hand (MiniMeta), eight to be pretrained on and two held out: P163's second part. */
import { bcMixture, type TrainOptions, train } from "repertoire/algorithms";
import type { Trajectories } from "repertoire/data";
import {
  type Environment,
  make,
  miniMetaTaskNames,
  pushingDemonstrator,
  timeLimit,
  transformObservation,
} from "repertoire/envs";
import { collect, demonstratorPolicy, type Policy } from "repertoire/policies";
import { box } from "repertoire/spaces";
import { ndarray } from "repertoire/tensor";

export const heldOut = ["window", "pick-place"] as const;
/** In the order in which they are added: the first two, four and eight are pretrained on. */
export const known = ["door", "peg-insert", "push", "drawer-close", "pull", "drawer-open", "reach", "button"] as const;
export type Task = (typeof heldOut)[number] | (typeof known)[number];

const width = 14;
const seenSpace = box(-Infinity, Infinity, { shape: [width + miniMetaTaskNames.length] });
/** Another table and another hand: slower to respond, rougher, and one must come nearer to take a thing. */
export const shift = { response: 0.4, friction: 0.6, graspTolerance: 0.025 };

/** What is seen, and which task it is. */
export function world(task: Task, changes: { readonly [name: string]: number } = {}): Environment {
  const env = make(`MiniMeta-${task}-v0`);
  env.perturb?.(changes);
  const number = width + miniMetaTaskNames.indexOf(task);
  return transformObservation(timeLimit(env, 40), seenSpace, (seen) => {
    const both = new Float32Array(seenSpace.shape[0]);
    both.set(seen as Float32Array);
    both[number] = 1;
    return both;
  });
}

/** The skilled hand, which does not look at the task's number. */
function skilled(task: Task): Policy {
  const hand = demonstratorPolicy(pushingDemonstrator(`MiniMeta-${task}-v0`, { noise: 0.1 }));
  return {
    ...hand,
    observationSpace: seenSpace,
    act: (seen, options) => hand.act((seen as Float32Array).slice(0, width), options),
    actBatch: (seen, options) => {
      const [rows, all] = seen.shape;
      const own = Float32Array.from({ length: rows * width }, (_, i) =>
        Number(seen.data[Math.floor(i / width) * all + (i % width)]),
      );
      return hand.actBatch(ndarray(own, { shape: [rows, width] }), options);
    },
  };
}

export const demonstrations = (task: Task, episodes: number, seed: number): Promise<Trajectories> =>
  collect(skilled(task), () => world(task), { episodes, seed: 1000 * (seed + 1) + miniMetaTaskNames.indexOf(task) });

export const learn = (recording: Trajectories, steps: number, seed: number, more: TrainOptions = {}) =>
  train(bcMixture, recording, {
    seed,
    // The tasks' recordings have moments of their own, by which one network cannot be scaled.
    options: { hidden: [64, 64], parts: 3, learningRate: 2e-3, batchSize: 128, normaliseObservations: false, steps },
    ...more,
  });
