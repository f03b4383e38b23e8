/** Motions that plans are made of. Velocities are in parts of the top speed, [−1, 1]². */
import { table } from "./hand.ts";

export type Motion = readonly [vx: number, vy: number];

/** Towards a place, slowing down near it. */
export function towards(x: number, y: number, toX: number, toY: number, top = 1): Motion {
  const [dx, dy] = [toX - x, toY - y];
  const far = Math.hypot(dx, dy);
  if (far < 1e-9) return [0, 0];
  const pace = Math.min(top, far / (0.05 * 1.6));
  return [(pace * dx) / far, (pace * dy) / far];
}

/** Which way round a block the hand goes: anticlockwise, clockwise, or the shorter. */
export type Side = "left" | "right" | "shortest";

/**
 * Towards a place beside a block without touching it: round the block, at `clear` from its middle, while the block is in
 * between.
 */
export function around(hand: Motion, block: Motion, goal: Motion, clear: number, side: Side = "shortest"): Motion {
  const [hx, hy] = [hand[0] - block[0], hand[1] - block[1]];
  const [gx, gy] = [goal[0] - block[0], goal[1] - block[1]];
  const from = Math.atan2(hy, hx);
  let turn = Math.atan2(gy, gx) - from;
  turn -= 2 * Math.PI * Math.floor((turn + Math.PI) / (2 * Math.PI));
  if (side === "left" && turn < -0.3) turn += 2 * Math.PI;
  if (side === "right" && turn > 0.3) turn -= 2 * Math.PI;
  if (Math.abs(turn) < 0.35) return towards(hand[0], hand[1], goal[0], goal[1]);
  const far = Math.hypot(hx, hy);
  // The larger the way round, the wider, so that the straight part to the next point misses the block.
  const next = from + Math.sign(turn) * Math.min(Math.abs(turn), 0.6);
  const reach = Math.max(clear, Math.min(far, clear * 1.25));
  return unit(block[0] + reach * Math.cos(next) - hand[0], block[1] + reach * Math.sin(next) - hand[1]);
}

export function unit(x: number, y: number, length = 1): Motion {
  const far = Math.hypot(x, y) || 1;
  return [(length * x) / far, (length * y) / far];
}

/**
 * Pushing a disc of a radius to a target: round it to the far side, on the line from the target through it, then along
 * that line.
 */
export function pushDisc(hand: Motion, block: Motion, goal: Motion, radius: number, side: Side = "shortest"): Motion {
  const reach = radius + table.radius;
  const [dx, dy] = unit(goal[0] - block[0], goal[1] - block[1]);
  const [hx, hy] = [hand[0] - block[0], hand[1] - block[1]];
  const along = hx * dx + hy * dy;
  const lateral = dx * hy - dy * hx;
  const behind = -along;
  if (behind > 0.5 * reach && Math.abs(lateral) < 0.35 * reach && behind < 2 * reach) {
    // On the line and behind: forward, and back onto the line.
    const correction = Math.max(-0.8, Math.min(0.8, (-8 * lateral) / reach));
    return unit(dx - correction * dy, dy + correction * dx, 0.7);
  }
  const start: Motion = [block[0] - dx * (reach + 0.02), block[1] - dy * (reach + 0.02)];
  return around(hand, block, start, reach + 0.02, side);
}
