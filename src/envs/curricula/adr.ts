/**
 * Automatic domain randomisation: a box of tasks that grows where its edges are mastered and shrinks where they fail.
 *
 * Akkaya and others (2019). Solving Rubik's Cube with a Robot Hand. arXiv:1910.07113; constants as TeachMyAgent's.
 */
import type { Generator } from "../../tensor/random.ts";
import { checkDimensions, checkRange, checkTask, evenTask, type Task, type Teacher } from "./teacher.ts";

export interface AdrOptions {
  /** The easy task from which the box grows: what an expert knows. Default: any task, drawn at the first episode. */
  readonly initial?: Task;
  /** How far an edge moves. Default 0.1. */
  readonly stepSize?: number;
  /** Mean score at an edge from which on it moves out. Default 0.66 (180 in returns from −150 to 350). */
  readonly growAt?: number;
  /** Mean score at an edge up to which it moves in. Default 0.3 (a return of 0). */
  readonly shrinkAt?: number;
  /** Chance that a task lies on an edge. Default 0.7. */
  readonly edgeChance?: number;
  /** Scores at an edge before it moves. Default 10. */
  readonly window?: number;
}

interface State {
  low: number[];
  high: number[];
  /** Scores at each edge since it last moved or was judged. */
  atLow: number[][];
  atHigh: number[][];
}

/** @throws Problem "bad-option" */
export function adrTeacher(dimensions: number, options: AdrOptions = {}): Teacher {
  const where = "adrTeacher";
  const { initial, stepSize = 0.1, growAt = 0.66, shrinkAt = 0.3, edgeChance = 0.7, window = 10 } = options;
  checkDimensions(where, dimensions);
  if (initial !== undefined) checkTask(where, "initial", initial, dimensions);
  checkRange(where, "stepSize", stepSize, 0, 1);
  checkRange(where, "edgeChance", edgeChance, 0, 1);
  checkRange(where, "shrinkAt", shrinkAt, 0, growAt);
  checkRange(where, "window", window, 1, 1e6);
  const none = (): number[][] => Array.from({ length: dimensions }, () => []);
  const boxAt = (task: Task): State => ({ low: [...task], high: [...task], atLow: none(), atHigh: none() });
  let state = initial && boxAt(initial);

  const inside = (box: State, random: Generator): number[] => box.low.map((low, i) => random.between(low, box.high[i]));
  const begun = (random: Generator): State => {
    state ??= boxAt(evenTask(dimensions, random));
    return state;
  };
  /** 1: the edge may move out, −1: in, 0: stays; empties what is judged. */
  const judged = (scores: number[], score: number): number => {
    scores.push(score);
    if (scores.length < window) return 0;
    const mean = scores.reduce((sum, x) => sum + x, 0) / scores.length;
    scores.length = 0;
    return mean >= growAt ? 1 : mean <= shrinkAt ? -1 : 0;
  };

  return {
    name: "adr",
    dimensions,
    sampleTask(random) {
      const box = begun(random);
      const task = inside(box, random);
      if (random.uniform() >= edgeChance) return task;
      const i = random.integer(dimensions);
      // A box as wide as the space has no edge that could move out.
      const whole = box.low[i] === 0 && box.high[i] === 1;
      if (!whole) task[i] = random.uniform() < 0.5 ? box.low[i] : box.high[i];
      return task;
    },
    sampleTaskWithoutExploring: (random) => inside(begun(random), random),
    episodicUpdate({ task, score }, random) {
      const { low, high, atLow, atHigh } = begun(random);
      for (let i = 0; i < dimensions; i++) {
        const [onLow, onHigh] = [task[i] === low[i], task[i] === high[i]];
        if (onLow) low[i] = Math.max(0, Math.min(high[i], low[i] - stepSize * judged(atLow[i], score)));
        if (onHigh) high[i] = Math.min(1, Math.max(low[i], high[i] + stepSize * judged(atHigh[i], score)));
      }
    },
    save: () => structuredClone(state ?? null),
    restore(saved) {
      state = structuredClone(saved as State | null) ?? undefined;
    },
  };
}
