/** Levels with doors: DoorKey, Unlock, UnlockPickup and its blocked one, GoToDoor, RedBlueDoors, LockedRoom. */
import type { Family } from "./family.ts";
import {
  type Area,
  at,
  between,
  blank,
  enclose,
  fill,
  pick,
  put,
  scatter,
  scatterAgent,
  shuffled,
  whole,
} from "./level.ts";
import { addDoor, layRooms, placeAgent, scatterInRoom } from "./rooms.ts";
import { type Colour, colours, goal, thing, wall } from "./things.ts";

export const doorKey = (size: number): Family => ({
  ...{ width: size, height: size, task: "reach", maxSteps: 10 * size * size, seesThroughWalls: false, obstacles: 0 },
  mission: "use the key to open the door and then get to the goal",
  lay(random) {
    const level = blank(size, size);
    enclose(level, whole(level));
    put(level, size - 2, size - 2, goal);
    const split = between(random, 2, size - 2);
    fill(level, { left: split, top: 0, width: 1, height: size }, wall);
    const left: Area = { left: 0, top: 0, width: split, height: size };
    scatterAgent(level, random, left);
    put(level, split, between(random, 1, size - 2), thing("door", "yellow", "locked"));
    return scatter(level, random, thing("key", "yellow"), left) < 0 ? undefined : level;
  },
});

/** Two rooms, a locked door between them, its key in the first one, where the agent is. */
export const unlock = (): Family => ({
  ...{ width: 11, height: 6, task: "open", maxSteps: 288, seesThroughWalls: false, obstacles: 0 },
  mission: "open the door",
  lay(random) {
    const all = layRooms(random, 6, 2, 1);
    const colour = pick(random, colours);
    const [x, y] = addDoor(all, 0, 0, 0, colour, true);
    all.level.target = y * all.level.width + x;
    const key = scatterInRoom(all, random, 0, 0, thing("key", colour));
    return key >= 0 && placeAgent(all, random, 0, 0) ? all.level : undefined;
  },
});

/** A box in the second room. @param blocked a ball lies before the door */
export const unlockPickup = (blocked: boolean): Family => ({
  ...{ width: 11, height: 6, task: "pick", maxSteps: blocked ? 576 : 288, seesThroughWalls: false, obstacles: 0 },
  mission: "pick up the {colour} box",
  lay(random) {
    const all = layRooms(random, 6, 2, 1);
    all.level.target = thing("box", pick(random, colours));
    all.level.named = [all.level.target];
    const box = scatterInRoom(all, random, 1, 0, all.level.target);
    const colour = pick(random, colours);
    const [x, y] = addDoor(all, 0, 0, 0, colour, true);
    if (blocked) put(all.level, x - 1, y, thing("ball", pick(random, colours)));
    const key = scatterInRoom(all, random, 0, 0, thing("key", colour));
    return box >= 0 && key >= 0 && placeAgent(all, random, 0, 0) ? all.level : undefined;
  },
});

/** One room with a door of another colour in each wall. */
export const goToDoor = (size: number): Family => ({
  ...{ width: size, height: size, task: "stand", maxSteps: 4 * size * size, seesThroughWalls: true, obstacles: 0 },
  mission: "go to the {colour} door",
  lay(random) {
    const level = blank(size, size);
    const [width, height] = [between(random, 5, size + 1), between(random, 5, size + 1)];
    enclose(level, { left: 0, top: 0, width, height });
    const places = [
      [between(random, 2, width - 2), 0],
      [between(random, 2, width - 2), height - 1],
      [0, between(random, 2, height - 2)],
      [width - 1, between(random, 2, height - 2)],
    ];
    const painted = shuffled(random, colours);
    places.forEach(([x, y], i) => {
      put(level, x, y, thing("door", painted[i], "closed"));
    });
    scatterAgent(level, random, { left: 0, top: 0, width, height });
    const [x, y] = pick(random, places);
    level.target = y * size + x;
    level.named = [at(level, x, y)];
    return level;
  },
});

/** A room between two closed doors: the red one on the left must be open before the blue one on the right is opened. */
export const redBlueDoors = (size: number): Family => ({
  ...{
    width: 2 * size,
    height: size,
    task: "order",
    maxSteps: 20 * size * size,
    seesThroughWalls: false,
    obstacles: 0,
  },
  mission: "open the red door then the blue door",
  lay(random) {
    const level = blank(2 * size, size);
    const room: Area = { left: Math.floor(size / 2), top: 0, width: size, height: size };
    enclose(level, whole(level));
    enclose(level, room);
    scatterAgent(level, random, room);
    const door = (x: number, colour: Colour): number => {
      const y = between(random, 1, size - 1);
      put(level, x, y, thing("door", colour, "closed"));
      return y * level.width + x;
    };
    level.other = door(room.left, "red");
    level.target = door(room.left + size - 1, "blue");
    return level;
  },
});

const [hallLeft, hallRight, lockedRoomSize] = [7, 11, 19];

/** Six rooms along a hall, one of them locked with the goal in it; the key to it is in another, which the mission names. */
export const lockedRoom = (): Family => ({
  ...{ width: lockedRoomSize, height: lockedRoomSize, task: "reach", maxSteps: 10 * lockedRoomSize },
  ...{ seesThroughWalls: false, obstacles: 0 },
  mission: "get the {colour} key from the {otherColour} room, unlock the {colour} door and go to the goal",
  lay(random) {
    const level = blank(lockedRoomSize, lockedRoomSize);
    enclose(level, whole(level));
    const rooms = [0, 6, 12].flatMap((top) => [
      { left: 0, top, width: hallLeft + 1, height: 7, doorX: hallLeft },
      { left: hallRight, top, width: hallLeft + 1, height: 7, doorX: hallRight },
    ]);
    for (const room of rooms) enclose(level, room);
    const painted = shuffled(random, colours);
    const locked = random.integer(rooms.length);
    const holdsKey = (locked + between(random, 1, rooms.length)) % rooms.length;
    rooms.forEach(({ doorX, top }, i) => {
      put(level, doorX, top + 3, thing("door", painted[i], i === locked ? "locked" : "closed"));
    });
    scatter(level, random, goal, rooms[locked]);
    const key = thing("key", painted[locked]);
    scatter(level, random, key, rooms[holdsKey]);
    level.named = [key, thing("door", painted[holdsKey])];
    const hall: Area = { left: hallLeft, top: 0, width: hallRight - hallLeft, height: lockedRoomSize };
    return scatterAgent(level, random, hall) ? level : undefined;
  },
});
