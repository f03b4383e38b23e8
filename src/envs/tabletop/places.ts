/** Places in the state of a table-top world. The hand's x, y, vx, vy come first. */
export const at = {
  ...{ tilt: 4, turning: 5, closed: 6, held: 7 },
  /** The state, how fast it changes (1/s), and what has flowed out, caught or not. */
  ...{ x: 8, rate: 9, spent: 10 },
  ...{ goal: 11, inWords: 12, thing: 13, scene: 14 },
  /** Two numbers each: the handle, its place at state 0, what catches; the distractors are four. */
  ...{ handle: 15, origin: 17, catcher: 19, distractors: 21 },
  /** Steps so far, steps near enough in a row, and whether it ever was near enough. */
  ...{ clock: 25, kept: 26, reached: 27 },
} as const;
export const stateSize = 28;
