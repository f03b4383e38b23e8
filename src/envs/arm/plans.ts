/** A skilled hand for each task: what to do next, by what is seen and the stage that is remembered. */
import { peg, puck, socket } from "./loose-tasks.ts";
import {
  apart,
  flat,
  gapOf,
  go,
  goalOf,
  handOf,
  minus,
  open,
  over,
  plus,
  secondOf,
  shut,
  thingOf,
  turned,
  turnOf,
} from "./moves.ts";
import type { Triple } from "./task.ts";

/** The action; `memory` is [stage, steps in it]; `hover` is how high it moves, m. */
export type Act = (o: Float32Array, hover: number, memory: Float64Array) => Float32Array;

const enter = (memory: Float64Array, stage: number): void => {
  memory[0] = stage;
  memory[1] = 0;
};

/**
 * Opens above the thing, goes down about it, closes, and then `carries` it; takes it again when it is lost.
 * @param at where to hold it, from its point
 */
const holding =
  (at: Triple, carry: (o: Float32Array, hand: Triple, memory: Float64Array) => Float32Array): Act =>
  (o, hover, memory) => {
    const [hand, thing] = [handOf(o), thingOf(o)];
    const place = plus(thing, at);
    memory[1]++;
    if (memory[0] === 0) {
      if (flat(hand, place) < 0.015 && Math.abs(hand[2] - place[2]) < 0.015 && gapOf(o) > 0.03) enter(memory, 1);
      else return over(o, place, place[2] + hover, open);
    }
    if (memory[0] === 1) {
      if (memory[1] > 4) enter(memory, 2);
      return go(o, place, shut);
    }
    if (apart(hand, place) > 0.045) enter(memory, 0);
    return carry(o, hand, memory);
  };

/** Where the hand has to be for the thing to be there. */
const bring = (o: Float32Array, to: Triple): Triple => plus(handOf(o), minus(to, thingOf(o)));

const carryTo: Act = holding([0, 0, 0], (o) => {
  const [thing, goal] = [thingOf(o), goalOf(o)];
  const lifted = goal[2] > 0.04 && flat(thing, goal) > 0.05 ? Math.max(goal[2], 0.1) : goal[2];
  return go(o, bring(o, [goal[0], goal[1], lifted]), shut, 0.8);
});

/** Behind the puck the open hand is a pocket: its pads touch it on both sides of the way it is to go. */
const pocket: Triple = [0, -0.034, 0.006];

const sweepInto: Act = (o, hover, memory) => {
  const [hand, thing, mouth, goal] = [handOf(o), thingOf(o), secondOf(o), goalOf(o)];
  const behind = plus(thing, [0, -puck.radius - 0.02, 0.006]);
  if (memory[0] === 0 && apart(hand, behind) < 0.012) enter(memory, 1);
  if (memory[0] === 0) return over(o, behind, behind[2] + hover, open);
  if (apart(hand, plus(thing, pocket)) > 0.05) enter(memory, 0);
  // First in front of the opening, so that no wall is hit.
  const aligned = Math.abs(thing[0] - mouth[0]) < 0.012 || thing[1] > mouth[1];
  const to: Triple = aligned ? goal : [mouth[0], mouth[1] - puck.radius - 0.005, goal[2]];
  const next = plus(thing, pocket);
  return go(o, plus(next, minus(to, thing)), open, 0.5);
};

/** Held behind its middle, so that the head is free. */
const plug: Triple = [0, -0.035, 0];

const pegInsert: Act = holding(plug, (o) => {
  const [thing, mouth, goal] = [thingOf(o), secondOf(o), goalOf(o)];
  const front = mouth[1] - peg.half - 0.03;
  const off = Math.hypot(thing[0] - goal[0], thing[2] - socket.height);
  const entered = thing[1] > mouth[1] - peg.half + 0.005;
  // Up where it lies, then before the hole, then in.
  if (!entered && off > 0.006) {
    const y = thing[2] < socket.height - 0.02 ? Math.min(front, thing[1]) : front;
    return go(o, bring(o, [goal[0], y, socket.height]), shut, 0.7);
  }
  return go(o, bring(o, goal), shut, 0.5);
});

const pegUnplug: Act = holding([0, -0.045, 0], (o) => go(o, bring(o, goalOf(o)), shut, 0.5));

/** A pad is 10 mm deep, and a bar 8 mm thick. */
const behindBar = 0.021;

const drawerOpen: Act = (o, hover, memory) => {
  const [hand, bar, goal] = [handOf(o), thingOf(o), goalOf(o)];
  const hook: Triple = [bar[0], bar[1] + behindBar, bar[2]];
  if (memory[0] === 0 && apart(hand, hook) < 0.012) enter(memory, 1);
  if (memory[0] === 0) return over(o, hook, bar[2] + hover, shut);
  if (apart(hand, hook) > 0.06) enter(memory, 0);
  return go(o, [bar[0], hand[1] + goal[1] - bar[1] - 0.012, bar[2]], shut, 0.7);
};

const drawerClose: Act = (o, hover, memory) => {
  const [hand, bar, goal] = [handOf(o), thingOf(o), goalOf(o)];
  const before: Triple = [bar[0], bar[1] - 0.04, bar[2]];
  if (memory[0] === 0 && apart(hand, before) < 0.02) enter(memory, 1);
  if (memory[0] === 0) return over(o, before, bar[2] + hover, shut);
  if (apart(hand, bar) > 0.08) enter(memory, 0);
  return go(o, [bar[0], goal[1] - 0.006, bar[2]], shut, 0.8);
};

const buttonPress: Act = (o, hover) => {
  const [hand, cap, goal] = [handOf(o), thingOf(o), goalOf(o)];
  if (flat(hand, cap) > 0.015) return go(o, [cap[0], cap[1], cap[2] + 0.03 + 0.5 * hover], shut);
  return go(o, [cap[0], cap[1], goal[2] - 0.01], shut, 0.7);
};

/** From the handle to the hinge, the door shut. */
const handleFromHinge: Triple = [0.2, -0.062, 0];

/** Along the arc about the hinge, a little ahead of the handle, towards the goal's angle. */
function alongArc(o: Float32Array, ahead: number): Triple {
  const [handle, goal] = [thingOf(o), goalOf(o)];
  const now = turnOf(o);
  const hinge = minus(handle, turned(handleFromHinge, now));
  const own = Math.atan2(handleFromHinge[1], handleFromHinge[0]);
  const wanted = Math.atan2(goal[1] - hinge[1], goal[0] - hinge[0]) - own;
  const next = now + Math.max(-ahead, Math.min(ahead, wanted - now));
  return plus(hinge, turned(handleFromHinge, next));
}

const doorOpen: Act = holding([0, 0, 0], (o) => go(o, bring(o, alongArc(o, 0.2)), shut, 0.7));

const doorClose: Act = (o, hover, memory) => {
  const hand = handOf(o);
  const now = turnOf(o);
  // Beside the handle, near the door's edge, on the side that faces the arm when it is shut.
  const contact = plus(thingOf(o), turned([0.035, 0.033, 0], now));
  if (memory[0] === 0 && apart(hand, contact) < 0.045) enter(memory, 1);
  if (memory[0] === 0) {
    const before = plus(contact, turned([0.01, -0.03, 0], now));
    return over(o, before, before[2] + 0.08 + 0.5 * hover, shut);
  }
  if (apart(hand, contact) > 0.08) enter(memory, 0);
  const next = plus(alongArc(o, 0.25), turned([0.035, 0.045, 0], now));
  return go(o, next, shut, 0.7);
};

/** Beside the knob, then against it. @param way 1: to the right, −1: to the left */
const slideAside =
  (way: 1 | -1): Act =>
  (o, hover, memory) => {
    const [hand, knob, goal] = [handOf(o), thingOf(o), goalOf(o)];
    const beside: Triple = [knob[0] - way * 0.045, knob[1], knob[2]];
    if (memory[0] === 0 && apart(hand, beside) < 0.02) enter(memory, 1);
    if (memory[0] === 0) return over(o, beside, knob[2] + hover, shut);
    if (apart(hand, knob) > 0.09) enter(memory, 0);
    return go(o, [goal[0] - way * 0.018, knob[1], knob[2]], shut, 0.8);
  };

const leverPull: Act = holding([0, 0, 0], (o) => {
  const [knob, goal] = [thingOf(o), goalOf(o)];
  // A little outwards of the straight way, which the arc bulges to.
  const up = goal[2] - knob[2];
  return go(o, plus(bring(o, goal), [0, -0.5 * Math.max(0, up), 0.02]), shut, 0.6);
});

const leverPush: Act = (o, hover, memory) => {
  const [hand, knob, goal] = [handOf(o), thingOf(o), goalOf(o)];
  const above: Triple = [knob[0], knob[1], knob[2] + 0.05];
  if (memory[0] === 0 && apart(hand, above) < 0.02) enter(memory, 1);
  if (memory[0] === 0) return over(o, above, knob[2] + hover, shut);
  if (apart(hand, knob) > 0.09) enter(memory, 0);
  return go(o, [knob[0], knob[1] - 0.005, goal[2] + 0.02], shut, 0.7);
};

const reach: Act = (o) => go(o, goalOf(o), shut);

/** By the task's name. */
export const plans: { readonly [name: string]: Act } = {
  "Arm-Reach-v0": reach,
  "Arm-Push-v0": carryTo,
  "Arm-PickPlace-v0": carryTo,
  "Arm-SweepInto-v0": sweepInto,
  "Arm-PegInsert-v0": pegInsert,
  "Arm-PegUnplug-v0": pegUnplug,
  "Arm-DrawerOpen-v0": drawerOpen,
  "Arm-DrawerClose-v0": drawerClose,
  "Arm-ButtonPress-v0": buttonPress,
  "Arm-DoorOpen-v0": doorOpen,
  "Arm-DoorClose-v0": doorClose,
  "Arm-WindowOpen-v0": slideAside(1),
  "Arm-WindowClose-v0": slideAside(-1),
  "Arm-LeverPull-v0": leverPull,
  "Arm-LeverPush-v0": leverPush,
};
