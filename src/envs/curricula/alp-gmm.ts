/**
 * Absolute learning progress with Gaussian mixtures: tasks are drawn where returns change, for the better or the worse.
 *
 *   ALP(task) = |score − score of the nearest earlier task|
 *
 * Portelas, Colas, Hofmann, Oudeyer (2019). Teacher algorithms for curriculum learning of Deep RL in continuously
 * parameterized environments. arXiv:1910.07224; constants as TeachMyAgent's.
 */
import { type MixtureTeacherOptions, mixtureTeacher } from "./mixture-teacher.ts";
import { nearestMemory } from "./nearest.ts";
import type { Teacher } from "./teacher.ts";

/** Episodes before progress is measured. */
const enough = 5;

/** @throws Problem "bad-option" */
export function alpGmmTeacher(dimensions: number, options: MixtureTeacherOptions = {}): Teacher {
  let earlier = nearestMemory(dimensions);
  return mixtureTeacher(
    dimensions,
    {
      name: "alp-gmm",
      beside(task, score) {
        const progress = earlier.size > enough ? Math.abs(score - earlier.nearest(task)!.value) : 0;
        earlier.add(task, score);
        return [progress];
      },
      interest: ({ means }, part) => means[part][dimensions],
      save: () => earlier.rows(),
      restore(saved) {
        earlier = nearestMemory(dimensions, saved as number[][]);
      },
    },
    options,
  );
}
