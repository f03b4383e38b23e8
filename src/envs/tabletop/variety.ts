/** What differs from one drawer, door, bottle or cup to another: enough that counting steps does not do. */

export interface Thing {
  /** How much slower than the hand it moves, or runs out: 1 halves. Not seen. */
  readonly friction: number;
  /** How far it goes: a drawer in table widths; an angle or a volume in proportion. Seen. */
  readonly travel: number;
  /** How long it takes to follow, and goes on afterwards: seconds. Not seen. */
  readonly lag: number;
  /** How far from the middle of its handle it can be grasped, table widths; of a cup, how wide it is too. */
  readonly size: number;
}

const thing = (friction: number, travel: number, lag: number, size: number): Thing => ({ friction, travel, lag, size });

/** Eight to learn with, then four that are all beyond those in something. */
export const things: readonly Thing[] = [
  thing(0.6, 0.22, 0.1, 0.04),
  thing(0.8, 0.26, 0.15, 0.045),
  thing(1.0, 0.3, 0.12, 0.05),
  thing(1.2, 0.24, 0.2, 0.055),
  thing(0.7, 0.28, 0.18, 0.06),
  thing(1.1, 0.21, 0.14, 0.042),
  thing(0.9, 0.31, 0.16, 0.048),
  thing(1.3, 0.25, 0.11, 0.052),
  thing(0.1, 0.14, 0.03, 0.03),
  thing(1.6, 0.36, 0.25, 0.07),
  thing(0.3, 0.38, 0.4, 0.035),
  thing(2.2, 0.15, 0.35, 0.032),
];
export const trainedThings = 8;

/** From where a table is looked at, and what else lies on it. */
export interface TableScene {
  /** By which what is seen is turned about the table's middle, rad. Actions are not turned. */
  readonly angle: number;
  /** By which it is then moved, table widths. */
  readonly shift: readonly [number, number];
  /** Where two things lie that are of no use, table widths; each episode moves them a little. */
  readonly distractors: readonly (readonly [number, number])[];
}

/** Two to learn in, then one that is neither. */
export const tableScenes: readonly TableScene[] = [
  {
    angle: 0,
    shift: [0, 0],
    distractors: [
      [0.12, 0.8],
      [0.88, 0.75],
    ],
  },
  {
    angle: 0.5,
    shift: [0.05, -0.05],
    distractors: [
      [0.15, 0.3],
      [0.85, 0.85],
    ],
  },
  {
    angle: -0.6,
    shift: [-0.08, 0.06],
    distractors: [
      [0.2, 0.15],
      [0.1, 0.55],
    ],
  },
];
export const trainedScenes = 2;
