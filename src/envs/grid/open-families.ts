/** Levels without doors: Empty, FourRooms, LavaGap, LavaCrossing and SimpleCrossing, DistShift, Dynamic-Obstacles, Memory. */
import type { Family } from "./family.ts";
import {
  between,
  blank,
  enclose,
  fill,
  type Level,
  pick,
  put,
  scatter,
  scatterAgent,
  shuffled,
  whole,
} from "./level.ts";
import { empty, goal, lava, thing, wall } from "./things.ts";

/** A walled square with the goal in its bottom right corner and the agent in the top left one, looking right. */
function room(size: number): Level {
  const level = blank(size, size);
  enclose(level, whole(level));
  put(level, size - 2, size - 2, goal);
  [level.x, level.y] = [1, 1];
  return level;
}

export const emptyRoom = (size: number, randomStart: boolean): Family => ({
  ...{ width: size, height: size, task: "reach", maxSteps: 4 * size * size, seesThroughWalls: true, obstacles: 0 },
  mission: "get to the green goal square",
  lay(random) {
    const level = room(size);
    if (randomStart) scatterAgent(level, random, whole(level));
    return level;
  },
});

export const fourRooms = (): Family => ({
  ...{ width: 19, height: 19, task: "reach", maxSteps: 100, seesThroughWalls: false, obstacles: 0 },
  mission: "reach the goal",
  lay(random) {
    const level = blank(19, 19);
    enclose(level, whole(level));
    fill(level, { left: 9, top: 0, width: 1, height: 19 }, wall);
    fill(level, { left: 0, top: 9, width: 19, height: 1 }, wall);
    for (const from of [1, 10]) {
      put(level, 9, from + random.integer(8), empty);
      put(level, from + random.integer(8), 9, empty);
    }
    scatterAgent(level, random, whole(level));
    scatter(level, random, goal, whole(level));
    return level;
  },
});

export const lavaGap = (size: number): Family => ({
  ...{ width: size, height: size, task: "reach", maxSteps: 4 * size * size, seesThroughWalls: false, obstacles: 0 },
  mission: "avoid the lava and get to the green goal square",
  lay(random) {
    const level = room(size);
    const [x, y] = [between(random, 2, size - 2), between(random, 1, size - 1)];
    fill(level, { left: x, top: 1, width: 1, height: size - 2 }, lava);
    put(level, x, y, empty);
    return level;
  },
});

/** Rivers of lava, or walls, right across; each with one opening, along some way that goes right and down. */
export const crossing = (size: number, crossings: number, of: "lava" | "wall"): Family => ({
  ...{ width: size, height: size, task: "reach", maxSteps: 4 * size * size, seesThroughWalls: false, obstacles: 0 },
  mission:
    of === "lava"
      ? "avoid the lava and get to the green goal square"
      : "find the opening and get to the green goal square",
  lay(random) {
    const level = room(size);
    const places = Array.from({ length: Math.ceil((size - 4) / 2) }, (_, i) => 2 + 2 * i);
    const rivers = shuffled(random, [
      ...places.map((place) => ({ upright: true, place })),
      ...places.map((place) => ({ upright: false, place })),
    ]).slice(0, crossings);
    const sorted = (upright: boolean): number[] =>
      rivers
        .filter((river) => river.upright === upright)
        .map((river) => river.place)
        .sort((a, b) => a - b);
    const [columns, rows] = [sorted(true), sorted(false)];
    const what = of === "lava" ? lava : wall;
    for (const top of rows) fill(level, { left: 1, top, width: size - 2, height: 1 }, what);
    for (const left of columns) fill(level, { left, top: 1, width: 1, height: size - 2 }, what);
    const [edgesX, edgesY] = [columns, rows].map((places) => [0, ...places, size - 1]);
    let [column, row] = [0, 0];
    for (const rightwards of shuffled(random, [...columns.map(() => true), ...rows.map(() => false)])) {
      if (rightwards) put(level, edgesX[++column], between(random, edgesY[row] + 1, edgesY[row + 1]), empty);
      else put(level, between(random, edgesX[column] + 1, edgesX[column + 1]), edgesY[++row], empty);
    }
    return level;
  },
});

/** Along a wall with lava on the straight way and in the row `second`; the shift between 2 and 5 is the test. */
export const distShift = (second: number): Family => ({
  ...{ width: 9, height: 7, task: "reach", maxSteps: 252, seesThroughWalls: true, obstacles: 0 },
  mission: "get to the green goal square",
  lay() {
    const level = blank(9, 7);
    enclose(level, whole(level));
    for (const top of [1, second]) fill(level, { left: 3, top, width: 3, height: 1 }, lava);
    put(level, 7, 1, goal);
    [level.x, level.y] = [1, 1];
    return level;
  },
});

export const dynamicObstacles = (size: number, wanted: number, randomStart: boolean): Family => {
  const obstacles = wanted <= size / 2 + 1 ? wanted : Math.floor(size / 2);
  return {
    ...{ width: size, height: size, task: "dodge", maxSteps: 4 * size * size, seesThroughWalls: true, obstacles },
    mission: "get to the green goal square",
    lay(random) {
      const level = room(size);
      if (randomStart) scatterAgent(level, random, whole(level));
      for (let i = 0; i < obstacles; i++) {
        const cell = scatter(level, random, thing("ball", "blue"), whole(level));
        if (cell < 0) return undefined;
        level.obstacles.push(cell);
      }
      return level;
    },
  };
};

/**
 * A room with a sign, and a hallway that ends in a fork with a sign on either side: the side with the same sign is right.
 * @param size odd
 * @param randomLength whether the hallway is of any length that fits, or as long as that
 */
export const memory = (size: number, randomLength: boolean): Family => ({
  ...{ width: size, height: size, task: "match", maxSteps: 5 * size * size, seesThroughWalls: false, obstacles: 0 },
  mission: "go to the matching object at the end of the hallway",
  lay(random) {
    const level = blank(size, size);
    enclose(level, whole(level));
    const middle = Math.floor(size / 2);
    const end = randomLength ? between(random, 4, size - 2) : size - 3;
    for (const side of [-1, 1]) {
      fill(level, { left: 1, top: middle + 2 * side, width: 4, height: 1 }, wall);
      fill(level, { left: 4, top: middle + side, width: end - 4, height: 1 }, wall);
    }
    for (const left of [end, end + 2]) fill(level, { left, top: 0, width: 1, height: size }, wall);
    put(level, end, middle, empty);
    [level.x, level.y] = [between(random, 1, end + 1), middle];

    const signs = [thing("key", "green"), thing("ball", "green")] as const;
    const shown = pick(random, signs);
    const [above, below] = pick(random, [signs, [signs[1], signs[0]]] as const);
    const at = (down: number): number => (middle + down) * size + end + 1;
    put(level, 1, middle - 1, shown);
    put(level, end + 1, middle - 2, above);
    put(level, end + 1, middle + 2, below);
    [level.target, level.other] = shown === above ? [at(-1), at(1)] : [at(1), at(-1)];
    return level;
  },
});
