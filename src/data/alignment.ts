/**
 * Several recordings of one task laid beside each other without a reference: what all of them have in common, in order;
 * what one of them has alone is jumped over. Zheng, Hu, Luo and others (2022), "Extraneousness-Aware Imitation Learning",
 * arXiv:2210.01379.
 */
import { problem } from "../problems.ts";
import { type NdArray, sizeOf } from "../tensor/ndarray.ts";

export interface Alignment {
  /** For each sequence, the rows that were stopped at, ascending; the first row and the last always are. */
  readonly kept: readonly Int32Array[];
  /** For each round, the votes that the chosen candidates got, as a share of all votes, in [0, 1]. */
  readonly confidence: Float64Array;
}

export interface AlignmentOptions {
  /** Among so many of its later rows most like the reference, each sequence goes to the earliest. Default 2. */
  readonly tolerance?: number;
  /** What the candidates agree on: their mean, their mean weighed by votes, or the median of each number. Default "mean". */
  readonly reference?: "mean" | "weighted" | "median";
}

/**
 * All sequences begin at their first row. In each round every sequence votes, with the row it is at, for the most similar
 * later row of every other one; a sequence's candidate is its row with most votes (of equals the earliest), and the mean of
 * all candidates (or what `reference` says) is the reference. Each sequence then goes to the earliest of its `tolerance` later rows most like the
 * reference. A sequence at its end stays there and votes on; the rounds are over when all are.
 * @param sequences at least two of [n, …numbers], n at least 1, with as many numbers a row; nearness is Euclidean
 * @throws Problem "bad-value" for fewer than two sequences; "shape" for rows that differ in size or an empty sequence;
 * "bad-option" for a tolerance below 1
 */
export function alignedSteps(
  sequences: readonly NdArray[],
  { tolerance = 2, reference: how = "mean" }: AlignmentOptions = {},
): Alignment {
  const count = sequences.length;
  if (count < 2) {
    throw problem("bad-value", { where: "alignedSteps", given: `${count} sequences`, wanted: "at least two" });
  }
  const width = sizeOf(sequences[0].shape.slice(1));
  if (sequences.some(({ shape }) => shape[0] === 0 || sizeOf(shape.slice(1)) !== width)) {
    const wanted = "sequences of at least one row, with as many numbers a row";
    throw problem("shape", { where: "alignedSteps", wanted, got: sequences.map(({ shape }) => shape) });
  }
  if (!(Number.isInteger(tolerance) && tolerance >= 1)) {
    const wanted = "a whole number of at least 1";
    throw problem("bad-option", { where: "alignedSteps", name: "tolerance", given: tolerance, wanted });
  }
  const rows = sequences.map(({ data }) => Float64Array.from(data as Float64Array, Number));
  const last = sequences.map(({ shape }) => shape[0] - 1);
  const row = (i: number, t: number): Float64Array => rows[i].subarray(t * width, (t + 1) * width);

  const at = new Int32Array(count);
  const kept = sequences.map(() => [0]);
  const confidence: number[] = [];
  while (at.some((t, i) => t < last[i])) {
    const candidates = sequences.map((_, i) => elected(i));
    const reference = agreement(candidates);
    confidence.push(candidates.reduce((sum, [, votes]) => sum + votes, 0) / (count * (count - 1)));
    for (let i = 0; i < count; i++) {
      if (at[i] === last[i]) continue;
      const distances = distancesTo(reference, i);
      const order = Array.from(distances.keys()).sort((a, b) => distances[a] - distances[b] || a - b);
      at[i] += 1 + Math.min(...order.slice(0, tolerance));
      kept[i].push(at[i]);
    }
  }
  return { kept: kept.map((those) => Int32Array.from(those)), confidence: Float64Array.from(confidence) };

  /** One place for all candidates. */
  function agreement(candidates: readonly (readonly [row: number, votes: number])[]): Float64Array {
    const places = candidates.map(([candidate], i) => row(i, candidate));
    const weights = candidates.map(([, votes]) => (how === "weighted" ? votes : 1));
    const total = weights.reduce((a, b) => a + b, 0);
    return Float64Array.from({ length: width }, (_, d) => {
      if (how !== "median") return places.reduce((sum, place, i) => sum + (place[d] * weights[i]) / total, 0);
      const values = places.map((place) => place[d]).sort((a, b) => a - b);
      return (values[(count - 1) >> 1] + values[count >> 1]) / 2;
    });
  }

  /** Squared distances of a sequence's later rows. */
  function distancesTo(place: Float64Array, i: number): Float64Array {
    return Float64Array.from({ length: last[i] - at[i] }, (_, k) => {
      let sum = 0;
      for (let d = 0, from = (at[i] + 1 + k) * width; d < width; d++) sum += (rows[i][from + d] - place[d]) ** 2;
      return sum;
    });
  }

  /** The later row that most of the other sequences find most similar to where they are, and how many do. */
  function elected(i: number): readonly [row: number, votes: number] {
    if (at[i] === last[i]) return [last[i], count - 1];
    const votes = new Int32Array(last[i] - at[i]);
    for (let j = 0; j < count; j++) {
      if (j === i) continue;
      const distances = distancesTo(row(j, at[j]), i);
      let nearest = 0;
      for (let k = 1; k < distances.length; k++) if (distances[k] < distances[nearest]) nearest = k;
      votes[nearest]++;
    }
    let best = 0;
    for (let k = 1; k < votes.length; k++) if (votes[k] > votes[best]) best = k;
    return [at[i] + 1 + best, votes[best]];
  }
}
