/** What a task of the family is: what lies on the table, where it may be, what is wanted of it. */
import type { Views } from "../mujoco/physics.ts";

export type Triple = readonly [x: number, y: number, z: number];

/** A box of numbers that are drawn from, or chosen within. */
export interface Area {
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** What the numbers are, for tables and errors: "x, y of the object, m". */
  readonly about: string;
}

export interface ArmTask {
  readonly name: string;
  /** One sentence for lists. */
  readonly about: string;
  /** MJCF; see model.ts. */
  readonly model: string;
  /** Where the thing, or the fixture it belongs to, may be at the start. */
  readonly starts: Area;
  readonly goals: Area;
  /** How near the goal is near enough: metres from its place, or what a joint may lack. */
  readonly tolerance: number;
  /** Half the width of what has to be held, m; absent where nothing has to be. */
  readonly held?: number;
  /**
   * Puts things in place (qpos from 5 on, mocap 1) and says where the goal is; the joint of a `jointed` task is set after.
   */
  arrange(views: Views, start: readonly number[], goal: readonly number[]): Triple;
  /** For things on a joint: its angle (rad) or way (m) at the start, and when done, which may lie beyond. */
  readonly jointed?: (goal: readonly number[]) => { readonly from: number; readonly to: number };
}

/** Where the joints begin in qpos after the hand's three and the fingers' two. */
export const firstJoint = 5;

/** Puts a loose thing somewhere, upright, at rest. */
export function put({ qpos }: Views, [x, y, z]: Triple): void {
  qpos.set([x, y, z, 1, 0, 0, 0], firstJoint);
}

/** Screws the fixture to a place on the table. */
export function screw({ mocap_pos }: Views, x: number, y: number): void {
  mocap_pos.set([x, y, 0], 3);
}
