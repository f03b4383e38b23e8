/**
 * Covar-GMM: mixtures over task, time and score; tasks are drawn where score and time rise together.
 *
 * Moulin-Frier, Nguyen, Oudeyer (2014). Self-organization of early vocal development in infants and machines; as in
 * TeachMyAgent (arXiv 2103.09815).
 */
import { covariance } from "./gaussian-mixture.ts";
import { type MixtureTeacherOptions, mixtureTeacher } from "./mixture-teacher.ts";
import type { Teacher } from "./teacher.ts";

/** @throws Problem "bad-option" */
export function covarGmmTeacher(dimensions: number, options: MixtureTeacherOptions = {}): Teacher {
  return mixtureTeacher(
    dimensions,
    {
      name: "covar-gmm",
      beside: (_task, score, place) => [place, score],
      interest: (mixture, part) => covariance(mixture, part, dimensions, dimensions + 1),
    },
    options,
  );
}
