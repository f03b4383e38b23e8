/** A skilled hand for aligning: it tries every push in its head and makes the best one, again and again. */
import { type AlignOptions, align, cup, cupForm, turned } from "./align.ts";
import { pushBlock } from "./contact.ts";
import type { Plan } from "./dials.ts";
import { table } from "./hand.ts";
import { around, type Motion, towards } from "./steering.ts";

/** A push: where the hand starts and which way it goes, in the box's own frame. */
interface Push {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

const off = table.radius + 0.006;
const { half, wall } = cup;
const offsets = [-0.7, -0.35, 0, 0.35, 0.7];
const fromOutside: readonly Push[] = offsets.flatMap((offset) => [
  { x: -half - off, y: offset * half, dx: 1, dy: 0 },
  { x: half + off, y: offset * half, dx: -1, dy: 0 },
  { x: offset * half, y: -half - off, dx: 0, dy: 1 },
]);
const ends: readonly Push[] = [-1, 1].map((side) => ({ x: side * (half - wall / 2), y: half + off, dx: 0, dy: -1 }));
const room = half - wall;
const fromInside: readonly Push[] = offsets.flatMap((offset) => [
  { x: -room + off, y: offset * (half - off), dx: -1, dy: 0 },
  { x: room - off, y: offset * (half - off), dx: 1, dy: 0 },
  { x: offset * (room - off), y: -room + off, dx: 0, dy: -1 },
]);
const pushes: readonly (readonly Push[])[] = [fromInside, [...fromOutside, ...ends]];

const stepLength = 0.012;
const longest = 12;
const angleWeight = 0.12;

/** Memory: the push + 1 (0: none), whether it is being made, steps left of it, its direction on the table. */
const [chosen, making, left, dirX, dirY] = [0, 1, 2, 3, 4];

/** Styles "inside" and "outside". */
export function alignPlan(options: AlignOptions): Plan {
  const env = align(options);
  const scratch = new Float64Array(7);

  /** What is wrong with a pose. */
  const cost = (x: number, y: number, angle: number, goal: readonly [number, number, number]): number =>
    Math.hypot(x - goal[0], y - goal[1], angleWeight * turned(angle - goal[2]));

  /** The push after which the least is wrong, and how many steps of it. */
  const best = (
    box: readonly [number, number, number],
    goal: readonly [number, number, number],
    style: number,
    hand: Motion,
  ) => {
    const [cos, sin] = [Math.cos(box[2]), Math.sin(box[2])];
    let least = Number.POSITIVE_INFINITY;
    let found = { push: 0, steps: 1 };
    for (const [index, push] of pushes[style].entries()) {
      const start: Motion = [box[0] + cos * push.x - sin * push.y, box[1] + sin * push.x + cos * push.y];
      if (start[0] < 0.01 || start[0] > 0.99 || start[1] < 0.01 || start[1] > 0.99) continue;
      const [dx, dy] = [cos * push.dx - sin * push.dy, sin * push.dx + cos * push.dy];
      const travel = 0.02 * Math.hypot(start[0] - hand[0], start[1] - hand[1]);
      scratch.set([start[0], start[1], dx * 0.12, dy * 0.12, ...box]);
      for (let step = 1; step <= longest; step++) {
        scratch[0] += stepLength * dx;
        scratch[1] += stepLength * dy;
        pushBlock(scratch, 4, cupForm, table.radius, 0.3);
        const wrong = cost(scratch[4], scratch[5], scratch[6], goal) + travel;
        if (wrong < least) {
          least = wrong;
          found = { push: index, steps: step };
        }
      }
    }
    return found;
  };

  return {
    name: env.name,
    observationSpace: env.observationSpace,
    actionSpace: env.actionSpace,
    styles: ["inside", "outside"],
    memorySize: 5,
    act(o, style, memory) {
      const hand: Motion = [o[0], o[1]];
      const box = [o[4], o[5], Math.atan2(o[7], o[6])] as const;
      const goal = [o[8], o[9], Math.atan2(o[11], o[10])] as const;
      const [cos, sin] = [o[6], o[7]];
      const placed = (x: number, y: number): Motion => [box[0] + cos * x - sin * y, box[1] + sin * x + cos * y];
      if (memory[making] === 1) {
        if (memory[left]-- > 0) return Float32Array.of(0.24 * memory[dirX], 0.24 * memory[dirY]);
        memory[making] = 0;
        memory[chosen] = 0;
      }
      if (memory[chosen] === 0) {
        const { push, steps } = best(box, goal, style, hand);
        memory[chosen] = push + 1;
        memory[left] = steps;
      }
      const push = pushes[style][memory[chosen] - 1];
      const start = placed(push.x, push.y);
      const far = Math.hypot(start[0] - hand[0], start[1] - hand[1]);
      if (far < 0.008 && Math.hypot(o[2], o[3]) < 0.08) {
        memory[making] = 1;
        memory[dirX] = cos * push.dx - sin * push.dy;
        memory[dirY] = sin * push.dx + cos * push.dy;
        return Float32Array.of(0.24 * memory[dirX], 0.24 * memory[dirY]);
      }
      if (style === 0) return Float32Array.from(enter(hand, box, placed, start));
      const clear = half * Math.SQRT2 + table.radius + 0.01;
      // Straight in from outside the corner's circle, once before the face.
      const before = placed(push.x - push.dx * 0.09, push.y - push.dy * 0.09);
      const [hu, hv] = local(hand, box);
      const facing = -(hu - push.x) * push.dx - (hv - push.y) * push.dy;
      const beside = Math.abs(-(hu - push.x) * push.dy + (hv - push.y) * push.dx);
      if (facing > -0.004 && beside < 0.012) return Float32Array.from(towards(hand[0], hand[1], ...start));
      return Float32Array.from(around(hand, [box[0], box[1]], before, clear));
    },
  };
}

const local = (hand: Motion, box: readonly [number, number, number]): Motion => {
  const [dx, dy] = [hand[0] - box[0], hand[1] - box[1]];
  const [cos, sin] = [Math.cos(box[2]), Math.sin(box[2])];
  return [cos * dx + sin * dy, cos * dy - sin * dx];
};

/** To a place inside the box: to its opening, in, and by its middle to the place. */
function enter(
  hand: Motion,
  box: readonly [number, number, number],
  placed: (x: number, y: number) => Motion,
  start: Motion,
): Motion {
  const [u, v] = local(hand, box);
  const isInside = Math.abs(u) < room && v > -room && v < half + 0.01;
  if (isInside) {
    const [su] = local(start, box);
    // Along the middle where the way would scrape a wall, slowly so as not to push by the way.
    const straight = Math.abs(u - su) < 0.03 || v < half;
    const aim = straight ? start : placed(0, Math.min(v, 0.02));
    return towards(hand[0], hand[1], aim[0], aim[1], 0.3);
  }
  const opening = placed(0, half + 0.06);
  if (v > half + 0.025 && Math.abs(u) < 0.02) return towards(hand[0], hand[1], ...placed(0, 0.03), 0.6);
  const clear = half * Math.SQRT2 + table.radius + 0.01;
  if (v > half + 0.025 && Math.hypot(opening[0] - hand[0], opening[1] - hand[1]) < 0.15) {
    return towards(hand[0], hand[1], opening[0], opening[1]);
  }
  return around(hand, [box[0], box[1]], opening, clear);
}
