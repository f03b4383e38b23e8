/**
 * What behaviour is like near each state, from its nearest neighbours: the measures of Belkhale, Cui and Sadigh, "Data
 * Quality in Imitation Learning", arXiv:2306.02437. The paper leaves the neighbourhood open (k-means or k-NN); here it is
 * k-NN over standardised states, exact.
 */
import { problem } from "../../problems.ts";
import type { NdArray } from "../../tensor/ndarray.ts";
import { neighbours } from "../neighbours.ts";
import { moments } from "../replay.ts";
import type { Trajectories } from "../trajectories.ts";
import { actionRows, beside, evenly, nextStateRows, standardised, stateRows } from "./rows.ts";

/** A measure of each row asked about, and its mean. */
export interface LocalMeasure {
  readonly value: number;
  /** The rows asked about, ascending. */
  readonly rows: Int32Array;
  /** [rows asked about] */
  readonly values: Float64Array;
}

export interface LocalOptions {
  /** Points of a neighbourhood, the row itself among them. Default 10. */
  readonly neighbours?: number;
  /** The recording whose spread is one unit of each number. Default: the recording itself. */
  readonly scale?: Trajectories;
  /** Rows asked about, evenly spaced. Default 1,000; Infinity for all. */
  readonly asked?: number;
  /** Rows they are compared with, evenly spaced. Default 10,000; Infinity for all. */
  readonly among?: number;
}

/** The rows that are looked at, and the means and deviations of states and actions that are one unit. */
function lookedAt(where: string, t: Trajectories, options: LocalOptions) {
  const { asked = 1000, among = 10_000, scale = t } = options;
  if (t.reward.length === 0) throw problem("no-observations", { where });
  const known = evenly(t.reward.length, among);
  const measured = evenly(scale.reward.length, among);
  const stateUnit = moments(stateRows(scale, measured));
  return {
    known,
    // Asked among the known, so that a row is always its own nearest neighbour.
    places: evenly(known.length, asked),
    stateUnit,
    states: standardised(stateRows(t, known), stateUnit),
    actionUnit: () => moments(actionRows(scale, measured)),
  };
}

/** `value` of each place among the known rows. */
function measure(known: Int32Array, places: Int32Array, value: (place: number) => number): LocalMeasure {
  const values = Float64Array.from(places, value);
  return { value: values.reduce((a, b) => a + b, 0) / values.length, rows: places.map((i) => known[i]), values };
}

const rowOf = ({ data, shape: [, width] }: NdArray, row: number): Float64Array =>
  (data as Float64Array).subarray(row * width, (row + 1) * width);

/** Mean over the columns of the variance (divided by k) of these rows. */
function spreadOf({ data, shape: [, width] }: NdArray, rows: Int32Array): number {
  const values = data as Float64Array;
  let sum = 0;
  for (let d = 0; d < width; d++) {
    // Counted from the first, so that equal values have no variance at all.
    const first = values[rows[0] * width + d];
    let mean = 0;
    for (const row of rows) mean += (values[row * width + d] - first) / rows.length;
    for (const row of rows) sum += (values[row * width + d] - first - mean) ** 2 / rows.length;
  }
  return width === 0 ? 0 : sum / width;
}

/**
 * The variance of actions among the k nearest states, mean over action numbers and rows: how inconsistent behaviour is
 * where it sees the same. In squared units of the action, at least 0; choices as one-hot. The lower, the easier to
 * imitate at equal coverage. A k-NN query for each row asked about.
 * @throws Problem "no-observations" for an empty recording
 */
export function actionVariance(t: Trajectories, options: LocalOptions = {}): LocalMeasure {
  const { known, places, states } = lookedAt("actionVariance", t, options);
  const index = neighbours(states);
  const actions = actionRows(t, known);
  const near = (i: number) => index.nearest(rowOf(states, i), options.neighbours ?? 10).rows;
  return measure(known, places, (i) => spreadOf(actions, near(i)));
}

/**
 * The share of the other states that lie within `radius` of a state, mean over rows: in [0, 1], high where the recording
 * goes through few places often; 1 for a single state. The radius is in standard deviations of the scale; by default ¼ of
 * the root of the number of numbers. A range count for each row asked about.
 * @throws Problem "no-observations" for an empty recording, "bad-option" for a radius that is not above 0
 */
export function stateSimilarity(
  t: Trajectories,
  options: Omit<LocalOptions, "neighbours"> & { readonly radius?: number } = {},
): LocalMeasure {
  const { known, places, states } = lookedAt("stateSimilarity", t, options);
  const radius = options.radius ?? Math.max(Math.sqrt(states.shape[1]), 1) / 4;
  if (!(radius > 0)) {
    const wanted = "a number above 0";
    throw problem("bad-option", { where: "stateSimilarity", name: "radius", given: radius, wanted });
  }
  const index = neighbours(states);
  const others = known.length - 1;
  return measure(known, places, (i) => (others === 0 ? 1 : (index.countWithin(rowOf(states, i), radius) - 1) / others));
}

/**
 * The variance of the state's change among the k nearest (state, action) pairs, mean over numbers and rows: how much a
 * world, or what was not recorded of it, makes of one action in one place. In squared standard deviations of the scale,
 * at least 0. The change s′ − s stands for s′ less its prediction, so that neighbours that merely stand elsewhere do not
 * count as noise. A k-NN query for each row asked about.
 * @throws Problem "no-observations" for an empty recording
 */
export function transitionDiversity(t: Trajectories, options: LocalOptions = {}): LocalMeasure {
  const { known, places, states, stateUnit, actionUnit } = lookedAt("transitionDiversity", t, options);
  const next = standardised(nextStateRows(t, known), stateUnit).data as Float64Array;
  const change = { ...states, data: next.map((v, i) => v - (states.data as Float64Array)[i]) };
  const pairs = beside(states, standardised(actionRows(t, known), actionUnit()));
  const index = neighbours(pairs);
  const near = (i: number) => index.nearest(rowOf(pairs, i), options.neighbours ?? 10).rows;
  return measure(known, places, (i) => spreadOf(change, near(i)));
}

/** [episodes] the mean of a measure over the rows of each episode that were asked about; NaN where none was. */
export function episodeMeans(t: Trajectories, { rows, values }: LocalMeasure): Float64Array {
  const episodes = t.offsets.length - 1;
  const sums = new Float64Array(episodes);
  const counts = new Float64Array(episodes);
  for (let i = 0, e = 0; i < rows.length; i++) {
    while (rows[i] >= t.offsets[e + 1]) e++;
    sums[e] += values[i];
    counts[e]++;
  }
  return sums.map((sum, e) => sum / counts[e]);
}
