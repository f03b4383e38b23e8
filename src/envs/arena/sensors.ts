/** What a player perceives: rays that stop at walls, sounds by direction, and its own status. No pixels. */
import { box } from "../../spaces/make.ts";
import type { Box } from "../../spaces/space.ts";
import {
  bodyRadius,
  fuseSteps,
  isAlive,
  magazine,
  player,
  playerSize,
  type Rules,
  range,
  rate,
  round,
  roundAt,
  steps,
  teamOf,
} from "./game.ts";
import { discDistance, rayAngles, wallDistance } from "./rays.ts";

export interface SensorOptions {
  /** How many rays. Default 21. */
  readonly rays?: number;
  /** Default "foveated": dense about the heading. */
  readonly layout?: "foveated" | "uniform";
  /** Field of view, rad. Default 2.4. */
  readonly view?: number;
}

/** Numbers a ray: distance in parts of the range, whether it ends at an enemy, at a friend, at the bomb; else at a wall. */
export const perRay = 4;
export const sectors = 8;
const statusSize = 16;
const bombRadius = 0.25;

export interface Sensors {
  readonly space: Box;
  /** Of the rays, relative to the heading. */
  readonly angles: Float64Array;
  /** A new observation of player i; zeros for one who is out. */
  sense(state: Float64Array, i: number, rules: Rules, speed: number): Float32Array;
}

/** Where the status begins in an observation. */
export const statusAt = (rays: number): number => rays * perRay + 2 * sectors;

/**
 * Observation: for each ray [distance, enemy, friend, bomb]; for each of 8 directions (clockwise from ahead) how loud the
 * steps and, after all eight, the shots of others are, 1 / (1 + distance); then [health, ammunition, wait for the next shot,
 * reloading, speed ahead, speed to the right, x, y (parts of the field), cos and sin of the heading, hurt in this step,
 * whether attacking, whether a bomb is planted, what is left of its fuse, how far planting or defusing is, friends left].
 */
export function sensors({ rays = 21, layout = "foveated", view = 2.4 }: SensorOptions): Sensors {
  const angles = rayAngles(rays, view, layout);
  const size = statusAt(rays) + statusSize;
  const low = new Array<number>(size).fill(0);
  low.fill(-3, statusAt(rays) + 4, statusAt(rays) + 10);
  const high = low.map((bound) => (bound === 0 ? 1 : 3));

  return {
    space: box(low, high),
    angles,
    sense(state, i, rules, speed) {
      const seen = new Float32Array(size);
      if (!isAlive(state, i)) return seen;
      const at = i * playerSize;
      const r = roundAt(rules);
      const [x, y, vx, vy, heading] = state.subarray(at, at + 5);
      const planted = state[r + round.planted] === 1;
      const { map } = rules.field;
      for (let ray = 0; ray < rays; ray++) {
        const [dx, dy] = [Math.cos(heading + angles[ray]), Math.sin(heading + angles[ray])];
        let nearest = wallDistance(map, x, y, dx, dy, range);
        let what = 0;
        for (let j = 0; j < 2 * rules.teamSize; j++) {
          if (j === i || !isAlive(state, j)) continue;
          const other = j * playerSize;
          const far = discDistance(state[other] - x, state[other + 1] - y, dx, dy, bodyRadius);
          if (far >= nearest) continue;
          nearest = far;
          what = teamOf(rules, j) === teamOf(rules, i) ? 2 : 1;
        }
        if (planted) {
          const far = discDistance(state[r + round.x] - x, state[r + round.y] - y, dx, dy, bombRadius);
          if (far < nearest) [nearest, what] = [far, 3];
        }
        seen[ray * perRay] = nearest / range;
        if (what > 0) seen[ray * perRay + what] = 1;
      }
      hear(seen, rays * perRay, state, i, rules);
      const s = statusAt(rays);
      const [cos, sin] = [Math.cos(heading), Math.sin(heading)];
      seen[s] = state[at + player.health] / 100;
      seen[s + 1] = state[at + player.ammo] / magazine;
      seen[s + 2] = Math.min(1, state[at + player.wait] / 4);
      seen[s + 3] = Math.min(1, state[at + player.reload] / (1.5 * rate));
      seen[s + 4] = (cos * vx + sin * vy) / speed;
      seen[s + 5] = (cos * vy - sin * vx) / speed;
      seen[s + 6] = x / map.columns;
      seen[s + 7] = y / map.rows;
      seen[s + 8] = cos;
      seen[s + 9] = sin;
      seen[s + 10] = Math.min(1, state[at + player.hurt] / 100);
      seen[s + 11] = teamOf(rules, i) === 0 ? 1 : 0;
      seen[s + 12] = planted ? 1 : 0;
      seen[s + 13] = planted ? state[r + round.fuse] / fuseSteps : 0;
      seen[s + 14] = Math.min(1, state[at + player.use] / (3 * rate));
      let friends = 0;
      for (let j = 0; j < 2 * rules.teamSize; j++)
        if (teamOf(rules, j) === teamOf(rules, i) && isAlive(state, j)) friends++;
      seen[s + 15] = friends / rules.teamSize;
      return seen;
    },
  };
}

/** Sounds go through walls; of several in one direction the loudest counts. */
function hear(seen: Float32Array, from: number, state: Float64Array, i: number, rules: Rules): void {
  const at = i * playerSize;
  for (let j = 0; j < 2 * rules.teamSize; j++) {
    const other = j * playerSize;
    const sound = state[other + player.sound];
    if (j === i || sound === 0) continue;
    const [dx, dy] = [state[other] - state[at], state[other + 1] - state[at + 1]];
    const bearing = Math.atan2(dy, dx) - state[at + player.heading];
    const sector = ((Math.round((bearing / (2 * Math.PI)) * sectors) % sectors) + sectors) % sectors;
    const place = from + (sound === steps ? 0 : sectors) + sector;
    seen[place] = Math.max(seen[place], 1 / (1 + Math.hypot(dx, dy)));
  }
}
