/** Whether a log says anything about what a policy would do: overlap, where there are no propensities to ask. */
import type { NdArray } from "../tensor/index.ts";

/**
 * The share of a policy's (observation, action) pairs that lie as near to the log as the log's own pairs lie to one
 * another. Distances are Euclidean over standardised numbers; a pair of the log is compared with other episodes only.
 * @param log [rows, numbers] what was seen and done, standardised
 * @param policy [rows, numbers] what was seen, and what the policy would have done
 * @param episode [rows] which episode each row of the log (and of `policy`) belongs to
 * @param quantile of the log's own nearest distances that still counts as near. Default 0.99
 * @returns a share in [0, 1]
 */
export function support(log: NdArray, policy: NdArray, episode: Int32Array, quantile = 0.99): number {
  const rows = log.shape[0];
  const width = log.shape[1];
  // Enough to know a share to a few hundredths, and little enough to compare all with all.
  const asked = evenly(rows, 400);
  const known = evenly(rows, 4000);
  const own = Float64Array.from(asked, (row) => nearest(log, row, log, known, width, episode)).sort();
  const near = own[Math.min(own.length - 1, Math.floor(quantile * own.length))];
  const close = asked.filter((row) => nearest(policy, row, log, known, width, episode) <= near * (1 + 1e-9));
  return close.length / asked.length;
}

const evenly = (rows: number, most: number): readonly number[] => {
  const n = Math.min(rows, most);
  return Array.from({ length: n }, (_, i) => Math.floor((i * rows) / n));
};

function nearest(
  from: NdArray,
  row: number,
  among: NdArray,
  rows: readonly number[],
  width: number,
  episode: Int32Array,
): number {
  let best = Number.POSITIVE_INFINITY;
  const [a, b] = [from.data as Float32Array, among.data as Float32Array];
  for (const other of rows) {
    if (episode[other] === episode[row]) continue;
    let sum = 0;
    for (let i = 0; i < width && sum < best; i++) sum += (a[row * width + i] - b[other * width + i]) ** 2;
    if (sum < best) best = sum;
  }
  return Math.sqrt(best);
}
