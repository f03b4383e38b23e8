/** An observation read back as what a player makes of it. */
import type { Field } from "./field.ts";
import { range, turns } from "./game.ts";
import { perRay, sectors, statusAt } from "./sensors.ts";

export interface Percept {
  readonly alive: boolean;
  readonly x: number;
  readonly y: number;
  readonly heading: number;
  /** Parts of a magazine. */
  readonly ammo: number;
  readonly reloading: boolean;
  readonly attacks: boolean;
  readonly planted: boolean;
  /** Bearings are relative to the heading, clockwise. */
  readonly enemy: Sighting | undefined;
  readonly bomb: Sighting | undefined;
  readonly heard: { readonly loud: number; readonly bearing: number; readonly shots: boolean };
}

export interface Sighting {
  readonly bearing: number;
  readonly distance: number;
}

export function percept(o: Float32Array, angles: Float64Array, { map }: Field): Percept {
  const s = statusAt(angles.length);
  return {
    alive: o[s] > 0,
    x: o[s + 6] * map.columns,
    y: o[s + 7] * map.rows,
    heading: Math.atan2(o[s + 9], o[s + 8]),
    ammo: o[s + 1],
    reloading: o[s + 3] > 0,
    attacks: o[s + 11] === 1,
    planted: o[s + 12] === 1,
    enemy: sight(o, angles, 1),
    bomb: sight(o, angles, 3),
    heard: loudest(o, angles.length),
  };
}

/** The middle of the rays that end at something, the nearest one of it. */
function sight(o: Float32Array, angles: Float64Array, what: 1 | 3): Sighting | undefined {
  let [sum, count, distance] = [0, 0, Number.POSITIVE_INFINITY];
  for (let ray = 0; ray < angles.length; ray++) {
    if (o[ray * perRay + what] === 0) continue;
    const far = o[ray * perRay] * range;
    if (far < distance - 1) [sum, count] = [0, 0];
    else if (far > distance + 1) continue;
    distance = Math.min(distance, far);
    sum += angles[ray];
    count++;
  }
  return count === 0 ? undefined : { bearing: sum / count, distance };
}

function loudest(o: Float32Array, rays: number): Percept["heard"] {
  let best = { loud: 0, bearing: 0, shots: false };
  for (let i = 0; i < 2 * sectors; i++) {
    const loud = o[rays * perRay + i];
    if (loud <= best.loud) continue;
    best = { loud, bearing: angleBetween(((i % sectors) * 2 * Math.PI) / sectors, 0), shots: i >= sectors };
  }
  return best;
}

/** The turn from one angle to another, in [−π, π). */
export const angleBetween = (to: number, from: number): number => {
  const turn = to - from;
  return turn - 2 * Math.PI * Math.floor((turn + Math.PI) / (2 * Math.PI));
};

/** The bin that turns nearest to an angle. */
export function turnFor(angle: number): number {
  let best = 7;
  for (let bin = 0; bin < turns.length; bin++) {
    if (Math.abs(turns[bin] - angle) < Math.abs(turns[best] - angle)) best = bin;
  }
  return best;
}
