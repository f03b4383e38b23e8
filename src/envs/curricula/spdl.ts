/**
 * Self-paced learning: a Gaussian of tasks that moves to a target distribution as fast as the learner keeps up.
 *
 *   maximise  E[score] under the new Gaussian − α KL(new ‖ target)   subject to   KL(old ‖ new) ≤ ε
 *   α = ζ · mean score / KL(old ‖ target)
 *
 * Klink, D'Eramo, Peters, Pajarinen (2020). Self-Paced Deep Reinforcement Learning. arXiv:2004.11812; constants as
 * TeachMyAgent's (arXiv 2103.09815). Departures: a task's value is the score of its episode, less the mean of all, where the
 * paper asks the learner's value function; each dimension has a spread of its own, without correlations, so that the natural
 * gradient is written down instead of found by conjugate gradients; an update follows so many episodes, not steps.
 */
import type { Generator } from "../../tensor/random.ts";
import {
  checkDimensions,
  checkRange,
  checkTask,
  clipTask,
  evenTask,
  type Task,
  type TaskGaussian,
  type Teacher,
} from "./teacher.ts";

export interface SpdlOptions {
  /** Where tasks are drawn first: what an expert knows. Default: about any task, drawn at the first episode, with a spread of 0.1. */
  readonly initial?: TaskGaussian;
  /** Where they are to be drawn in the end. Default: about the middle, with a spread of 0.25. */
  readonly target?: TaskGaussian;
  /** Episodes between updates, and in each. Default 150. */
  readonly updateEvery?: number;
  /** ζ: how much nearness to the target counts beside the score. Default 0.05. */
  readonly pull?: number;
  /** Updates before nearness counts at all. Default 0. */
  readonly offset?: number;
  /** ε: the bound on KL(old ‖ new), nats. Default 0.8. */
  readonly maxDivergence?: number;
  /** Spreads stay at least this, or the target's where that is less. Default 0.02. */
  readonly leastSpread?: number;
}

/** One mean and one standard deviation a dimension. */
export interface Independent {
  readonly mean: readonly number[];
  readonly spread: readonly number[];
}

interface State {
  now: Independent | null;
  /** Since the last update: [...task, score]. */
  rows: number[][];
  updates: number;
}

/** Most that nearness may count. */
const mostPull = 1e5;
const halvings = 10;

/** @throws Problem "bad-option" */
export function spdlTeacher(dimensions: number, options: SpdlOptions = {}): Teacher {
  const where = "spdlTeacher";
  const { initial, target: given = { task: new Array(dimensions).fill(0.5), spread: 0.25 } } = options;
  const { updateEvery = 150, pull = 0.05, offset = 0, maxDivergence = 0.8, leastSpread = 0.02 } = options;
  checkDimensions(where, dimensions);
  for (const [name, it] of Object.entries({ initial, target: given })) {
    if (it === undefined) continue;
    checkTask(where, name, it.task, dimensions);
    checkRange(where, `${name}.spread`, it.spread, 1e-6, 10);
  }
  checkRange(where, "updateEvery", updateEvery, 2, 1e6);
  checkRange(where, "pull", pull, 0, 1e6);
  checkRange(where, "offset", offset, 0, 1e9);
  checkRange(where, "maxDivergence", maxDivergence, 1e-9, 1e3);
  checkRange(where, "leastSpread", leastSpread, 1e-6, 1);
  const about = ({ task, spread }: TaskGaussian): Independent => ({ mean: task, spread: task.map(() => spread) });
  const target = about(given);
  const least = Math.min(leastSpread, given.spread);
  let state: State = { now: initial ? about(initial) : null, rows: [], updates: 0 };

  const begun = (random: Generator): Independent => {
    state.now ??= about({ task: evenTask(dimensions, random), spread: 0.1 });
    return state.now;
  };
  const draw = (random: Generator): Task => {
    const { mean, spread } = begun(random);
    return clipTask(mean.map((m, i) => m + spread[i] * random.normal()));
  };
  return {
    name: "spdl",
    dimensions,
    sampleTask: draw,
    sampleTaskWithoutExploring: draw,
    episodicUpdate({ task, score }, random) {
      const now = begun(random);
      state.rows.push([...task, score]);
      if (state.rows.length < updateEvery) return;
      const mean = state.rows.reduce((sum, row) => sum + row[dimensions], 0) / state.rows.length;
      const from = klBetween(now, target);
      const alpha = state.updates < offset ? 0 : Math.min(mostPull, (pull * mean) / Math.max(from, 1e-10));
      const { mean: centre, spread } = selfPacedStep(now, target, state.rows, { alpha, maxDivergence });
      const held = { mean: centre, spread: spread.map((s) => Math.max(least, s)) };
      state = { now: held, rows: [], updates: state.updates + 1 };
    },
    save: () => structuredClone(state),
    restore(saved) {
      state = structuredClone(saved as State);
    },
  };
}

/** KL(p ‖ q), nats. */
export const klBetween = (p: Independent, q: Independent): number =>
  p.mean.reduce((sum, m, i) => {
    const ratio = (p.spread[i] / q.spread[i]) ** 2;
    return sum + (ratio + ((m - q.mean[i]) / q.spread[i]) ** 2 - 1 - Math.log(ratio)) / 2;
  }, 0);

/**
 * The longest step along the natural gradient that stays within the bound and improves what is maximised, of the bound's
 * length halved at most ten times; where none does, the old Gaussian.
 * @param rows episodes [...task, score], drawn under `now`
 */
export function selfPacedStep(
  now: Independent,
  target: Independent,
  rows: readonly (readonly number[])[],
  { alpha, maxDivergence }: { readonly alpha: number; readonly maxDivergence: number },
): Independent {
  const n = rows.length;
  const d = now.mean.length;
  const baseline = rows.reduce((sum, row) => sum + row[d], 0) / n;
  const gain = (next: Independent): number => {
    const scores = rows.reduce((sum, row) => sum + densityRatio(next, now, row) * (row[d] - baseline), 0);
    return scores / n - alpha * klBetween(next, target);
  };
  // Natural gradients: of the mean σ² times the plain one, of log σ half of it.
  const towards = now.mean.map((m, i) => {
    const s = now.spread[i];
    const t = target.spread[i];
    let [mean, logSpread] = [-alpha * s * s * ((m - target.mean[i]) / t ** 2), -alpha * ((s / t) ** 2 - 1)];
    for (const row of rows) {
      const z = (row[i] - m) / s;
      mean += ((row[d] - baseline) * s * z) / n;
      logSpread += ((row[d] - baseline) * (z * z - 1)) / n;
    }
    return { mean, logSpread: logSpread / 2 };
  });
  // Near the old Gaussian KL is half of this, times the step's square.
  const length = towards.reduce(
    (sum, { mean, logSpread }, i) => sum + (mean / now.spread[i]) ** 2 + 2 * logSpread ** 2,
    0,
  );
  if (length === 0) return now;
  const before = gain(now);
  let step = Math.sqrt((2 * maxDivergence) / length);
  for (let k = 0; k <= halvings; k++, step /= 2) {
    const next = {
      mean: now.mean.map((m, i) => m + step * towards[i].mean),
      spread: now.spread.map((s, i) => s * Math.exp(step * towards[i].logSpread)),
    };
    if (klBetween(now, next) <= maxDivergence && gain(next) > before) return next;
  }
  return now;
}

/** p(task) / q(task). */
function densityRatio(p: Independent, q: Independent, task: readonly number[]): number {
  let log = 0;
  for (let i = 0; i < p.mean.length; i++) {
    const [zp, zq] = [(task[i] - p.mean[i]) / p.spread[i], (task[i] - q.mean[i]) / q.spread[i]];
    log += (zq * zq - zp * zp) / 2 - Math.log(p.spread[i] / q.spread[i]);
  }
  return Math.exp(log);
}
