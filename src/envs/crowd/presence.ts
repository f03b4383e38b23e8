/** Who is where: the layout of a crowd's state, and those who walk as recorded or straight on. */
import { unreachable } from "../../problems.ts";
import { walkerSize } from "./social-force.ts";
import { steps, type Tracks } from "./tracks.ts";

export const at = {
  time: 0,
  x: 1,
  y: 2,
  vx: 3,
  vy: 4,
  heading: 5,
  goalX: 6,
  goalY: 7,
  start: 8,
  person: 9,
  near: 10,
  hits: 11,
  arrived: 12,
  over: 13,
  progress: 14,
  count: 15,
} as const;
export const head = 16;
/** Beside a walker's own numbers: goal x and y, wanted speed, step of appearing, position in the tracks (−1: none). */
const planSize = 5;
export const each = walkerSize + planSize;

/** A walker as recorded `since` steps after appearing. */
export function recorded(
  state: Float64Array,
  w: number,
  tracks: Tracks,
  track: number,
  since: number,
  dt: number,
): void {
  const person = tracks.people[track] ?? unreachable("a crowd of people who are not in its tracks");
  const { places } = person;
  if (since >= steps(person)) {
    state[w + 4] = 2;
    return;
  }
  const [now, before] = [2 * since, 2 * Math.max(0, since - 1)];
  const next = since === 0 ? 2 : now; // the first velocity is that of the first step
  state[w] = places[now];
  state[w + 1] = places[now + 1];
  state[w + 2] = (places[next] - places[before]) / dt;
  state[w + 3] = (places[next + 1] - places[before + 1]) / dt;
  state[w + 4] = 1;
}

/** A walker who goes straight to its goal and is gone there; `state` holds where it began until it appears. */
export function straight(state: Float64Array, w: number, dt: number): void {
  const [goalX, goalY, speed] = [state[w + 5], state[w + 6], state[w + 7]];
  if (state[w + 4] === 0) {
    state[w + 4] = 1;
    return;
  }
  const left = Math.hypot(goalX - state[w], goalY - state[w + 1]);
  const step = (dt * speed) / (left || 1);
  if (left < 0.4) {
    state[w + 4] = 2;
    return;
  }
  state[w] += Math.min(1, step) * (goalX - state[w]);
  state[w + 1] += Math.min(1, step) * (goalY - state[w + 1]);
}

export function placesOf(state: Float64Array, from: number, stride: number): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (let slot = 0; slot < state[at.count]; slot++) {
    const w = from + slot * stride;
    if (state[w + 4] === 1) found.push([state[w], state[w + 1]]);
  }
  return found;
}

export function recordedPlace(tracks: Tracks, person: number, time: number): readonly [number, number] | null {
  const track = tracks.people[person];
  return time < steps(track) ? [track.places[2 * time], track.places[2 * time + 1]] : null;
}

/** Mean distance between those present and their shadows. */
export function apart(state: Float64Array, shadowAt: number): number {
  let sum = 0;
  let count = 0;
  for (let slot = 0; slot < state[at.count]; slot++) {
    const [w, shadow] = [head + slot * each, shadowAt + slot * walkerSize];
    if (state[w + 4] === 0) continue;
    sum += Math.hypot(state[w] - state[shadow], state[w + 1] - state[shadow + 1]);
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
