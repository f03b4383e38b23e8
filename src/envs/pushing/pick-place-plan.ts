/** Skilled hands for pick-and-place: by either handle, and what to do with the object then. */
import type { Plan } from "./dials.ts";
import { environmentFactors, obstacleRadius } from "./factors.ts";
import { table } from "./hand.ts";
import { type PickPlaceOptions, pickPlace } from "./pick-place.ts";
import { around, type Motion, towards, unit } from "./steering.ts";

/** "place" sets the object down; "good" tosses it onto the target, "bad" past it and off the table. */
export type Toss = "place" | "good" | "bad";

/** Where a toss is let go, before the target. */
const throwing = 0.16;

/**
 * Styles "left" and "right", the handles. Up to the release, "good" and "bad" do the same, so that with the same seed their
 * episodes have identical beginnings (robomimic's paired data, arXiv 2108.03298).
 */
export function pickPlacePlan(options: PickPlaceOptions, toss: Toss): Plan {
  const env = pickPlace(options);
  const surroundings = environmentFactors(options.environment ?? 0);
  const angle = surroundings[0];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  /** From what the camera sees to the table. */
  const onTable = (x: number, y: number): Motion => [
    0.5 + cos * (x - 0.5) + sin * (y - 0.5),
    0.5 - sin * (x - 0.5) + cos * (y - 0.5),
  ];
  const obstacles: readonly Motion[] = [
    [surroundings[8], surroundings[9]],
    [surroundings[10], surroundings[11]],
  ];
  const clear = obstacleRadius + table.radius + 0.015;
  /** Towards a goal, round an obstacle that is in between. */
  const steer = (hand: Motion, goal: Motion): Motion => {
    for (const stone of obstacles) {
      const [dx, dy] = unit(goal[0] - hand[0], goal[1] - hand[1]);
      const [sx, sy] = [stone[0] - hand[0], stone[1] - hand[1]];
      const along = sx * dx + sy * dy;
      const between = along > 0 && along < Math.hypot(goal[0] - hand[0], goal[1] - hand[1]) && Math.hypot(sx, sy) < 0.2;
      if (between && Math.abs(dx * sy - dy * sx) < clear) return around(hand, stone, goal, clear + 0.01);
    }
    return towards(hand[0], hand[1], goal[0], goal[1]);
  };

  return {
    name: env.name,
    observationSpace: env.observationSpace,
    actionSpace: env.actionSpace,
    styles: ["left", "right"],
    // Whether the toss has begun, and its direction.
    memorySize: 3,
    act(o, style, memory) {
      const [hand, object, target] = [onTable(o[0], o[1]), onTable(o[6], o[7]), onTable(o[10], o[11])];
      const slow = Math.hypot(o[2], o[3]) < 0.12;
      const [closed, held] = [o[4], o[5]];
      if (held === 0) {
        if (memory[0] === 2) return Float32Array.of(0, 0, -1);
        const side = style === 0 ? -1 : 1;
        const handle: Motion = [object[0] + side * o[27], object[1] + side * o[28]];
        const near = Math.hypot(handle[0] - hand[0], handle[1] - hand[1]) < 0.012 && slow;
        return Float32Array.of(...steer(hand, handle), near && closed === 0 ? 1 : -1);
      }
      const [cx, cy] = [object[0] - hand[0], object[1] - hand[1]];
      if (toss === "place") {
        const goal: Motion = [target[0] - cx, target[1] - cy];
        const there = Math.hypot(object[0] - target[0], object[1] - target[1]) < 0.02 && slow;
        return Float32Array.of(...steer(hand, goal), there ? -1 : 1);
      }
      return tossed(hand, object, target, toss, o, memory, steer);
    },
  };
}

/** Carries to a place short of the target, runs up, and lets go at the right speed, or at full speed near the edge. */
function tossed(
  hand: Motion,
  object: Motion,
  target: Motion,
  toss: "good" | "bad",
  o: Float32Array,
  memory: Float64Array,
  steer: (hand: Motion, goal: Motion) => Motion,
): Float32Array {
  const [cx, cy] = [object[0] - hand[0], object[1] - hand[1]];
  if (memory[0] === 0) {
    const [dx, dy] = unit(target[0] - 0.5 || 1e-6, target[1] - 0.5);
    const goal: Motion = [target[0] - throwing * dx - cx, target[1] - throwing * dy - cy];
    const ready = Math.hypot(goal[0] - hand[0], goal[1] - hand[1]) < 0.02 && Math.hypot(o[2], o[3]) < 0.1;
    if (!ready) return Float32Array.of(...steer(hand, goal), 1);
    memory[0] = 1;
    memory[1] = dx;
    memory[2] = dy;
  }
  const left = (target[0] - object[0]) * memory[1] + (target[1] - object[1]) * memory[2];
  // The bad toss lets go a little before the table's edge, at full speed.
  const edge = Math.min(
    memory[1] > 0 ? (1 - object[0]) / memory[1] : memory[1] < 0 ? -object[0] / memory[1] : 9,
    memory[2] > 0 ? (1 - object[1]) / memory[2] : memory[2] < 0 ? -object[1] / memory[2] : 9,
  );
  const slowing = 0.6 * o[13];
  const fast = Math.hypot(o[2], o[3]);
  // The speed from which it slides as far as the target is, and what the hand must be told to have it at the next step.
  const lag = (slowing * table.seconds) / 2;
  const wanted = lag + Math.sqrt(lag * lag + 2 * slowing * Math.max(0, left));
  const told = (wanted - 0.4 * fast) / 0.6 / 0.5;
  const release = toss === "good" ? told <= 1 : edge <= 0.12;
  const pace = toss === "good" && release ? Math.max(-1, told) : 1;
  if (release) memory[0] = 2;
  return Float32Array.of(pace * memory[1], pace * memory[2], release ? -1 : 1);
}
