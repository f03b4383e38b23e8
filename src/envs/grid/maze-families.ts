/** Levels of many rooms where keys open doors: KeyCorridor and ObstructedMaze. */

import type { Generator } from "../../tensor/random.ts";
import type { Family } from "./family.ts";
import { at, headings, pick, put, shuffled } from "./level.ts";
import { addDoor, connectAll, layRooms, placeAgent, type Rooms, removeWall, scatterInRoom } from "./rooms.ts";
import type { Colour } from "./things.ts";
import { colours, empty, thing } from "./things.ts";

/** A corridor with rooms on both sides: the ball is behind a locked door on the right, the key in a room on the left. */
export const keyCorridor = (size: number, rows: number): Family => ({
  ...{ width: 3 * (size - 1) + 1, height: rows * (size - 1) + 1, task: "pick", maxSteps: 30 * size * size },
  ...{ seesThroughWalls: false, obstacles: 0, mission: "pick up the {colour} ball" },
  lay(random) {
    const all = layRooms(random, size, 3, rows);
    for (let row = 1; row < rows; row++) removeWall(all, 1, row, 3);
    const behind = random.integer(rows);
    const colour = pick(random, colours);
    addDoor(all, 2, behind, 2, colour, true);
    all.level.target = thing("ball", pick(random, colours));
    all.level.named = [all.level.target];
    const ball = scatterInRoom(all, random, 2, behind, all.level.target);
    const key = scatterInRoom(all, random, 0, random.integer(rows), thing("key", colour));
    const middle = Math.floor(rows / 2);
    if (ball < 0 || key < 0 || !placeAgent(all, random, 1, middle)) return undefined;
    return connectAll(all, random, 1, middle) ? all.level : undefined;
  },
});

export interface Obstruction {
  /** Keys lie in boxes. */
  readonly hidden: boolean;
  /** A ball lies before each locked door. */
  readonly blocked: boolean;
}

const [soughtColour, blockingColour, boxColour] = ["blue", "green", "grey"] as const;

/** Puts a locked door into a wall, with a ball before it where doors are blocked; false where something lies there. */
function lock(all: Rooms, column: number, row: number, side: number, colour: Colour, blocked: boolean): boolean {
  const [x, y] = addDoor(all, column, row, side, colour, true);
  if (!blocked) return true;
  const [dx, dy] = headings[side];
  // A ball put on a box would take the key in it out of the world.
  if (at(all.level, x - dx, y - dy) !== empty) return false;
  put(all.level, x - dx, y - dy, thing("ball", blockingColour));
  return true;
}

function hideKey(all: Rooms, random: Generator, column: number, row: number, colour: Colour, hidden: boolean): boolean {
  const key = thing("key", colour);
  return scatterInRoom(all, random, column, row, hidden ? thing("box", boxColour, "open", key) : key) >= 0;
}

/** Two rooms with one locked door between them; the ball is in the other. */
export const obstructedPair = ({ hidden, blocked }: Obstruction): Family => ({
  ...{ width: 11, height: 6, task: "pick", maxSteps: 288, seesThroughWalls: false, obstacles: 0 },
  mission: "pick up the {colour} ball",
  lay(random) {
    const all = layRooms(random, 6, 2, 1);
    const colour = pick(random, colours);
    all.level.target = thing("ball", soughtColour);
    all.level.named = [all.level.target];
    const made =
      lock(all, 0, 0, 0, colour, blocked) &&
      hideKey(all, random, 0, 0, colour, hidden) &&
      scatterInRoom(all, random, 1, 0, all.level.target) >= 0 &&
      placeAgent(all, random, 0, 0);
    return made ? all.level : undefined;
  },
});

export interface ObstructedMaze extends Obstruction {
  /** Column and row of the room where the agent starts. */
  readonly start: readonly [column: number, row: number];
  /** How many sides of the middle room are used, 1 to 4. */
  readonly quarters: number;
  /** What the time limit is made of. */
  readonly visits: number;
  /** Keys are put down after all balls (v1), not each after its own door's (v0). */
  readonly keysLast: boolean;
}

/** Three by three rooms: from the middle to the sides through closed doors, on to the corners through locked ones. */
export const obstructedMaze = ({ hidden, blocked, start, quarters, visits, keysLast }: ObstructedMaze): Family => ({
  ...{ width: 16, height: 16, task: "pick", maxSteps: 4 * visits * 36, seesThroughWalls: false, obstacles: 0 },
  mission: "pick up the {colour} ball",
  lay(random) {
    const all = layRooms(random, 6, 3, 3);
    const painted = shuffled(random, colours);
    const colour = (i: number): Colour => painted[(i + painted.length) % painted.length];
    const sides = (
      [
        [2, 1],
        [1, 2],
        [0, 1],
        [1, 0],
      ] as const
    ).slice(0, quarters);
    for (const [i, [column, row]] of sides.entries()) {
      addDoor(all, 1, 1, i, colour(i), false);
      const turns = [i - 1, i + 1];
      for (const turn of turns) {
        if (!lock(all, column, row, (turn + 4) % 4, colour(turn), blocked)) return undefined;
        if (!keysLast && !hideKey(all, random, column, row, colour(turn), hidden)) return undefined;
      }
      if (keysLast && !turns.every((turn) => hideKey(all, random, column, row, colour(turn), hidden))) return undefined;
    }
    const corner = pick(
      random,
      (
        [
          [2, 0],
          [2, 2],
          [0, 2],
          [0, 0],
        ] as const
      ).slice(0, quarters),
    );
    all.level.target = thing("ball", soughtColour);
    all.level.named = [all.level.target];
    if (scatterInRoom(all, random, corner[0], corner[1], all.level.target) < 0) return undefined;
    return placeAgent(all, random, start[0], start[1]) ? all.level : undefined;
  },
});
