/** Episodes from formats that keep one observation a step, and none after the last action. */
import { concatRows, type NdArray, sliceRows } from "../../tensor/ndarray.ts";
import type { Episode } from "../episodes.ts";

/** One episode's rows as such a format has them. */
export interface Rows {
  /** [steps, …] what was seen before each action */
  readonly observation: NdArray;
  /** [1, …] what was seen after the last action, when that is known */
  readonly after?: NdArray;
  readonly action: NdArray;
  /** [steps] */
  readonly reward: NdArray;
  /** Whether the world ended with the last step. */
  readonly terminated: boolean;
  readonly extras?: { readonly [name: string]: NdArray };
  readonly tags?: NonNullable<Episode["tags"]>;
}

/**
 * The rows as an episode of T + 1 observations. Where what followed the last action is not known: after a true end
 * nothing depends on it, so the last observation stands again; after a cut a value would be bootstrapped from it, so the
 * last row gives up its action and its observation is the final one (as D4RL's qlearning_dataset does).
 * @returns nothing when no step is left
 */
export function finished(rows: Rows): Episode | undefined {
  const all = rows.reward.shape[0];
  const known = rows.after !== undefined || rows.terminated;
  const steps = known ? all : all - 1;
  if (steps <= 0) return undefined;
  const kept = (array: NdArray): NdArray => sliceRows(array, 0, steps);
  const final = rows.after ?? sliceRows(rows.observation, all - 1, all);
  return {
    observations: concatRows([kept(rows.observation), final]),
    actions: kept(rows.action),
    rewards: Float64Array.from({ length: steps }, (_, i) => Number(rows.reward.data[i])),
    terminated: rows.terminated,
    tags: rows.tags ?? {},
    extras: Object.fromEntries(Object.entries(rows.extras ?? {}).map(([name, array]) => [name, kept(array)])),
  };
}

/** The episodes that have a step left, and what to say of the others. */
export function finishedAll(all: readonly Rows[]): { readonly episodes: readonly Episode[]; readonly notes: string[] } {
  const episodes = all.flatMap((rows) => finished(rows) ?? []);
  const shortened = all.filter((rows) => rows.after === undefined && !rows.terminated).length;
  const lost = all.length - episodes.length;
  return {
    episodes,
    notes: [
      ...(shortened > 0 ? [`took the last row of ${shortened} cut-off episodes as their final observation`] : []),
      ...(lost > 0 ? [`left out ${lost} episodes of a single cut-off step`] : []),
    ],
  };
}
