/** Skilled hands for each world, in each of its ways. */
import { type AvoidOptions, avoid, avoidCourse } from "./avoid.ts";
import type { Plan } from "./dials.ts";
import { blockRadius, type PushOptions, push } from "./push.ts";
import { type SortOptions, sort, sortPlaces } from "./sort.ts";
import { type StackOptions, stack, towerPlace } from "./stack.ts";
import { type Motion, pushDisc, type Side, towards, unit } from "./steering.ts";

const spacesOf = (env: {
  readonly name: string;
  readonly observationSpace: Plan["observationSpace"];
  readonly actionSpace: Plan["actionSpace"];
}) => ({
  name: env.name,
  observationSpace: env.observationSpace,
  actionSpace: env.actionSpace,
});

/** Every ordering of 0 … n − 1. */
export function orders(n: number): readonly (readonly number[])[] {
  if (n === 0) return [[]];
  return orders(n - 1).flatMap((rest) =>
    Array.from({ length: n }, (_, at) => [...rest.slice(0, at), n - 1, ...rest.slice(at)]),
  );
}

/** Through one gap of each row; a style is a way, "1-0-3". */
export function avoidPlan(options: AvoidOptions): Plan {
  const env = avoid(options);
  const course = avoidCourse(options.rows ?? [1, 2, 3]);
  const ways = course.rows.reduce<readonly (readonly number[])[]>(
    (all, { xs }) => all.flatMap((way) => Array.from({ length: xs.length + 1 }, (_, gap) => [...way, gap])),
    [[]],
  );
  const middles = course.rows.map(({ xs }) =>
    Array.from({ length: xs.length + 1 }, (_, gap) => {
      const [left, right] = [xs[gap - 1] ?? xs[0] - 0.18, xs[gap] ?? xs[xs.length - 1] + 0.18];
      return (left + right) / 2;
    }),
  );
  const margin = 0.085;
  return {
    ...spacesOf(env),
    styles: ways.map((way) => way.join("-")),
    memorySize: 0,
    act([x, y], style) {
      for (const [row, { y: rowY }] of course.rows.entries()) {
        if (y > rowY + margin) continue;
        const aimX = middles[row][ways[style][row]];
        // Below the row, across to the gap; then straight through it.
        const clear = Math.abs(x - aimX) < 0.03;
        const low = rowY - margin;
        if (clear || y > low) return action(clear ? towards(x, y, aimX, rowY + margin + 0.06) : unit(aimX - x, 0.0));
        return action(unit(aimX - x, low - y));
      }
      return action([0, 1]);
    },
  };
}

const action = ([vx, vy]: Motion): Float32Array => Float32Array.of(vx, vy);

/** Round the block on one side, and on to the target. */
export function pushPlan(options: PushOptions): Plan {
  const styles: readonly Side[] = ["left", "right", "shortest"];
  const radius = options.shape === "box" ? 0.055 : blockRadius;
  return {
    ...spacesOf(push(options)),
    styles,
    memorySize: 0,
    act: ([x, y, , , bx, by, , , tx, ty], style) => action(pushDisc([x, y], [bx, by], [tx, ty], radius, styles[style])),
  };
}

/** Block after block; a style is the order of kinds, "0110", or of blocks and places, "1b0a". */
export function sortPlan(options: SortOptions): Plan {
  const env = sort(options);
  const assigned = options.assigned ?? true;
  const count = assigned ? (options.blocks ?? 2) : 2;
  const half = count / 2;
  const ways: readonly (readonly (readonly [block: number, place: number])[])[] = assigned
    ? [...new Set(orders(count).map((order) => order.map((i) => (i < half ? 0 : 1)).join("")))].sort().map((kinds) => {
        const next = [0, half];
        return [...kinds].map((kind) => [next[Number(kind)]++, Number(kind)] as const);
      })
    : [0, 1].flatMap((firstBlock) =>
        [0, 1].map((firstPlace) => [[firstBlock, firstPlace] as const, [1 - firstBlock, 1 - firstPlace] as const]),
      );
  const named = (way: (typeof ways)[number]): string =>
    way.map(([block, place]) => (assigned ? String(place) : `${block}${"ab"[place]}`)).join("");
  return {
    ...spacesOf(env),
    styles: ways.map(named),
    memorySize: 0,
    act(observation, style) {
      const hand: Motion = [observation[0], observation[1]];
      const next = ways[style].find(([block]) => observation[6 + 3 * block] === 0);
      if (next === undefined) return action([0, 0]);
      const [block, place] = next;
      const at: Motion = [observation[4 + 3 * block], observation[5 + 3 * block]];
      return action(pushDisc(hand, at, sortPlaces[place], 0.035));
    },
  };
}

/** Block after block onto the tower; a style is the order, "201". */
export function stackPlan(options: StackOptions): Plan {
  const env = stack(options);
  const all = orders(options.blocks ?? 3);
  return {
    ...spacesOf(env),
    styles: all.map((order) => order.join("")),
    memorySize: 0,
    act(observation, style) {
      const [x, y, vx, vy, closed, held] = observation;
      const moved = (goal: readonly [number, number], grip: number): Float32Array =>
        Float32Array.of(...towards(x, y, goal[0], goal[1]), grip);
      const near = (goal: readonly [number, number], reach: number): boolean =>
        Math.hypot(goal[0] - x, goal[1] - y) < reach && Math.hypot(vx, vy) < 0.15;
      if (held === 1) return moved(towerPlace, near(towerPlace, 0.012) ? -1 : 1);
      const next = all[style].find((block) => observation[8 + 3 * block] === 0);
      if (next === undefined) return Float32Array.of(0, 0, -1);
      const at = [observation[6 + 3 * next], observation[7 + 3 * next]] as const;
      return moved(at, near(at, 0.012) && closed === 0 ? 1 : -1);
    },
  };
}
