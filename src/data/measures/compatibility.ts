/**
 * Whether new demonstrations go with those a policy already learned from. Gandhi et al., "Eliciting Compatible
 * Demonstrations for Multi-Human Imitation Learning", arXiv:2210.08073.
 */
import { problem } from "../../problems.ts";
import { type NdArray, sizeOf, sliceRows } from "../../tensor/ndarray.ts";
import { timeWarping, type Warping, type WarpingOptions } from "../dtw.ts";
import { moments } from "../replay.ts";
import { quantile } from "../summaries.ts";
import type { Trajectories } from "../trajectories.ts";
import { standardised, stateRows } from "./rows.ts";

/** What an ensemble of policies makes of recorded pairs. */
export interface Disagreement {
  /** [rows] mean over members and action numbers of (prediction − action)²; larger is worse. */
  readonly error: Float64Array;
  /** [rows] mean over action numbers of the standard deviation over members: how little the base knows here. */
  readonly novelty: Float64Array;
}

/** One pass over the predictions. @param predictions [members, rows, …action] @param action [rows, …action], clipped as the predictions are @throws Problem "shape" */
export function disagreement(predictions: NdArray, action: NdArray): Disagreement {
  const [members, rows] = predictions.shape;
  const width = sizeOf(action.shape.slice(1));
  if (rows !== action.shape[0] || sizeOf(predictions.shape.slice(2)) !== width || !(members >= 1)) {
    throw problem("shape", {
      where: "disagreement",
      wanted: `predictions [members, ${action.shape.join(", ")}]`,
      got: [predictions.shape],
    });
  }
  const predicted = (k: number, i: number): number => Number(predictions.data[k * rows * width + i]);
  const error = new Float64Array(rows);
  const novelty = new Float64Array(rows);
  for (let i = 0; i < rows * width; i++) {
    const row = Math.floor(i / width);
    let mean = 0;
    for (let k = 0; k < members; k++) mean += predicted(k, i) / members;
    let squares = 0;
    for (let k = 0; k < members; k++) {
      squares += (predicted(k, i) - mean) ** 2;
      error[row] += (predicted(k, i) - Number(action.data[i])) ** 2 / (members * width);
    }
    novelty[row] += Math.sqrt(squares / members) / width;
  }
  return { error, novelty };
}

export interface CompatibilityThresholds {
  /** λ: an error above it is large. */
  readonly error: number;
  /** η: at this novelty and above the base knows nothing, and anything is welcome. */
  readonly novelty: number;
}

/**
 * Thresholds from what the ensemble makes of the demonstrations it learned from: what is usual there is neither large nor
 * new.
 * @param shares of the base's rows below each threshold. Default 0.95 for both
 * @throws Problem "no-observations" for no rows, "bad-option" for a share outside [0, 1]
 */
export function compatibilityThresholds(
  base: Disagreement,
  { error = 0.95, novelty = 0.95 }: { readonly error?: number; readonly novelty?: number } = {},
): CompatibilityThresholds {
  const at = (name: string, values: Float64Array, share: number): number => {
    if (!(share >= 0 && share <= 1)) {
      const wanted = "a share from 0 to 1";
      throw problem("bad-option", { where: "compatibilityThresholds", name, given: share, wanted });
    }
    if (values.length === 0) throw problem("no-observations", { where: "compatibilityThresholds" });
    return quantile(values.toSorted(), share);
  };
  return { error: at("error", base.error, error), novelty: at("novelty", base.novelty, novelty) };
}

export interface Compatibility {
  /** [rows] in [0, 1]: 1 where the base knows nothing, else 1 − min(error / λ, 1). */
  readonly value: Float64Array;
  /** [rows] 1 where the error is above λ although the base knows the place. */
  readonly bad: Uint8Array;
}

/** The error without the novelty would welcome only what the policy does already. */
export function compatibility({ error, novelty }: Disagreement, thresholds: CompatibilityThresholds): Compatibility {
  const known = novelty.map((v) => Number(v < thresholds.novelty));
  return {
    value: error.map((e, i) => {
      if (!known[i]) return 1;
      return thresholds.error > 0 ? 1 - Math.min(e / thresholds.error, 1) : Number(e === 0);
    }),
    bad: Uint8Array.from(error, (e, i) => Number(known[i] === 1 && e > thresholds.error)),
  };
}

/**
 * Which demonstrations to keep: those whose share of bad samples is below `mostBad`, and whose mean compatibility is at
 * least `leastMean`. Put `bad` into an extra column and a recipe can filter by it.
 * @throws Problem "shape" when there is not one value a step
 */
export function compatibleEpisodes(
  t: Trajectories,
  { value, bad }: Compatibility,
  { mostBad = 0.1, leastMean = 0 }: { readonly mostBad?: number; readonly leastMean?: number } = {},
): readonly boolean[] {
  if (value.length !== t.reward.length) {
    throw problem("shape", { where: "compatibleEpisodes", wanted: `[${t.reward.length}]`, got: [[value.length]] });
  }
  return Array.from({ length: t.offsets.length - 1 }, (_, e) => {
    const [from, to] = [t.offsets[e], t.offsets[e + 1]];
    const wrong = bad.subarray(from, to).reduce((a, b) => a + b, 0) / (to - from);
    const mean = value.subarray(from, to).reduce((a, b) => a + b, 0) / (to - from);
    return wrong <= mostBad && mean >= leastMean;
  });
}

/** Steps [from, to) around the worst bad samples of an episode, worst first, each shown once: what to show a person. */
export function worstMoments(
  t: Trajectories,
  episode: number,
  { error }: Disagreement,
  { bad }: Compatibility,
  { around = 5, most = 3 }: { readonly around?: number; readonly most?: number } = {},
): readonly { readonly from: number; readonly to: number; readonly error: number }[] {
  const [start, end] = [t.offsets[episode], t.offsets[episode + 1]];
  const found: { from: number; to: number; error: number }[] = [];
  const ranked = Array.from({ length: end - start }, (_, i) => start + i)
    .filter((row) => bad[row] === 1)
    .sort((a, b) => error[b] - error[a] || a - b);
  for (const row of ranked) {
    const step = row - start;
    if (found.length === most || found.some(({ from, to }) => step >= from && step < to)) continue;
    found.push({ from: Math.max(0, step - around), to: Math.min(end - start, step + around + 1), error: error[row] });
  }
  return found;
}

/**
 * The demonstration nearest to an episode, by dynamic time warping over observations standardised by the demonstrations.
 * The cost grows with the product of lengths, for every demonstration.
 * @throws Problem "no-observations" when there are no demonstrations
 */
export function nearestDemonstration(
  t: Trajectories,
  episode: number,
  among: Trajectories,
  options: WarpingOptions = {},
): Warping & { readonly episode: number } {
  const unit = moments(stateRows(among));
  const mine = standardised(sliceRows(stateRows(t), t.offsets[episode], t.offsets[episode + 1]), unit);
  const theirs = standardised(stateRows(among), unit);
  let best: (Warping & { readonly episode: number }) | undefined;
  for (let e = 0; e + 1 < among.offsets.length; e++) {
    const found = timeWarping(mine, sliceRows(theirs, among.offsets[e], among.offsets[e + 1]), options);
    if (best === undefined || found.distance < best.distance) best = { ...found, episode: e };
  }
  if (best === undefined) throw problem("no-observations", { where: "nearestDemonstration" });
  return best;
}
