/** MultiRoom: a row of rooms, each behind a door of the one before. */
import type { Generator } from "../../tensor/random.ts";
import type { Family } from "./family.ts";
import { type Area, between, blank, enclose, type Level, pick, put, scatter, scatterAgent } from "./level.ts";
import { type Colour, colours, goal, thing } from "./things.ts";

interface Chamber extends Area {
  readonly entry: readonly [x: number, y: number];
}

const extent = 25;
const smallest = 4;

/** A row of rooms, each entered by a door from the one before; the agent in the first, the goal in the last. */
export const multiRoom = (rooms: number, largest: number): Family => ({
  ...{ width: extent, height: extent, task: "reach", maxSteps: rooms * 20, seesThroughWalls: false, obstacles: 0 },
  mission: "traverse the rooms to get to the goal",
  lay(random) {
    const chain: Chamber[] = [];
    addChamber(random, chain, rooms, largest, 2, [random.integer(extent - 2), random.integer(extent - 2)]);
    return chain.length < rooms ? undefined : furnished(random, chain);
  },
});

function furnished(random: Generator, chain: readonly Chamber[]): Level {
  const level = blank(extent, extent);
  let before: Colour | undefined;
  chain.forEach((chamber, i) => {
    enclose(level, chamber);
    if (i === 0) return;
    before = pick(
      random,
      colours.filter((colour) => colour !== before),
    );
    put(level, chamber.entry[0], chamber.entry[1], thing("door", before, "closed"));
  });
  scatterAgent(level, random, chain[0]);
  scatter(level, random, goal, chain[chain.length - 1]);
  return level;
}

/** Adds a room that is entered at a place in one of its walls (right, down, left, up), and those that follow it. */
function addChamber(
  random: Generator,
  chain: Chamber[],
  left: number,
  largest: number,
  side: number,
  [x, y]: readonly [x: number, y: number],
): boolean {
  const [width, height] = [between(random, smallest, largest + 1), between(random, smallest, largest + 1)];
  const along = (place: number, size: number): number => between(random, place - size + 2, place);
  const area: Area = { left: x, top: y, width, height };
  if (chain.length > 0) {
    const corner =
      side % 2 === 0
        ? [side === 0 ? x - width + 1 : x, along(y, height)]
        : [along(x, width), side === 1 ? y - height + 1 : y];
    Object.assign(area, { left: corner[0], top: corner[1] });
  }
  const [right, bottom] = [area.left + width, area.top + height];
  if (area.left < 0 || area.top < 0 || right > extent || bottom >= extent) return false;
  const apart = (other: Area): boolean =>
    right < other.left ||
    other.left + other.width <= area.left ||
    bottom < other.top ||
    other.top + other.height <= area.top;
  if (!chain.slice(0, -1).every(apart)) return false;
  chain.push({ ...area, entry: [x, y] });
  if (left === 1) return true;
  for (let tries = 0; tries < 8; tries++) {
    const exit = pick(
      random,
      [0, 1, 2, 3].filter((other) => other !== side),
    );
    const place: readonly [number, number] =
      exit % 2 === 0
        ? [exit === 0 ? right - 1 : area.left, area.top + between(random, 1, height - 1)]
        : [area.left + between(random, 1, width - 1), exit === 1 ? bottom - 1 : area.top];
    if (addChamber(random, chain, left - 1, largest, (exit + 2) % 4, place)) break;
  }
  return true;
}
