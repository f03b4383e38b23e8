/** What measures compare: observations and actions as rows of numbers, on one scale, and not more of them than needed. */
import { flattenBatch } from "../../spaces/flatten.ts";
import { type NdArray, sizeOf, takeRows } from "../../tensor/ndarray.ts";
import type { Moments } from "../replay.ts";
import type { Trajectories } from "../trajectories.ts";

const at = (column: NdArray, rows: ArrayLike<number> | undefined): NdArray =>
  rows === undefined ? column : takeRows(column, rows);

/** [rows, numbers] what was seen at these steps (left out: at all); choices as one-hot. */
export const stateRows = (t: Trajectories, rows?: ArrayLike<number>): NdArray =>
  flattenBatch(t.observationSpace, at(t.observation, rows));

/** [rows, numbers] what was done at these steps (left out: at all); choices as one-hot. */
export const actionRows = (t: Trajectories, rows?: ArrayLike<number>): NdArray =>
  flattenBatch(t.actionSpace, at(t.action, rows));

/** [rows, numbers] what was seen after these steps, given in ascending order. */
export function nextStateRows(t: Trajectories, rows: Int32Array): NdArray {
  const next = flattenBatch(
    t.observationSpace,
    takeRows(
      t.observation,
      rows.map((row) => Math.min(row + 1, t.reward.length - 1)),
    ),
  );
  const width = next.shape[1];
  const final = flattenBatch(t.observationSpace, t.finalObservation).data as Float32Array;
  const data = (next.data as Float32Array).slice();
  for (let i = 0, e = 0; i < rows.length; i++) {
    while (rows[i] >= t.offsets[e + 1]) e++;
    if (rows[i] === t.offsets[e + 1] - 1) data.set(final.subarray(e * width, (e + 1) * width), i * width);
  }
  return { shape: next.shape, dtype: "float32", data };
}

/** (rows − mean) / std in float64; a number that never changes is left on its own scale. */
export function standardised(rows: NdArray, { mean, std }: Moments): NdArray {
  const width = mean.length;
  const from = rows.data as Float32Array;
  const data = new Float64Array(from.length);
  for (let i = 0, d = 0; i < data.length; i++, d = d + 1 === width ? 0 : d + 1) {
    // Rounding leaves a constant column with a deviation of a few last digits, which must not be blown up to 1.
    const constant = std[d] <= 1e-9 * Math.max(1, Math.abs(mean[d]));
    data[i] = (from[i] - mean[d]) / (constant ? 1 : std[d]);
  }
  return { shape: rows.shape, dtype: "float64", data };
}

/** Two sets of rows side by side. */
export function beside(a: NdArray, b: NdArray): NdArray {
  const n = a.shape[0];
  const [wa, wb] = [sizeOf(a.shape.slice(1)), sizeOf(b.shape.slice(1))];
  const data = new Float64Array(n * (wa + wb));
  for (let row = 0; row < n; row++) {
    data.set((a.data as Float64Array).subarray(row * wa, (row + 1) * wa), row * (wa + wb));
    data.set((b.data as Float64Array).subarray(row * wb, (row + 1) * wb), row * (wa + wb) + wa);
  }
  return { shape: [n, wa + wb], dtype: "float64", data };
}

/** At most this many of n rows, evenly spaced from the first. */
export function evenly(n: number, most: number): Int32Array {
  const count = Math.min(n, most);
  return Int32Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
}
