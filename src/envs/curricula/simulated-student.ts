/**
 * A learner made of cells: seconds where a real one takes hours. The space of tasks is a grid; practice in a cell counts only
 * when a neighbour is mastered, so that order matters, as in the toy worlds of ALP-GMM (arXiv 1910.07224) and SAGG-RIAC.
 */
import { problem } from "../../problems.ts";
import { fold, generator, permutation, randomKey } from "../../tensor/random.ts";
import { checkDimensions, checkRange, type Task, type Teacher } from "./teacher.ts";

export interface StudentOptions {
  /** Default 2. */
  readonly dimensions?: number;
  /** Cells along each dimension. Default 10. */
  readonly cells?: number;
  /** Episodes in a cell that make it perfect. Default 20. */
  readonly practice?: number;
  /** Along each dimension, the share of cells from the high end on that nobody can learn. Default 0. */
  readonly unfeasible?: number;
  /** All is forgotten after every so many episodes. Default: never. */
  readonly forgetEvery?: number;
  /** The cells of each dimension in an order of their own, so that tasks alike need not be alike hard. Default false. */
  readonly rugged?: boolean;
  /** Of the order of the cells. Default 0. */
  readonly seed?: number;
}

export interface SimulatedStudent {
  readonly dimensions: number;
  /** In the middle of the one cell that needs nothing else. */
  readonly easiest: Task;
  /** Plays an episode and learns from it: the competence after it, in [0, 1]. */
  play(task: Task): number;
  /** Competence in each cell that can be learned, without learning. */
  test(): Float64Array;
  /** Share of the cells that can be learned in which competence is at least 0.75. */
  mastered(): number;
  save(): unknown;
  restore(saved: unknown): void;
}

/** From which competence on a task counts as mastered. */
const mastery = 0.75;

/** @throws Problem "bad-option" */
export function simulatedStudent(options: StudentOptions = {}): SimulatedStudent {
  const where = "simulatedStudent";
  const { dimensions = 2, cells = 10, practice = 20, unfeasible = 0, rugged = false, seed = 0 } = options;
  const { forgetEvery = Number.POSITIVE_INFINITY } = options;
  checkDimensions(where, dimensions);
  checkRange(where, "cells", cells, 1, 1000);
  checkRange(where, "practice", practice, 1, 1e9);
  checkRange(where, "unfeasible", unfeasible, 0, 1);
  checkRange(where, "forgetEvery", forgetEvery, 1, Number.POSITIVE_INFINITY);
  const total = cells ** dimensions;
  const feasible = Math.max(1, Math.round(cells * (1 - unfeasible)));
  /** Along each dimension: how hard the cell in each place is, 0 the easiest. */
  const hardness = Array.from({ length: dimensions }, (_, i) =>
    rugged ? permutation(cells, fold(randomKey(seed), "rugged", i)) : Int32Array.from({ length: cells }, (_, c) => c),
  );
  const coordinates = (cell: number): number[] =>
    Array.from({ length: dimensions }, (_, i) => Math.floor(cell / cells ** i) % cells);
  const canBeLearned = Uint8Array.from({ length: total }, (_, cell) =>
    coordinates(cell).every((c) => c < feasible) ? 1 : 0,
  );
  const neighbours = Array.from({ length: total }, (_, cell) => neighboursOf(coordinates(cell), cells));
  let practised = new Float64Array(total);
  let episodes = 0;
  const competence = (cell: number): number => Math.min(1, practised[cell] / practice);

  const cellOf = (task: Task): number => {
    if (task.length !== dimensions || !task.every((x) => x >= 0 && x <= 1)) {
      throw problem("bad-value", { where, given: `[${task}]`, wanted: `a task of ${dimensions} numbers from 0 to 1` });
    }
    return task.reduce((sum, x, i) => sum + hardness[i][Math.min(cells - 1, Math.floor(x * cells))] * cells ** i, 0);
  };
  const test = (): Float64Array =>
    Float64Array.from(
      canBeLearned.keys().filter((cell) => canBeLearned[cell] === 1),
      competence,
    );
  return {
    dimensions,
    easiest: hardness.map((order) => (order.indexOf(0) + 0.5) / cells),
    play(task) {
      const cell = cellOf(task);
      if (episodes > 0 && episodes % forgetEvery === 0) practised.fill(0);
      episodes++;
      const open = cell === 0 || neighbours[cell].some((other) => competence(other) >= mastery);
      if (open && canBeLearned[cell] === 1) practised[cell]++;
      return competence(cell);
    },
    test,
    mastered: () => {
      const tested = test();
      return tested.filter((c) => c >= mastery).length / tested.length;
    },
    save: () => ({ practised: [...practised], episodes }),
    restore(saved) {
      const from = saved as { practised: number[]; episodes: number };
      practised = Float64Array.from(from.practised);
      episodes = from.episodes;
    },
  };
}

/** Cells that differ by at most one in each coordinate, itself left out. */
function neighboursOf(place: readonly number[], cells: number): number[] {
  let near: { readonly at: number; readonly moved: boolean }[] = [{ at: 0, moved: false }];
  place.forEach((c, i) => {
    near = near.flatMap(({ at, moved }) =>
      [-1, 0, 1]
        .filter((by) => c + by >= 0 && c + by < cells)
        .map((by) => ({ at: at + (c + by) * cells ** i, moved: moved || by !== 0 })),
    );
  });
  return near.filter(({ moved }) => moved).map(({ at }) => at);
}

/** Lets a teacher teach a student for so many episodes; `each` sees the student after every one. */
export async function teach(
  student: SimulatedStudent,
  teacher: Pick<Teacher, "sampleTask" | "episodicUpdate" | "learn">,
  {
    episodes,
    seed,
    each,
  }: { readonly episodes: number; readonly seed: number; readonly each?: (episode: number) => void },
): Promise<void> {
  const random = generator(fold(randomKey(seed), "teach"));
  for (let episode = 0; episode < episodes; episode++) {
    const task = teacher.sampleTask(random);
    const score = student.play(task);
    teacher.episodicUpdate({ task, score, success: score >= mastery }, random);
    await teacher.learn?.();
    each?.(episode);
  }
}
