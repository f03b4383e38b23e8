/** Teachers that fit a mixture of Gaussians to the latest episodes and draw from the parts where something is learned. */
import type { Generator } from "../../tensor/random.ts";
import { drawFrom, type GaussianMixture, mixtureByAic } from "./gaussian-mixture.ts";
import {
  checkDimensions,
  checkRange,
  clipTask,
  evenTask,
  proportional,
  type Task,
  type TaskGaussian,
  type Teacher,
} from "./teacher.ts";

export interface MixtureTeacherOptions {
  /** Episodes between fits, and in each. Default 150. */
  readonly fitEvery?: number;
  /** Numbers of parts that are tried. Default 2 to 9. */
  readonly parts?: readonly number[];
  /** Share of tasks that are drawn evenly. Default 0.05. */
  readonly explore?: number;
  /** Where tasks are drawn before the first fit, a Gaussian: what an expert knows. Default: everywhere. */
  readonly initial?: TaskGaussian;
}

interface State {
  /** Since the last fit. */
  rows: number[][];
  mixture: GaussianMixture | null;
}

/** What is peculiar to one of them. */
export interface MixtureKind {
  readonly name: string;
  /** What is put beside the task in the rows that are fitted; `place` counts episodes since the last fit. */
  beside(task: Task, score: number, place: number): readonly number[];
  /** What is learned in a part; tasks are drawn in proportion. */
  interest(mixture: GaussianMixture, part: number): number;
  save?(): unknown;
  restore?(saved: unknown): void;
}

/** @throws Problem "bad-option" */
export function mixtureTeacher(dimensions: number, kind: MixtureKind, options: MixtureTeacherOptions): Teacher {
  const where = `${kind.name} teacher`;
  const { fitEvery = 150, parts = [2, 3, 4, 5, 6, 7, 8, 9], explore = 0.05, initial } = options;
  checkDimensions(where, dimensions);
  checkRange(where, "explore", explore, 0, 1);
  checkRange(where, "parts", Math.min(...parts), 1, fitEvery);
  checkRange(where, "fitEvery", fitEvery, Math.max(...parts), 1e6);
  let state: State = { rows: [], mixture: null };

  const interesting = (mixture: GaussianMixture, random: Generator): Task => {
    const part = proportional(
      mixture.weights.map((_, k) => Math.max(0, kind.interest(mixture, k))),
      random,
    );
    return clipTask(drawFrom(mixture, part, random).slice(0, dimensions));
  };
  return {
    name: kind.name,
    dimensions,
    sampleTask(random) {
      const { mixture } = state;
      if (mixture === null) {
        return initial === undefined
          ? evenTask(dimensions, random)
          : clipTask(initial.task.map((x) => x + initial.spread * random.normal()));
      }
      return random.uniform() < explore ? evenTask(dimensions, random) : interesting(mixture, random);
    },
    sampleTaskWithoutExploring: (random) => (state.mixture === null ? undefined : interesting(state.mixture, random)),
    episodicUpdate({ task, score }, random) {
      const { rows } = state;
      rows.push([...task, ...kind.beside(task, score, rows.length / fitEvery)]);
      if (rows.length === fitEvery) state = { rows: [], mixture: mixtureByAic(rows, parts, random) };
    },
    save: () => ({ ...structuredClone(state), kind: kind.save?.() ?? null }),
    restore(saved) {
      const { kind: own, ...rest } = structuredClone(saved) as State & { kind: unknown };
      state = rest;
      kind.restore?.(own);
    },
  };
}
