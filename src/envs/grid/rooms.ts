/** Square rooms in rows and columns, with doors between them: what KeyCorridor, ObstructedMaze and Unlock are made of. */
import type { Generator } from "../../tensor/random.ts";
import { type Area, at, between, blank, enclose, headings, type Level, pick, put, scatter } from "./level.ts";
import { type Colour, colours, empty, kindOf, kinds, thing } from "./things.ts";

/** A place in the walls, by the direction it is in: right, down, left, up. */
export interface Room {
  readonly area: Area;
  /** Where a door in each wall goes, [x, y]; undefined at the edge. */
  readonly doorAt: (readonly [number, number] | undefined)[];
  /** Whether a door, or an opening, joins it to the neighbour there. */
  readonly joined: boolean[];
  locked: boolean;
}

export interface Rooms {
  readonly level: Level;
  readonly columns: number;
  readonly rows: number;
  /** [rows × columns] */
  readonly rooms: readonly Room[];
}

export const roomAt = ({ rooms, columns }: Rooms, column: number, row: number): Room => rooms[row * columns + column];

/** Rooms of `size` cells a side, walls included and shared; the agent waits in the middle of the middle one. */
export function layRooms(random: Generator, size: number, columns: number, rows: number): Rooms {
  const level = blank((size - 1) * columns + 1, (size - 1) * rows + 1);
  const rooms: Room[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const area = { left: column * (size - 1), top: row * (size - 1), width: size, height: size };
      enclose(level, area);
      rooms.push({
        area,
        doorAt: [undefined, undefined, undefined, undefined],
        joined: [false, false, false, false],
        locked: false,
      });
    }
  }
  const all: Rooms = { level, columns, rows, rooms };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const { area, doorAt } = roomAt(all, column, row);
      const [right, bottom] = [area.left + size - 1, area.top + size - 1];
      if (column < columns - 1) {
        doorAt[0] = [right, between(random, area.top + 1, bottom)];
        roomAt(all, column + 1, row).doorAt[2] = doorAt[0];
      }
      if (row < rows - 1) {
        doorAt[1] = [between(random, area.left + 1, right), bottom];
        roomAt(all, column, row + 1).doorAt[3] = doorAt[1];
      }
    }
  }
  level.x = Math.floor(columns / 2) * (size - 1) + Math.floor(size / 2);
  level.y = Math.floor(rows / 2) * (size - 1) + Math.floor(size / 2);
  return all;
}

const neighbour = (all: Rooms, column: number, row: number, side: number): Room =>
  roomAt(all, column + headings[side][0], row + headings[side][1]);

/** Puts a door into a wall and returns where. */
export function addDoor(
  all: Rooms,
  column: number,
  row: number,
  side: number,
  colour: Colour,
  locked: boolean,
): readonly [x: number, y: number] {
  const room = roomAt(all, column, row);
  const place = room.doorAt[side]!;
  room.locked = locked;
  room.joined[side] = true;
  neighbour(all, column, row, side).joined[(side + 2) % 4] = true;
  put(all.level, place[0], place[1], thing("door", colour, locked ? "locked" : "closed"));
  return place;
}

/** Takes the wall between two rooms away. */
export function removeWall(all: Rooms, column: number, row: number, side: number): void {
  const room = roomAt(all, column, row);
  const { left, top, width, height } = room.area;
  const [x, y] = [side === 0 ? left + width - 1 : left, side === 1 ? top + height - 1 : top];
  for (let i = 1; i < width - 1; i++)
    put(all.level, side % 2 === 0 ? x : left + i, side % 2 === 0 ? top + i : y, empty);
  room.joined[side] = true;
  neighbour(all, column, row, side).joined[(side + 2) % 4] = true;
}

/** Puts a thing anywhere in a room, but not beside the agent; the cell, or −1. */
export function scatterInRoom(all: Rooms, random: Generator, column: number, row: number, what: number): number {
  const { level } = all;
  const [x, y] = [level.x, level.y];
  const apart = (cx: number, cy: number): boolean => Math.abs(cx - x) + Math.abs(cy - y) >= 2;
  return scatter(level, random, what, roomAt(all, column, row).area, apart);
}

/** Puts the agent into a room, looking at nothing or at a wall; false where that cannot be. */
export function placeAgent(all: Rooms, random: Generator, column: number, row: number): boolean {
  const { level } = all;
  const { left, top, width, height } = roomAt(all, column, row).area;
  const poses: (readonly [number, number, number])[] = [];
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) {
      if (at(level, x, y) !== empty) continue;
      headings.forEach(([dx, dy], direction) => {
        const ahead = kindOf(at(level, x + dx, y + dy));
        if (ahead === kinds.empty || ahead === kinds.wall) poses.push([x, y, direction]);
      });
    }
  }
  if (poses.length === 0) return false;
  [level.x, level.y, level.direction] = pick(random, poses);
  return true;
}

/** Adds doors that are not locked until every room can be reached; rooms behind a lock get no other door. */
export function connectAll(all: Rooms, random: Generator, fromColumn: number, fromRow: number): boolean {
  const { columns, rows, rooms } = all;
  const everywhere = (): boolean => {
    const reached = new Set([fromRow * columns + fromColumn]);
    for (const index of reached) {
      headings.forEach(([dx, dy], side) => {
        if (rooms[index].joined[side]) reached.add(index + dx + dy * columns);
      });
    }
    return reached.size === rooms.length;
  };
  for (let tries = 0; tries < 5000; tries++) {
    if (everywhere()) return true;
    const [column, row, side] = [random.integer(columns), random.integer(rows), random.integer(4)];
    const room = roomAt(all, column, row);
    if (room.doorAt[side] === undefined || room.joined[side]) continue;
    if (room.locked || neighbour(all, column, row, side).locked) continue;
    addDoor(all, column, row, side, pick(random, colours), false);
  }
  return false;
}
