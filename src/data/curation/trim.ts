/** Episodes with steps left out at their ends. */
import { problem } from "../../problems.ts";
import { sizeOf } from "../../tensor/ndarray.ts";
import { type Run, takeRuns } from "../steps.ts";
import type { Trajectories } from "../trajectories.ts";

export interface TrimOptions {
  /** First step kept; negative: counted from the end. Default 0. */
  readonly from?: number;
  /** First step no longer kept; negative: counted from the end. Default: the length. */
  readonly to?: number;
  /** Leading and trailing steps are left out whose action's largest number is no farther from 0 than this. */
  readonly idle?: number;
}

/**
 * Episodes without the steps outside [from, to), and without idle ends. An episode cut before its end is truncated there,
 * and what was seen next is its final observation. An episode of which nothing is left is left out.
 * @throws Problem "bad-value" for `idle` where actions are no numbers
 */
export function trimEpisodes(t: Trajectories, { from = 0, to, idle }: TrimOptions): Trajectories {
  if (idle !== undefined && t.actionSpace.kind !== "box") {
    const wanted = "actions that are numbers (a Box): among choices none is idle";
    throw problem("bad-value", { where: "trim", given: `idle: ${idle}`, wanted });
  }
  const width = sizeOf(t.action.shape.slice(1));
  // A float32 cannot hold 0.1: the bound is rounded as the actions were.
  const most = t.action.dtype === "float32" ? Math.fround(idle ?? 0) : (idle ?? 0);
  const still = (row: number): boolean => {
    if (idle === undefined) return false;
    for (let i = row * width; i < (row + 1) * width; i++) if (Math.abs(Number(t.action.data[i])) > most) return false;
    return true;
  };
  const runs: Run[] = [];
  for (let episode = 0; episode + 1 < t.offsets.length; episode++) {
    const [start, stop] = [t.offsets[episode], t.offsets[episode + 1]];
    const place = (step: number): number => Math.min(stop, Math.max(start, step < 0 ? stop + step : start + step));
    let first = place(from);
    let end = to === undefined ? stop : place(to);
    while (first < end && still(first)) first++;
    while (end > first && still(end - 1)) end--;
    if (first < end) runs.push({ episode, first, end });
  }
  return takeRuns(t, runs, (kept) => `trim: ${kept} of ${t.reward.length} steps`);
}
