/**
 * Robust intelligent adaptive curiosity: the space is split where the progress on either side differs most, and tasks are
 * drawn in regions in proportion to their progress.
 *
 * Baranes, Oudeyer (2009). R-IAC: robust intrinsically motivated exploration and active learning; constants as
 * TeachMyAgent's (arXiv 2103.09815). Its split score multiplies two lengths that are always 2; here they are numbers of
 * episodes, as in the paper. A split that leaves too few episodes on a side is an attempt made.
 */
import type { Generator } from "../../tensor/random.ts";
import { checkDimensions, checkRange, evenTask, proportional, type Task, type Teacher } from "./teacher.ts";

export interface RiacOptions {
  /** Episodes a region holds before it is split. Default 150. */
  readonly regionSize?: number;
  /** Splits that are tried. Default 75. */
  readonly attempts?: number;
  /** Least width of a region, in parts of the space's. Default 1/6. */
  readonly leastWidth?: number;
}

interface Region {
  readonly low: number[];
  readonly high: number[];
  /** The latest: [...task, score]. */
  rows: number[][];
  split: boolean;
  progress: number;
}

/** |mean of the later half − mean of the earlier half|; 0 for fewer than three. */
export function halvesProgress(scores: readonly number[]): number {
  const n = scores.length;
  if (n < 3) return 0;
  const half = Math.floor(n / 2);
  const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;
  return Math.abs(mean(scores.slice(n - half)) - mean(scores.slice(0, n - half)));
}

/** @throws Problem "bad-option" */
export function riacTeacher(dimensions: number, options: RiacOptions = {}): Teacher {
  const { regionSize = 150, attempts = 75, leastWidth = 1 / 6 } = options;
  checkDimensions("riacTeacher", dimensions);
  checkRange("riacTeacher", "regionSize", regionSize, 4, 1e6);
  checkRange("riacTeacher", "leastWidth", leastWidth, 0, 1);
  checkRange("riacTeacher", "attempts", attempts, 1, 1e6);
  const fewest = regionSize / 20;
  const region = (low: number[], high: number[], rows: number[][]): Region => {
    return { low, high, rows, split: false, progress: progressOf(rows) };
  };
  const progressOf = (rows: readonly number[][]): number => halvesProgress(rows.map((row) => row[dimensions]));
  let regions: Region[] = [region(new Array(dimensions).fill(0), new Array(dimensions).fill(1), [])];

  const drawIn = ({ low, high }: Region, random: Generator): number[] => low.map((x, i) => random.between(x, high[i]));
  const chosen = (random: Generator): Region =>
    regions[
      proportional(
        regions.map((it) => it.progress),
        random,
      )
    ];
  /** Near the task that went worst in a region of progress. */
  const worst = (random: Generator): Task => {
    const { low, high, rows } = chosen(random);
    if (rows.length === 0) return evenTask(dimensions, random);
    const least = rows.reduce((a, b) => (b[dimensions] < a[dimensions] ? b : a));
    return low.map((x, i) => Math.max(x, Math.min(high[i], least[i] + 0.1 * random.normal())));
  };
  const splitUp = (it: Region, random: Generator): void => {
    let [best, halves] = [-1, undefined as Region[] | undefined];
    for (let attempt = 0; attempt < attempts; attempt++) {
      const axis = random.integer(dimensions);
      const at = random.between(it.low[axis], it.high[axis]);
      if (at - it.low[axis] < leastWidth || it.high[axis] - at < leastWidth) continue;
      const below = it.rows.filter((row) => row[axis] < at);
      const above = it.rows.filter((row) => row[axis] >= at);
      if (below.length < fewest || above.length < fewest) continue;
      const score = below.length * above.length * Math.abs(progressOf(below) - progressOf(above));
      if (score <= best) continue;
      best = score;
      halves = [region(it.low, it.high.with(axis, at), below), region(it.low.with(axis, at), it.high, above)];
    }
    it.split = halves !== undefined;
    if (halves === undefined) it.rows = it.rows.slice(Math.floor(regionSize / 4));
    else regions.push(...halves);
  };

  return {
    name: "riac",
    dimensions,
    sampleTask(random) {
      const mode = random.uniform();
      if (mode < 0.1) return worst(random);
      return mode < 0.3 ? evenTask(dimensions, random) : drawIn(chosen(random), random);
    },
    sampleTaskWithoutExploring: (random) => (regions[0].rows.length === 0 ? undefined : worst(random)),
    episodicUpdate({ task, score }, random) {
      let full: Region | undefined;
      for (const it of regions) {
        // A side's upper end belongs to its neighbour, except at the end of the space.
        if (!task.every((x, i) => x >= it.low[i] && (x < it.high[i] || it.high[i] === 1))) continue;
        it.rows.push([...task, score]);
        if (it.rows.length > regionSize) {
          if (it.split) it.rows.shift();
          else full = it;
        }
        it.progress = progressOf(it.rows);
      }
      if (full !== undefined) splitUp(full, random);
    },
    save: () => structuredClone(regions),
    restore(saved) {
      regions = structuredClone(saved as Region[]);
    },
  };
}
