/**
 * What a cell of a grid world can hold, as one number of 16 bits: kind, colour, state (of doors) and, for boxes, the
 * kind and colour of what is inside. Kinds, colours and states have MiniGrid's numbers (arXiv 2306.13831).
 */

export const kinds = {
  unseen: 0,
  empty: 1,
  wall: 2,
  floor: 3,
  door: 4,
  key: 5,
  ball: 6,
  box: 7,
  goal: 8,
  lava: 9,
  agent: 10,
} as const;
export type Kind = keyof typeof kinds;

export const colours = ["red", "green", "blue", "purple", "yellow", "grey"] as const;
export type Colour = (typeof colours)[number];

/** Of doors. */
export const doorStates = { open: 0, closed: 1, locked: 2 } as const;

export const kindOf = (thing: number): number => thing & 15;
export const colourOf = (thing: number): number => (thing >> 4) & 7;
export const stateOf = (thing: number): number => (thing >> 7) & 3;
/** What is in a box; 0: nothing. */
export const contentsOf = (thing: number): number => thing >> 9;

/** A thing by its numbers. */
export const packed = (kind: number, colour: number, state = 0, contents = 0): number =>
  kind | (colour << 4) | (state << 7) | (contents << 9);

/** @param contents what is inside a box, itself a thing without state or contents */
export const thing = (kind: Kind, colour: Colour, state: keyof typeof doorStates = "open", contents = 0): number =>
  packed(kinds[kind], colours.indexOf(colour), doorStates[state], contents);

export const empty: number = kinds.empty;
export const wall: number = thing("wall", "grey");
export const goal: number = thing("goal", "green");
export const lava: number = thing("lava", "red");

export const isOpenDoor = (at: number): boolean => kindOf(at) === kinds.door && stateOf(at) === doorStates.open;
export const isClosedDoor = (at: number): boolean => kindOf(at) === kinds.door && stateOf(at) === doorStates.closed;
export const isLockedDoor = (at: number): boolean => kindOf(at) === kinds.door && stateOf(at) === doorStates.locked;

/** What can be picked up, by number. */
export const movableKinds = ["key", "ball", "box"] as const satisfies readonly Kind[];

export const isMovable = (at: number): boolean => {
  const kind = kindOf(at);
  return kind === kinds.key || kind === kinds.ball || kind === kinds.box;
};

/** Whether an agent can step onto it. */
export const isWalkable = (at: number): boolean => {
  const kind = kindOf(at);
  return kind === kinds.empty || kind === kinds.goal || kind === kinds.lava || kind === kinds.floor || isOpenDoor(at);
};

/** Whether one can look past it. */
export const isTransparent = (at: number): boolean =>
  kindOf(at) !== kinds.wall && (kindOf(at) !== kinds.door || stateOf(at) === doorStates.open);

/** Whether the thing carried opens the locked door. */
export const opens = (carried: number, door: number): boolean =>
  kindOf(carried) === kinds.key && colourOf(carried) === colourOf(door);

/** The same door in another state. */
export const withState = (door: number, state: keyof typeof doorStates): number =>
  packed(kindOf(door), colourOf(door), doorStates[state]);
