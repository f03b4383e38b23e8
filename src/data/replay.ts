/** Columns as training programs want them: float32 rows that can live beside a program, made once from a recording. */
import { problem } from "../problems.ts";
import { flattenBatch } from "../spaces/flatten.ts";
import type { Space } from "../spaces/space.ts";
import { asType, type NdArray, ndarray, sizeOf } from "../tensor/ndarray.ts";
import type { DecisionLog, Trajectories } from "./trajectories.ts";

const count = (where: string, name: string, given: number, least: number): void => {
  if (Number.isSafeInteger(given) && given >= least) return;
  throw problem("bad-option", { where, name, given, wanted: `a whole number of at least ${least}` });
};

/** Choices stay int32, [n] or for a MultiDiscrete [n, choices]; everything else is float32 [n, numbers]. */
export function actionsOf(space: Space, action: NdArray): NdArray {
  if (space.kind === "discrete") {
    if (space.start === 0) return action;
    return ndarray((action.data as Int32Array).map((a) => a - space.start));
  }
  return space.kind === "multi-discrete" ? action : flattenBatch(space, action);
}

export interface Transitions {
  readonly count: number;
  readonly columns: {
    /** [N, obs] float32, Discrete as one-hot */
    readonly observation: NdArray;
    /** [N, act] float32; int32 [N] counted from 0 for a Discrete space, int32 [N, choices] for a MultiDiscrete */
    readonly action: NdArray;
    /** [N] float32: the sum of the rewards of `span` steps, each discounted to the first */
    readonly reward: NdArray;
    /** [N, obs] what was seen after `span` steps */
    readonly nextObservation: NdArray;
    /** [N] float32: 0 where the episode truly ended within the span, 1 elsewhere; a time limit is not an end */
    readonly continues: NdArray;
    /** [N] float32: steps between the two observations, at least 1; the discount of the next value is raised to it */
    readonly span: NdArray;
  };
}

export interface TransitionsOptions {
  /** Steps a transition spans, fewer at the end of an episode. Default 1. */
  readonly nStep?: number;
  /** Weight of a reward one step later, in [0, 1]. Only used, and then needed, when nStep is above 1. */
  readonly discount?: number;
}

/**
 * One transition a step: row i starts at step i. The target of a value is reward + discount^span · continues · V(next).
 * @throws Problem "bad-option" for nStep below 1, or above 1 without a discount in [0, 1]
 */
export function transitions(t: Trajectories, options: TransitionsOptions = {}): Transitions {
  const { nStep = 1, discount = Number.NaN } = options;
  count("transitions", "nStep", nStep, 1);
  if (nStep > 1 && !(discount >= 0 && discount <= 1)) {
    const wanted = "a number in [0, 1], because rewards of several steps are summed";
    throw problem("bad-option", { where: "transitions", name: "discount", given: options.discount ?? null, wanted });
  }
  const observation = flattenBatch(t.observationSpace, t.observation);
  const final = flattenBatch(t.observationSpace, t.finalObservation).data as Float32Array;
  const seen = observation.data as Float32Array;
  const width = observation.shape[1];
  const n = t.reward.length;
  const next = new Float32Array(n * width);
  const reward = new Float32Array(n);
  const continues = new Float32Array(n);
  const span = new Float32Array(n);
  for (let e = 0; e + 1 < t.offsets.length; e++) {
    const end = t.offsets[e + 1];
    for (let row = t.offsets[e]; row < end; row++) {
      const after = Math.min(row + nStep, end);
      let sum = 0;
      for (let i = after - 1; i >= row; i--) sum = t.reward[i] + (i < after - 1 ? discount * sum : 0);
      reward[row] = sum;
      span[row] = after - row;
      continues[row] = 1 - t.terminated[after - 1];
      const from =
        after === end ? final.subarray(e * width, (e + 1) * width) : seen.subarray(after * width, (after + 1) * width);
      next.set(from, row * width);
    }
  }
  return {
    count: n,
    columns: {
      observation,
      action: actionsOf(t.actionSpace, t.action),
      reward: ndarray(reward),
      nextObservation: ndarray(next, { shape: [n, width] }),
      continues: ndarray(continues),
      span: ndarray(span),
    },
  };
}

export interface Demonstrations {
  readonly count: number;
  readonly columns: {
    /** [N, obs] float32 */
    readonly observation: NdArray;
    /** [N, act] float32; int32 [N] counted from 0 for a Discrete space, int32 [N, choices] for a MultiDiscrete */
    readonly action: NdArray;
  };
}

/** What was done where: all that cloning needs. */
export const demonstrations = (t: Trajectories): Demonstrations => ({
  count: t.reward.length,
  columns: {
    observation: flattenBatch(t.observationSpace, t.observation),
    action: actionsOf(t.actionSpace, t.action),
  },
});

/** Rows of step columns to gather, clamped to their episode, with a mask that is 0 where a row was repeated to fill. */
export interface RowMatrix {
  /** int32 [count, length] */
  readonly rows: NdArray;
  /** float32 [count, length] */
  readonly mask: NdArray;
}

/** One matrix row a centre: the steps centre + from … centre + from + length − 1 of its episode. */
function rowMatrix(t: Trajectories, centres: Int32Array, from: number, length: number): RowMatrix {
  const rows = new Int32Array(centres.length * length);
  const mask = new Float32Array(rows.length);
  let episode = 0;
  centres.forEach((centre, i) => {
    while (t.offsets[episode + 1] <= centre) episode++;
    const first = t.offsets[episode];
    const last = t.offsets[episode + 1] - 1;
    for (let j = 0; j < length; j++) {
      const row = centre + from + j;
      rows[i * length + j] = Math.min(last, Math.max(first, row));
      mask[i * length + j] = row >= first && row <= last ? 1 : 0;
    }
  });
  const shape = [centres.length, length];
  return { rows: ndarray(rows, { shape }), mask: ndarray(mask, { shape }) };
}

export interface Chunks {
  readonly count: number;
  /** [steps, horizon] the actions from this step on, the episode's last repeated */
  readonly action: RowMatrix;
  /** [steps, history] the observations up to this step, oldest first, the episode's first repeated */
  readonly observation: RowMatrix;
}

/**
 * For policies that plan several actions from several observations (Zhao et al. 2023, arXiv:2304.13705; Chi et al. 2023,
 * arXiv:2303.04137): which rows make each step's action chunk and observation window.
 * @throws Problem "bad-option" unless horizon and history are at least 1
 */
export function chunks(t: Trajectories, options: { readonly horizon: number; readonly history?: number }): Chunks {
  const { horizon, history = 1 } = options;
  count("chunks", "horizon", horizon, 1);
  count("chunks", "history", history, 1);
  const steps = Int32Array.from({ length: t.reward.length }, (_, i) => i);
  return {
    count: steps.length,
    action: rowMatrix(t, steps, 0, horizon),
    observation: rowMatrix(t, steps, 1 - history, history),
  };
}

/**
 * One stretch for each step of a recording: the `before` steps before it, itself, and as many after it as make the length.
 * @throws Problem "bad-option" unless 0 ≤ before < length
 */
export function around(
  t: Trajectories,
  { length, before }: { readonly length: number; readonly before: number },
): RowMatrix {
  count("around", "before", before, 0);
  count("around", "length", length, before + 1);
  return rowMatrix(
    t,
    Int32Array.from({ length: t.reward.length }, (_, i) => i),
    -before,
    length,
  );
}

/**
 * Windows of steps for sequence models: each starts `stride` steps after the one before it, within its episode, and every
 * step is in at least one when the stride is at most the length. A window at the end of an episode is filled up with its
 * last row, masked 0.
 * @throws Problem "bad-option" unless length and stride are at least 1
 */
export function windows(
  t: Trajectories,
  options: { readonly length: number; readonly stride?: number },
): RowMatrix & { readonly count: number } {
  const { length, stride = 1 } = options;
  count("windows", "length", length, 1);
  count("windows", "stride", stride, 1);
  const starts: number[] = [];
  for (let e = 0; e + 1 < t.offsets.length; e++) {
    for (let row = t.offsets[e]; row < t.offsets[e + 1]; row += stride) {
      starts.push(row);
      if (row + length >= t.offsets[e + 1]) break; // a later window would hold nothing new
    }
  }
  return { count: starts.length, ...rowMatrix(t, Int32Array.from(starts), 0, length) };
}

export interface DecisionRows {
  readonly count: number;
  readonly columns: {
    /** [N, features] float32 */
    readonly context: NdArray;
    /** int32 [N] */
    readonly action: NdArray;
    /** float32 [N] */
    readonly propensity: NdArray;
    /** float32 [N] */
    readonly reward: NdArray;
    /** float32 [N, actions], where it was recorded */
    readonly available?: NdArray;
    /** float32 [N, actions], where it was recorded */
    readonly loggingPolicy?: NdArray;
  };
}

/** A decision log's columns for training; tiny propensities keep their leading digits in float32. */
export const decisions = (log: DecisionLog): DecisionRows => ({
  count: log.reward.length,
  columns: {
    context: asType(log.context, "float32"),
    action: ndarray(log.action),
    propensity: asType(ndarray(log.propensity), "float32"),
    reward: asType(ndarray(log.reward), "float32"),
    ...(log.available ? { available: asType(log.available, "float32") } : {}),
    ...(log.loggingPolicy ? { loggingPolicy: asType(log.loggingPolicy, "float32") } : {}),
  },
});

export interface Moments {
  /** [columns] */
  readonly mean: Float64Array;
  /** [columns] the population's: divided by n */
  readonly std: Float64Array;
}

/**
 * Mean and standard deviation of each column of rows [n, …], in two passes, so that a large mean does not eat the digits.
 * Over no rows the mean is 0 and the deviation 0.
 */
export function moments(rows: NdArray): Moments {
  const n = rows.shape[0];
  const width = sizeOf(rows.shape.slice(1));
  const mean = new Float64Array(width);
  const std = new Float64Array(width);
  if (n === 0) return { mean, std };
  const each = (visit: (value: number, column: number) => void): void => {
    for (let i = 0, c = 0; i < rows.data.length; i++, c = c + 1 === width ? 0 : c + 1) visit(Number(rows.data[i]), c);
  };
  each((value, c) => {
    mean[c] += value / n;
  });
  each((value, c) => {
    std[c] += (value - mean[c]) ** 2 / n;
  });
  for (let c = 0; c < width; c++) std[c] = Math.sqrt(std[c]);
  return { mean, std };
}
