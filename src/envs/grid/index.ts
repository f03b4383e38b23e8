/** MiniGrid's levels by their names. */
import type { Registration } from "../registration.ts";
import { doorKey, goToDoor, lockedRoom, redBlueDoors, unlock, unlockPickup } from "./door-families.ts";
import type { Family } from "./family.ts";
import { gridOptionNames, gridWorld } from "./grid-world.ts";
import { keyCorridor, obstructedMaze, obstructedPair } from "./maze-families.ts";
import { multiRoom } from "./multi-room.ts";
import { fetch, goToObject, playground, putNear } from "./object-families.ts";
import { crossing, distShift, dynamicObstacles, emptyRoom, fourRooms, lavaGap, memory } from "./open-families.ts";

type Named = readonly [name: string, family: Family, about: string];

const named = (prefix: string, about: string, of: { readonly [name: string]: Family }): readonly Named[] =>
  Object.entries(of).map(([name, family]) => [`MiniGrid-${prefix}${name}`, family, about]);

const easy = { hidden: false, blocked: false };
const hidden = { hidden: true, blocked: false };
const hard = { hidden: true, blocked: true };
/** Three by three rooms, from the right-hand side room. */
const fromTheSide = { start: [2, 1], quarters: 1, visits: 4, keysLast: false } as const;
const oneQuarter = { ...hard, start: [1, 1], quarters: 1, visits: 5 } as const;
const twoQuarters = { ...hard, start: [2, 1], quarters: 2, visits: 11 } as const;
const all = { ...hard, start: [1, 1], quarters: 4, visits: 25 } as const;

const families: readonly Named[] = [
  ...named("Empty-", "Reach the goal of an empty room.", {
    "5x5-v0": emptyRoom(5, false),
    "Random-5x5-v0": emptyRoom(5, true),
    "6x6-v0": emptyRoom(6, false),
    "Random-6x6-v0": emptyRoom(6, true),
    "8x8-v0": emptyRoom(8, false),
    "16x16-v0": emptyRoom(16, false),
  }),
  ...named("", "Find the goal in one of four rooms.", { "FourRooms-v0": fourRooms() }),
  ...named("DoorKey-", "Fetch the key, open the door, reach the goal.", {
    "5x5-v0": doorKey(5),
    "6x6-v0": doorKey(6),
    "8x8-v0": doorKey(8),
    "16x16-v0": doorKey(16),
  }),
  ...named("LavaGap", "Reach the goal through the one gap in a wall of lava.", {
    "S5-v0": lavaGap(5),
    "S6-v0": lavaGap(6),
    "S7-v0": lavaGap(7),
  }),
  ...named("LavaCrossing", "Reach the goal across rivers of lava.", {
    "S9N1-v0": crossing(9, 1, "lava"),
    "S9N2-v0": crossing(9, 2, "lava"),
    "S9N3-v0": crossing(9, 3, "lava"),
    "S11N5-v0": crossing(11, 5, "lava"),
  }),
  ...named("SimpleCrossing", "Reach the goal through openings in walls.", {
    "S9N1-v0": crossing(9, 1, "wall"),
    "S9N2-v0": crossing(9, 2, "wall"),
    "S9N3-v0": crossing(9, 3, "wall"),
    "S11N5-v0": crossing(11, 5, "wall"),
  }),
  ...named("MultiRoom-", "Go from room to room, through closed doors, to the goal.", {
    "N2-S4-v0": multiRoom(2, 4),
    // MiniGrid's own v0 has six rooms, by a slip that v1 mends.
    "N4-S5-v0": multiRoom(6, 5),
    "N4-S5-v1": multiRoom(4, 5),
    "N6-v0": multiRoom(6, 10),
  }),
  ...named("KeyCorridor", "Find the key in one room, and the ball that another hides behind a lock.", {
    "S3R1-v0": keyCorridor(3, 1),
    "S3R2-v0": keyCorridor(3, 2),
    "S3R3-v0": keyCorridor(3, 3),
    "S4R3-v0": keyCorridor(4, 3),
    "S5R3-v0": keyCorridor(5, 3),
    "S6R3-v0": keyCorridor(6, 3),
  }),
  ...named("ObstructedMaze-", "Find a ball behind locked doors, whose keys may lie in boxes and balls in the way.", {
    "1Dl-v0": obstructedPair(easy),
    "1Dlh-v0": obstructedPair(hidden),
    "1Dlhb-v0": obstructedPair(hard),
    "2Dl-v0": obstructedMaze({ ...fromTheSide, ...easy }),
    "2Dlh-v0": obstructedMaze({ ...fromTheSide, ...hidden }),
    "2Dlhb-v0": obstructedMaze({ ...fromTheSide, ...hard }),
    "2Dlhb-v1": obstructedMaze({ ...fromTheSide, ...hard, keysLast: true }),
    "1Q-v0": obstructedMaze({ ...oneQuarter, keysLast: false }),
    "1Q-v1": obstructedMaze({ ...oneQuarter, keysLast: true }),
    "2Q-v0": obstructedMaze({ ...twoQuarters, keysLast: false }),
    "2Q-v1": obstructedMaze({ ...twoQuarters, keysLast: true }),
    "Full-v0": obstructedMaze({ ...all, keysLast: false }),
    "Full-v1": obstructedMaze({ ...all, keysLast: true }),
  }),
  ...named("GoToDoor-", "Stand beside the door of the colour that is named, and say done.", {
    "5x5-v0": goToDoor(5),
    "6x6-v0": goToDoor(6),
    "8x8-v0": goToDoor(8),
  }),
  ...named("", "Fetch the key and open the door.", { "Unlock-v0": unlock() }),
  ...named("", "Open the door with its key, and pick up the box behind it.", {
    "UnlockPickup-v0": unlockPickup(false),
  }),
  ...named("", "Move the ball before the door, open it with its key, and pick up the box behind it.", {
    "BlockedUnlockPickup-v0": unlockPickup(true),
  }),
  ...named("", "Fetch the key from the room that is named, and reach the goal in the locked one.", {
    "LockedRoom-v0": lockedRoom(),
  }),
  ...named("RedBlueDoors-", "Open the red door, then the blue one.", {
    "6x6-v0": redBlueDoors(6),
    "8x8-v0": redBlueDoors(8),
  }),
  ...named("Memory", "See a sign, and at the end of a hallway go to the side with the same one.", {
    "S7-v0": memory(7, false),
    "S9-v0": memory(9, false),
    "S11-v0": memory(11, false),
    "S13-v0": memory(13, false),
    "S13Random-v0": memory(13, true),
    "S17Random-v0": memory(17, true),
  }),
  ...named("Fetch-", "Pick up the thing that is named, and no other.", {
    "5x5-N2-v0": fetch(5, 2),
    "6x6-N2-v0": fetch(6, 2),
    "8x8-N3-v0": fetch(8, 3),
  }),
  ...named("GoToObject-", "Stand beside the thing that is named, and say done.", {
    "6x6-N2-v0": goToObject(6, 2),
    "8x8-N2-v0": goToObject(8, 2),
  }),
  ...named("PutNear-", "Put the thing that is named near another that is named.", {
    "6x6-N2-v0": putNear(6, 2),
    "8x8-N3-v0": putNear(8, 3),
  }),
  ...named("", "Rooms full of things, and nothing to be done.", { "Playground-v0": playground() }),
  ...named("DistShift", "Reach the goal past lava that lies elsewhere in the other of the two.", {
    "1-v0": distShift(2),
    "2-v0": distShift(5),
  }),
  ...named("Dynamic-Obstacles-", "Reach the goal among moving balls without touching one.", {
    "5x5-v0": dynamicObstacles(5, 2, false),
    "Random-5x5-v0": dynamicObstacles(5, 2, true),
    "6x6-v0": dynamicObstacles(6, 3, false),
    "Random-6x6-v0": dynamicObstacles(6, 3, true),
    "8x8-v0": dynamicObstacles(8, 4, false),
    "16x16-v0": dynamicObstacles(16, 8, false),
  }),
];

/** What the levels of a registered name have in common; undefined for another name. */
export const familyOf = (name: string): Family | undefined => families.find(([known]) => known === name)?.[1];

/** MiniGrid-…: each with MiniGrid's time limit, which is also the horizon of its reward. */
export const grids: readonly Registration[] = families.map(([name, family, about]) => ({
  name,
  about,
  maxSteps: family.maxSteps,
  options: gridOptionNames,
  create: (options) => gridWorld(name, family, options),
}));
