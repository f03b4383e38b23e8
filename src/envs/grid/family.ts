/** What the levels of one kind have in common. */
import { unreachable } from "../../problems.ts";
import type { Generator } from "../../tensor/random.ts";
import type { Level } from "./level.ts";

/**
 * How an episode is won. reach: step on the goal. pick: pick up the thing `target`. open: toggle the door in cell
 * `target` so that it is open. stand: say "done" beside cell `target` (toggling ends the episode). dodge: reach, among
 * balls that move; stepping against anything but the goal ends the episode with reward −1. fetch: pick, where picking up
 * anything else ends the episode. put: put the thing `target` down in one of the nine cells about cell `other`; picking up
 * another, or letting go elsewhere, ends the episode. match: step on cell `target`; cell `other` ends the episode, and
 * nothing can be picked up. order: open the door in cell `other`, then the one in cell `target`; the other way round ends
 * the episode. roam: nothing wins.
 */
export type Task = "reach" | "pick" | "open" | "stand" | "dodge" | "fetch" | "put" | "match" | "order" | "roam";

export interface Family {
  readonly width: number;
  readonly height: number;
  readonly task: Task;
  /** Steps over which the reward falls from 1 to 0.1, and the usual time limit. */
  readonly maxSteps: number;
  /** Whether walls hide nothing. */
  readonly seesThroughWalls: boolean;
  /** Balls that move. */
  readonly obstacles: number;
  /** The instruction, with {colour} and {kind} of what it names first, {otherColour} and {otherKind}, and {phrase}. */
  readonly mission: string;
  /** What {phrase} may be: words that change nothing. */
  readonly phrases?: readonly string[];
  /** Lays out a level; undefined when the draw came to nothing and must be repeated. */
  lay(random: Generator): Level | undefined;
}

/** A level drawn until one comes out. */
export function draw(family: Family, random: Generator): Level {
  for (let tries = 0; tries < 10_000; tries++) {
    const level = family.lay(random);
    if (level !== undefined) return level;
  }
  return unreachable(`no level of "${family.mission}" came out in 10 000 draws`);
}
