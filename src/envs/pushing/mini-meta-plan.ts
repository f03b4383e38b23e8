/** A skilled hand for each of the ten tasks. */

import type { EnvironmentOptions } from "../registration.ts";
import type { Plan } from "./dials.ts";
import { table } from "./hand.ts";
import { type MiniMetaTask, miniMeta, miniMetaTasks, mounting, onPath, rotate } from "./mini-meta.ts";
import { around, type Motion, pushDisc, towards } from "./steering.ts";

/** One style, "direct". It needs to see the goal. */
export function miniMetaPlan(task: MiniMetaTask, options: EnvironmentOptions): Plan {
  const env = miniMeta({ ...options, task });
  const { thing, angle, path, bend } = miniMetaTasks[task];
  const pathLength = bend > 0 ? path * bend : path;
  const spaces = { name: env.name, observationSpace: env.observationSpace, actionSpace: env.actionSpace };
  const [cos, sin] = options.turned === true ? mounting(task) : [1, 0];
  const act = (motion: Motion, grip: number): Float32Array => {
    const own = [0, 0, grip];
    rotate([cos, -sin], motion, own);
    return Float32Array.from(own);
  };

  return {
    ...spaces,
    styles: ["direct"],
    memorySize: 0,
    act([x, y, vx, vy, closed, held, ox, oy, , part, startX, startY, gx, gy]) {
      const hand: Motion = [x, y];
      const steady = Math.hypot(vx, vy) < 0.15;
      if (thing === "hand") return act(towards(x, y, gx, gy), -1);
      if (thing === "block") {
        return Math.hypot(gx - ox, gy - oy) < 0.02
          ? act([0, 0], -1)
          : act(pushDisc(hand, [ox, oy], [gx, gy], 0.04), -1);
      }
      if (thing === "knob") {
        if (part >= 0.97) return act([0, 0], -1);
        const [ux, uy] = [Math.cos(angle), Math.sin(angle)];
        const behind = -((x - ox) * ux + (y - oy) * uy);
        const aside = Math.abs((y - oy) * ux - (x - ox) * uy);
        const reach = table.radius + 0.025;
        if (aside < 0.02 && behind > 0.3 * reach) return act([0.6 * ux, 0.6 * uy], -1);
        return act(around(hand, [ox, oy], [ox - ux * (reach + 0.03), oy - uy * (reach + 0.03)], reach + 0.03), -1);
      }
      if (held === 0) {
        if (Math.hypot(gx - ox, gy - oy) < 0.03 && thing === "load") return act([0, 0], -1);
        const near = Math.hypot(ox - x, oy - y) < 0.015 && steady;
        return act(towards(x, y, ox, oy), near && closed === 0 ? 1 : -1);
      }
      if (thing === "handle") {
        const next = onPath(task, startX, startY, Math.min(1, part + 0.05 / Math.max(0.05, pathLength)));
        return act(towards(x, y, ...next, 0.6), 1);
      }
      if (task !== "peg-insert") return act(towards(x, y, gx, gy), 1);
      // To before the slot's mouth, onto its middle line and steady there, and in; what would meet the wall goes back.
      const mouth = gy - 0.14;
      const aside = Math.abs(x - gx);
      const goesIn = y > mouth + 0.02 ? aside < 0.01 : aside < 0.006 && Math.abs(vx) < 0.05;
      return act(goesIn ? towards(x, y, gx, gy, 0.4) : towards(x, y, gx, mouth), 1);
    },
  };
}
