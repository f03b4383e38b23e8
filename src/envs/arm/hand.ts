/** What every task of the family has in common: the hand, what is done with it, what is seen. */
import type { Generator } from "../../tensor/random.ts";
import type { Physics, Views } from "../mujoco/physics.ts";
import { parameter } from "../parameters.ts";

/** Where the hand can be told to go, m: x, y, z. */
export const workspace = { low: [-0.32, 0.3, 0.022], high: [0.32, 0.9, 0.4] } as const;

/** Metres between the middle and a pad when the hand is open. */
const widest = 0.04;
/** What a closed hand is told, m beyond the middle: thin things are held firmly too. */
const squeeze = 0.01;
/** Physics steps, of 5 ms, to a step of the environment. */
const frames = 4;

export const handParameters = {
  stride: parameter(0.03, 0.01, 0.06, "how far ahead of itself the hand is told to go by an action of 1, m"),
};

/** Before an episode: near the middle, open, at rest. */
export function restHand({ qpos, ctrl }: Views, random: Generator): void {
  const at = [0, 0.4, 0.2].map((middle) => middle + random.between(-0.02, 0.02));
  qpos.set(at);
  qpos.fill(widest, 3, 5);
  ctrl.set([...at, widest, widest]);
}

/** One step of 20 ms. Each motor draws the hand towards a place up to a stride from where it is. */
export function moveHand(physics: Physics, action: ArrayLike<number>, stride: number): void {
  const { qpos, ctrl, actuator_gear } = physics.views;
  // A motor measures lengths times its gear, so what it is told is times its gear too.
  const [gear] = actuator_gear;
  for (let i = 0; i < 3; i++) {
    const target = qpos[i] + stride * action[i];
    ctrl[i] = gear * Math.max(workspace.low[i], Math.min(workspace.high[i], target));
  }
  const opening = widest - (0.5 + 0.5 * action[3]) * (widest + squeeze);
  ctrl[3] = gear * opening;
  ctrl[4] = gear * opening;
  physics.step(frames);
}

/** Places in an observation. */
export const seen = { hand: 0, opening: 3, velocity: 4, first: 7, turn: 10, second: 14, goal: 17, size: 20 } as const;

/** How far the pads are apart, in parts of the widest. */
export const openingOf = (qpos: Float64Array): number => (qpos[3] + qpos[4]) / (2 * widest);

/** Half the distance between the pads, m, from the observed opening. */
export const halfWidth = (opening: number): number => opening * widest;
