/** Episodes to learn with, and episodes in which one thing is new. */
import type { Generator } from "../../tensor/random.ts";
import { novelGoals, trainedGoals } from "./instructions.ts";
import { tableScenes, things, trainedScenes, trainedThings } from "./variety.ts";

/**
 * "train": eight objects, two scenes, eight amounts. "novel-object": four objects beyond those. "novel-scene": a third scene.
 * "novel-state": two amounts between those. "any-state": any amount from 15% to 100%.
 */
export const tabletopSplits = ["train", "novel-object", "novel-scene", "novel-state", "any-state"] as const;
export type TabletopSplit = (typeof tabletopSplits)[number];

export interface Drawn {
  /** Number of the object, of the scene, the amount in %, and whether it is said in words where it can be. */
  readonly thing: number;
  readonly scene: number;
  readonly percent: number;
  readonly inWords: boolean;
}

/** One episode's. The same chance gives the same of everything that is not new. */
export function drawFrom(split: TabletopSplit, random: Generator): Drawn {
  const [thing, scene, amount, words] = [random.uniform(), random.uniform(), random.uniform(), random.uniform()];
  const among = (u: number, from: number, to: number): number => from + Math.floor(u * (to - from));
  const goals = split === "novel-state" ? novelGoals : trainedGoals;
  return {
    thing: split === "novel-object" ? among(thing, trainedThings, things.length) : among(thing, 0, trainedThings),
    scene: split === "novel-scene" ? among(scene, trainedScenes, tableScenes.length) : among(scene, 0, trainedScenes),
    percent: split === "any-state" ? among(amount, 15, 101) : goals[among(amount, 0, goals.length)],
    inWords: split !== "any-state" && words < 0.5,
  };
}
